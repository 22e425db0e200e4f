"""Figures that the reader changes: a Vega-Lite specification becomes a picture with controls.

At build time the specification is translated for Vega, which draws it, and drawn once as the
picture that stands where scripts do not run. Vega comes out of the pinned ``vl-convert-python``
and is written beside the book. Only pages with such a figure refer to it, and they load it when a
reader comes near.
"""

import json
from html import escape

import vl_convert
from book_files import put, static
from docutils import nodes
from myst_nb.core.render import load_mime_renders

MIME = "application/vnd.vegalite.v5+json"
DIALECT = "6.4"  # of Vega-Lite, for the translation; version 5 is read as well
OURS = ("book_live.css", "book_live.js")
LIBRARY = f"vega-{vl_convert.get_vega_version()}.js"
SNIPPET = "window.vegaEmbed = vegaEmbed;"
MARK = 'class="live-figure"'


def control(signal):
    """Return the HTML of the native inputs that set a signal."""
    bind, name, value = signal["bind"], escape(signal["name"]), signal["value"]
    label = escape(bind["name"].strip())
    if bind["input"] == "range":
        limits = " ".join(f'{key}="{bind[key]}"' for key in ("min", "max", "step"))
        return (
            f'<div class="live-range"><label>{label} <input type="range" name="{name}" '
            f'value="{value}" {limits}></label><span aria-hidden="true">{value}</span></div>'
        )
    if bind["input"] != "radio":
        raise ValueError(f"bind: expected a range or a radio, got {bind['input']!r}")
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(option)}"'
        f"{' checked' if option == value else ''}> {escape(option)}</label>"
        for option in bind["options"]
    )
    return f"<fieldset><legend>{label}</legend>{options}</fieldset>"


def hide_parts(vega):
    """Take the parts of a picture out of what is read aloud: the picture as a whole has a text."""
    for kind in ("marks", "axes", "legends"):
        for part in vega.get(kind, ()):
            part["aria"] = False
            hide_parts(part)


def live_figure(spec, alt):
    """Return the HTML of a figure: its controls, its first picture, and what draws the others."""
    compiled = vl_convert.vegalite_to_vega(spec, vl_version=DIALECT)
    hide_parts(compiled)
    picture = vl_convert.vega_to_svg(compiled)
    controls = "".join(control(signal) for signal in compiled["signals"] if "bind" in signal)
    for signal in compiled["signals"]:
        signal.pop("bind", None)
    data = json.dumps(compiled, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div {MARK}><form hidden autocomplete="off" aria-label="Controls of the figure">'
        f"{controls}</form>"
        f'<div class="live-picture" role="img" aria-label="{escape(alt)}">{picture}</div>'
        '<p class="live-words" role="status"></p>'
        f'<script type="application/json">{data}</script></div>'
    )


class LiveFigures:
    """MyST-NB's interface for an output of a further type."""

    mime_priority_overrides = (("html", MIME, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != MIME:
            return None
        options = renderer.renderer.get_cell_level_config(
            "render_image_options", data.cell_metadata, line=data.line
        )
        return [nodes.raw("", live_figure(data.content, options.get("alt", "")), format="html")]


def write_scripts(app):
    """Put our files and Vega where the pages find them."""
    put(app, *OURS)
    folder = static(app)
    if folder and not (folder / LIBRARY).exists():
        bundle = vl_convert.javascript_bundle(SNIPPET, vl_version=DIALECT)
        # Its names must not meet those of Sphinx's scripts.
        (folder / LIBRARY).write_text(f"(() => {{{bundle}\n}})();\n", encoding="utf-8")


def add_scripts(app, pagename, templatename, context, doctree):
    """Refer to the files on the pages that have a figure."""
    if MARK in (context.get("body") or ""):
        app.add_css_file(OURS[0])
        app.add_js_file(OURS[1], loading_method="defer", **{"data-vega": LIBRARY})


def setup(app):
    load_mime_renders().append(LiveFigures)  # else found by entry point, of an installed package
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
