"""Keep pages light: a page loads only what it uses, of MathJax and of the icons too.

The theme loads every Font Awesome icon twice, as a script and as a font; here the fonts keep the
icons that the book shows. MathJax comes without its menu, and with MathML for who hears a page.
"""

import logging
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

MATHJAX = ["core", "input/tex", "output/chtml", "a11y/assistive-mml"]
MATHJAX_FILES = ["startup.js", *(f"{part}.js" for part in MATHJAX), "output/chtml/fonts"]
MATHJAX_FILES += ["input/tex/extensions"]  # loaded by a formula that asks for one
USES = {  # what a page's body must hold for a file of that name to be of use
    "design-tabs.js": "sd-tab-set",
    "sphinx-design.min.css": 'class="sd-',
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "copybutton.css": 'class="highlight',
    "togglebutton.js": "toggle|dropdown",
    "togglebutton.css": "toggle|dropdown",
    "proof.css": "(?!)",  # theorems.css is in its place
    "exercise.css": 'class="(exercise|solution)',
    "mystnb.": 'class="cell',
}
# Only the search page needs the last three: the search as one types, their other use, is off.
NOWHERE = ("fontawesome.js", "searchtools.js", "language_data.js", "searchindex.js")
DEFINITION = re.compile(r'(?:\.fa-[a-z0-9-]+:+before,?)+\{content:"\\([0-9a-f]+) ?"\}')


def lighten(head):
    """Return a part of a page's head without the scripts that no page but the search uses."""
    files = "|".join(map(re.escape, NOWHERE))
    return re.sub(rf"<script[^>]*(?:{files})[^>]*></script>", "", head)


def drop_unused(app, pagename, templatename, context, doctree):
    """Take from a page the scripts and style sheets that its body does not use."""
    context["lighten"] = lighten
    body = context.get("body") or ""

    def used(file):
        name = Path(str(file.filename or "")).name
        return all(re.search(use, body) for key, use in USES.items() if name.startswith(key))

    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if used(file)]


def set_mathjax(app, config):
    """Load MathJax by its parts."""
    config.mathjax_path = "mathjax/startup.js"
    config.mathjax3_config = {
        "loader": {"load": MATHJAX},
        # As large as the text's capitals; matched by its small letters, formulas tower over it.
        "chtml": {"matchFontHeight": False, "scale": 1.16},
    }


def icons_of(text, definitions):
    """Return the code points of the icons that a text names by class or number, or holds."""
    named = {
        definitions[name] for name in re.findall(r"fa-[a-z0-9-]+", text) if name in definitions
    }
    named |= {int(code, 16) for code in re.findall(r'"\\(f[0-9a-f]{3})"', text)}
    return named | {ord(icon) for icon in re.findall('"([\ue000-\uf8ff])"', text)}


def reduce_icons(static, texts):
    """Keep in the style sheet and in the fonts only the icons that the texts show."""
    sheet = static / "styles/pydata-sphinx-theme.css"
    css = sheet.read_text("utf-8")
    rules = [(rule[0], int(rule[1], 16)) for rule in DEFINITION.finditer(css)]
    definitions = {
        name: code for rule, code in rules for name in re.findall(r"fa-[a-z0-9-]+", rule)
    }
    rest = DEFINITION.sub("", css)
    used = {code for text in [*texts, rest] for code in icons_of(text, definitions)}
    css = DEFINITION.sub(lambda rule: rule[0] if int(rule[1], 16) in used else "", css)
    css = re.sub(r"src:url\(([^)]*)\.woff2\)[^;}]*", r'src:url(\1.woff) format("woff")', css)
    sheet.write_text(css, "utf-8")
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    for path in (static / "vendor/fontawesome/webfonts").glob("*.ttf"):
        font = TTFont(path)
        subsetter = subset.Subsetter()
        subsetter.populate(unicodes=used)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(path.with_suffix(".woff"))


def reduce_files(app, exception):
    """Take from the built book what no page loads."""
    if exception or app.builder.format != "html":
        return
    out, static = Path(app.outdir), Path(app.outdir, "_static")
    script = static / "scripts/pydata-sphinx-theme.js"
    files = [*out.rglob("*.html"), *static.glob("*.css"), script]
    reduce_icons(static, [path.read_text("utf-8") for path in files])
    fonts = static.glob("vendor/fontawesome/webfonts/*")
    unused = [path for path in fonts if path.suffix != ".woff"]
    unused += static.glob("scripts/fontawesome.js*")
    parts = [path for path in (static / "mathjax").rglob("*") if path.is_file()]
    kept = tuple((static / "mathjax" / name).as_posix() for name in MATHJAX_FILES)
    for path in [*unused, *(path for path in parts if not path.as_posix().startswith(kept))]:
        path.unlink()


def setup(app):
    app.connect("config-inited", set_mathjax)
    app.connect("html-page-context", drop_unused, priority=900)
    app.connect("build-finished", reduce_files, priority=900)  # after the files have been copied
    return {"parallel_read_safe": True, "parallel_write_safe": True}
