"""Write the lower half of a requirements file: the pins of all that its upper half needs.

    python scripts/lock.py            # keep the pins there are, add and drop what must be
    python scripts/lock.py --upgrade  # move the lower half to the newest versions
    python scripts/lock.py --newest   # print the upper half of requirements.txt without its pins

The pins hold for every system and Python version that the project supports: where
they must differ, each has an environment marker. A requirement that may not move
freely says so in a comment beside it, such as ``# newest: <2``.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MARK = "# ---- What the above need in turn: written by `make lock` ----\n"
FILES = (
    "requirements.txt",
    "requirements/bench.txt",
    "requirements/ci.txt",
    "requirements/lab.txt",
    "requirements/site.txt",
)
OLDEST_PYTHON = "3.11"


def halves(path):
    """Return the upper and the lower half of a requirements file, without the line between."""
    upper, mark, lower = Path(path).read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{path}: the line {MARK.strip()!r} is missing")
    return upper, lower


def pins(text):
    """Return the lines that pin a package, without comments."""
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and line[0] not in "#-"]


def others(path):
    """Return the requirements files that a file includes: ``-r`` is relative to the file."""
    names = re.findall(r"^-r (\S+)", Path(path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [Path(path).parent / name for name in names]


def name(pin):
    """Return the package's name, in the form in which two spellings are equal."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", pin)[0]).lower()


def resolve(path, upgrade):
    """Return the lower half that the upper half of `path` asks for."""
    upper, lower = halves(path)
    base = [pin for other in others(path) for half in halves(other) for pin in pins(half)]
    with tempfile.TemporaryDirectory() as folder:
        wanted, fixed, found = (Path(folder, part) for part in ("in.txt", "base.txt", "out.txt"))
        wanted.write_text("\n".join(pins(upper)), encoding="utf-8")
        fixed.write_text("\n".join(base), encoding="utf-8")
        found.write_text("" if upgrade else lower, encoding="utf-8")  # uv keeps the pins it finds
        options = ["--universal", "--python-version", OLDEST_PYTHON, "--no-header", "--no-annotate"]
        files = [wanted, "--constraints", fixed, "--output-file", found]
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet"]
        subprocess.run([*command, *options, *files], check=True)
        known = {name(pin) for pin in pins(upper) + base}
        return [pin for pin in pins(found.read_text(encoding="utf-8")) if name(pin) not in known]


def newest(text):
    """Return the upper half with every pin replaced by what its comment allows."""

    def loosen(line):
        pinned = re.match(r"([\w.-]+)==", line)
        allowed = re.search(r"# newest: (\S+)", line)
        return pinned[1] + (allowed[1] if allowed else "") if pinned else line

    return "\n".join(map(loosen, text.splitlines()))


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--upgrade", action="store_true", help="move the lower half to the newest versions"
    )
    parser.add_argument(
        "--newest", action="store_true", help="print requirements.txt without its pins"
    )
    options = parser.parse_args()
    if options.newest:
        print(newest(halves(FILES[0])[0]))
        return
    for path in FILES:
        lower = "".join(f"{pin}\n" for pin in resolve(path, options.upgrade))
        Path(path).write_text(halves(path)[0] + MARK + lower, encoding="utf-8")
        print(f"{path}: {lower.count('==')} further pins")


if __name__ == "__main__":
    main()
