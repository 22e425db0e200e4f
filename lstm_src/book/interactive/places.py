"""Where the lines of the figure run, which the page and the preview card draw."""

from lstm_src.book.interactive.ways import STEPS

WIDTH, HEIGHT = 360, 220
STEP_AT = {t: 88 + 80 * (t - 1) for t in range(1, STEPS + 1)}
LOSS, H, C, WEIGHTS = 16, 78, 134, 204
HALF = 17  # of a step's box


def places():
    """Return for each line with a place for ÷N its two ends, and what it is called aloud."""
    first = STEP_AT[1]
    places = {
        "loss": ((54, LOSS), (first, LOSS), "the loss"),
        "end": ((first, WEIGHTS), (54, WEIGHTS), "the finished gradient of the weights"),
    }
    for t, x in STEP_AT.items():
        places[f"u{t}"] = (x, LOSS), (x, H), f"what enters at step {t}"
        places[f"w{t}"] = (x, C), (x, WEIGHTS), f"what step {t} gives to the weights"
        if t < STEPS:
            for rail, y, state in (("p", H, "hidden"), ("q", C, "cell")):
                name = f"what comes back from step {t + 1} by the {state} state"
                places[f"{rail}{t}"] = (STEP_AT[t + 1], y), (x, y), name
    return places


def middle(line, start, stop):
    """Return where ÷N stands on a line: clear of the boxes and signs at its ends."""
    (x0, y0), (x1, y1) = start, stop
    if line[0] == "w":
        return x0, (y0 + 18 + y1 - 8) / 2
    if line[0] == "u":
        return x0, (y0 + y1 - 18) / 2
    return (x0 + x1) / 2 - (4 if line in ("loss", "end") else 0), y0


def sums():
    """Return for each sum where its sign stands."""
    found = {"end": (STEP_AT[1], WEIGHTS)}
    for t, x in STEP_AT.items():
        if t < STEPS:
            found |= {f"h{t}": (x, H), f"c{t}": (x, C)}
    return found
