"""What holds of the live figure: each check takes a page and yields the faults that it finds."""

import functools
from pathlib import Path

from visits import WIDE

from lstm_src.book.interactive import CHOICES, parts_table

SHOWN = Path(__file__).with_name("shown.js").read_text("utf-8")
OUTSIDE = """() => {
    const column = document.querySelector('.bd-article').getBoundingClientRect()
    const parts = document.querySelectorAll('.live-figure :is(svg, form, label, input)')
    const outside = [...parts].filter((part) => {
      const box = part.getBoundingClientRect()
      return !box.width || box.left < column.left - 1 || box.right > column.right + 1
    })
    return outside.map((part) => part.tagName)
}"""
LOW = WIDE | {"height": 300}  # a figure is not yet near
LAST = """async (address) => {
  await new Promise((done) => setTimeout(done))
  const picture = new Image() // it is asked for after all else
  picture.src = address + performance.now() // none has it yet
  await picture.decode()
}"""
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸"
parts = functools.cache(parts_table)


def go(page, address, plant=None):
    """Open a page of the book, with a fault or none, far from its figure."""
    page.unroute_all()
    page.set_viewport_size(LOW)
    if plant:
        plant(page)
    page.goto("about:blank")
    page.errors.clear()
    page.loaded.clear()
    page.goto(address)
    page.base = address.partition("/chapters/")[0]
    return page


def draw(page):
    """Bring the figure of a page near, so that Vega draws it; note what was loaded before."""
    page.evaluate("new Promise(requestAnimationFrame)")  # an observer sees the first frame
    page.evaluate("new Promise((done) => setTimeout(done))")
    page.early = vega(page)
    page.locator(".live-figure").scroll_into_view_if_needed()
    page.wait_for_function("!!document.querySelector('.live-figure').view")
    return page


def vega(page):
    return [url for url in page.loaded if "/vega-" in url]


def shown(page, choice=None, T=None, N=None):
    """Return what the figure shows: as it stands, or after its controls were moved."""
    wanted = {"choice": choice, "T": T, "N": N}
    return page.evaluate(SHOWN, {name: value for name, value in wanted.items() if value})


def power(m):
    return ("1", "1/N")[m] if m < 2 else f"1/N{SUPERSCRIPTS[m]}"


def disagreements(shown, choice, T, N):
    """Say in what the picture differs from what the package computes."""
    rows = [row for row in parts() if row["choice"] == choice and row["T"] == T]
    faults = [] if shown["signals"] == [choice, T, N] else [f"signals: {shown['signals']}"]
    end, gates, labels = 0, 0, []
    for term in range(T, 0, -1):
        own = [row for row in rows if row["term"] == term]
        part = sum(row["size"] * N ** (1 - row["power"]) for row in own)
        powers = [row["power"] for row in own]
        end, gates = end + part, gates + max(powers)
        labels.append("…".join(map(power, sorted({min(powers), max(powers)}))))
        found = [row for row in shown["terms"] if row["term"] == term]
        if [(row["lo"], row["hi"]) for row in found] != [(min(powers), max(powers))]:
            faults.append(f"powers of term {term}")
        if any(abs(row["part"] - part) > 1e-9 or abs(row["end"] - end) > 1e-9 for row in found):
            faults.append(f"bar of term {term}")
    once = all(row["power"] == 1 for row in rows)
    ratio = f"{end:.2f}" if end < 9.995 else f"{end:.0f}"
    word = "right" if once else "too large" if end > 1 else "too small"
    verdict = f"sum: {ratio} × the true gradient: {word}"
    faults += ["verdict"] if shown["verdict"] != verdict else []
    faults += ["message"] if ("exactly once" in shown["message"]) != once else []
    faults += ["gates"] if shown["gates"] != gates else []
    spoken = f"from the last term to the first: {', '.join(labels)}. {verdict}."
    faults += ["words"] if not shown["words"].endswith(spoken) else []
    return faults


def shows_the_package_s_numbers(page):
    """Wherever the controls stand, the picture shows what the package computes."""
    for choice in CHOICES:
        for T, N in ((2, 8), (5, 33), (6, 64)):
            yield from disagreements(shown(page, choice, T, N), choice, T, N)


def loads_vega_when_near(page):
    """Vega is loaded when a reader comes near the figure, and once."""
    yield from (f"early: {url}" for url in page.early)
    if len(vega(page)) != 1:
        yield f"loaded {len(vega(page))} times"


def work(page):
    """Move the controls, and wait for what comes of it, an error or a request, to be told."""
    shown(page, "at the end", 5, 33)
    with page.expect_event("requestfinished", lambda request: "?last" in request.url):
        page.evaluate(LAST, f"{page.base}/_static/logo.svg?last")
    page.evaluate("new Promise((done) => setTimeout(done))")


def asks_no_other_site(page):
    """The figure needs nothing but the book, worked or not."""
    work(page)
    return [url for url in page.loaded if not url.startswith((page.base, "data:"))]


def reports_no_error(page):
    """No script fails, whether the figure is worked or not."""
    work(page)
    return page.errors


def fits(page):
    """Nothing of the figure sticks out of the text's column, nor anything of the page."""
    shown(page, "again at every step", 6, 64)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"at {width} px: {part}" for part in page.evaluate(OUTSIDE))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"at {width} px: the page"


def works_by_keyboard(page):
    """The arrow keys choose and move, Tab goes on, and it shows where the focus is."""
    shown(page, "on the loss", 6, 8)
    page.get_by_label("on each gradient that enters").focus()
    for key in ("ArrowDown", "Tab", "Home", "ArrowRight", "Tab", "End"):
        page.keyboard.press(key)
    yield from disagreements(shown(page), "at the end", 3, 64)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    yield from [] if outline == "solid" else [f"outline: {outline}"]


def tap(page, found, share=0.5):
    """Touch what was found, at this share of its width."""
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def works_by_touch(page):
    """A finger chooses by a choice's words, and moves a slider to where it touches."""
    shown(page, "on the loss", 6, 8)
    tap(page, page.get_by_text("at the end", exact=True))
    tap(page, page.get_by_label("Steps T"), 0.01)
    tap(page, page.get_by_label("Terms in the mean N"), 0.99)
    return disagreements(shown(page), "at the end", 2, 64)


def loads_nothing(page):
    """A page without the figure loads nothing of it, however far a reader goes."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    return [url for url in page.loaded if "vega" in url or "book_live" in url]


def shows_a_picture_without_scripts(page):
    """The first picture stands there with its text, and no control that would do nothing."""
    picture = page.locator(".live-picture")
    if not picture.locator("svg").is_visible():
        yield "no picture"
    if "× the true gradient" not in picture.text_content():
        yield "no verdict"
    if len((picture.get_attribute("aria-label") or "").split()) <= 20:
        yield "no alternative text"
    if page.locator(".live-figure form").is_visible():
        yield "controls"


CHECKS = [
    loads_vega_when_near,
    shows_the_package_s_numbers,
    works_by_keyboard,
    works_by_touch,
    fits,
    asks_no_other_site,
    reports_no_error,
]
