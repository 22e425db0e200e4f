"""Every page of the book keeps every rule, and leads to its neighbours: one visit tells it all."""

import posixpath
import re
from collections import Counter

import pytest
import weight  # its rules are among the others
from rules import RULES
from visits import book_pages, contents

from conftest import BOOK, ROOT

PAGES = book_pages(BOOK)
CONTENTS = contents(ROOT)


def test_all_rules_are_known():
    assert {weight.budget_is_kept, weight.what_is_loaded_is_used} < set(RULES)
    assert set(CONTENTS) < set(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_page(visit_book, path):
    visit = visit_book(path)
    found = {rule.__name__: list(rule(visit)) for rule in RULES}
    assert {name: faults for name, faults in found.items() if faults} == {}


def said_twice(texts):
    """Return the numbers of figures, theorems and exercises that stand over several of them."""
    numbers = re.findall('<span class="caption-number">([^<]+)</span>', "\n".join(texts))
    return [number for number, times in Counter(map(str.strip, numbers)).items() if times > 1]


def test_a_number_stands_over_one_figure_or_exercise_of_the_book():
    texts = [(BOOK / path).read_text("utf-8") for path in CONTENTS]
    assert said_twice(texts) == []
    assert said_twice([*texts, '<span class="caption-number">Fig. 1.1 </span>']) == ["Fig. 1.1"]


def leads_astray(visit, pages):
    """Yield where the links to the previous and the next page lead, if not to those in `pages`."""
    place, folder = pages.index(visit.path), posixpath.dirname(visit.path)
    found = [posixpath.join(folder, to) for to, _ in visit.wide["neighbours"]]
    expected = [*pages[max(place - 1, 0) : place], *pages[place + 1 : place + 2]]
    if found != expected:
        yield f"{found} instead of {expected}"


@pytest.mark.parametrize("path", CONTENTS)
def test_a_page_leads_to_its_neighbours(visit_book, path):
    assert list(leads_astray(visit_book(path), CONTENTS)) == []
    assert list(leads_astray(visit_book(path), [*CONTENTS[::2], *CONTENTS[1::2]])) != []
