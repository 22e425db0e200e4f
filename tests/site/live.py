"""What holds of the live chart: each check takes a page and yields the faults that it finds."""

from pathlib import Path

from visits import WIDE

from lstm_src.book.interactive import CHOICES, degrees_by_term

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


def shown(page, choice=None, T=None):
    """Return what the figure shows: as it stands, or after its controls were moved."""
    wanted = {"choice": choice, "T": T}
    return page.evaluate(SHOWN, {name: value for name, value in wanted.items() if value})


def disagreements(shown, choice, T):
    """Say in what the picture differs from what the package computes."""
    degrees = [sorted(powers) for powers in degrees_by_term(CHOICES[choice], T)]
    faults = [] if shown["signals"] == [choice, T] else [f"signals: {shown['signals']}"]
    marks = [
        ["once" if power == 1 else "other", term, power]
        for term, powers in enumerate(degrees, 1)
        for power in powers
    ]
    faults += [] if sorted(shown["marks"]) == sorted(marks) else ["marks"]
    once = all(powers == [1] for powers in degrees)
    faults += ["message"] if shown["message"].endswith("scaled once") != once else []
    faults += [] if shown["words"] == f"{shown['message']}." else ["words"]
    return faults


def shows_the_package_s_numbers(page):
    """Wherever the controls stand, the picture shows what the package computes."""
    for choice in CHOICES:
        for T in (2, 5, 8):
            yield from disagreements(shown(page, choice, T), choice, T)


def loads_vega_when_near(page):
    """Vega is loaded when a reader comes near the figure, and once."""
    yield from (f"early: {url}" for url in page.early)
    if len(vega(page)) != 1:
        yield f"loaded {len(vega(page))} times"


def work(page):
    """Move the controls, and wait for what comes of it, an error or a request, to be told."""
    shown(page, "at the end", 5)
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
    shown(page, "again at every step", 8)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"at {width} px: {part}" for part in page.evaluate(OUTSIDE))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"at {width} px: the page"


def works_by_keyboard(page):
    """The arrow keys choose and move, Tab goes on, and it shows where the focus is."""
    shown(page, "on all terms but the last", 6)
    page.get_by_label("on each gradient that enters").focus()
    for key in ("ArrowDown", "Tab", "Home", "ArrowRight"):
        page.keyboard.press(key)
    yield from disagreements(shown(page), "at the end", 2)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    yield from [] if outline == "solid" else [f"outline: {outline}"]


def tap(page, found, share=0.5):
    """Touch what was found, at this share of its width."""
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def works_by_touch(page):
    """A finger chooses by a choice's words, and moves a slider to where it touches."""
    shown(page, "on all terms but the last", 6)
    tap(page, page.get_by_text("at the end", exact=True))
    tap(page, page.get_by_label("Steps T"), 0.99)
    return disagreements(shown(page), "at the end", 8)


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
    if "Degrees {" not in picture.text_content():
        yield "no verdict"
    if len((picture.get_attribute("aria-label") or "").split()) <= 20:
        yield "no alternative text"
    if page.locator(".live-figure form").is_visible():
        yield "controls"


def keeps_its_name(page):
    """The picture is an image with a text, before and after it was changed."""
    picture = page.locator(".live-picture")
    first = picture.get_attribute("aria-label") or ""
    yield from [] if len(first.split()) > 20 else [f"first name: {first}"]
    words = shown(page, "at the end", 5)["words"]
    found = [picture.get_attribute(name) for name in ("role", "aria-label")]
    yield from [] if found == ["img", words] else [f"name: {found}"]


PLACE = """() => document.querySelector('.live-picture').getBoundingClientRect().top
  - document.querySelector('.live-figure').getBoundingClientRect().top"""


def stays_in_place(page):
    """The picture does not move when the figure's controls appear."""
    for width in (1280, 390):
        page.set_viewport_size(LOW | {"width": width})
        page.reload()
        before = page.evaluate(PLACE)
        moved = draw(page).evaluate(PLACE) - before
        yield from [f"at {width} px: {moved:.0f} px"] if abs(moved) > 1 else []


CHECKS = [
    keeps_its_name,
    loads_vega_when_near,
    shows_the_package_s_numbers,
    works_by_keyboard,
    works_by_touch,
    fits,
    asks_no_other_site,
    reports_no_error,
    stays_in_place,
]
