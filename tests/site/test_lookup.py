"""The pages to look something up in: the API, the glossary, and that for a wrong address."""

import pytest
from faults import changed, named, noticed
from playwright.sync_api import expect
from visits import NARROW, WIDE

API, GLOSSARY = "chapters/api.html", "chapters/glossary.html"
TRAINING = "chapters/api_training.html"
SAID = "Run the layer over a batch of sequences and record the slopes of every step."
SCREENS = {"wide": (WIDE, 20), "narrow": (NARROW, 25)}


def a_link_opens_its_entry(page, base):
    """A link of another page leads to a function's signature, and so does one of the page."""
    page.goto(f"{base}/chapters/mistakes.html")
    page.locator("article a[href$='#lstm_src.checks.audit_scaling']").first.click()
    expect(page.locator("[id='lstm_src.checks.audit_scaling']")).to_be_in_viewport()
    page.goto(f"{base}/{TRAINING}")
    page.locator(".names a", has_text="clip_by_norm").click()
    expect(page.locator("[id='lstm_src.training.clip_by_norm']")).to_be_in_viewport()


def each_entry_says_what_it_does(page, base):
    for path, least in ((API, 80), (TRAINING, 60)):
        page.goto(f"{base}/{path}")
        entries = page.locator("details.api")
        assert entries.count() == page.locator(".names a").count() > least
        for said in page.locator("details.api > summary > span").all():
            assert len(said.inner_text().split()) > 2
        assert page.locator("dl.py:visible").count() == 0


def the_page_is_short(page, base):
    for size, most in SCREENS.values():
        page.set_viewport_size(size)
        for path in (API, TRAINING):
            page.goto(f"{base}/{path}")
            assert page.evaluate("document.documentElement.scrollHeight") < most * size["height"]


def drawings_fit_and_can_be_heard(page, base):
    page.set_viewport_size(NARROW)
    page.goto(f"{base}/{GLOSSARY}")
    drawings = page.locator("svg.drawing[role=img]")
    assert drawings.count() == page.locator(".drawing").count() >= 8
    for drawing in drawings.all():
        assert len(drawing.get_attribute("aria-label").split()) >= 10
        frame = drawing.bounding_box()
        for text in drawing.locator("text").all():
            box = text.bounding_box()
            assert box["x"] >= frame["x"] - 1
            assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
            assert box["height"] >= 13


def a_wrong_address_leads_on(page, base):
    page.goto(f"{base}/404.html")
    for name in ("intro", "cheat_sheet", "mistakes", "glossary", "api"):
        assert page.locator(f"article a[href$='chapters/{name}.html']").count() == 1
    page.locator("article").get_by_role("searchbox").fill("padding")
    page.locator("article").get_by_role("button", name="Search").click()
    page.wait_for_url("**/search.html?q=padding")
    expect(page.locator("#search-results li").first).to_contain_text("padding")


FAULTS = [
    (a_link_opens_its_entry, changed(TRAINING, 'id="lstm_src.training.clip_by_norm"', "")),
    (a_link_opens_its_entry, changed(API, "<details ", "<details inert hidden ")),
    (each_entry_says_what_it_does, changed(API, SAID, "")),
    (each_entry_says_what_it_does, changed(API, '<details class="api">', "<details open>")),
    (the_page_is_short, changed(API, '<details class="api">', '<details class="api" open>')),
    (drawings_fit_and_can_be_heard, changed("_static/lookup.css", "13px", "5px")),
    (drawings_fit_and_can_be_heard, changed(GLOSSARY, 'role="img"', "")),
    (drawings_fit_and_can_be_heard, changed(GLOSSARY, '"end"', '"start"')),
    (a_wrong_address_leads_on, changed("404.html", 'name="q"', "")),
    (a_wrong_address_leads_on, changed("404.html", "chapters/cheat_sheet.html", "lost.html")),
]
BEHAVIOURS = list(dict.fromkeys(behaviour for behaviour, _ in FAULTS))


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=named)
def test_it_works(page, base, behaviour):
    behaviour(page, base)


@pytest.mark.parametrize(("behaviour", "plant"), FAULTS, ids=named)
def test_it_is_noticed_when_broken(page, address, behaviour, plant):
    plant(page)
    with noticed(page):
        behaviour(page, address)
