"""A report of a check stands in a frame, with a chip for its verdict, on screens and on paper."""

import pytest
from faults import changed, lost
from visits import NARROW, WIDE

PAGE, STYLE = "chapters/07_where_to_divide.html", "_static/book_reports.css"
SAID = {  # how a report begins -> its chip
    "Scaled exactly once": "✓ once",
    "Not scaled exactly once": "✗ not once",
    "Not as meant, ": "✗ another mean",
    "Wrong": "✗ wrong",
}
FRAMES = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const light = (colour) => {
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const part = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(part)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (...colours) => {
    const [dark, bright] = colours.map(light).sort((a, b) => a - b)
    return (bright + 0.05) / (dark + 0.05)
  }
  const page = getComputedStyle(document.body).backgroundColor
  return [...document.querySelectorAll("fieldset.framed")].map((frame) => {
    const chip = frame.querySelector("legend"), [edge, ground] = [frame, chip].map(getComputedStyle)
    const right = (element) => element.getBoundingClientRect().right
    return {
      chip: chip.checkVisibility() && chip.textContent,
      begins: frame.querySelector(".report strong").textContent,
      edge: edge.borderTopStyle === "solid" ? contrast(edge.borderTopColor, page) : 0,
      text: contrast(ground.color, ground.backgroundColor),
      printed: ground.printColorAdjust === "exact",
      outside: frame.querySelector(".report").scrollWidth > frame.clientWidth
        || [...frame.querySelectorAll("p, td")].some((part) => right(part) > right(frame)),
    }
  })
}"""


def faults(page):
    """Yield what is wrong with the reports of a page, as it is shown now."""
    frames = page.evaluate(FRAMES)
    if {frame["chip"] for frame in frames} != set(SAID.values()):
        yield "chips"
    for frame in frames:
        if not any(
            frame["begins"].startswith(begin) and frame["chip"] == chip
            for begin, chip in SAID.items()
        ):
            yield f"another chip: {frame}"
        if frame["edge"] < 3:
            yield f"no edge: {frame}"
        if frame["text"] < 4.5:
            yield f"contrast: {frame}"
        if frame["outside"]:
            yield f"outside: {frame}"


def all_faults(page, address):
    """Yield the faults on both screens in both colours, and on paper."""
    page.goto(f"{address}/{PAGE}")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            yield from faults(page)
    page.emulate_media(media="print", color_scheme="light")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    yield from faults(page)
    yield from ["not printed" for frame in page.evaluate(FRAMES) if not frame["printed"]]


def test_every_report_has_its_frame_and_its_chip(page, address):
    assert list(all_faults(page, address)) == []


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lost(STYLE), "no edge"),
        (changed(STYLE, "#f2a09b", "#5a2a2a"), "no edge"),
        (changed(STYLE, "#a3262a", "#d98a8a"), "contrast"),
        (changed(STYLE, "white-space: normal", "white-space: nowrap"), "outside"),
        (changed(STYLE, "print-color-adjust: exact", ""), "not printed"),
        (changed(PAGE, '<legend class="bad">✗', '<legend hidden class="bad">✗'), "another chip"),
        (changed(PAGE, "✗ wrong", "✓ once"), "another chip"),
    ],
)
def test_a_report_shown_wrong_is_found(page, address, plant, said):
    plant(page)
    assert said in str(list(all_faults(page, address)))
