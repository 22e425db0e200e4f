"""Where the factor may stand, and where it may not: right places, rewriting, mistakes."""

from lstm_src.placements.each_step import clip_each_step
from lstm_src.placements.rewriting import Variant
from lstm_src.placements.right import PLACEMENTS, Placement, at_cut, split

__all__ = ["PLACEMENTS", "Placement", "Variant", "at_cut", "clip_each_step", "split"]
