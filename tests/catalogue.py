"""The backward passes of the catalogue, wrong and right, that several tests run through."""

from lstm_src.placements import PLACEMENTS
from lstm_src.placements.mistakes import MISTAKES

RIGHT = [place for place in PLACEMENTS.values() if place.rewritten]
SCALING, CARRIED = (
    [entry for entry in MISTAKES.values() if entry.kind == kind] for kind in ("scaling", "carried")
)
