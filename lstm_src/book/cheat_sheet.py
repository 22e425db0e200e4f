"""The questions of the cheat sheet, as data: they lead to the places where 1/N may stand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question, and where each answer leads: names in `CHART`."""

    text: str
    yes: str
    no: str


@dataclass(frozen=True)
class Step:
    """What to do on the way, and where it leads."""

    text: str
    then: str


@dataclass(frozen=True)
class End:
    """The places where the common factor may stand."""

    text: str


FOLLOWS = "Does more than plain gradient descent follow: a clip, momentum, Adam, weight decay?"

START = "same"

CHART = {
    "same": Question(
        "Do all loss terms share one N? Then the factor is 1/N. (Not if each sequence, class or "
        "loss has its own.)",
        yes="library",
        no="weigh",
    ),
    "weigh": Step(
        "Give each term its whole weight, as 1/N or α/M, before it is added to others. The factor "
        "that is left is 1.",
        then="library",
    ),
    "library": Question(
        "Does a library divide as well: a mean, over workers, over micro-batches?",
        yes="rest",
        no="range",
    ),
    "rest": Step(
        "Find in the table what is left as your factor. DDP on W workers: W/N in the place of 1/N, "
        "W in the place of 1.",
        then="range",
    ),
    "range": Question("Do gradients pass through float16?", yes="scale", no="known"),
    "scale": Step(
        "Multiply the loss by a power of two. Undo that in float32, before a clip and the "
        "optimizer.",
        then="known",
    ),
    "known": Question(
        "Is each count known before the backward pass? (Over all micro-batches and workers, "
        "without padding.)",
        yes="follows",
        no="count",
    ),
    "count": Step(
        "Leave each loss a sum. Add up gradients and counts of all parts. Two counts: apart, until "
        "each is divided.",
        then="follows, late",
    ),
    "follows": Question(FOLLOWS, yes="A", no="B"),
    "follows, late": Question(FOLLOWS, yes="C", no="D"),
    "A": End(
        "Put the factor on one of loss, cotangents and finished gradients. Once, before what "
        "follows."
    ),
    "B": End(
        "Put the factor on one of loss, cotangents, finished gradients and learning rate. Once."
    ),
    "C": End("Put the factor on the finished gradients. Once, before what follows."),
    "D": End("Put the factor on one of finished gradients and learning rate. Once."),
}
"""Questions, steps and ends by their names. The ends are called by letters."""


def leads(chart, name):
    """Return where a box leads: a dict from the answer, or "then", to the name of the next box."""
    return {key: value for key, value in vars(chart[name]).items() if key != "text"}


def ways(chart, name):
    """Yield every way from a box to an end, as a tuple of (name, answer); the end has none.

    Raises
    ------
    ValueError
        If a way leads back to where it was, or to a box that is not in the chart.
    """
    yield from _ways(chart, name, ())


def _ways(chart, name, seen):
    if name not in chart or name in dict(seen):
        fault = "not in the chart" if name not in chart else "on this way already"
        raise ValueError(f"chart: expected ways that lead on to an end, got {name!r}, {fault}")
    if isinstance(chart[name], End):
        yield (*seen, (name, None))
    for answer, after in leads(chart, name).items():
        yield from _ways(chart, after, (*seen, (name, answer)))


def as_list():
    """Return the chart as a numbered list of Markdown, one item for each question."""
    numbers = {name: k for k, name in enumerate(_questions(), 1)}
    lines = []
    for name, number in numbers.items():
        lines.append(f"{number}. **{CHART[name].text}**")
        for answer, after in leads(CHART, name).items():
            lines.append(f"   - {answer.capitalize()}: {_follow(after, numbers)}")
    return "\n".join(lines)


def _questions():
    return [name for name, box in CHART.items() if isinstance(box, Question)]


def _follow(name, numbers):
    box = CHART[name]
    if isinstance(box, Question):
        return f"go on with question {numbers[name]}."
    if isinstance(box, End):
        return f"**{name}.** {box.text}"
    return f"{box.text} Then {_follow(box.then, numbers)}"
