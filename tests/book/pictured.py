"""What can be read off a drawn figure: words over others, words too small, and what is dim."""

import itertools

import numpy as np
from contrast import MARK, TEXT, contrast
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from PIL import Image, ImageFilter

PHONE = 358
"""The width of a picture, in pixels, on a page 390 pixels wide."""


def words(figure):
    """Return the texts of a figure."""
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def pixels(figure):
    """Return the figure as it is, [row from the bottom, column, colour]."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3].astype(int)


def collisions(figure):
    """Return the pairs of texts that overlap, and the texts that stick out of the figure."""
    figure.canvas.draw()
    boxes = {text: text.get_window_extent() for text in words(figure)}
    pairs = itertools.combinations(boxes, 2)
    found = [(a.get_text(), b.get_text()) for a, b in pairs if boxes[a].overlaps(boxes[b])]
    frame = figure.bbox
    return found + [t.get_text() for t, b in boxes.items() if frame.count_contains(b.corners()) < 4]


def small_words(figure, least=11):
    """Return the texts that are smaller on a phone than so many pixels."""
    shrink = PHONE / (72 * figure.get_size_inches()[0])
    return [t.get_text() for t in words(figure) if t.get_fontsize() * shrink < least]


def dim_words(figure):
    """Return the texts that are hard to read on a ground on which they stand, with that ground."""
    shown = words(figure)
    for text in shown:
        text.set_visible(False)
    picture = pixels(figure)
    for text in shown:
        text.set_visible(True)
    found = []
    for text in shown:
        box, patch = text.get_window_extent(), text.get_bbox_patch()
        x, y = (slice(int(low), int(high) + 1) for low, high in (box.intervalx, box.intervaly))
        colours, counts = np.unique(picture[y, x].reshape(-1, 3), axis=0, return_counts=True)
        grounds = [to_hex(c / 255) for c in colours[counts > counts.sum() / 10]]
        grounds = [to_hex(patch.get_facecolor())] if patch else grounds
        low = [g for g in grounds if contrast(text.get_color(), g) < TEXT]
        found += [(text.get_text(), ground) for ground in low]
    return found


def faint_lines(figure, paper="white"):
    """Return the colours of lines and arrows that can hardly be seen on the paper."""
    lines = figure.findobj(lambda a: isinstance(a, Line2D) and a.axes and a.get_visible())
    grid = {
        line for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for line in axis.get_gridlines()
    }
    colours = {to_hex(line.get_color()) for line in lines if line not in grid}
    colours |= {to_hex(arrow.get_edgecolor()) for arrow in figure.findobj(FancyArrowPatch)}
    return {colour for colour in colours if contrast(colour, paper) < MARK}


def lost_share(figure, marks):
    """Return what share of the marks' surroundings they can hardly be told from."""
    figure.set_dpi(216)
    with_marks = pixels(figure)
    marks.set_visible(False)
    changed = (with_marks != pixels(figure)).any(axis=2)
    marks.set_visible(True)
    colour = np.round(255 * np.array(to_rgb(marks.get_markeredgecolor()))).astype(int)
    mask = changed & (with_marks == colour).all(axis=2)
    ring = grown(mask, 3) & ~grown(mask, 1)
    around, counts = np.unique(with_marks[ring], axis=0, return_counts=True)
    low = [contrast(to_hex(c / 255), to_hex(colour / 255)) < MARK for c in around]
    return counts[low].sum() / counts.sum()


def grown(mask, by):
    """Return a mask with a border of so many pixels added."""
    picture = Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * by + 1))
    return np.asarray(picture) > 0
