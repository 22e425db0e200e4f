"""Cut the text face down to the characters that a page may show: for browsers and for figures.

npm pack source-serif@4.5.1
python -m pip install fonttools==4.68.0 brotli==1.2.0    in an environment of their own
python scripts/fonts.py source-serif-4.5.1.tgz           writes into both folders

The licence reserves the name of the original, so the cut files have another.
"""

import hashlib
import io
import sys
import tarfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"woff2": ROOT / "_static/fonts", "ttf": ROOT / "lstm_src/book/fonts"}
SHA256 = "19a448df98f4aa777de3452b0a1e29aa7ffe29252fe552c8a2d2531702d80746"
FACES = {"regular": "Regular", "italic": "It", "semibold": "Semibold"}  # ours -> the original's
NAME = "Divide Serif"
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *map(ord, "ĀāĆćČčĞğıŁłŃńŌōŐőŒœŘřŚśŞşŠšŪūŹźŻżŽž"),  # authors' names
    *range(0x302, 0x309),  # accents that go over a letter: z̄
    *range(0x391, 0x3CA),  # Greek
    *range(0x2010, 0x2034),
    *range(0x2070, 0x2095),  # raised and lowered
    *range(0x2190, 0x2194),
    *range(0x2200, 0x2300),
]  # ✓ is left to the system, which draws ✗ as well: the two should match
FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"]


def renamed(font, face):
    """Give the font a name of its own; say where it comes from."""
    names = font["name"]
    for place, text in {
        1: NAME,
        2: face,
        3: f"{NAME} {face}, from Source Serif 4.5.1",
        4: f"{NAME} {face}",
        6: f"{NAME} {face}".replace(" ", ""),
    }.items():
        names.setName(text, place, 3, 1, 0x409)
    if face == "Semibold":
        font["OS/2"].usWeightClass = 700  # what is asked for as bold
    for place in (16, 17, 18, 21, 22, 25):
        names.removeNames(nameID=place)
    names.names = [name for name in names.names if name.platformID == 3]
    return font


def cut(original, face, flavor="woff2", low=False):
    """Return the bytes of a font with our characters alone; in low lines for figures."""
    options = subset.Options(flavor=flavor, layout_features=FEATURES, hinting=False)
    options.name_IDs, options.glyph_names = ["*"], False
    font = TTFont(io.BytesIO(original), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    if low:
        line, os2 = font["hhea"], font["OS/2"]
        line.ascent = os2.sTypoAscender = os2.usWinAscent = 790
        line.descent = os2.sTypoDescender = -210
        os2.usWinDescent = 210
        line.lineGap = os2.sTypoLineGap = 200
    file = io.BytesIO()
    subset.save_font(renamed(font, face), file, options)
    return file.getvalue()


def main(package):
    """Write the files and their licence."""
    found = hashlib.sha256(Path(package).read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{package} is not source-serif 4.5.1: its SHA-256 is {found}")
    with tarfile.open(package) as files:
        licence = files.extractfile("package/LICENSE.md").read().replace(b"\r\n", b"\n")
        for kind, folder in FOLDERS.items():
            folder.mkdir(exist_ok=True)
            (folder / "OFL.txt").write_bytes(licence)
            flavor = "woff2" if kind == "woff2" else None
            for face, name in FACES.items():
                original = files.extractfile(f"package/TTF/SourceSerif4-{name}.ttf").read()
                font = cut(original, face.capitalize(), flavor, low=kind == "ttf")
                (folder / f"serif-{face}.{kind}").write_bytes(font)


if __name__ == "__main__":
    main(sys.argv[1])
