"""The chart of the cheat sheet: every end is reached, every answer leads on, all of it is drawn."""

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lstm_src.book.cheat_sheet import CHART, START, End, Question, as_list, leads, ways
from lstm_src.book.drawings.decisions import PLACES, draw_chart
from lstm_src.book.style import use_book_style


def unreached(chart):
    """Return the boxes that no way from the start passes."""
    return set(chart) - {name for way in ways(chart, START) for name, _ in way}


def faults(chart):
    """Name the boxes that are off: not reached, unanswered, or with two answers that are one."""
    found = sorted(unreached(chart))
    for name, box in chart.items():
        after = leads(chart, name)
        if not box.text or len(set(after.values())) < len(after):
            found.append(name)
    return found


def test_every_box_is_reached_and_every_answer_leads_somewhere_else():
    assert faults(CHART) == []
    assert {way[-1][0] for way in ways(CHART, START)} == {"A", "B", "C", "D"}
    for name, box in CHART.items():
        if isinstance(box, Question):
            assert {a for way in ways(CHART, START) for n, a in way if n == name} == {"yes", "no"}


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("follows", {"yes": "B"}, ["A", "follows"]),
        ("known", {"no": "follows"}, ["C", "D", "count", "follows, late", "known"]),
        ("scale", {"text": ""}, ["scale"]),
    ],
)
def test_a_faulty_box_is_found(name, change, found):
    assert faults(CHART | {name: replace(CHART[name], **change)}) == found


@pytest.mark.parametrize("after", ["same", "nowhere"])
def test_a_way_that_leads_to_no_end_is_refused(after):
    chart = CHART | {"count": replace(CHART["count"], then=after)}
    with pytest.raises(ValueError, match=f"got '{after}'"):
        list(ways(chart, START))


def allowed(answers):
    """Return the end that the rules give for the answers to the last two questions, apart."""
    known, follows = answers["known"], answers.get("follows", answers.get("follows, late"))
    return {"yes": "AB", "no": "CD"}[known][follows == "no"]


def test_the_letter_depends_on_the_last_two_questions_alone():
    for way in ways(CHART, START):
        assert way[-1][0] == allowed(dict(way))
    for letter, box in CHART.items():
        if isinstance(box, End):
            assert ("loss" in box.text) == (letter in "AB")
            assert ("learning rate" in box.text) == (letter in "BD")
            assert ("before" in box.text) == (letter in "AC")


def test_the_list_holds_every_text_and_counts_its_questions():
    text = as_list()
    assert all(box.text in text for box in CHART.values())
    questions = [box for box in CHART.values() if isinstance(box, Question)]
    assert [line.split(".")[0] for line in text.splitlines() if line[0].isdigit()] == [
        str(k) for k in range(1, len(questions) + 1)
    ]
    assert text.count("Yes:") == text.count("No:") == len(questions)


@pytest.fixture
def ax():
    with plt.rc_context():
        use_book_style()
        figure, ax = plt.subplots(figsize=(5.2, 8.55))
        draw_chart(ax)
        figure.canvas.draw()
        yield ax
        plt.close(figure)


def loose(ax):
    """Return the texts that stand in no box and are neither an answer nor a letter."""
    boxes = [p.get_window_extent() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    texts = [t for t in ax.texts if t.get_text() not in {"yes", "no", "A", "B", "C", "D"}]
    return [t.get_text() for t in texts if not any(map(inside(t), boxes))]


def inside(text):
    """Return the function that says whether the text stands in a box."""
    box = text.get_window_extent()
    corners = [(box.x0, box.y0), (box.x1, box.y1)]
    return lambda frame: all(frame.contains(*corner) for corner in corners)


def test_every_box_and_every_answer_is_drawn(ax):
    assert set(PLACES) == set(CHART)
    assert len(set(PLACES.values())) == len(CHART)
    drawn = [" ".join(text.get_text().split()) for text in ax.texts]
    assert all(box.text in drawn for box in CHART.values())
    arrows = sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches)
    assert arrows == sum(len(leads(CHART, name)) for name in CHART)
    questions = sum(isinstance(box, Question) for box in CHART.values())
    assert drawn.count("yes") == drawn.count("no") == questions


def test_every_text_stands_in_its_box(ax):
    assert loose(ax) == []
    ax.texts[0].set_fontsize(20)
    ax.figure.canvas.draw()
    assert loose(ax) == [ax.texts[0].get_text()]


def test_nothing_is_cut_off(ax):
    frame = ax.figure.bbox
    assert all(inside(text)(frame) for text in ax.texts)
