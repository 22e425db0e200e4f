"""How well colours can be told apart, on a light page and on a dark one."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FILTER = r"img,? .*?filter: invert\(([\d.]+)\) hue-rotate\((\d+)deg\)"

TEXT, MARK = 4.5, 3
"""The least contrast of text and of graphics (WCAG 2.2, 1.4.3 and 1.4.11)."""


def dark_filter():
    """Return what the pages' style sheet does to pictures in the dark: a share and a matrix."""
    styles = "\n".join(path.read_text("utf-8") for path in (ROOT / "_static").glob("*.css"))
    inverted, degrees = map(float, re.search(FILTER, styles, re.DOTALL).groups())
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    grey = np.tile([0.213, 0.715, 0.072], (3, 1))
    along = [[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]]
    return inverted, grey + cosine * (np.eye(3) - grey) + sine * np.array(along)


INVERTED, TURN = dark_filter()


def in_dark(colour):
    """Return what becomes of a colour on a dark page."""
    turned = TURN @ (INVERTED + (1 - 2 * INVERTED) * np.array(to_rgb(colour)))
    return tuple(turned.clip(0, 1))


def luminance(colour):
    """Return the relative luminance of a colour."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (
        0.2126,
        0.7152,
        0.0722,
    )


def ratio(one, other):
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def contrast(one, other):
    """Return the contrast of two colours on the page, light or dark, on which it is lower."""
    return min(ratio(one, other), ratio(in_dark(one), in_dark(other)))


def is_clear(colour, paper="white", ink="black"):
    """Say whether a colour is seen on the paper, or lets words be read that stand on it."""
    return contrast(colour, paper) >= MARK or contrast(colour, ink) >= TEXT


def pictures(path):
    """Return the name and the content of every picture that a notebook holds, by its type."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        name = cell["metadata"].get("mystnb", {}).get("figure", {}).get("name")
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if kind.startswith("image/"):
                    yield name, kind, "".join(content)


def solid_colours(kind, content, least=60):
    """Return the colours of a picture's marks and fields, without the shades along their edges."""
    if kind == "image/svg+xml":
        return set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", content))
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        r, g, b = np.moveaxis(np.asarray(picture.convert("RGB"), dtype=int), 2, 0)
    code = (r << 16) + (g << 8) + b
    inner = code[1:-1, 1:-1]
    shifted = [code[i : i + len(inner), j : j + inner.shape[1]] for i in range(3) for j in range(3)]
    same = np.all([s == inner for s in shifted], axis=0)
    colours, counts = np.unique(inner[same], return_counts=True)
    return {
        f"#{colour:06x}" for colour, count in zip(colours, counts, strict=True) if count >= least
    }
