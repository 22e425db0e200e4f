"""Keep in the theme's style sheets the rules that the book can meet.

A rule goes if each of its selectors asks for a class that stands in no page and no script.
"""

import re
from pathlib import Path

SHEETS = ("styles/pydata-sphinx-theme.css", "sphinx-design.min.css")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
WORD = re.compile(r"[\w-]+")
CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
INNER = re.compile(r"\([^()]*\)")
MADE = ("bs-",)  # names that a script puts together


def can_be_met(selectors, words):
    """Say whether one of the selectors asks only for classes among the words."""
    while INNER.search(selectors):
        selectors = INNER.sub("", selectors)  # :is(), :not(): what they hold may lack
    return any(
        all(name in words or name.startswith(MADE) for name in CLASS.findall(selector))
        for selector in selectors.split(",")
    )


def reduced(css, words):
    """Return a style sheet without the rules that nothing can meet."""
    css = re.sub(r"/\*(?!!).*?\*/", "", css, flags=re.DOTALL)
    css = RULE.sub(lambda rule: rule[0] if can_be_met(rule[1], words) else "", css)
    return re.sub(r"@media[^{};]*\{\s*\}", "", css)


def reduce_sheets(app, exception):
    """Rewrite the sheets of the built book."""
    if exception or app.builder.format != "html":
        return
    out, static = Path(app.outdir), Path(app.outdir, "_static")
    files = [*out.rglob("*.html"), *static.glob("*.js"), *static.glob("scripts/*.js")]
    words = {word for file in files for word in WORD.findall(file.read_text("utf-8"))}
    for sheet in (static / name for name in SHEETS):
        sheet.write_text(reduced(sheet.read_text("utf-8"), words), "utf-8")


def setup(app):
    app.connect("build-finished", reduce_sheets, priority=910)  # when the icons are reduced
    return {"parallel_read_safe": True, "parallel_write_safe": True}
