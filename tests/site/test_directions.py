"""The chart of three lengths in a browser: wherever its controls stand, it says what is true."""

import pytest
from faults import changed
from live import draw, go

from lstm_src.book.interactive.directions import MEANS, divisors, turned

PAGE = "chapters/09_ragged_sequences.html"
STATES = [(choice, lengths) for choice in MEANS for lengths in ((2, 4, 8), (8, 1, 3), (5, 5, 5))]
SHOWN = """async (wanted) => {
  const figure = document.querySelector('.live-figure')
  for (const [name, value] of Object.entries(wanted)) {
    const control = figure.querySelector('form').elements[name]
    control.value = value
    const moved = control.length ? [...control].find((radio) => radio.checked) : control
    moved.dispatchEvent(new Event('input', { bubbles: true }))
    await figure.view.runAsync()
  }
  await new Promise((done) => setTimeout(done))
  const texts = (name) =>
    [...figure.querySelectorAll(`[class*="${name}_"] text`)].map((part) => part.textContent)
  const marks = (name) => figure.querySelectorAll(`[class*="${name}_"] path`).length
  return {
    labels: texts('label'), message: texts('message')[0], total: texts('total')[0],
    tokens: marks('token'), padding: marks('padding'), words: texts('chosen')[0],
    spoken: figure.querySelector('.live-words').textContent,
  }
}"""


def faults_of(page):
    """Yield in what the chart differs from what the package computes."""
    for choice, lengths in STATES:
        wanted = {"choice": choice} | dict(zip("ABC", lengths, strict=True))
        shown = page.evaluate(SHOWN, wanted)
        by = divisors(choice, lengths)
        weights = ["1" if divisor == 1 else f"1/{divisor}" for divisor in by]
        labels = [f"sequence {k}: each token weighs {w}" for k, w in enumerate(weights, 1)]
        yield from [] if shown["labels"] == labels else [f"labels: {shown['labels']}"]
        bent = MEANS[choice] == "sequence mean" and len(set(lengths)) > 1
        said = f"Another direction: turned by {turned(lengths):.0f}°"
        fits = (shown["message"] == said) == bent
        yield from [] if fits else [f"message: {shown['message']}"]
        total = sum(n / d for n, d in zip(lengths, by, strict=True))
        written = float(shown["total"].removeprefix("weights add up to "))
        yield from [] if abs(written - total) < 6e-4 else [shown["total"]]
        squares = sum(lengths), 3 * max(lengths) - sum(lengths)
        found = shown["tokens"], shown["padding"]
        yield from [] if found == squares else [f"squares: {found}"]
        yield from [] if shown["words"] == choice else [f"words: {shown['words']}"]
        spoken = f"{shown['message']}."
        yield from [] if shown["spoken"] == spoken else [f"spoken: {shown['spoken']}"]
    yield from page.errors


def test_the_chart_says_what_the_package_computes(watched, base):
    assert list(faults_of(draw(go(watched, f"{base}/{PAGE}")))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("3 * datum.length", "2 * datum.length", "labels"),
        ("datum.length / datum.divisor", "1 / datum.divisor", "weights add up to"),
        ("sequence(1, datum.length + 1)", "sequence(1, datum.length)", "squares"),
        ("2,4,8,", "2,4,8,1", "message"),
    ],
)
def test_a_wrong_chart_is_found(watched, address, old, new, said):
    page = draw(go(watched, f"{address}/{PAGE}", changed(PAGE, old, new)))
    assert said in str(list(faults_of(page)))
