"""Independent ways to a gradient: complex step, finite differences, and the adjoint identity.

Nothing here knows the LSTM. Arguments are trees: an array, or any nesting of tuples, named
tuples, lists and dictionaries of arrays. A gradient comes back as a tree of the same form.
"""

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_leaves, tree_map


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
        If ``at`` holds anything but floating-point arrays, or if ``loss`` returns a real number,
        which means that it has lost the imaginary part.

    Notes
    -----
    Squire and Trapp (1998); Martins, Sturdza and Alonso (2003).
    """
    _check_leaves("at", at)
    at = tree_map(lambda array: array.astype(np.result_type(array, np.complex64)), at)

    def slope(array, index):
        kept = array[index]
        array[index] = kept + 1j * step
        value = loss(at)
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
        If ``at`` holds anything but floating-point arrays.
    """
    _check_leaves("at", at)
    at = tree_map(np.copy, at)

    def slope(array, index):
        kept = array[index]
        h = (np.finfo(array.dtype).eps ** (1 / 3) if step is None else step) * max(1, abs(kept))
        ends = []
        for end in (kept + h, kept - h):
            array[index] = end
            ends.append((array[index], loss(at)))
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
        ``|left - right|`` relative to the sum of the magnitudes that were added up.

    Raises
    ------
    TypeError
        If ``at`` holds anything but floating-point arrays.
    ValueError
        If a gradient has another shape than its argument.
    """
    _check_leaves("at", at)
    v = tree_map(lambda a: rng.standard_normal(a.shape).astype(a.dtype), at)
    outputs = function(tree_map(lambda a, d: a + 1j * step * d, at, v))
    Jv = tree_map(lambda output: output.imag / step, outputs)
    w = tree_map(lambda a: rng.standard_normal(a.shape).astype(a.dtype), Jv)
    JTw = tree_leaves(pullback(w))
    for found, array in zip(JTw, tree_leaves(at), strict=True):
        if np.shape(found) != array.shape:
            raise ValueError(f"pullback: expected shape {array.shape}, got {np.shape(found)}")
    left, right = (
        np.concatenate([(a * b).ravel() for a, b in zip(*map(tree_leaves, pair), strict=True)])
        for pair in ((w, Jv), (JTw, v))
    )
    return float(abs(left.sum() - right.sum()) / (abs(left).sum() + abs(right).sum()))


def relative_errors(actual, expected):
    """Largest error of each array, relative to its largest entry.

    Parameters
    ----------
    actual, expected : tree of ndarray
        Two trees of the same structure and shapes.

    Returns
    -------
    dict of str to float
        For each array, by its path in the tree, ``max|actual - expected| / max(|actual|,
        |expected|)``; 0 where both are 0, infinite where an entry is not finite.

    Raises
    ------
    ValueError
        If the trees or the shapes differ.
    """
    arrays, others = named_leaves("actual", actual), named_leaves("expected", expected)
    if arrays.keys() != others.keys():
        raise ValueError(f"actual: expected {', '.join(others)}, got {', '.join(arrays)}")
    errors = {}
    for name, a in arrays.items():
        e = others[name]
        if np.shape(a) != np.shape(e):
            raise ValueError(f"{name}: expected shape {np.shape(e)}, got {np.shape(a)}")
        scale = max(np.max(np.abs(a)), np.max(np.abs(e)))
        if not np.isfinite(scale):
            errors[name] = np.inf
        else:
            errors[name] = float(np.max(np.abs(a - e)) / scale) if scale else 0.0
    return errors


def _check_leaves(name, tree):
    for array in tree_leaves(tree):
        if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
            came = getattr(array, "dtype", type(array).__name__)
            raise TypeError(f"{name}: expected floating-point NumPy arrays, got {came}")


def _entry_by_entry(slope, array):
    gradient = np.empty(array.shape, array.real.dtype)
    for index in np.ndindex(array.shape):
        gradient[index] = slope(array, index)
    return gradient
