"""Many ranks in one process: the axes of a grid of ranks are the first axes of NumPy arrays."""

from lstm_src.training.ranks.experts import Experts, sums_over_experts
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.ranks.norms import clip_on_ranks, norm_on_ranks
from lstm_src.training.ranks.orders import add_by_ring, add_by_tree, add_in_turn
from lstm_src.training.ranks.stages import sums_over_stages
from lstm_src.training.ranks.tokens import sums_on_ranks
from lstm_src.training.ranks.units import joined_units, sums_over_units

__all__ = [
    "Experts",
    "Ranks",
    "add_by_ring",
    "add_by_tree",
    "add_in_turn",
    "clip_on_ranks",
    "joined_units",
    "norm_on_ranks",
    "sums_on_ranks",
    "sums_over_experts",
    "sums_over_stages",
    "sums_over_units",
]
