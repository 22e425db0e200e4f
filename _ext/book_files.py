"""Files of our own that pages refer to: put beside the book when it is built."""

import shutil
from pathlib import Path

HERE = Path(__file__).parent


def static(app):
    """Return the folder of the built book's files, or None where nothing is built in HTML."""
    if app.builder.format != "html":
        return None
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put(app, *names):
    """Copy files of this folder to where the pages find them."""
    folder = static(app)
    for name in names if folder else ():
        shutil.copy(HERE / name, folder)
