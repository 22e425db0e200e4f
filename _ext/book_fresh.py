"""Build every page anew after a change of the book's shell: Sphinx itself looks at pages only."""

from pathlib import Path

SHELL = ("_ext", "_static")


def changed_shell(app, env, added, changed, removed):
    """Return all pages where a file of the shell is newer than the built book."""
    built = Path(app.outdir, "search.html")
    files = [path for folder in SHELL for path in Path(app.srcdir, folder).glob("*.*")]
    newest = max(path.stat().st_mtime for path in files)
    return env.found_docs if built.exists() and newest > built.stat().st_mtime else []


def setup(app):
    app.connect("env-get-outdated", changed_shell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
