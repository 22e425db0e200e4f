"""Listings are cut from the shipped source, and a text that no longer stands there is an error."""

import ast
import inspect
import textwrap

import pytest

from lstm_src import backward, plain
from lstm_src.book.listing import listing, side_by_side


def test_a_listing_is_a_piece_of_the_source():
    code = (
        listing(backward, "for t in reversed", "np.matmul(dz[t % K]")
        .data.strip("`")
        .removeprefix("python\n")
    )
    lines = [line.strip() for line in inspect.getsource(backward).splitlines()]
    assert [line.strip() for line in code.splitlines() if line.strip()] == [
        line
        for line in lines[lines.index("for t in reversed(range(T)):") :][: len(code.splitlines())]
        if line
    ]
    assert code.startswith("for t in")


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (
            "no such line",
            "dW += rows",
            "first: expected a text that stands in one line, got 'no such line', in 0 lines",
        ),
        (
            "dh_dz_o",
            "dW += rows",
            "first: expected a text that stands in one line, got 'dh_dz_o', in 2 lines",
        ),
        ("dW += rows", "for t in reversed", "last: expected a line after"),
    ],
)
def test_a_text_that_does_not_mark_one_line_is_refused(first, last, message):
    with pytest.raises(ValueError, match=message):
        listing(backward, first, last)


def test_a_whole_listing_is_the_function_without_its_docstring():
    code = listing(backward).data
    assert code.startswith(
        "```python\ndef backward(params, tape, dh, dstate=None):\n    D, H, dtype"
    )
    assert "return Gradients(" in code
    assert "Parameters" not in code


def code_of(shown):
    return shown.data.removeprefix("```python\n").removesuffix("\n```")


@pytest.mark.parametrize("width", [46, 57, 72])
@pytest.mark.parametrize("function", [plain.step, plain.step_back, plain.backward])
def test_breaking_long_lines_changes_where_they_end_and_nothing_else(function, width):
    whole, broken = code_of(listing(function)), code_of(listing(function, width=width))
    assert ast.dump(ast.parse(broken)) == ast.dump(ast.parse(whole))
    assert "".join(broken.split()).replace("#", "") == "".join(whole.split()).replace("#", "")
    assert max(map(len, broken.splitlines())) < max(map(len, whole.splitlines()))


@pytest.mark.parametrize("function", [plain.step, plain.step_back])
def test_a_step_fits_its_column(function):
    assert max(map(len, code_of(listing(function, width=57)).splitlines())) <= 57


def test_lines_break_before_a_loop_after_a_comma_and_never_in_what_is_assigned_to():
    shown = code_of(listing(long_lines, "first, (second", "for name", width=40))
    assert shown == textwrap.dedent("""\
        first, (second, third) = abs(3 - 1
            + 2 * 5), (0, 1)
        # a comment of more than forty letters
        #   is broken as well
        total = sum(first * second
            for name in (first, second))""")


def long_lines():
    first, (second, third) = abs(3 - 1 + 2 * 5), (0, 1)
    # a comment of more than forty letters is broken as well
    total = sum(first * second for name in (first, second))
    return total, third


def test_two_listings_stand_side_by_side_whole():
    left, right = listing(plain.step, width=57), listing(plain.step_back, width=57)
    shown = side_by_side(left, right).data
    assert shown.index(left.data) < shown.index(right.data)
    assert shown.count("<div") == shown.count("</div>") == 3
    assert "\n\n```python" in shown  # what is not after an empty line is no Markdown
