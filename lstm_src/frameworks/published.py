"""Numbers that others printed for an LSTM, and the way to them through the passes of this package.

Each entry rebuilds the weights and inputs that its source describes. The numbers were found by code
that shares nothing with this one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lstm_src.frameworks.interop import from_keras, from_pytorch
from lstm_src.structures import GATES, Params, State


@dataclass(frozen=True, eq=False)
class Published:
    """What was printed: a title, a key of the bibliography, the numbers and their decimals.

    ``compute(forward, backward)`` returns the same numbers, from passes with the signatures of
    those in `lstm_src.lstm`. ``steps`` is T of the computation.
    """

    title: str
    source: str
    steps: int
    decimals: int
    values: np.ndarray
    compute: Callable

    def error(self, forward, backward):
        """Return the largest difference, in units of the last decimal that was printed."""
        apart = np.abs(self.compute(forward, backward) - self.values)
        return float(apart.max() * 10**self.decimals)


def _ramp(start, stop, *shape):
    return np.linspace(start, stop, num=np.prod(shape)).reshape(shape)


def _in_our_order(blocks):
    """Join blocks of columns, given by gate."""
    return np.concatenate([blocks[gate] for gate in GATES], axis=-1)


def _pytorch(forward, _):
    shapes = {"weight_ih_l0": (8, 2), "weight_hh_l0": (8, 2), "bias_ih_l0": 8, "bias_hh_l0": 8}
    sizes = {name: np.prod(shape) for name, shape in shapes.items()}
    counted = {name: (np.arange(n) / n).reshape(shapes[name]) for name, n in sizes.items()}
    run = forward(from_pytorch(counted), ((24 - np.arange(24)) / 24).reshape(3, 4, 2))
    return np.concatenate([run.h.ravel(), run.state.c.ravel()])


def _keras(forward, bias):
    x = np.arange(72.0).reshape(3, 6, 4).swapaxes(0, 1)
    order = "ifco"  # as Keras names them
    b = np.concatenate([np.full(3, bias.get(gate, bias["others"])) for gate in order])
    params = from_keras([np.full((4, 12), 0.01), np.full((3, 12), 0.02), b])
    return forward(params, np.ascontiguousarray(x)).state.h[:, 0]


def _cs231n(forward, _):
    N, D, H = 3, 4, 5
    weights = _ramp(-2.1, 1.3, D, 4 * H), _ramp(-0.7, 2.2, H, 4 * H), _ramp(0.3, 0.7, 4 * H)
    blocks = (dict(zip("ifog", np.split(W, 4, axis=-1), strict=True)) for W in weights)
    start = State(_ramp(-0.3, 0.7, N, H), _ramp(-0.4, 0.9, N, H))
    end = forward(Params(*map(_in_our_order, blocks)), _ramp(-0.4, 1.2, 1, N, D), start).state
    return np.concatenate([end.h.ravel(), end.c[0]])


def _deeplearning(forward, backward):
    """Rows are units there and columns sequences; a gate's weights stand in [W_h, W_x] (H, H+D)."""
    T, B, D, H = 4, 10, 3, 5
    draw = np.random.RandomState(1).randn  # the generator that the course used
    x, h_0 = draw(D, B, 7), draw(H, B)
    weights = {gate: (draw(H, H + D), draw(H, 1)) for gate in "fiog"}
    dh = draw(H, B, T)
    W = _in_our_order({gate: W.T for gate, (W, _) in weights.items()})
    b = _in_our_order({gate: b[:, 0] for gate, (_, b) in weights.items()})
    params, start = Params(W[H:], W[:H], b), State(h_0.T.copy(), np.zeros((B, H)))
    run = forward(params, np.ascontiguousarray(x.T[:T]), start)
    found = backward(params, run.tape, np.ascontiguousarray(dh.T))
    by_gate = dict(zip(GATES, np.split(found.params.W_h, 4, axis=-1), strict=True))
    return np.array([by_gate["f"][1, 3], by_gate["i"][2, 1], found.state.h[3, 2]])


def _numbers(text):
    return np.array(text.split(), float)


_PYTORCH = Published(
    title="PyTorch's test of its C++ layers: all h and the last c",
    source="pytorchrnncpp",
    steps=3,
    decimals=4,
    values=_numbers(
        """
        0.4391 0.5402 0.4330 0.5324 0.4261 0.5239 0.4183 0.5147
        0.6822 0.8064 0.6726 0.7968 0.6620 0.7860 0.6501 0.7741
        0.7889 0.9003 0.7769 0.8905 0.7635 0.8794 0.7484 0.8666
        1.1647 1.6106 1.1425 1.5726 1.1187 1.5329 1.0931 1.4911
        """
    ),
    compute=_pytorch,
)
_KERAS = Published(  # in float32: the last of its digits are left out
    title="Keras's test of its layer: the last h",
    source="keraslstmtest",
    steps=6,
    decimals=6,
    values=_numbers("0.6288687 0.86899155 0.9460773"),
    compute=lambda forward, _: _keras(forward, {"f": 1.0, "others": 0.03}),
)
_CS231N = Published(
    title="CS231n's check of one step: h and c",
    source="cs231n",
    steps=1,
    decimals=8,
    values=_numbers(
        """
        0.24635157 0.28610883 0.32240467 0.35525807 0.38474904
        0.49223563 0.55611431 0.61507696 0.66844003 0.71591810
        0.56735664 0.66310127 0.74419266 0.80889665 0.85829900
        0.32986176 0.39145139 0.45155600 0.51014116 0.56717407
        """
    ),
    compute=_cs231n,
)
_DEEPLEARNING = Published(
    title="A course's backward pass: gradients of two weights and one initial h",
    source="deeplearningai",
    steps=4,
    decimals=11,
    values=_numbers("-0.0809802310938 0.40512433093 0.312770310257"),
    compute=_deeplearning,
)

PUBLISHED = {
    "pytorch": _PYTORCH,
    "keras": _KERAS,
    "keras_one_bias": replace(
        _KERAS,
        title="The same with one bias for all gates",
        values=_numbers("0.57019705 0.8661914 0.9459622"),
        compute=lambda forward, _: _keras(forward, {"others": 0.03}),
    ),
    "keras_no_bias": replace(
        _KERAS,
        title="The same without bias",
        values=_numbers("0.54986924 0.86226785 0.9443936"),
        compute=lambda forward, _: _keras(forward, {"others": 0.0}),
    ),
    "cs231n": _CS231N,
    "deeplearning": _DEEPLEARNING,
    "deeplearning_cut": replace(
        _DEEPLEARNING,
        title="The same, from code that carries nothing from step to step",
        values=_numbers("-0.06981985612744 0.10237182024855 -0.095911501954"),
    ),
}
"""The published numbers, by name. Those of ``deeplearning_cut`` come from a wrong backward pass."""
