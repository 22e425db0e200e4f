"""The sizes that are measured, and how often."""

from typing import NamedTuple


class Size(NamedTuple):
    """A layer, a batch, and how many timed runs one process makes, after a few untimed."""

    T: int
    B: int
    D: int
    H: int
    runs: int = 1


SIZES = {
    "tiny": Size(16, 1, 8, 16, 60),
    "small": Size(50, 16, 32, 64, 25),
    "medium": Size(100, 32, 64, 128, 10),
    "large": Size(128, 64, 256, 256, 2),
    "xl": Size(128, 64, 512, 512, 1),
}
QUICK_SIZES = {"few": Size(3, 2, 4, 2), "one": Size(1, 1, 1, 1)}
DTYPES = ("float32", "float64")

TURNS = {1: {"tiny,small,medium": 6, "large,xl": 3}, 2: {"tiny,small,medium": 4, "large,xl": 2}}
"""How many processes time each contender, by the number of threads, for two groups of sizes.

Where a pass takes milliseconds, whether a process happens to get its memory back from the system
on every pass decides over a third of the time. So there are more processes there.
"""
QUICK_TURNS = {1: {"few,one": 1}, 2: {"few": 1}}

AS_LEFT_TURNS = 2
AS_LEFT = "large"
"""Timed once more with the environment as it was found, where it steers a numerical library."""

MEMORY = "large"

GROWTH = {
    "T": [Size(T, 4, 16, 16) for T in (100, 1000, 10_000, 100_000)],
    "B": [Size(100, B, 64, 64) for B in (4, 16, 64, 256)],
    "H": [Size(100, 16, 64, H) for H in (32, 64, 128, 256, 512)],
}
QUICK_GROWTH = {axis: [Size(2, 2, 3, 2)] for axis in GROWTH}

TOLERANCES = {
    "float32": 2e-5,  # a sum of T·B products, each rounded to 6e-8
    "float64": 1e-12,
}
"""Largest relative distance between two contenders' gradients, array by array."""


def sizes(quick):
    """Return the sizes to time, by name."""
    return QUICK_SIZES if quick else SIZES
