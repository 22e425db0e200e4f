"""Compare the outputs of a notebook's cell with the stored ones: text exactly, pictures nearly.

nbval compares text, LaTeX and HTML to the letter, and leaves pictures out. Here pictures count too,
also those inside HTML (the frames of an animation). The last bits of a floating-point result depend
on the processor, so an edge may differ by a shade. Two pictures therefore agree if they have the
same size and no more than `MAX_SHARE` of their pixels differ by more than `MAX_DIFFERENCE`.

SVG is text, and is compared as such.
"""

import base64
import binascii
import copy
import io
import re

import numpy as np
from nbval.plugin import IPyNbCell
from PIL import Image, UnidentifiedImageError

MAX_DIFFERENCE = 8  # of 255, in any of red, green, blue and opacity
MAX_SHARE = 1e-5  # one changed digit in a label is ten times as many, 0.01 %
PICTURES = ("image/png", "image/jpeg")
EMBEDDED = re.compile(r"data:image/(?:png|jpeg);base64,((?:[A-Za-z0-9+/=]|\\?\r?\n)+)")


class Disagreement(Exception):
    """An output differs; the text says in what."""


def decode(encoded):
    """Return the pixels (height, width, 4) of a picture in base64."""
    try:
        content = base64.b64decode(re.sub(r"[\\\s]", "", encoded), validate=True)
        with Image.open(io.BytesIO(content)) as picture:
            return np.asarray(picture.convert("RGBA"), dtype=np.int16)
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError) as error:
        raise Disagreement(f"is not a readable picture: {error}") from error


def compare_pictures(stored, computed):
    """Raise Disagreement where two pictures in base64 differ by more than the tolerance."""
    if stored == computed:
        return
    ours, theirs = decode(stored), decode(computed)
    if ours.shape != theirs.shape:
        (h, w, _), (new_h, new_w, _) = ours.shape, theirs.shape
        raise Disagreement(f"another size: {w} x {h} pixels stored, {new_w} x {new_h} computed")
    gap = abs(ours - theirs).max(axis=2)
    share = (gap > MAX_DIFFERENCE).mean()
    if share > MAX_SHARE:
        raise Disagreement(
            f"{share:.4%} of the pixels differ by more than {MAX_DIFFERENCE} of 255"
            f" (at most {MAX_SHARE:.3%} may); the largest difference is {gap.max()}"
        )


def compare_embedded(stored, computed):
    """Compare the pictures in two HTML texts; return the texts with the pictures left out."""
    pictures = [EMBEDDED.findall(html) for html in (stored, computed)]
    if len(pictures[0]) != len(pictures[1]):
        raise Disagreement(f"{len(pictures[0])} pictures stored, {len(pictures[1])} computed")
    for number, pair in enumerate(zip(*pictures, strict=True), start=1):
        try:
            compare_pictures(*pair)
        except Disagreement as error:
            raise Disagreement(f"picture {number} of {len(pictures[0])}: {error}") from None
    return [EMBEDDED.sub("(a picture that agrees)", html) for html in (stored, computed)]


def with_type(outputs, mime):
    """Return the data of all outputs that have this type."""
    return [output.data for output in outputs if mime in output.get("data", {})]


def settle_pictures(computed, stored):
    """Compare all pictures; return both lists of outputs with agreeing pictures made equal."""
    computed, stored = copy.deepcopy(computed), copy.deepcopy(stored)
    for mime in (*PICTURES, "text/html"):
        pairs = list(zip(with_type(stored, mime), with_type(computed, mime), strict=False))
        for number, (ours, theirs) in enumerate(pairs, start=1):  # nbval tells if one is missing
            try:
                if mime == "text/html":
                    ours[mime], theirs[mime] = compare_embedded(ours[mime], theirs[mime])
                else:
                    compare_pictures(ours[mime], theirs[mime])
                    theirs[mime] = ours[mime]
            except Disagreement as error:
                raise Disagreement(f"{mime} {number} of {len(pairs)}: {error}") from None
    return computed, stored


def refuse_stderr(outputs, whose):
    """Raise Disagreement where a cell wrote to stderr: a warning has no place in a book."""
    for output in outputs:
        if output.get("name") == "stderr":
            raise Disagreement(f"the {whose} output has text on stderr:\n{output.text}")


class StrictCell(IPyNbCell):
    """nbval's cell, which also compares pictures, refuses stderr, and can't be left out."""

    def runtest(self):
        """Run the cell; raise NbCellError if it fails or its outputs differ."""
        if self.options["skip"] or not self.options["check"]:
            self.raise_cell_error("A tag or a comment keeps its output from being compared")
        if self.options["check_exception"]:
            self.raise_cell_error("A stored traceback names this machine's paths: catch and print")
        if self.cell.execution_count is None:
            self.raise_cell_error("It was never run: `make execute` stores its output")
        super().runtest()

    def compare_outputs(self, test, ref, skip_compare=None):
        """Return whether the outputs agree; `comparison_traceback` tells in what they do not."""
        try:
            refuse_stderr(ref, "stored")
            refuse_stderr(test, "computed")
            test, ref = settle_pictures(test, ref)
        except Disagreement as error:
            self.comparison_traceback = [str(error)]
            return False
        skipped = skip_compare or self.parent.skip_compare
        compared = tuple(key for key in skipped if key not in PICTURES)
        return super().compare_outputs(test, ref, skip_compare=compared)
