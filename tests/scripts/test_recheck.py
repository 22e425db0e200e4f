"""The script that checks both backward passes again, and what makes it fail."""

import pytest

from lstm_src import State, backward
from scripts import recheck


def test_both_passes_are_right(capsys):
    recheck.main(4)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["lstm.py", "plain.py"]


FAULTS = [
    (recheck.is_linear, lambda p, tape, dh, ends: backward(p, tape, dh + dh * dh, ends)),
    (recheck.is_linear, lambda p, tape, dh, ends: backward(p, tape, dh + 40, ends)),
    (
        recheck.scales_once,
        lambda p, tape, dh, ends: backward(p, tape, dh, State(ends.h, ends.c + 1)),
    ),
    (recheck.scales_once, lambda p, tape, dh, ends: backward(p, tape, dh * dh, ends)),
    (recheck.is_the_derivative, lambda p, tape, dh, ends: backward(p, tape, dh[::-1], ends)),
    (recheck.is_the_derivative, lambda p, tape, dh, ends: backward(p, tape, dh * 1.001, ends)),
]


@pytest.mark.parametrize(("question", "broken"), FAULTS)
def test_a_broken_pass_is_rejected(question, broken):
    assert question(backward, 3)
    assert not question(broken, 3)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (FAULTS[1][1], "lstm.py, T = 3: not is_linear"),
        (FAULTS[4][1], "lstm.py, T = 3: not is_the_derivative"),
    ],
)
def test_it_stops_at_a_broken_pass(monkeypatch, broken, said):
    monkeypatch.setattr(recheck, "fast", broken)
    with pytest.raises(SystemExit, match=said):
        recheck.main(3)


def test_it_stops_where_a_question_accepts_everything(monkeypatch):
    monkeypatch.setitem(recheck.BROKEN, recheck.is_linear, lambda right: right)
    with pytest.raises(SystemExit, match="is_linear does not notice a broken pass"):
        recheck.main(3)
