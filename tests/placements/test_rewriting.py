"""A rewritten pass is a few lines apart from the shipped one, and behaves as a function does."""

import difflib
import inspect
import pickle
import re
import traceback

import numpy as np
import pytest
from catalogue import CARRIED, RIGHT, SCALING
from examples import assert_same_bits, example

from lstm_src import backward, forward, lstm, plain
from lstm_src.placements.lines import ARRIVE
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.rewriting import GRADIENTS, Variant, everywhere, rewrite
from lstm_src.proof import backward_symbols

ALL = {
    **{place.name: place.place for place in RIGHT},
    **{entry.name: entry.code for entry in MISTAKES.values() if entry.rewritten},
}
CLIPPED = Variant(backward, ((ARRIVE, "np.clip(dh[t] + dh_next, -scale, scale, out=dh_t)"),))

each = pytest.mark.parametrize("variant", ALL.values(), ids=ALL)


@each
def test_the_source_is_a_few_lines_apart_and_can_show_them(variant):
    shipped = inspect.getsource(variant.function)
    assert all(shipped.count(old) == 1 and "\n" not in old for old, _ in variant.changes)
    taken = [old for old, new in variant.changes if old not in new.splitlines()]
    lines = list(difflib.ndiff(shipped.splitlines(), variant.source().splitlines()))
    assert sum(line.startswith("- ") for line in lines) == len(taken) <= 3
    shown = variant.diff().splitlines()
    assert sum(line.startswith("- ") for line in shown) == len(taken)
    assert all(re.match(r"[+-] +\S|  \.\.\.$", line) for line in shown)
    assert max(map(len, shown), default=0) <= 100


def test_the_plain_pass_is_rewritten_among_its_own_names():
    case, enters = example(4, 2, 3, 2), "dh[t] + carried.h, carried.c)"
    tape = case.forward().tape
    shipped = plain.backward(case.params, tape, case.dh)
    assert_same_bits(Variant(plain.backward)(case.params, tape, case.dh), shipped)
    scaled = Variant(plain.backward, ((enters, "dh[t] * scale + carried.h, carried.c)"),))
    halved = plain.backward(case.params, tape, case.dh / 2)
    assert_same_bits(scaled(case.params, tape, case.dh, scale=0.5), halved)


def test_a_diff_shows_what_was_taken_out_and_what_was_put_in():
    assert MISTAKES["never_carried"].code.diff() == (
        "- np.add(dh[t], dh_next, out=dh_t)\n+ np.copyto(dh_t, dh[t])\n  ...\n"
        "- np.add(dc, share, out=dc)\n+ np.copyto(dc, share)"
    )


@pytest.mark.parametrize("entry", [*SCALING, *CARRIED], ids=lambda entry: entry.name)
def test_what_scales_by_itself_says_in_which_degrees(entry):
    assert entry.code.scales == (entry.degrees is not None) or not entry.code.changes


# Called in the place of a function


def test_the_scale_is_a_parameter():
    case = example(3, 2, 2, 2)
    arguments = case.params, case.forward().tape, case.dh, None
    by_name, by_place = CLIPPED(*arguments, scale=0.1), CLIPPED(*arguments, 0.1)
    assert_same_bits(by_name, by_place)
    assert not np.array_equal(by_name.x, CLIPPED(*arguments).x)
    with pytest.raises(TypeError, match=r"backward\(\) got an unexpected keyword argument 'size'"):
        CLIPPED(*arguments, size=0.1)


def test_a_traceback_shows_the_rewritten_line():
    wrong = Variant(backward, ((ARRIVE, "np.add(dh[t], dh_next, out=dh_nowhere)"),))
    case = example(2, 1, 1, 1)
    with pytest.raises(NameError) as caught:
        wrong(case.params, case.forward().tape, case.dh)
    shown = "".join(traceback.format_exception(caught.value))
    assert "np.add(dh[t], dh_next, out=dh_nowhere)" in shown
    assert "backward rewritten" in shown


@each
def test_it_survives_pickling(variant):
    case = example(3, 2, 2, 2)
    kept = pickle.loads(pickle.dumps(variant))
    assert kept == variant
    given = (case.params, case.forward().tape, case.dh)
    given = case.inputs if variant.function is forward else given
    with np.errstate(all="ignore"):
        assert_same_bits(kept(*given, scale=0.5), variant(*given, scale=0.5))


def test_every_entry_survives_pickling():
    for entry in [*MISTAKES.values(), *RIGHT]:
        assert pickle.loads(pickle.dumps(entry)) == entry


def test_it_reads_the_module_as_it_is_now(monkeypatch):
    case = example(2, 1, 1, 1)
    arguments = case.params, case.forward().tape, case.dh
    CLIPPED(*arguments)
    monkeypatch.setattr(lstm, "Gradients", lambda *parts: len(parts))
    assert CLIPPED(*arguments) == 3


# Rewriting


def test_a_text_that_stands_there_never_or_twice_is_refused():
    with pytest.raises(ValueError, match=r"changes: expected a text that stands once.*0 times"):
        rewrite("a = 1\n", (("b", "c"),))
    bad = Variant(backward, (("out=dc)", "out=dc) * 2"),))
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
    changed = Variant(forward, (("np.add(gate, one, out=gate)", "np.add(gate, two, out=gate)"),))
    case = example(2, 1, 1, 1)
    assert not np.array_equal(changed(*case.inputs).h, forward(*case.inputs).h)
    assert changed.diff() == "- np.add(gate, one, out=gate)\n+ np.add(gate, two, out=gate)"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((np.tanh,), "function: expected one that is written in Python, got ufunc"),
        (("backward",), "function: expected one that is written in Python, got str"),
        ((backward, [("a", "b")]), "changes: expected a tuple of pairs of texts, got "),
        ((backward, ("ab",)), "changes: expected a tuple of pairs of texts, got "),
        ((backward, (("a", 1),)), "changes: expected a tuple of pairs of texts, got "),
    ],
)
def test_what_cannot_be_rewritten_is_named_at_once(given, said):
    with pytest.raises(TypeError, match=f"^{said}"):
        Variant(*given)
