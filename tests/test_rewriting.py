"""A rewritten pass is a few lines apart from the shipped one, and tells its story."""

import difflib
import inspect
import re

import pytest

from lstm_src import backward, forward
from lstm_src.exact import backward_symbols
from lstm_src.mistakes import MISTAKES, RIGHT_PLACES
from lstm_src.rewriting import GRADIENTS, Rewritten, diff, everywhere, rewrite, rewritten

ALL = {**RIGHT_PLACES, **MISTAKES}


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


@each(ALL.values())
def test_the_source_is_a_few_lines_apart_and_can_show_them(entry):
    shipped = inspect.getsource(backward)
    taken = [old for old, _ in entry.changes]
    assert all(shipped.count(old) == 1 and "\n" not in old for old in taken)
    lines = list(difflib.ndiff(shipped.splitlines(), entry.text().splitlines()))
    assert sum(line.startswith("- ") for line in lines) == len(taken) <= 3
    shown = entry.diff().data.splitlines()
    assert (shown[0], shown[-1]) == ("```diff", "```")
    assert sum(line.startswith("- ") for line in shown) == len(taken)
    assert all(re.match(r"[+-] +\S|  \.\.\.$", line) for line in shown[1:-1])
    assert max(map(len, shown)) <= 100


def test_a_diff_shows_what_was_taken_out_and_what_was_put_in():
    assert MISTAKES["never_carried"].diff().data == (
        "```diff\n- np.add(dh[t], dh_next, out=dh_t)\n+ np.copyto(dh_t, dh[t])\n  ...\n"
        "- np.add(dc, share, out=dc)\n+ np.copyto(dc, share)\n```"
    )


@each(ALL.values())
def test_an_entry_tells_its_story(entry):
    assert ALL[entry.name] is entry
    assert entry.name.isidentifier()
    sentences = re.findall(r"[.:] |\.$", entry.story)
    assert 1 <= len(sentences) <= 4
    assert entry.symptom.endswith(".")
    assert entry.kind == ("right" if entry.name in RIGHT_PLACES else entry.kind)
    assert entry.kind in {"right", "scaling", "linear"}
    names_scale = any("scale" in new for _, new in entry.changes)
    assert names_scale == (entry.kind != "linear") or not entry.changes


def test_a_text_that_stands_there_never_or_twice_is_refused():
    with pytest.raises(ValueError, match=r"changes: expected a text that stands once.*0 times"):
        rewrite("a = 1\n", (("b", "c"),))
    bad = Rewritten("bad", "", "", "", (("out=dc)", "out=dc) * 2"),))
    with pytest.raises(ValueError, match="2 times"):
        bad(*backward_symbols(1, 1, 1, 1))


def test_new_lines_take_the_indent_of_the_old_one():
    assert rewrite("def f():\n    a\n", (("a", "b\nc"),)) == "def f():\n    b\n    c\n"


def test_degrees_can_be_given_by_group_and_by_name():
    found = everywhere({1}, params={0}, b={2}, h=range(3))
    assert tuple(found) == GRADIENTS
    assert found == {
        **dict.fromkeys(GRADIENTS[:2], frozenset({0})),
        "params.b": {2},
        "x": {1},
        "state.h": {0, 1, 2},
        "state.c": {1},
    }


def test_forward_can_be_rewritten_as_well():
    changes = (("np.add(gate, one, out=gate)", "np.add(gate, two, out=gate)"),)
    found = rewritten(forward, changes)
    assert found.__name__ == "forward"
    assert found is rewritten(forward, changes) is not forward
    assert diff(forward, changes).data == (
        "```diff\n- np.add(gate, one, out=gate)\n+ np.add(gate, two, out=gate)\n```"
    )
