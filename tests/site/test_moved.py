"""An old address leads to the page that took its place, and to the part that it named."""

import pytest
import yaml
from faults import changed, noticed
from playwright.sync_api import expect

from conftest import BOOK, ROOT

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
MOVED = CONFIG["sphinx"]["config"]["redirects"]
OLD, NEW = "chapters/06_through_time", "chapters/05_every_length"
PART = "?q=1#thm-every-length"


def an_old_address_leads_on(page, base, old=OLD):
    page.goto(f"{base}/{old}.html{PART}")
    expect(page).to_have_url(f"{base}/chapters/{MOVED[old]}{PART}")


@pytest.mark.parametrize("old", MOVED)
def test_old_addresses_lead_on(page, base, old):
    an_old_address_leads_on(page, base, old)
    assert (BOOK / "chapters" / MOVED[old]).is_file()


@pytest.mark.parametrize(
    ("old", "new"),
    [("05_every_length", "04_one_lstm_step"), (" + location.hash", ""), ("location.search", '""')],
    ids=["another page", "no part", "no search"],
)
def test_a_wrong_way_is_noticed(page, address, old, new):
    changed(f"{OLD}.html", old, new)(page)
    with noticed(page):
        an_old_address_leads_on(page, address)


def test_without_scripts_an_old_address_leads_on(browser, base):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}/{OLD}.html")
        expect(page).to_have_url(f"{base}/{NEW}.html")
