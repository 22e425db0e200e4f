"""Bad input: the error names the argument, what was expected and what came."""

from fractions import Fraction

import numpy as np
import pytest
from examples import example

from lstm_src import Params, State, Tape, backward, forward, init_params, lstm
from lstm_src.training.losses import squared_error


def with_nan(array):
    array = array.copy()
    array[-1, 0, 1] = np.nan
    return array


CASE = example(3, 2, 4, 5)
P, X, S, DH, DS = CASE
TAPE = CASE.forward().tape
RNG = np.random.default_rng(0)


def overlapping():
    """Return arrays of a tape's shapes that lie in one memory."""
    memory = np.zeros(TAPE.inputs.size + TAPE.slopes.size - 1)
    inputs, slopes = memory[: TAPE.inputs.size], memory[TAPE.inputs.size - 1 :]
    return inputs.reshape(TAPE.inputs.shape), slopes.reshape(TAPE.slopes.shape)


def inside(array):
    """Return an array of a state's shape in the memory of another."""
    return array.ravel()[:10].reshape(2, 5)


BAD = {
    "params not a tuple": (
        lambda: forward(X, X),
        TypeError,
        r"params: expected Params\(W_x, W_h, b\), got ndarray",
    ),
    "W_h not (H, 4H)": (
        lambda: forward(P._replace(W_h=P.W_h[:, 1:]), X),
        ValueError,
        r"params.W_h: expected shape \(5, 20\), got \(5, 19\)",
    ),
    "W_x for another H": (
        lambda: forward(P._replace(W_x=P.W_x[:, 1:]), X),
        ValueError,
        r"params.W_x: expected shape \(D, 20\), got \(4, 19\)",
    ),
    "b too short": (
        lambda: forward(P._replace(b=P.b[1:]), X),
        ValueError,
        r"params.b: expected shape \(4H,\), got \(19,\)",
    ),
    "W_x a list": (
        lambda: forward(P._replace(W_x=[[1.0]]), X),
        TypeError,
        "params.W_x: expected a plain NumPy array, got list",
    ),
    "mixed params": (
        lambda: forward(P._replace(b=P.b.astype("f4")), X),
        TypeError,
        "params.W_h: expected dtype float32, got float64",
    ),
    "integer params": (
        lambda: forward(Params(*(a.astype(int) for a in P)), X),
        TypeError,
        "params.b: expected a floating-point, complex or object dtype, got int64",
    ),
    "x of two axes": (
        lambda: forward(P, X[0]),
        ValueError,
        r"x: expected shape \(T, B, 4\), got \(2, 4\)",
    ),
    "x for another D": (
        lambda: forward(P, X[:, :, 1:]),
        ValueError,
        r"x: expected shape \(T, B, 4\), got \(3, 2, 3\)",
    ),
    "T = 0": (
        lambda: forward(P, X[:0]),
        ValueError,
        r"x: expected shape \(T, B, 4\) with no empty axis, got \(0, 2, 4\)",
    ),
    "B = 0": (lambda: forward(P, X[:, :0]), ValueError, r"x: .* no empty axis, got \(3, 0, 4\)"),
    "x of another dtype": (
        lambda: forward(P, X.astype("f4")),
        TypeError,
        "x: expected dtype float64, got float32",
    ),
    "x with NaN": (
        lambda: forward(P, with_nan(X)),
        ValueError,
        r"x: expected no NaN, got NaN at index \(2, 0, 1\)",
    ),
    "state a tuple": (
        lambda: forward(P, X, (S.h, S.c)),
        TypeError,
        r"state: expected State\(h, c\), got tuple",
    ),
    "state of another B": (
        lambda: forward(P, X, State(S.h, S.c[:1])),
        ValueError,
        r"state.c: expected shape \(2, 5\), got \(1, 5\)",
    ),
    "tape of another layer": (
        lambda: backward(init_params(4, 6, RNG), TAPE, DH),
        ValueError,
        r"tape.inputs: expected shape \(T, B, 11\), got \(3, 2, 10\)",
    ),
    "tape not a tape": (
        lambda: backward(P, CASE.forward(), DH),
        TypeError,
        r"tape: expected Tape\(inputs, slopes\), got Forward",
    ),
    "slopes of another T": (
        lambda: backward(P, TAPE._replace(slopes=TAPE.slopes[1:]), DH),
        ValueError,
        r"tape.slopes: expected shape \(3, 6, 2, 5\), got \(2, 6, 2, 5\)",
    ),
    "dh of the last step only": (
        lambda: backward(P, TAPE, DH[-1]),
        ValueError,
        r"dh: expected shape \(3, 2, 5\), got \(2, 5\)",
    ),
    "dh of another dtype": (
        lambda: backward(P, TAPE, DH.astype("f4")),
        TypeError,
        "dh: expected dtype float64, got float32",
    ),
    "dh with NaN": (
        lambda: backward(P, TAPE, with_nan(DH)),
        ValueError,
        r"dh: expected no NaN, got NaN at index \(2, 0, 1\)",
    ),
    "dstate a tuple": (
        lambda: backward(P, TAPE, DH, (DS.h, DS.c)),
        TypeError,
        r"dstate: expected State\(h, c\), got tuple",
    ),
    "x masked": (
        lambda: forward(P, np.ma.masked_array(X)),
        TypeError,
        "x: expected a plain NumPy array, got MaskedArray",
    ),
    "x complex with NaN": (
        lambda: forward(Params(*(a + 0j for a in P)), with_nan(X + 0j)),
        ValueError,
        r"x: expected no NaN, got NaN at index \(2, 0, 1\)",
    ),
    "W_h transposed": (
        lambda: forward(P._replace(W_h=P.W_h.T.copy()), X),
        ValueError,
        r"params.W_h: expected shape \(5, 20\), got \(20, 5\)",
    ),
    "tape of another dtype": (
        lambda: backward(P, TAPE._replace(slopes=TAPE.slopes.astype("f4")), DH),
        TypeError,
        "tape.slopes: expected dtype float64, got float32",
    ),
    "hidden size a bool": (
        lambda: init_params(3, True, RNG),
        TypeError,
        "hidden_size: expected an integer, got bool",
    ),
    "forget bias a string": (
        lambda: init_params(3, 2, RNG, forget_bias="2"),
        TypeError,
        "forget_bias: expected a real number, got str",
    ),
    "forget bias NaN": (
        lambda: init_params(3, 2, RNG, forget_bias=np.nan),
        ValueError,
        "forget_bias: expected a finite number, got nan",
    ),
    "hidden size 0": (
        lambda: init_params(3, 0, RNG),
        ValueError,
        "hidden_size: expected at least 1, got 0",
    ),
    "input size a float": (
        lambda: init_params(3.0, 2, RNG),
        TypeError,
        "input_size: expected an integer, got float",
    ),
    "a seed for a generator": (
        lambda: init_params(3, 2, 0),
        TypeError,
        "rng: expected numpy.random.Generator, got int",
    ),
    "integer dtype": (
        lambda: init_params(3, 2, RNG, dtype=int),
        TypeError,
        "dtype: expected a floating-point type, got int64",
    ),
    "a name that is no dtype": (
        lambda: init_params(3, 2, RNG, dtype="wide"),
        TypeError,
        "dtype: expected a floating-point type, got 'wide'",
    ),
    "forget bias too large a fraction": (
        lambda: init_params(3, 2, RNG, forget_bias=Fraction(10**400)),
        ValueError,
        "forget_bias: expected a finite number, got 10",
    ),
    "a tape of one memory": (
        lambda: forward(P, X, out=Tape(*overlapping())),
        ValueError,
        "out: expected two arrays that do not overlap, got one memory",
    ),
    "a tape in the memory of the state": (
        lambda: forward(P, X, S._replace(h=inside(TAPE.inputs)), out=TAPE),
        ValueError,
        "out.inputs: expected memory of its own, got that of an argument",
    ),
    "a tape in the memory of the weights": (
        lambda: forward(P._replace(b=TAPE.slopes.ravel()[:20]), X, out=TAPE),
        ValueError,
        "out.slopes: expected memory of its own, got that of an argument",
    ),
    "target of another shape": (
        lambda: squared_error(DH, DH[1:]),
        ValueError,
        r"target: expected shape \(3, 2, 5\), got \(2, 2, 5\)",
    ),
    "target of another dtype": (
        lambda: squared_error(DH, DH.astype("f4")),
        TypeError,
        "target: expected dtype float64, got float32",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_input_is_named(fault):
    call, error, message = BAD[fault]
    with pytest.raises(error, match=message):
        call()


def test_infinite_cotangents_pass_because_overflow_is_a_result():
    dh = DH.copy()
    dh[0, 0, 0] = np.inf
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(backward(P, TAPE, dh).params.b).all()


def test_read_only_and_strided_arguments_are_read():
    arrays = [a.copy() for a in (X, DH)]
    for array in arrays:
        array.flags.writeable = False
    tape = forward(P, np.asfortranarray(arrays[0])).tape
    expected = backward(P, forward(P, X).tape, DH)
    found = backward(P, tape, arrays[1]).params.b
    # A product of a strided array may be added up in another order: a rounding, in some versions.
    np.testing.assert_allclose(found, expected.params.b, rtol=1e-13)


def test_a_tape_beside_the_weights_is_taken():
    memory = np.zeros(TAPE.inputs.size + TAPE.slopes.size)
    inputs, slopes = memory[: TAPE.inputs.size], memory[TAPE.inputs.size :]
    out = Tape(inputs.reshape(TAPE.inputs.shape), slopes.reshape(TAPE.slopes.shape))
    np.testing.assert_array_equal(forward(P, X, S, out=out).h, forward(P, X, S).h)


# The fast layer alone hands tanh an array to write into


@pytest.mark.parametrize(
    ("tanh", "text"),
    [
        (None, "tanh: expected a callable, got NoneType"),
        (lambda z, out: np.tanh(z), "tanh: expected a function that writes into out= and returns"),
        (lambda z, out: np.copyto(out, np.tanh(z)) or 1.0, "got one that returns another float"),
    ],
)
def test_a_tanh_that_writes_elsewhere_is_named(tanh, text):
    with pytest.raises(TypeError, match=text):
        lstm.forward(P, X, tanh=tanh)


def test_a_tanh_of_ones_own_that_writes_into_out_is_taken():
    def returns_out(z, out):
        out[...] = np.tanh(z)
        return out

    def returns_nothing(z, out):
        np.tanh(z, out=out)

    for tanh in (returns_out, returns_nothing):
        np.testing.assert_array_equal(lstm.forward(P, X, S, tanh=tanh).h, lstm.forward(P, X, S).h)
    assert init_params(3, 2, RNG, forget_bias=Fraction(1, 2)).b.max() == 0.5
