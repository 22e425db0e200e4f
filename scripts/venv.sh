#!/bin/sh
# Make a virtual environment, unless a finished one is there:
#     scripts/venv.sh .venv requirements.txt pyproject.toml     (what to install, what else it depends on)
# Its file `complete` is written last and says what it was made from, and where. So an interrupted, a moved and
# an outdated one are made again.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf 'Error: %s\n' "$1" >&2
    exit 1
}

recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

identity() {
    "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        found=$("$PYTHON" --version 2>&1) || fail "PYTHON=$PYTHON does not run."
        recent "$PYTHON" || fail "PYTHON=$PYTHON is $found; this project needs Python 3.11 or newer."
        return
    fi
    for PYTHON in python3 python3.13 python3.12 python3.11 python; do
        if recent "$PYTHON"; then return; fi
    done
    fail "this project needs Python 3.11 or newer and finds none. To name one: make book PYTHON=/path/to/python3.12"
}

venv=$1 requirements=$2
shift
made_from=$(pwd; cat "$@")

if [ "$(cat "$venv/complete" 2>/dev/null)" = "$made_from" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    # PYTHON counts where it is given: `make book` keeps what `make test PYTHON=python3.12` made.
    if [ -z "${PYTHON:-}" ] || [ "$(identity "$PYTHON")" = "$(identity "$venv/bin/python")" ]; then
        exit 0
    fi
fi

choose_python
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$PYTHON can't make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"
printf 'Making %s with %s (a minute or two, once)\n' "$venv" "$("$PYTHON" --version)" >&2
rm -rf "$venv"
"$PYTHON" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --quiet --no-compile --disable-pip-version-check --requirement "$requirements"
printf '%s\n' "$made_from" >"$venv/complete"
