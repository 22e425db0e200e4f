"""The figures in which the reader chooses: their numbers, recomputed in exact arithmetic."""

import json
from pathlib import Path

import numpy as np
import pytest

from lstm_src import plain
from lstm_src.book.interactive import (
    CHOICES,
    degrees_by_term,
    degrees_over_T,
    weights_of_two_lengths,
    where_to_divide,
)
from lstm_src.book.interactive.degrees import degrees_table
from lstm_src.book.interactive.lengths import CHOICES as LENGTH_CHOICES
from lstm_src.book.interactive.lengths import weight_counts, weights_table
from lstm_src.book.interactive.live import MIME
from lstm_src.book.interactive.picture import picture
from lstm_src.book.interactive.ways import (
    DIGITS,
    NAMED,
    STEPS,
    arrived,
    example,
    followed,
    lines,
    ways_of,
)
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.right import PLACEMENTS
from lstm_src.proof import SCALE, certificate, in_ring, to_fractions
from lstm_src.structures import Slopes
from lstm_src.training.reductions import reduction_weights

CHAPTERS = Path(__file__).parents[2] / "chapters"
WAYS = ways_of(*example())
PLACES = {
    "on the loss": PLACEMENTS["on_the_loss"],
    "on each gradient that enters": PLACEMENTS["on_entry"],
    "at the end": PLACEMENTS["at_the_end"],
    "again at every step": MISTAKES["every_step"],
    "on all terms but the last": MISTAKES["last_term_unscaled"],
}
CUT = dict.fromkeys(["u1", "u2", "p2", "q2", "w3", "w4"], 1)


def draw_marks(seed):
    rng = np.random.default_rng(seed)
    return {line: int(n) for line in lines() if (n := rng.choice(4, p=[0.6, 0.25, 0.1, 0.05]))}


def joined(params):
    return np.concatenate([leaf.ravel() for leaf in params])


def exact_parts(gradients_of):
    """Return each term's share along the true gradient, as {power: size}, from exact polynomials.

    ``gradients_of(params, tape, dh, s)`` returns the gradients of the weights.
    """
    (params, tape, dh), s = in_ring((to_fractions(example()), SCALE))
    true = joined(gradients_of(params, tape, dh, s**0))
    true = [float(entry.get((0,), 0)) for entry in true]
    parts = []
    for term in range(len(dh)):
        alone = dh * np.eye(len(dh), dtype=int)[term][:, None, None]
        found = {}
        for entry, g in zip(joined(gradients_of(params, tape, alone, s)), true, strict=True):
            for (power,), number in entry.terms() if entry else ():
                found[power] = found.get(power, 0) + float(number) * g / np.dot(true, true)
        parts.append(found)
    return parts


def marked(marks):
    """Return a backward pass that puts the factor on lines, step by step in the plain code."""

    def gradients_of(params, tape, dh, s):
        def at(line, value):
            return value * s ** marks.get(line, 0)

        weights, total, p, q = plain.by_gate(params), 0, 0, 0
        for t in range(len(dh), 0, -1):
            h, x, _ = np.split(tape.inputs[t - 1], 3, axis=1)
            entering = at(f"u{t}", at("loss", dh[t - 1]))
            if t < len(dh):
                p, q = at(f"p{t}", p), at(f"q{t}", q)
            slopes = Slopes(*tape.slopes[t - 1])
            back = plain.step_back(weights, x, h, slopes, entering + p, q + 0 * dh[0])
            total = total + at(f"w{t}", joined(plain.joined(back.params)))
            p, q = back.state
        return [at("end", total)]

    return gradients_of


def differing(found, exact):
    """Count the terms whose parts are not the exact ones, to the digits that are kept."""
    return sum(
        set(one) != set(other) or any(abs(one[k] - other[k]) > 20 * 10**-DIGITS for k in one)
        for one, other in zip(found, exact, strict=True)
    )


# ÷N on any line


@pytest.mark.parametrize("seed", range(12))
def test_what_arrives_is_what_the_plain_code_returns(seed):
    marks = draw_marks(seed)
    assert differing(arrived(WAYS, marks), exact_parts(marked(marks))) == 0


@pytest.mark.parametrize("name", NAMED)
def test_a_named_place_is_that_of_the_catalogue(name):
    place = PLACES[name]
    exact = exact_parts(lambda params, tape, dh, s: place(params, tape, dh, scale=s).params)
    assert differing(arrived(WAYS, NAMED[name]), exact) == 0


def test_another_place_is_told_from_it():
    place = MISTAKES["twice"]
    exact = exact_parts(lambda params, tape, dh, s: place(params, tape, dh, scale=s).params)
    assert all(differing(arrived(WAYS, marks), exact) for marks in NAMED.values())
    exact = exact_parts(marked(CUT | {"q2": 2}))
    assert differing(arrived(WAYS, CUT), exact) > 0


def test_the_true_gradient_has_length_one():
    total = sum(part[1] for part in arrived(WAYS, {"end": 1}))
    assert total == pytest.approx(1, abs=20 * 10**-DIGITS)


def test_no_number_of_the_run_is_negative():
    assert min(min(WAYS.injected), *(min(step) for step in WAYS.steps)) > 0


def test_a_cut_divides_every_term_once():
    shown = picture(WAYS, CUT, 16, 2)
    assert shown["right"]
    assert [row["powers"] for row in shown["rows"]] == ["1/N"] * STEPS
    for line in CUT:
        missing = {other: 1 for other in CUT if other != line}
        assert not picture(WAYS, missing, 16, 2)["right"]


def test_it_is_right_just_where_equal_labels_meet_and_arrive_once():
    right = 0
    for seed in range(400):
        marks = draw_marks(seed) if seed % 4 else dict.fromkeys(lines()[seed % 16 :: 5], 1)
        shown = picture(WAYS, marks, 16, 1)
        powers = {k for side in followed(WAYS, marks)["end"][1:] for k in side}
        assert (not shown["unequal"]) == (len(powers) == 1)
        assert shown["right"] == (powers == {1})
        right += shown["right"]
    assert 0 < right < 400


@pytest.mark.parametrize(
    ("marks", "step", "verdict", "said"),
    [
        (NAMED["at the end"], 3, "✓ Right", "a + 40: one factor on both, and both can be"),
        (NAMED["on each gradient that enters"], 2, "✓ Right", "a/N + 40/N: one factor on both"),
        (NAMED["on all terms but the last"], 3, "a part escapes", "a/N + 40: no factor after"),
        (NAMED["again at every step"], 1, "more than once", "a/N + 40 · (1/N² … 1/N⁴)"),
        ({}, 3, "✗ 16 × the true gradient: nothing is divided", "a + 40"),
        ({"loss": 1, "end": 2}, 4, "everything is divided 3 times", "nothing comes back"),
    ],
)
def test_the_words_say_what_the_powers_are(marks, step, verdict, said):
    shown = picture(WAYS, marks, 16, step)
    assert verdict in shown["verdict"]
    assert said in shown["sum"]
    assert shown["right"] == ("✓" in shown["verdict"])


def test_the_sum_of_a_step_is_told_in_numbers():
    shown = picture(WAYS, NAMED["on all terms but the last"], 16, STEPS - 1)
    back = WAYS.injected[-1] * WAYS.steps[-1][0]
    entering = WAYS.injected[-2]
    assert f"{entering:.4f}/16 + {back:.4f} = {entering / 16 + back:.4f}" in shown["sum"]


@pytest.mark.parametrize(
    ("argument", "value"), [("choice", "somewhere"), ("N", 7), ("N", 65), ("step", 0), ("step", 5)]
)
def test_a_beginning_that_is_not_there_is_refused(argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected"):
        where_to_divide(**{argument: value})


def test_the_page_shows_it_as_it_is_drawn():
    notebook = json.loads((CHAPTERS / "intro.ipynb").read_text(encoding="utf-8"))
    outputs = [out.get("data", {}) for cell in notebook["cells"] for out in cell.get("outputs", [])]
    (stored,) = ["".join(data["text/html"]) for data in outputs if "text/html" in data]
    assert stored == where_to_divide()._repr_html_()
    assert len(stored.encode()) < 40_000
    assert "http" not in stored.replace("http://www.w3.org/2000/svg", "")


# The degrees over the length


@pytest.mark.parametrize("T", [1, 4])
@pytest.mark.parametrize("choice", CHOICES)
def test_the_degrees_of_the_terms_are_together_those_of_the_certificate(choice, T):
    found = certificate(CHOICES[choice], T, 1, 1, 1, pass_scale=True, final_state=False)
    assert frozenset().union(*degrees_by_term(CHOICES[choice], T)) == found.degrees["params.b"]


def test_the_degrees_of_one_term_are_those_of_polynomials():
    found = degrees_by_term(CHOICES["again at every step"], STEPS)
    place = CHOICES["again at every step"]
    exact = exact_parts(lambda params, tape, dh, s: place(params, tape, dh, scale=s).params)
    assert found == [frozenset(part) for part in exact]
    assert found != degrees_by_term(CHOICES["at the end"], STEPS)


def test_the_stored_chart_has_the_table():
    notebook = json.loads((CHAPTERS / "a_certificates.ipynb").read_text(encoding="utf-8"))
    outputs = [out.get("data", {}) for cell in notebook["cells"] for out in cell.get("outputs", [])]
    (spec,) = [data[MIME] for data in outputs if MIME in data]
    assert spec["data"]["values"] == degrees_table()
    assert len(json.dumps(spec).encode()) < 60_000
    assert '"url"' not in json.dumps(spec)


@pytest.mark.parametrize(("argument", "value"), [("choice", "somewhere"), ("T", 0), ("T", 9)])
def test_a_beginning_of_the_chart_that_is_not_there_is_refused(argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected"):
        degrees_over_T(**{argument: value})


def test_they_say_what_they_are_where_they_cannot_be_drawn():
    assert "put ÷N on any line" in repr(where_to_divide())
    assert "choose where to divide" in repr(degrees_over_T())


# Two lengths


@pytest.mark.parametrize("lengths", [(1, 1), (2, 6), (8, 3)])
@pytest.mark.parametrize("choice", LENGTH_CHOICES)
def test_a_token_is_divided_by_what_makes_its_weight(choice, lengths):
    counts = weight_counts(choice, lengths)
    mask = np.arange(max(lengths))[:, None] < np.array(lengths)
    if choice == "mean with the padding":
        terms = np.random.default_rng(0).standard_normal(mask.shape)
        weighed = (np.where(mask, terms, 0) / counts).sum()
        assert weighed == pytest.approx(np.where(mask, terms, 0).mean())
    else:
        np.testing.assert_allclose(reduction_weights(choice, mask), mask / np.array(counts))


def test_the_table_has_all_choices_and_the_page_has_the_table():
    rows = weights_table()
    assert len(rows) == len(LENGTH_CHOICES) * 8 * 8 * 2
    (row,) = [
        r
        for r in rows
        if (r["choice"], r["A"], r["B"], r["sequence"]) == ("sequence mean", 2, 6, 2)
    ]
    assert (row["length"], row["count"]) == (6, 12)
    notebook = json.loads((CHAPTERS / "02_gradient_of_a_mean.ipynb").read_text(encoding="utf-8"))
    outputs = [out.get("data", {}) for cell in notebook["cells"] for out in cell.get("outputs", [])]
    (spec,) = [data[MIME] for data in outputs if MIME in data]
    assert spec["data"] == weights_of_two_lengths().spec["data"]
    assert len(json.dumps(spec)) < 30_000


@pytest.mark.parametrize(
    ("argument", "value"), [("choice", "somewhere"), ("lengths", (0, 3)), ("lengths", (1, 2, 3))]
)
def test_lengths_that_are_not_there_are_refused(argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected"):
        weights_of_two_lengths(**{argument: value})
