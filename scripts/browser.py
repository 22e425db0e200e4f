"""A browser and a server for the built book: nothing is fetched from any other place."""

import functools
import http.server
import os
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
MISSING = (
    "This command needs Chromium or Chrome, and none is found. "
    "On Debian and Ubuntu: sudo apt-get install chromium. "
    "Elsewhere name one: BROWSER_PATH=/path/to/chrome make pdf"
)


def find_browser(environment=os.environ, which=shutil.which, places=PLACES):
    """Return the path of the browser that ``BROWSER_PATH`` names, or of the first one there is."""
    named = environment.get("BROWSER_PATH")
    candidates = [named] if named else [*map(which, NAMES), *places]
    for path in filter(None, candidates):
        if Path(path).is_file():
            return str(path)
    raise FileNotFoundError(f"BROWSER_PATH={named} is no file" if named else MISSING)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files, and log nothing."""

    def log_message(self, *arguments):
        """Stay quiet."""


class QuietServer(http.server.ThreadingHTTPServer):
    """Tell of no error that is a browser's, which may leave before it has all."""

    def handle_error(self, request, client_address):
        """Stay quiet about connections."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder):
    """Serve a folder at a free port of this machine; yield its address."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with QuietServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    print(find_browser())
