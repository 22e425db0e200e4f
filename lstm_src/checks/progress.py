"""A line of progress on a terminal, for what takes long; it leaves no trace."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE = 10.0
"""Seconds without a word."""

EVERY = 0.2
"""Seconds from one word to the next."""

WIDTH = 79
"""Characters in the line."""


def _evaluations(done, most):
    return f"check_gradients: {done:,} of at most {most:,} evaluations of the loss"


@dataclass(eq=False)
class Progress:
    """Says on stderr, if that is a terminal, how far something is, once it has taken a while.

    ``says(done, most)`` returns the line. A check is silent for 10 seconds.
    """

    most: int
    says: Callable = _evaluations
    patience: float = PATIENCE
    started: float = field(default_factory=lambda: time.monotonic())
    shown: float = -1.0

    def tell(self, done):
        """Show how much is done, if it is time to."""
        now = time.monotonic()
        if now - self.started < self.patience or (self.shown >= 0 and now - self.shown < EVERY):
            return
        if sys.stderr is not None and sys.stderr.isatty():
            text = self.says(done, self.most)[:WIDTH].ljust(WIDTH)
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
            self.shown = now

    def clear(self):
        """Wipe what was shown."""
        if self.shown >= 0:
            print(f"\r{' ' * WIDTH}\r", end="", file=sys.stderr, flush=True)
            self.shown = -1.0
