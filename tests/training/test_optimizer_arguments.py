"""Every bad setting, tree and state is refused by its name."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest

from lstm_src import Params
from lstm_src.structures import Gradients, State
from lstm_src.training import SGD, Adagrad, Adam, AdamW, Optimizer, OptimizerState, RMSprop

ONE = np.ones(2)
PARAMS = Params(ONE, ONE + 1, ONE + 2)
NOT_NUMBERS = [None, "0.1", True, 1j, np.ones(1)]


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop, Adagrad])
@pytest.mark.parametrize("name", ["lr", "weight_decay", "eps", "momentum", "alpha"])
def test_a_setting_is_a_number_in_its_range(kind, name):
    if name not in kind.__dataclass_fields__:
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
            kind(**{name: 0.5})
        return
    for value in NOT_NUMBERS:
        with pytest.raises(TypeError, match=f"^{name}: expected a real number, got "):
            kind(**{name: value})
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match=f"^{name}: expected a finite number, got {value}"):
            kind(**{name: value})
    with pytest.raises(ValueError, match=f"^{name}: expected a number of at least 0.*, got -0.5"):
        kind(**{name: -0.5})
    taken = getattr(kind(**{name: Fraction(1, 2)}), name)
    assert (type(taken), taken) == (float, 0.5)
    assert getattr(kind(**{name: 0}), name) == 0
    if name in {"momentum", "alpha"}:
        with pytest.raises(ValueError, match=f"^{name}: expected .* and below 1, got 1"):
            kind(**{name: 1})
    else:
        assert getattr(kind(**{name: 2}), name) == 2


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Adam(betas=0.9), TypeError, "betas: expected a pair of numbers, got 0.9"),
        (lambda: Adam(betas=(0.9,)), TypeError, "betas: expected a pair of numbers, got"),
        (lambda: AdamW(betas=(0.9, 1)), ValueError, r"betas\[1\]: expected .* below 1, got 1"),
        (lambda: Adam(betas=("a", 0.9)), TypeError, r"betas\[0\]: expected a real number, got str"),
        (lambda: SGD(momentum=0.9, nesterov=1), TypeError, "nesterov: expected a bool, got int"),
        (lambda: SGD(nesterov=True), ValueError, "nesterov: expected a momentum above 0"),
        (lambda: SGD(0.1, 0.9), TypeError, "positional argument"),
    ],
)
def test_other_bad_settings_are_named(make, error, text):
    with pytest.raises(error, match=text):
        make()


def test_an_optimizer_is_frozen():
    with pytest.raises(FrozenInstanceError):
        SGD().lr = 1.0


BAD_ARRAYS = [
    ({}, ValueError, "expected at least one array, got an empty tree"),
    ({"w": None}, ValueError, "expected at least one array, got None alone"),
    ({"w": 1.0}, TypeError, "w: expected a plain floating-point NumPy array, got float"),
    ({"w": np.ones(2, int)}, TypeError, "w: expected a plain floating-point .* got int64"),
    ({"w": np.ones(2, complex)}, TypeError, "w: expected a plain .* got complex128"),
    ({"w": np.array([1, None])}, TypeError, "w: expected a plain .* got object"),
    ({"w": np.ma.ones(2)}, TypeError, "w: expected a plain .* got MaskedArray"),
    ({"w": np.array([1, np.nan])}, ValueError, "w: expected finite numbers, got nan"),
    ([np.array([-np.inf, 1])], ValueError, r"\[0\]: expected finite numbers, got -inf"),
    ({"w": [ONE, ONE]}, ValueError, r"w\[1\]: expected memory of its own, got that of w\[0\]"),
    ({"w": ONE, "v": ONE[::-1].T}, ValueError, "v: expected memory of its own, got that of w"),
    ((a for a in [ONE]), TypeError, "a container that cannot be built anew in generator"),
]


@pytest.mark.parametrize(("params", "error", "text"), BAD_ARRAYS)
def test_bad_parameters_are_named(params, error, text):
    with pytest.raises(error, match=f"^params: .*{text}"):
        Adam().begin(params)


def test_views_of_one_array_that_do_not_overlap_are_no_tied_weights():
    rows = np.ones((4, 3))
    state = Adam().begin([rows[::2], rows[1::2]])
    assert state.steps == 0


@pytest.mark.parametrize(
    ("gradients", "error", "text"),
    [
        (PARAMS._replace(b=None), TypeError, "b: expected an array, got None"),
        (PARAMS._replace(b=np.ones(3)), ValueError, r"b: expected shape \(2,\), got \(3,\)"),
        (PARAMS._replace(b=ONE.astype("f")), TypeError, "b: expected dtype float64, got float32"),
        (PARAMS._replace(b=ONE * np.inf), ValueError, "b: expected finite numbers, got inf"),
        (PARAMS._replace(b=[1.0, 2.0]), TypeError, r"b\[0\]: expected a plain .* got float"),
        (PARAMS[:2], ValueError, r"expected the arrays of params, W_x, W_h, b, got \[0\], \[1\]"),
        (
            Gradients(PARAMS, ONE, State(ONE, ONE)),
            ValueError,
            "expected the arrays of params, W_x, W_h, b, got params.W_x, ",
        ),
        (None, ValueError, "expected at least one array, got None alone"),
    ],
)
def test_bad_gradients_are_named(gradients, error, text):
    with pytest.raises(error, match=f"^gradients: {text}"):
        SGD().step(PARAMS, gradients, SGD().begin(PARAMS))


def test_a_gradient_of_a_parameter_that_is_left_out_is_named():
    params = PARAMS._replace(b=None)
    with pytest.raises(ValueError, match=r"^gradients: expected .* params, W_x, W_h, got W_x"):
        SGD().step(params, PARAMS, SGD().begin(params))


@pytest.mark.parametrize(
    ("optimizer", "state", "error", "text"),
    [
        (SGD(), None, TypeError, "state: expected OptimizerState.*got NoneType"),
        (SGD(), OptimizerState(-1), ValueError, "state.steps: expected at least 0, got -1"),
        (SGD(), OptimizerState(1.5), TypeError, "state.steps: expected an integer, got float"),
        (SGD(), OptimizerState(np.ones(2, int)), TypeError, "state.steps: expected an integer"),
        (SGD(), Adagrad().begin(PARAMS), ValueError, "state.square_sum: expected None, as SGD"),
        (Adam(), SGD().begin(PARAMS), ValueError, "state.mean: expected arrays like params, "),
        (Adam(), Adam().begin([ONE]), ValueError, "state.mean: expected the arrays of params"),
        (
            Adagrad(),
            Adagrad().begin(Params(*map(np.float32, PARAMS))),
            TypeError,
            "state.square_sum: W_x: expected dtype float64, got float32",
        ),
        (
            Adagrad(),
            OptimizerState(0, square_sum=PARAMS._replace(b=-ONE)),
            ValueError,
            "state.square_sum: b: expected numbers of at least 0, got -1.0",
        ),
    ],
)
def test_bad_states_are_named(optimizer, state, error, text):
    with pytest.raises(error, match=f"^{text}"):
        optimizer.step(PARAMS, Params(ONE / 2, ONE / 2, ONE / 2), state)


KINDS = [
    SGD(),
    SGD(momentum=0.9),
    Adam(),
    RMSprop(),
    RMSprop(momentum=0.9),
    Adagrad(),
]


@pytest.mark.parametrize("other", KINDS, ids=str)
@pytest.mark.parametrize("optimizer", KINDS, ids=str)
def test_a_state_is_taken_by_its_own_kind_alone(optimizer, other):
    """Else a sum of squares would be taken for their mean, or a mean for a velocity."""
    given = PARAMS, Params(ONE / 2, ONE / 2, ONE / 2)
    state = other.begin(PARAMS)
    if optimizer is other:
        assert optimizer.step(*given, state)[1].steps == 1
        return
    with pytest.raises(ValueError, match=r"^state\.\w+: expected .* another kind of optimizer"):
        optimizer.step(*given, state)


def test_what_means_the_same_goes_on_under_other_settings():
    given = PARAMS, Params(ONE / 2, ONE / 2, ONE / 2)
    _, state = Adam().step(*given, Adam().begin(PARAMS))
    assert AdamW(weight_decay=0.1).step(*given, state)[1].steps == 2
    _, state = SGD(momentum=0.9).step(*given, SGD(momentum=0.9).begin(PARAMS))
    assert SGD(momentum=0.5, nesterov=True).step(*given, state)[1].steps == 2


@pytest.mark.parametrize(
    ("optimizer", "dtype", "gradient", "text"),
    [
        (Adam(), np.float16, 0, "float16, got nan in params; eps is 1e-08, in float16 0.0"),
        (Adam(eps=0), np.float64, 0, "float64, got nan in params; eps is 0.0, in float64 0.0"),
        (RMSprop(), np.float16, 1e-4, "float16, got -inf in params; eps is 1e-08"),
        (Adagrad(), np.float32, 1e30, "float32, got inf in square_sum; eps"),
        (SGD(1e30), np.float32, 1e30, "float32, got -inf in params$"),
        (SGD(1e300), np.float32, 1, "float32, got -inf in params$"),
    ],
)
def test_a_step_that_leaves_the_range_of_the_type_is_named(optimizer, dtype, gradient, text):
    params = [np.ones(2, dtype)]
    gradients = [np.array([1, gradient], dtype)]
    with pytest.raises(ValueError, match=rf"^gradients: \[0\]: expected .* finite in {text}"):
        optimizer.step(params, gradients, optimizer.begin(params))


def test_the_interface_by_itself_has_no_rule():
    with pytest.raises(TypeError, match="Optimizer"):
        Optimizer()


@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9), AdamW(), RMSprop(), Adagrad()], ids=str)
def test_arrays_in_the_byte_order_of_another_machine_stay_so(optimizer):
    swapped = np.dtype(np.float64).newbyteorder()
    params = [ONE.astype(swapped)]
    state = optimizer.begin(params)
    for _ in range(2):
        params, state = optimizer.step(params, [ONE.astype(swapped)], state)
    assert params[0].dtype == swapped
    native = [ONE]
    state = optimizer.begin(native)
    for _ in range(2):
        native, state = optimizer.step(native, [ONE], state)
    np.testing.assert_array_equal(params[0], native[0])
