"""Weights and gradients survive the way to another layout and back; nothing is lost silently."""

import re
from dataclasses import replace

import numpy as np
import pytest
from examples import assert_same_bits, cast
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lstm_src import GATES, Params, init_params
from lstm_src.frameworks import interop

LAYOUTS = {
    "pytorch": (interop.from_pytorch, interop.to_pytorch, "ifgo"),
    "keras": (interop.from_keras, interop.to_keras, "ifgo"),
    "onnx": (interop.from_onnx, interop.to_onnx, "iofg"),
}
TWO_BIASES = ["pytorch", "onnx"]
DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
each_layout = pytest.mark.parametrize("layout", LAYOUTS)


def written(layout, params, **options):
    """Return what is written, by name, the list of Keras too."""
    found = LAYOUTS[layout][1](params, **options)
    names = ("kernel", "recurrent_kernel", "bias")
    return dict(zip(names, found, strict=False)) if isinstance(found, list) else found


def params_of(D, H, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    params = init_params(D, H, rng)._replace(b=rng.standard_normal(4 * H))
    return cast(params, dtype)


@st.composite
def any_params(draw):
    D, H = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    width = draw(st.sampled_from([16, 32, 64]))
    numbers = st.floats(allow_nan=False, width=width)
    shapes = (D, 4 * H), (H, 4 * H), (4 * H,)
    return Params(*(draw(arrays(f"float{width}", shape, elements=numbers)) for shape in shapes))


def bits(tree):
    return [(array.dtype, array.shape, array.tobytes()) for array in tree]


@each_layout
@given(params=any_params())
def test_weights_come_back_bit_for_bit(layout, params):
    read, write, _ = LAYOUTS[layout]
    assert bits(read(write(params))) == bits(params)
    without = params._replace(b=np.zeros_like(params.b))
    assert bits(read(write(without, bias=False), bias=False)) == bits(without)


@pytest.mark.parametrize("layout", TWO_BIASES)
@given(params=any_params())
def test_gradients_come_back_bit_for_bit(layout, params):
    read, write, _ = LAYOUTS[layout]
    assert bits(read(write(params, gradients=True), gradients=True)) == bits(params)


@each_layout
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_stays_and_no_memory_is_shared(layout, dtype):
    params = params_of(3, 2, dtype=dtype)
    read, write, _ = LAYOUTS[layout]
    there = write(params)
    values = list(there) if isinstance(there, list) else list(there.values())
    back = read(there)
    assert_same_bits(back, params)
    assert all(array.flags.c_contiguous for array in (*values, *back))
    for one in values:
        assert not any(np.shares_memory(one, other) for other in (*params, *back))


def gate_values(array, order, axis):
    """Return the value that fills each gate's block, by gate."""
    blocks = np.split(array, 4, axis=axis)
    assert all((block == block.ravel()[0]).all() for block in blocks)
    return {gate: block.ravel()[0] for gate, block in zip(order, blocks, strict=True)}


@each_layout
def test_each_gate_stands_where_the_layout_says(layout):
    """Each gate's block holds a number of its own; the shapes are those of the frameworks."""
    D, H = 3, 2
    number = dict(zip(GATES, (1.0, 2.0, 3.0, 4.0), strict=True))
    row = np.repeat([number[gate] for gate in GATES], H)
    params = Params(np.tile(row, (D, 1)), np.tile(10 * row, (H, 1)), 100 * row)
    there = list(written(layout, params).values())
    order = LAYOUTS[layout][2]
    W_x, W_h, *biases = there
    axis = 1 if layout != "pytorch" else 0
    shape = {"keras": (D, 4 * H), "pytorch": (4 * H, D), "onnx": (1, 4 * H, D)}[layout]
    assert W_x.shape == shape
    assert gate_values(W_x, order, axis) == number
    assert gate_values(W_h, order, axis) == {gate: 10 * n for gate, n in number.items()}
    b, *zeros = np.concatenate([bias.ravel() for bias in biases]).reshape(-1, 4 * H)
    assert gate_values(b, order, 0) == {gate: 100 * n for gate, n in number.items()}
    assert len(zeros) == (0 if layout == "keras" else 1)
    assert not np.any(zeros)


@each_layout
@pytest.mark.parametrize("swapped", ["fg", "io", "go"])
def test_a_permuted_order_is_seen_in_the_values(layout, swapped, monkeypatch):
    """The planted fault: two gates have changed places in the table."""
    table = getattr(interop, f"_{layout.upper()}")
    order = table.order.translate(str.maketrans(swapped, swapped[::-1]))
    monkeypatch.setattr(interop, f"_{layout.upper()}", replace(table, order=order))
    with pytest.raises(AssertionError):
        test_each_gate_stands_where_the_layout_says(layout)


@pytest.mark.parametrize("layout", TWO_BIASES)
def test_two_biases_count_by_their_sum(layout):
    read, _, _ = LAYOUTS[layout]
    there = written(layout, params_of(2, 2))
    if layout == "onnx":
        there["B"] = np.concatenate([np.full((1, 8), 0.25), np.full((1, 8), 0.5)], axis=1)
    else:
        there |= {"bias_ih_l0": np.full(8, 0.25), "bias_hh_l0": np.full(8, 0.5)}
    assert (read(there).b == 0.75).all()
    with pytest.raises(ValueError, match="expected equal gradients of the two biases"):
        read(there, gradients=True)


@pytest.mark.parametrize("layout", TWO_BIASES)
def test_each_of_two_biases_gets_the_whole_gradient(layout):
    gradient = params_of(2, 2)
    there = written(layout, gradient, gradients=True)
    halves = np.concatenate([a.ravel() for a in [*there.values()][2:]]).reshape(2, 8)
    np.testing.assert_array_equal(*halves)
    assert halves.any()


def test_gradients_of_two_biases_may_differ_by_rounding_alone():
    there = interop.to_pytorch(params_of(2, 3), gradients=True)
    moved = dict(there, bias_hh_l0=there["bias_hh_l0"] * (1 + 1e-13))
    assert_same_bits(
        interop.from_pytorch(moved, gradients=True), interop.from_pytorch(there, gradients=True)
    )
    moved["bias_hh_l0"] = there["bias_hh_l0"] * (1 + 1e-7)
    with pytest.raises(ValueError, match="bias_ih_l0, bias_hh_l0: expected equal gradients"):
        interop.from_pytorch(moved, gradients=True)
    endless = dict(there, bias_ih_l0=there["bias_ih_l0"] * np.inf)
    with pytest.raises(ValueError, match="expected equal gradients"):
        interop.from_pytorch(endless, gradients=True)
    endless["bias_hh_l0"] = endless["bias_ih_l0"]
    assert np.isinf(interop.from_pytorch(endless, gradients=True).b).all()


# One layer of many


def test_one_layer_of_a_stack_is_read_only_if_it_is_named():
    first, second = params_of(3, 2), params_of(2, 2, seed=1)
    stack = interop.to_pytorch(first, prefix="lstm.") | interop.to_pytorch(
        second, prefix="lstm.", layer=1
    )
    stack |= {"head.weight": np.ones((1, 2)), "steps": np.array(3)}
    for layer, params in enumerate([first, second]):
        assert_same_bits(interop.from_pytorch(stack, prefix="lstm.", layer=layer), params)
    with pytest.raises(ValueError, match=r"as well: lstm\.bias_hh_l1, .*, lstm\.weight_ih_l1$"):
        interop.from_pytorch(stack, prefix="lstm.")
    with pytest.raises(ValueError, match=r"missing: lstm\.bias_hh_l2, "):
        interop.from_pytorch(stack, prefix="lstm.", layer=2)
    with pytest.raises(ValueError, match=r"as well: head\.weight, lstm\.bias_hh_l0, "):
        interop.from_pytorch(stack, layer=0)


def test_layer_one_is_not_layer_eleven():
    one, eleven = params_of(2, 2), params_of(2, 2, seed=1)
    stack = interop.to_pytorch(one, layer=1) | interop.to_pytorch(eleven, layer=11)
    assert_same_bits(interop.from_pytorch(stack, layer=1), one)
    assert_same_bits(interop.from_pytorch(stack, layer=11), eleven)


@pytest.mark.parametrize("layer", [None, 0])
@pytest.mark.parametrize("name", ["weight_ih_l0_reverse", "weight_hr_l0", "scale"])
def test_what_this_lstm_has_not_is_refused(name, layer):
    there = interop.to_pytorch(params_of(3, 2)) | {name: np.ones((8, 3))}
    with pytest.raises(ValueError, match=f"missing: none; got as well: {name}$"):
        interop.from_pytorch(there, layer=layer)


# Bad input


def bad(layout, **changes):
    """Return a layer as written, with some arrays exchanged; None takes one out."""
    there = written(layout, params_of(3, 2)) | changes
    there = {name: array for name, array in there.items() if array is not None}
    return list(there.values()) if layout == "keras" else there


ONES = np.ones
ERRORS = [
    ("pytorch", {"bias_hh_l0": None}, ValueError, "missing: bias_hh_l0; got as well: none"),
    ("pytorch", {"weight_ih_l0": ONES((6, 3))}, ValueError, "expected shape (8, D), got (6, 3)"),
    ("pytorch", {"weight_ih_l0": ONES((3, 8))}, ValueError, "expected shape (8, D), got (3, 8)"),
    ("pytorch", {"weight_hh_l0": ONES((8, 3))}, ValueError, "expected shape (12, 3), got (8, 3)"),
    ("pytorch", {"weight_hh_l0": ONES(8)}, ValueError, "expected shape (4H, H), got (8,)"),
    ("pytorch", {"bias_ih_l0": ONES(6)}, ValueError, "bias_ih_l0: expected shape (8,), got (6,)"),
    ("pytorch", {"bias_ih_l0": ONES(8, "f4")}, TypeError, "expected dtype float64, got float32"),
    ("pytorch", {"bias_ih_l0": ONES(8, int)}, TypeError, "expected real floating-point numbers"),
    ("pytorch", {"bias_ih_l0": ONES(8) * np.nan}, ValueError, "expected no NaN, got NaN at index"),
    ("pytorch", {"bias_ih_l0": [0.0] * 8}, TypeError, "bias_ih_l0: expected an array, got list"),
    ("keras", {"bias": [0.0] * 8}, TypeError, "bias: expected an array, got list"),
    ("onnx", {"R": [[[0.0] * 2] * 8]}, TypeError, "R: expected an array, got list"),
    ("keras", {"bias": None}, ValueError, "expected kernel, recurrent_kernel, bias, got 2 arrays"),
    ("keras", {"bias": ONES((2, 8))}, ValueError, "bias: expected shape (8,), got (2, 8)"),
    ("keras", {"kernel": ONES((3, 6))}, ValueError, "kernel: expected shape (D, 8), got (3, 6)"),
    ("onnx", {"R": ONES((2, 8, 2))}, ValueError, "R: expected shape (1, 4H, H), got (2, 8, 2)"),
    ("onnx", {"B": ONES((1, 8))}, ValueError, "B: expected shape (1, 16), got (1, 8)"),
    ("onnx", {"P": ONES((1, 6))}, ValueError, "missing: none; got as well: P"),
]


@pytest.mark.parametrize(("layout", "changes", "error", "text"), ERRORS)
def test_bad_arrays_are_named(layout, changes, error, text):
    with pytest.raises(error, match=re.escape(text)):
        LAYOUTS[layout][0](bad(layout, **changes))


def test_the_least_layer_is_named():
    with pytest.raises(ValueError, match="layer: expected at least 0, got -1"):
        interop.to_pytorch(params_of(3, 2), layer=-1)


def test_other_bad_arguments_are_named():
    params = params_of(3, 2)
    with pytest.raises(TypeError, match=r"state_dict: expected names and arrays, got list"):
        interop.from_pytorch(list(params))
    with pytest.raises(TypeError, match=r"tensors: expected names and arrays, got ndarray"):
        interop.from_onnx(params.W_x)
    with pytest.raises(TypeError, match=r"weights: expected a list of arrays, got ndarray"):
        interop.from_keras(params.W_x)
    gradients = interop.to_pytorch(params) | {"bias_hh_l0": None}
    with pytest.raises(TypeError, match="bias_hh_l0: expected an array, got None: this parameter"):
        interop.from_pytorch(gradients, gradients=True)
    for layer, error in [(-1, ValueError), (1.5, TypeError), (True, TypeError)]:
        with pytest.raises(error, match="layer: expected"):
            interop.to_pytorch(params, layer=layer)
        with pytest.raises(error, match="layer: expected"):
            interop.from_pytorch(interop.to_pytorch(params), layer=layer)


@each_layout
def test_what_is_written_is_checked(layout):
    _, write, _ = LAYOUTS[layout]
    params = params_of(3, 2)
    with pytest.raises(ValueError, match=r"params\.b: expected zeros for a layer without bias"):
        write(params, bias=False)
    with pytest.raises(TypeError, match=r"params: expected Params\(W_x, W_h, b\), got tuple"):
        write(tuple(params))
    with pytest.raises(TypeError, match=r"params: W_x: expected real floating-point numbers"):
        write(cast(params, np.complex128))
    with pytest.raises(ValueError, match=r"params\.W_h: expected shape"):
        write(params._replace(W_h=params.W_x))
    with pytest.raises(TypeError, match=r"params\.W_x: expected dtype float64, got float32"):
        write(params._replace(W_x=params.W_x.astype(np.float32)))


@each_layout
def test_a_bias_that_is_there_is_not_dropped(layout):
    read, write, _ = LAYOUTS[layout]
    with pytest.raises(ValueError, match=r"got as well: |got 3 arrays"):
        read(write(params_of(3, 2)), bias=False)


@each_layout
@pytest.mark.parametrize("value", ["False", 0, None, np.ones(2)])
def test_a_switch_that_is_none_is_named(layout, value):
    """Else the text "False" would count as true."""
    read, write, _ = LAYOUTS[layout]
    params = params_of(3, 2)
    with pytest.raises(TypeError, match=f"^bias: expected a bool, got {type(value).__name__}"):
        read(write(params), bias=value)
    with pytest.raises(TypeError, match=f"^bias: expected a bool, got {type(value).__name__}"):
        write(params, bias=value)
    if layout != "keras":
        with pytest.raises(TypeError, match=r"^gradients: expected a bool, got "):
            read(write(params), gradients=value)
        with pytest.raises(TypeError, match=r"^gradients: expected a bool, got "):
            write(params, gradients=value)


@pytest.mark.parametrize("prefix", [None, 3, ()])
def test_a_prefix_that_is_no_text_is_named(prefix):
    params = params_of(3, 2)
    with pytest.raises(TypeError, match=r"^prefix: expected a text, got "):
        interop.to_pytorch(params, prefix=prefix)
    with pytest.raises(TypeError, match=r"^prefix: expected a text, got "):
        interop.from_pytorch(interop.to_pytorch(params), prefix=prefix)
