"""The figure of three lengths: its weights, its angles and its words are those of the package."""

import json
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import vl_convert

from lstm_src.book.interactive import weights_and_direction
from lstm_src.book.interactive.directions import (
    MEANS,
    SEED,
    SEQUENCES,
    SIZE,
    STEPS,
    divisors,
    turned,
)
from lstm_src.book.interactive.directions_figure import angles_table
from lstm_src.book.interactive.live import MIME
from lstm_src.checks import complex_step_gradient
from lstm_src.lstm import forward, init_params
from lstm_src.training import length_mask, reduction_weights, running_minimum, squared_error

NOTEBOOK = Path(__file__).parents[2] / "chapters/09_ragged_sequences.ipynb"
STATES = [(choice, lengths) for choice in MEANS for lengths in ((2, 4, 8), (8, 1, 3), (5, 5, 5))]


def gradient(reduction, lengths):
    """Return the gradient of a reduction by the complex step, padded as far as is needed."""
    rng = np.random.default_rng(SEED)
    x, target = running_minimum(STEPS[-1], SEQUENCES, SIZE, rng)
    params = init_params(SIZE, SIZE, rng)
    mask = length_mask(lengths)
    x, target = x[: len(mask)], target[: len(mask)]
    weights = reduction_weights(reduction, mask, max_length=STEPS[-1])

    def loss(at):
        h = forward(at, x.astype(at.b.dtype)).h
        return (weights * squared_error(h, target.astype(h.dtype)).terms).sum()

    return np.concatenate([g.ravel() for g in complex_step_gradient(loss, params)])


def angle(one, other):
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@pytest.mark.parametrize("lengths", [(2, 4, 8), (1, 1, 8), (8, 3, 5)])
def test_the_angle_is_that_of_the_gradients(lengths):
    expected = angle(gradient("token mean", lengths), gradient("sequence mean", lengths))
    assert turned(lengths) == pytest.approx(expected, abs=1e-5)
    assert turned(lengths) > 1
    other = angle(gradient("token mean", lengths), gradient("batch mean", lengths))
    assert other < 1e-4  # the others keep the direction


@pytest.mark.parametrize("choice", MEANS)
@pytest.mark.parametrize("lengths", [(1, 1, 1), (2, 4, 8), (8, 3, 5)])
def test_a_divisor_is_one_over_the_weight(choice, lengths):
    weights = reduction_weights(MEANS[choice], length_mask(lengths), max_length=STEPS[-1])
    np.testing.assert_allclose(1 / weights[0], divisors(choice, lengths), rtol=1e-12)


def test_there_is_an_angle_for_all_lengths():
    rows = angles_table()
    assert [(r["A"], r["B"], r["C"]) for r in rows] == [*product(STEPS, repeat=SEQUENCES)]
    equal = {r["angle"] for r in rows if r["A"] == r["B"] == r["C"]}
    assert equal == {0}
    assert min(r["angle"] for r in rows if not r["A"] == r["B"] == r["C"]) > 0


def faults_of(spec, choice, lengths):
    """Yield in what the drawn chart differs from the package."""
    svg = vl_convert.vegalite_to_svg(spec)
    texts = [re.sub(r"&#x27;|’", "'", t) for t in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    for k, divisor in enumerate(divisors(choice, lengths), 1):
        weight = "1" if divisor == 1 else f"1/{divisor}"
        label = f"sequence {k}: each token weighs {weight}"
        yield from [] if label in texts else [f"no label {label}"]
    by = divisors(choice, lengths)
    total = sum(n / d for n, d in zip(lengths, by, strict=True))
    (said,) = (t for t in texts if t.startswith("weights add up to"))
    yield from [] if abs(float(said.split()[-1]) - total) < 6e-4 else [said]
    bent = turned(lengths) if MEANS[choice] == "sequence mean" else 0
    message, times = texts[0], sum(lengths) / by[0]
    if round(bent, 1):
        fits = message == f"Another direction: turned by {bent:.0f}°"
    elif abs(times - 1) < 1e-9:
        short = choice == "token mean"
        fits = message == ("The token mean" if short else "The gradient of the token mean")
    else:
        found = re.fullmatch("The token mean's direction, (.*) × as long", message)
        fits = bool(found) and abs(float(found[1]) - times) <= 0.0051
    yield from [] if fits else [f"message {message}"]


@pytest.mark.parametrize(("choice", "lengths"), STATES)
def test_the_chart_says_what_the_package_computes(choice, lengths):
    spec = weights_and_direction(choice, lengths=lengths).spec
    assert list(faults_of(spec, choice, lengths)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("3 * datum.length", "2 * datum.length", "no label"),
        ("'batch mean' ? 3", "'batch mean' ? 2", "no label"),
        ("datum.length / datum.divisor", "1 / datum.divisor", "weights add up"),
        ("2,4,8,", "2,4,8,1", "message"),
        ("(A + B + C) / (", "2 * (A + B + C) / (", "message"),
    ],
)
def test_a_wrong_chart_is_noticed(old, new, said):
    found = []
    for choice, lengths in STATES:
        text = json.dumps(weights_and_direction(choice, lengths=lengths).spec)
        assert old in text
        found += faults_of(json.loads(text.replace(old, new)), choice, lengths)
    assert said in str(found)


def test_the_page_shows_this_figure():
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    (cell,) = (cell for cell in cells if cell["id"] == "three-lengths")
    (output,) = cell["outputs"]
    found = output["data"][MIME]
    expected = weights_and_direction("sequence mean (GRPO)", lengths=(2, 4, 8)).spec
    assert json.loads(json.dumps(expected)) == found


@pytest.mark.parametrize(
    ("argument", "value"),
    [("choice", "somewhere"), ("lengths", (0, 3, 3)), ("lengths", (1, 2)), ("lengths", (1, 2, 9))],
)
def test_what_is_not_there_is_refused(argument, value):
    with pytest.raises(ValueError, match=rf"{argument}: expected"):
        weights_and_direction(**{argument: value})
