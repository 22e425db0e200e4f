"""Build every page anew after a change of the book's shell: Sphinx itself looks at pages only."""

import shutil
from pathlib import Path

SHELL = ("_config.yml", "_ext/*.py", "_static/*.*", "_templates/*.html")


def changed_shell(app, env, added, changed, removed):
    """Return all pages where a file of the shell is newer than the built book."""
    built = Path(app.outdir, "search.html")
    files = [path for pattern in SHELL for path in Path(app.srcdir).glob(pattern)]
    newest = max(path.stat().st_mtime for path in files)
    if not built.exists() or newest <= built.stat().st_mtime:
        return []
    shutil.rmtree(Path(app.outdir, "_modules"), ignore_errors=True)  # Sphinx would keep these
    return env.found_docs


def setup(app):
    app.connect("env-get-outdated", changed_shell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
