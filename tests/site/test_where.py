"""The figure with ÷N on lines in a browser: it shows what the package computes, however worked.

Its checks are run on the page as it is, and on pages with a fault that they must find.
"""

import pytest
from faults import added, changed, named
from live import go
from where import (
    CHECKS,
    agrees_with_the_package,
    begins_on_a_wrong_choice,
    fits,
    has_an_address,
    has_the_named_places,
    is_on_the_first_screen,
    moves_only_where_motion_is_liked,
    reports_no_error,
    stays_in_place,
    works_by_click,
    works_by_keyboard,
    works_by_touch,
)

PAGE = "chapters/intro.html"


def opened(watched, address, plant=None):
    page = go(watched, f"{address}/{PAGE}", plant)
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_the_figure_keeps_every_rule(watched, base, check):
    assert list(check(opened(watched, base))) == []


@pytest.mark.parametrize("watched", [False], ids=["no scripts"], indirect=True)
def test_without_scripts_the_first_picture_stands_there(watched, address):
    page = opened(watched, address)
    assert page.locator(".where-map svg").is_visible()
    assert "true gradient: a part escapes" in page.locator(".where-verdict").text_content()
    assert page.locator(".where-figure :is(button, input):enabled").count() == 0


FAULTS = [  # the check, what is changed on the page and into what, what must be said
    (begins_on_a_wrong_choice, '"marks": {"u1": 1, ', '"marks": {', "marks"),
    (agrees_with_the_package, "N ** (1 - k)", "N ** -k", "step"),
    (agrees_with_the_package, 'escapes undivided" + again', 'escapes undivided"', "step"),
    (works_by_click, "+ 1) % 4", "+ 1) % 3", "marks"),
    (works_by_click, "write();\n      say();", "write();", "not said"),
    (works_by_click, "change({ step: Number(button.dataset.step) })", "0", "step"),
    (works_by_click, 'wrong ? "≠" : "+"', '"+"', "unequal"),
    (works_by_click, 'bar(one(".where-total .where-bar"), 0, now.total);', "", "bars"),
    (has_the_named_places, '"at the end": {"end": 1}', '"at the end": {"loss": 1}', "marks"),
    (has_the_named_places, 'setAttribute("aria-pressed", chosen)', "focus()", "named"),
    (works_by_keyboard, '["Delete", "Backspace"]', '["Backspace"]', "marks"),
    (works_by_keyboard, 'data-line="q2"', 'data-line="q2" tabindex="-1"', "not reached: q2"),
    (
        works_by_keyboard,
        "outline: 2px solid var(--accent);",
        "outline: none !important;",
        "outline",
    ),
    (works_by_touch, "min-width: 1.625rem;", "min-width: 1rem; max-width: 1rem;", "small"),
    (has_an_address, "step=${state.step}", "step=1", "step"),
    (has_an_address, "n <= 3", "n <= 30", "marks"),
    (fits, "grid-template-columns: 3.4rem 4.6rem 1fr;", "width: 60rem;", "where-bar"),
    (is_on_the_first_screen, ".where-panels {\n", ".where-panels {\n margin-top: 40rem;", "below"),
    (moves_only_where_motion_is_liked, "none !important;", "left 1s !important;", "moves"),
    (moves_only_where_motion_is_liked, "300ms", "0ms", "nothing moves"),
    (reports_no_error, "figure.picture = now;", "figure.picture = now; later();", "later"),
]


@pytest.mark.parametrize(("check", "old", "new", "said"), FAULTS, ids=named)
def test_a_fault_of_the_figure_is_found(watched, address, check, old, new, said):
    try:
        found = str(list(check(opened(watched, address, changed(PAGE, old, new)))))
    except Exception as error:  # what can't be worked any more says so as well
        found = str(error)
    assert said in found


def test_a_page_that_moves_is_found(watched, address):
    late = "document.querySelector('.bd-article h1').prepend(' later'.repeat(99))"
    late = f"<script>addEventListener('load', () => setTimeout(() => {late}, 99))</script>"
    assert list(stays_in_place(opened(watched, address, added(PAGE, late)))) != []


def test_every_check_of_the_figure_is_shown_to_fail():
    assert {check for check, *_ in FAULTS} | {stays_in_place} == set(CHECKS)
