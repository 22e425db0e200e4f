"""What axe-core finds on a loaded page.

Its time grows with the number of elements. Those are taken away, once nothing depends on them, of
which it knows no more than of their text: most of a page are the pieces of coloured code and of
formulas.
"""

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT

LOOKS = Path(__file__).with_name("looks.js").read_text("utf-8")
PLAIN = """() => {
  const bare = [...document.querySelectorAll("math *")].filter((part) => !part.attributes.length);
  const colours = document.querySelectorAll(".highlight pre span[class]:not(.long-line)");
  for (const part of [...colours, ...bare])
    if (!part.querySelector("[data-look]")) part.replaceWith(...part.childNodes);
}"""
NO_FORMULAS = """() => {
  for (const formula of document.querySelectorAll("mjx-container")) formula.replaceChildren();
}"""
AWAIT = """(scheme) => {
  const asked = matchMedia(`(prefers-color-scheme: ${scheme})`);
  const change = (done) => asked.addEventListener("change", () => done(true), { once: true });
  window.followed = asked.matches || new Promise(change);
}"""
# axe does not count MathML as text: a heading of a table which is a formula seems empty.
CONTEXT = {"exclude": [["th:has(> p > .math:only-child)"]]}


def violations(page, context, **options):
    """Return the accessibility rules that a page violates, each with its first elements."""
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = page.evaluate("([context, options]) => axe.run(context, options)", [context, options])
    found = found["violations"]
    return [f"{rule['id']}: {[node['html'][:90] for node in rule['nodes'][:3]]}" for rule in found]


def dress(page, scheme):
    """Set the colour scheme, and wait until the page's scripts have followed it."""
    page.evaluate(AWAIT, scheme)  # they are told in the order in which they asked
    page.emulate_media(color_scheme=scheme)
    page.evaluate("followed")


def barriers(page):
    """Return what was checked, each with its violations: contrast by colour scheme, the rest."""
    page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        dress(page, scheme)
        page.evaluate(LOOKS)
    page.evaluate(PLAIN)
    found = {"all rules": violations(page, CONTEXT, rules={"color-contrast": {"enabled": False}})}
    page.evaluate(NO_FORMULAS)
    for scheme in ("dark", "light"):
        dress(page, scheme)
        looks = {"include": [["[data-look]"]]}
        found[scheme] = violations(page, looks, runOnly=["color-contrast"])
    return found
