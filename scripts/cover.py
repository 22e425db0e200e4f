"""Copy the README's picture out of the chapter that draws it.

python scripts/cover.py
"""

import base64
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
SOURCE, FIGURE = ROOT / "chapters/01_the_question.ipynb", "fig-arrivals"
TARGET = ROOT / "_static/arrivals.png"


def stored_picture(notebook, figure):
    """Return the bytes of the picture that a notebook stores for a named figure."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == figure:
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output.data["image/png"])
    raise ValueError(f"figure: expected a stored picture named {figure!r} in {notebook.name}")


if __name__ == "__main__":
    TARGET.write_bytes(stored_picture(SOURCE, FIGURE))
