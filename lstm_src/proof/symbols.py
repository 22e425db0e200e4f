r"""Symbols in the place of numbers: what `forward` and `backward` take, entry by entry.

Every symbol is named after what it replaces and counts from 1, as on the page on notation. An index
is left out where its axis has length 1; hidden states always show their step.

- ``x_{t,b,d}``: input of step t, sequence b, column d.
- ``h_{0,b,k}``, ``c_{0,b,k}``: state before step 1, unit k. On a tape, ``h_{t-1,b,k}``.
- ``W^{g}_{x,d,k}``: weight from input d to unit k, in the block of gate g; ``W^{g}_{h,j,k}`` from
  unit j; ``b^{g}_{k}``: bias.
- ``c^{\prime g}_{t,b,k}``: the slope ∂c_t/∂z_t^g on a tape; likewise with f and i.
  ``h^{\prime o}`` is ∂h_t/∂z_t^o, ``h^{\prime c}`` is ∂h_t/∂c_t, ``c^{\prime c}`` is ∂c_t/∂c_{t-1}.
- ``u_{t,b,k}``: cotangent injected into h_t, an entry of ``dh``; ``u^{h}_{b,k}``, ``u^{c}_{b,k}``:
  cotangents injected into the final state.
"""

from typing import NamedTuple

import numpy as np
import sympy

from lstm_src.checks.trees import tree_map
from lstm_src.structures import GATES, SLOPES, Forward, Params, State, Tape
from lstm_src.validation import check_layout, check_like, check_size

tanh = np.frompyfunc(sympy.tanh, 1, 1)
"""SymPy's tanh for arrays of symbols, to be handed to `forward`."""


class ForwardInputs(NamedTuple):
    """The arguments of `forward`, in order: ``forward(*inputs, tanh=tanh)``."""

    params: Params
    x: np.ndarray
    state: State


class BackwardInputs(NamedTuple):
    """The arguments of `backward`, in order: ``backward(*inputs)``."""

    params: Params
    tape: Tape
    dh: np.ndarray
    dstate: State


def forward_symbols(T, B, D, H):
    """Make the weights, inputs and initial state of a forward pass, as real symbols.

    Parameters
    ----------
    T, B, D, H : int
        Steps, sequences, inputs and units, each at least 1.

    Returns
    -------
    ForwardInputs
        Object arrays of distinct `sympy.Symbol`, in the shapes that `forward` takes.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer of at least 1.
    """
    T, B, D, H = _sizes(T, B, D, H)
    start = State(*(_array((B, H), name, before=["0"]) for name in "hc"))
    return ForwardInputs(_params(D, H), _array((T, B, D), "x"), start)


def backward_symbols(T, B, D, H):
    """Make the weights, a tape and cotangents for a backward pass, as real symbols.

    Every slope and every input on the tape is a symbol of its own, so what is proved with them
    holds for every forward pass. The last column of the tape's inputs is the number 1, as
    `forward` writes it.

    Parameters
    ----------
    T, B, D, H : int
        Steps, sequences, inputs and units, each at least 1.

    Returns
    -------
    BackwardInputs
        Object arrays in the shapes that `backward` takes.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer of at least 1.
    """
    T, B, D, H = _sizes(T, B, D, H)
    h_prev = [_array((B, H), "h", before=[str(t)]) for t in range(T)]
    inputs = np.concatenate([h_prev, _array((T, B, D), "x"), np.ones((T, B, 1), object)], axis=2)
    inputs[:, :, -1] = sympy.Integer(1)
    slopes = np.stack([_array((T, B, H), *_slope(name)) for name in SLOPES], axis=1)
    dstate = State(*(_array((B, H), "u", name) for name in "hc"))
    return BackwardInputs(_params(D, H), Tape(inputs, slopes), _array((T, B, H), "u"), dstate)


def injected_loss(run, dh, dstate):
    """Return the loss whose injected cotangents are ``dh`` and ``dstate``: their products' sum.

    Parameters
    ----------
    run : Forward
        What `forward` returned.
    dh, dstate
        As for `backward`.

    Returns
    -------
    number or expression
        Σ dh · h + Σ dstate.h · h_T + Σ dstate.c · c_T.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    check_like("run", run, Forward)
    check_layout("dh", dh, run.h.shape)
    for name, cotangent in check_like("dstate", dstate, State)._asdict().items():
        check_layout(f"dstate.{name}", cotangent, run.h.shape[1:])
    pairs = zip((dh, *dstate), (run.h, *run.state), strict=True)
    return sum((cotangent * value).sum() for cotangent, value in pairs)


def derivatives(loss, at):
    """Differentiate an expression by every symbol of a tree, with SymPy's ``diff``.

    Parameters
    ----------
    loss : sympy.Expr
        One expression.
    at : tree of ndarray
        Arrays of symbols, such as `ForwardInputs`.

    Returns
    -------
    tree of ndarray
        The gradient: ``Gradients(*derivatives(loss, inputs))`` has the form of `backward`'s result.

    Raises
    ------
    sympy.SympifyError
        If the loss is no expression.
    """
    return tree_map(np.frompyfunc(sympy.sympify(loss).diff, 1, 1), at)


def _sizes(*sizes):
    return [check_size(name, size) for name, size in zip("TBDH", sizes, strict=True)]


def _symbol(stem, above, below):
    name = stem + (f"^{{{above}}}" if above else "") + (f"_{{{','.join(below)}}}" if below else "")
    return sympy.Symbol(name, real=True)


def _array(shape, stem, above="", *, before=()):
    array = np.empty(shape, object)
    for index in np.ndindex(shape):
        shown = [str(k + 1) for k, length in zip(index, shape, strict=True) if length > 1]
        array[index] = _symbol(stem, above, [*before, *shown])
    return array


def _params(D, H):
    def by_gate(shape, stem, before=()):
        return np.concatenate([_array(shape, stem, g, before=before) for g in GATES], axis=-1)

    return Params(by_gate((D, H), "W", "x"), by_gate((H, H), "W", "h"), by_gate((H,), "b"))


def _slope(name):
    """Return stem and superscript of a slope's symbol: dc_dz_g is c and ′g."""
    return name[1], rf"\prime {name[-1] if '_dz_' in name else 'c'}"
