"""Listings are cut from the shipped source, and a text that no longer stands there is an error."""

import inspect

import pytest

from lstm_src import backward
from lstm_src.book.listing import listing


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
