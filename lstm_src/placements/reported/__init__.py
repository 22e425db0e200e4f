"""Reports of wrong factors over many ranks, each made again in a few lines, and mended."""

from lstm_src.placements.reported.counts import COUNTS
from lstm_src.placements.reported.norms import NORMS
from lstm_src.placements.reported.parts import PARTS
from lstm_src.placements.reported.problem import RankProblem
from lstm_src.placements.reported.reported import Reported, reading

REPORTED = {entry.name: entry for entry in (*COUNTS, *PARTS, *NORMS)}
"""All reports, by name."""

__all__ = ["REPORTED", "RankProblem", "Reported", "reading"]
