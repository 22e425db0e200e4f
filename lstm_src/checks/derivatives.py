"""Independent ways to a gradient: complex step, finite differences, and the adjoint identity.

Nothing here knows the LSTM. Arguments are trees: an array, or any nesting of tuples, named
tuples, lists and dictionaries of arrays. A gradient comes back as a tree of the same form.
"""

import numpy as np

from lstm_src.checks.leaves import returned
from lstm_src.checks.precision import one_number
from lstm_src.checks.trees import named_leaves, tree_leaves, tree_map
from lstm_src.validation import check_above_zero, check_callable, check_generator


def complex_step_gradient(loss, at, *, step=1e-30):
    """Differentiate ``loss`` by evaluating it a tiny imaginary step away from ``at``.

    The imaginary part of f(x + ih) is h·f'(x) up to h³, and no difference is taken, so no digits
    cancel.

    Parameters
    ----------
    loss : callable
        Maps a tree of complex arrays like ``at`` to one complex number. It must be built of
        analytic functions: no ``abs``, ``max``, conjugate or cast to real.
    at : tree of floating-point ndarray
        Where to differentiate.
    step : float, optional
        Size of the imaginary step.

    Returns
    -------
    tree of ndarray
        The gradient, one loss evaluation per entry.

    Raises
    ------
    TypeError
        If ``loss`` is no callable, ``at`` holds anything but floating-point arrays, or the loss is
        a real number, which means that it has lost the imaginary part.
    ValueError
        If ``loss`` returns anything but one number, ``at`` holds no array, or the step is not above
        0.

    Notes
    -----
    Squire and Trapp (1998); Martins, Sturdza and Alonso (2003).
    """
    check_callable("loss", loss)
    _check_leaves("at", at)
    check_above_zero("step", step)
    at = tree_map(lambda array: array.astype(np.result_type(array, np.complex64)), at)

    def slope(array, index):
        kept = array[index]
        array[index] = kept + 1j * step
        value = _value(loss, at)
        array[index] = kept
        if not np.iscomplexobj(value):
            raise TypeError(
                f"loss: expected a complex number, got {type(value).__name__}: "
                "the imaginary part is lost"
            )
        return value.imag / step

    return tree_map(lambda array: _entry_by_entry(slope, array), at)


def finite_difference_gradient(loss, at, *, step=None):
    """Differentiate ``loss`` by central differences.

    Parameters
    ----------
    loss : callable
        Maps a tree of arrays like ``at`` to one real number.
    at : tree of floating-point ndarray
        Where to differentiate.
    step : float, optional
        Step for an entry of size up to 1, larger entries take a proportionally larger one. By
        default the cube root of the dtype's machine epsilon, which balances rounding against
        truncation.

    Returns
    -------
    tree of ndarray
        The gradient, two loss evaluations per entry. About a third of the digits are lost.

    Raises
    ------
    TypeError
        If ``loss`` is no callable, ``at`` holds anything but floating-point arrays, or the loss is
        complex.
    ValueError
        If ``loss`` returns anything but one number, ``at`` holds no array, or the step is not above
        0.
    """
    check_callable("loss", loss)
    _check_leaves("at", at)
    if step is not None:
        check_above_zero("step", step)
    at = tree_map(np.copy, at)

    def slope(array, index):
        kept = array[index]
        h = (np.finfo(array.dtype).eps ** (1 / 3) if step is None else step) * max(1, abs(kept))
        ends = []
        for end in (kept + h, kept - h):
            array[index] = end
            value = _value(loss, at)
            if np.iscomplexobj(value):
                raise TypeError(f"loss: expected a real number, got {value.dtype}")
            ends.append((array[index], value))
        array[index] = kept
        (right, above), (left, below) = ends
        return (above - below) / (right - left)

    return tree_map(lambda array: _entry_by_entry(slope, array), at)


def adjoint_gap(function, pullback, at, rng, *, step=1e-30):
    """Compare the two sides of ⟨w, Jv⟩ = ⟨Jᵀw, v⟩ for random v and w.

    J is the Jacobian of ``function`` at ``at``. The left side pushes v forward by a complex step;
    the right side pulls w back through the code under test.

    Parameters
    ----------
    function : callable
        Maps a tree like ``at`` to a tree of outputs, in complex arithmetic.
    pullback : callable
        Maps a tree of cotangents like the outputs to a tree of gradients with the leaves of ``at``.
    at : tree of floating-point ndarray
        Where to compare.
    rng : numpy.random.Generator
        Source of v and w.
    step : float, optional
        Size of the imaginary step.

    Returns
    -------
    float
        ``|left - right|`` relative to the sum of the magnitudes that were added up; 0 if all are 0.

    Raises
    ------
    TypeError
        If ``function`` or ``pullback`` is no callable, ``rng`` no generator, ``at`` holds anything
        but floating-point arrays, or an output of ``function`` is real, which means that it has
        lost the imaginary part.
    ValueError
        If ``at`` holds no array, there are more or fewer gradients than arguments, one has another
        shape, or the step is not above 0.
    """
    check_callable("function", function)
    check_callable("pullback", pullback)
    _check_leaves("at", at)
    check_above_zero("step", step)
    check_generator("rng", rng)
    v = tree_map(lambda a: rng.standard_normal(a.shape).astype(a.dtype), at)
    outputs = returned("function", function(tree_map(lambda a, d: a + 1j * step * d, at, v)))
    for path, output in named_leaves("function", outputs).items():
        if not np.iscomplexobj(output):
            raise TypeError(
                f"function: {path}: expected complex numbers, got {np.asarray(output).dtype}: "
                "the imaginary part is lost"
            )
    Jv = tree_map(lambda output: output.imag / step, outputs)
    w = tree_map(lambda a: rng.standard_normal(a.shape).astype(a.dtype), Jv)
    JTw = tree_leaves(returned("pullback", pullback(w)))
    if len(JTw) != len(tree_leaves(at)):
        raise ValueError(
            f"pullback: expected {len(tree_leaves(at))} gradients, as at has, got {len(JTw)}"
        )
    for found, array in zip(JTw, tree_leaves(at), strict=True):
        if np.shape(found) != array.shape:
            raise ValueError(f"pullback: expected shape {array.shape}, got {np.shape(found)}")
    left, right = (
        np.concatenate([(a * b).ravel() for a, b in zip(*map(tree_leaves, pair), strict=True)])
        for pair in ((w, Jv), (JTw, v))
    )
    size = abs(left).sum() + abs(right).sum()
    return float(abs(left.sum() - right.sum()) / size) if size else 0.0


def _check_leaves(name, tree):
    arrays = tree_leaves(tree)
    if not arrays:
        raise ValueError(f"{name}: expected at least one array, got none")
    for array in arrays:
        if type(array) is not np.ndarray or not np.issubdtype(array.dtype, np.floating):
            plain = type(array) is np.ndarray
            came = array.dtype if plain else type(array).__name__
            raise TypeError(f"{name}: expected floating-point NumPy arrays, got {came}")


def _value(loss, at):
    """Return the loss as one number; it gets copies, which it may write into."""
    return one_number(returned("loss", loss(tree_map(np.copy, at)), "one number"))


def _entry_by_entry(slope, array):
    gradient = np.empty(array.shape, array.real.dtype)
    for index in np.ndindex(array.shape):
        gradient[index] = slope(array, index)
    return gradient
