"""Theorems, definitions and proofs are told from boxes at a glance, on screens and on paper."""

import pytest
from faults import changed, lost
from visits import NARROW, WIDE

PAGE, STYLE = "chapters/02_gradient_of_a_mean.html", "_static/theorems.css"
SHOWN = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const light = (colour) => {
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const part = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(part)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const page = light(getComputedStyle(document.body).backgroundColor)
  const contrast = (colour) => {
    const [dark, bright] = [light(colour), page].sort((a, b) => a - b)
    return (bright + 0.05) / (dark + 0.05)
  }
  document.querySelectorAll("details").forEach((part) => (part.open = true))
  return [...document.querySelectorAll(".bd-article div.admonition")].map((block) => {
    const look = getComputedStyle(block)
    const number = block.querySelector(":scope > .admonition-title .caption-number")
    const above = parseFloat(look.borderTopWidth), end = [block, block.lastElementChild]
    return {
      id: block.id || block.className,
      kind: !block.matches(".proof") ? "box" : number ? "statement" : "proof",
      ground: look.backgroundColor !== "rgba(0, 0, 0, 0)",
      edge: parseFloat(look.borderLeftWidth) > 0,
      rule: above && parseFloat(look.borderBottomWidth) ? contrast(look.borderTopColor) : 0,
      label: number && contrast(getComputedStyle(number).color),
      ends: end.some((part) => getComputedStyle(part, "::after").borderTopStyle === "solid"),
    }
  })
}"""


def faults(page):
    """Yield what is wrong with the blocks of a page, as it is shown now."""
    blocks = page.evaluate(SHOWN)
    for kind in {"box", "statement", "proof"} - {block["kind"] for block in blocks}:
        yield f"no {kind}"
    for block in blocks:
        like_a_box, kind = block["ground"] or block["edge"], block["kind"]
        if like_a_box != (kind == "box"):
            yield f"{'like' if like_a_box else 'not like'} a box: {block}"
        if (block["rule"] >= 3) != (kind == "statement"):
            yield f"rules: {block}"
        if kind == "statement" and block["label"] < 4.5:
            yield f"contrast: {block}"
        if kind == "proof" and not block["ends"]:
            yield f"no end: {block}"


def all_faults(page, address):
    """Yield the faults on both screens in both colours, and on paper."""
    page.goto(f"{address}/{PAGE}", wait_until="domcontentloaded")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            yield from faults(page)
    page.emulate_media(media="print", color_scheme="light")
    yield from faults(page)


def test_statements_and_proofs_are_no_boxes(page, address):
    assert list(all_faults(page, address)) == []


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lost(STYLE), "like a box"),
        (changed(STYLE, "border-width: 2px 0 1px", "border-width: 0"), "rules"),
        (changed(STYLE, "var(--pst-color-text-muted)", "#999"), "contrast"),
        (changed(STYLE, 'content: ""', "content: none; border: 0"), "no end"),
    ],
)
def test_a_statement_that_looks_otherwise_is_found(page, address, plant, said):
    plant(page)
    assert said in str(list(all_faults(page, address)))
