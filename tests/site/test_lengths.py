"""The chart of two lengths in a browser: wherever its controls stand, it shows the weights."""

import pytest
from faults import changed
from live import draw, go

from lstm_src.book.interactive.lengths import CHOICES, weight_counts

PAGE = "chapters/02_gradient_of_a_mean.html"
STATES = [(choice, lengths) for choice in CHOICES for lengths in ((2, 6), (8, 1), (5, 5))]
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
    tokens: marks('token'), padding: marks('padding'),
    words: figure.querySelector('.live-words').textContent,
  }
}"""


def faults_of(page):
    """Yield in what the chart differs from what the package computes."""
    for choice, lengths in STATES:
        wanted = {"choice": choice, "A": lengths[0], "B": lengths[1]}
        shown = page.evaluate(SHOWN, wanted)
        counts = weight_counts(choice, lengths)
        weights = ["1" if count == 1 else f"1/{count}" for count in counts]
        labels = [f"sequence {k}: each token weighs {w}" for k, w in enumerate(weights, 1)]
        yield from [] if shown["labels"] == labels else [f"labels: {shown['labels']}"]
        ratio = max(counts) / min(counts)
        message = (
            "All tokens weigh alike"
            if ratio == 1
            else f"Tokens of the shorter weigh {ratio:.2g} × as much"
        )
        yield from [] if shown["message"] == message else [f"message: {shown['message']}"]
        total = sum(length / count for length, count in zip(lengths, counts, strict=True))
        written = float(shown["total"].removeprefix("weights add up to "))
        yield from [] if abs(written - total) < 6e-4 else [shown["total"]]
        squares = sum(lengths), 2 * max(lengths) - sum(lengths)
        found = shown["tokens"], shown["padding"]
        yield from [] if found == squares else [f"squares: {found}"]
        yield from [] if shown["words"] == f"{message}." else [f"words: {shown['words']}"]
    yield from page.errors


def test_the_chart_shows_the_package_s_weights(watched, base):
    assert list(faults_of(draw(go(watched, f"{base}/{PAGE}")))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sequence mean,2,6,2,6,12", "sequence mean,2,6,2,6,11", "labels"),
        ("datum.length / datum.count", "1 / datum.count", "weights add up to"),
        ("sequence(1, datum.length + 1)", "sequence(1, datum.length)", "squares"),
        ("datum.high / datum.low", "datum.low / datum.high", "message"),
    ],
)
def test_a_wrong_chart_is_found(watched, address, old, new, said):
    page = draw(go(watched, f"{address}/{PAGE}", changed(PAGE, old, new)))
    assert said in str(list(faults_of(page)))
