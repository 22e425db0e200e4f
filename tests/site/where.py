"""What holds of the figure with ÷N on lines: each check yields the faults that it finds."""

from pathlib import Path

import numpy as np

from lstm_src.book.interactive.picture import picture
from lstm_src.book.interactive.ways import NAMED, STEPS, example, lines, ways_of

WAYS = ways_of(*example())
ENTERING = NAMED["on each gradient that enters"]
SHOWN = Path(__file__).with_suffix(".js").read_text("utf-8")
OUTSIDE = """() => {
  const column = document.querySelector('.bd-article').getBoundingClientRect()
  return [...document.querySelectorAll('.where-figure :is(svg, button, input, p, .where-bar)')]
    .filter((part) => !part.matches('.where-words'))
    .map((part) => [part, part.getBoundingClientRect()])
    .filter(([, box]) => !box.width || box.left < column.left - 2 || box.right > column.right + 2)
    .map(([part]) => part.className || part.tagName)
}"""
SMALL = """() => [...document.querySelectorAll('.where-figure button')]
  .filter((part) => Math.min(part.offsetWidth, part.offsetHeight) < 24)
  .map((part) => part.outerHTML)"""
SLOW = """() => [...document.querySelectorAll('.where-figure *')]
  .filter((part) => parseFloat(getComputedStyle(part).transitionDuration) > 0)
  .map((part) => part.className)"""
SHIFT = """() => new Promise((done) => {
  let sum = 0
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.value)))
    .observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => done(sum), 300)
})"""


def disagreements(shown, marks, N, step):
    """Say in what the page differs from what the package computes."""
    expected = picture(WAYS, marks, N, step)
    faults = [
        name for name in ("marks", "verdict", "right", "sum") if shown[name] != expected[name]
    ]
    for half, kind in shown["kinds"].items():
        line, side = half.split()
        faults += [] if expected["kinds"][line][int(side)] == kind else [f"kind of {half}"]
    if not shown["unequal"] == shown["signs"] == sorted(expected["unequal"]):
        faults.append("unequal")
    rows, scale = expected["rows"], 100 / max(1, expected["total"])
    faults += ["powers"] if shown["powers"] != [row["powers"] for row in rows] else []
    bars = [(row["start"], row["size"]) for row in rows]
    bars = np.array([*bars, (0, expected["total"]), (0, 1)]) * scale
    faults += [] if np.allclose(shown["bars"], bars, atol=0.02) else ["bars"]
    named = [name for name, at in NAMED.items() if at == {k: n for k, n in marks.items() if n}]
    faults += ["named"] if shown["named"] != named else []
    faults += [] if (shown["N"], shown["step"]) == (str(N), [str(step)]) else ["N or step"]
    return faults


def spoken(shown):
    """Say what of the state is not said aloud."""
    wanted = [shown["verdict"], shown["sum"], *(f": {power}" for power in shown["powers"])]
    return [part for part in wanted if part not in shown["words"]]


def mark(page, line):
    return page.locator(f'.where-mark[data-line="{line}"]')


def begins_on_a_wrong_choice(page):
    """It opens with one term undivided."""
    yield from disagreements(page.evaluate(SHOWN), NAMED["on all terms but the last"], 16, 3)


def agrees_with_the_package(page):
    """Whatever stands on whatever lines, the script says what the package says."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        marks = {line: int(n) for line in lines() if (n := rng.choice(4, p=[0.7, 0.2, 0.05, 0.05]))}
        N, step = int(rng.integers(8, 65)), int(rng.integers(1, STEPS + 1))
        found = page.evaluate(
            "(state) => document.querySelector('.where-figure').show(...state)", [marks, N, step]
        )
        expected = picture(WAYS, marks, N, step)
        same = np.allclose(numbers_of(found), numbers_of(expected))
        if found != expected or not same:
            yield f"{marks}, N = {N}, step {step}"


def numbers_of(shown):
    """Take the numbers out of a picture, and return them."""
    rows = [(row.pop("start"), row.pop("size")) for row in shown["rows"]]
    return [*np.ravel(rows), shown.pop("total")]


def works_by_click(page):
    """A click divides a line once more; the fourth takes all away."""
    marks = {"u1": 1, "u2": 1, "u3": 1}
    for line, n in (("u4", 1), ("p2", 1), ("p2", 2), ("p2", 3), ("p2", 0), ("w1", 1)):
        mark(page, line).click()
        marks[line] = n
        shown = page.evaluate(SHOWN)
        yield from disagreements(shown, marks, 16, 3)
        yield from (f"not said: {part}" for part in spoken(shown))
    page.get_by_role("button", name="the sum at step 1").click()
    yield from disagreements(page.evaluate(SHOWN), marks, 16, 1)


def has_the_named_places(page):
    """Each of the five buttons puts the factor where it says."""
    for name, marks in NAMED.items():
        page.get_by_role("button", name=name, exact=True).click()
        yield from disagreements(page.evaluate(SHOWN), marks, 16, 3)


def works_by_keyboard(page):
    """Tab leads to every line, Enter divides, Delete takes back, and the focus is seen."""
    first = page.get_by_role("button", name="on the loss", exact=True)
    first.focus()
    reached = set()
    for _ in range(len(NAMED) + len(lines()) + STEPS):
        reached.add(page.evaluate("document.activeElement.dataset.line ?? ''"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        yield from [] if outline == "solid" else [f"outline: {outline}"]
        page.keyboard.press("Tab")
    yield from [f"not reached: {line}" for line in lines() if line not in reached]
    if page.evaluate("document.activeElement.type") != "range":
        yield "the slider is not reached"
    page.keyboard.press("End")
    mark(page, "u4").focus()
    for key in ("Enter", "Space", "Delete"):
        page.keyboard.press(key)
    yield from disagreements(page.evaluate(SHOWN), ENTERING, 64, 3)


def works_by_touch(page):
    """A finger hits what it means to, on a phone too."""
    page.set_viewport_size({"width": 390, "height": 844})
    yield from (f"small: {part}" for part in page.evaluate(SMALL))
    mark(page, "u4").tap()
    yield from disagreements(page.evaluate(SHOWN), ENTERING, 16, 3)


def has_an_address(page):
    """The state stands in the address, and an address opens in its state."""
    mark(page, "q2").click()
    mark(page, "q2").click()
    address, before = page.url, page.evaluate(SHOWN)
    page.goto("about:blank")
    page.goto(address)
    after = page.evaluate(SHOWN)
    yield from (name for name in before if name != "words" and before[name] != after[name])
    page.goto(address.partition("#")[0] + "#where=end.nowhere.u1x9&N=33&step=2")
    page.reload()
    yield from disagreements(page.evaluate(SHOWN), {"end": 1}, 33, 2)


def fits(page):
    """Nothing of the figure sticks out of the text's column."""
    for width in (1920, 1280, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"at {width} px: {part}" for part in page.evaluate(OUTSIDE))


def is_on_the_first_screen(page):
    """The lines are seen before anybody scrolls."""
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        box = page.locator(".where-map svg").bounding_box()
        if box["y"] + box["height"] > height:
            yield f"at {width} px: ends {box['y'] + box['height'] - height:.0f} px below"


def moves_only_where_motion_is_liked(page):
    """Changes move, but not for those who asked for less motion."""
    page.emulate_media(reduced_motion="no-preference")
    yield from [] if page.evaluate(SLOW) else ["nothing moves"]
    page.emulate_media(reduced_motion="reduce")
    yield from (f"moves: {part}" for part in page.evaluate(SLOW))
    page.emulate_media(reduced_motion="no-preference")


def stays_in_place(page):
    """Nothing on the page moves when it has loaded."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.reload()
        shift = page.evaluate(SHIFT)
        yield from [f"at {width} px: {shift:.3f}"] if shift >= 0.05 else []


def reports_no_error(page):
    """No script fails, and no other site is asked."""
    mark(page, "u4").click()
    yield from page.errors
    yield from (url for url in page.loaded if not url.startswith((page.base, "data:", "about:")))


CHECKS = [
    begins_on_a_wrong_choice,
    agrees_with_the_package,
    works_by_click,
    has_the_named_places,
    works_by_keyboard,
    works_by_touch,
    has_an_address,
    fits,
    is_on_the_first_screen,
    moves_only_where_motion_is_liked,
    stays_in_place,
    reports_no_error,
]
