"""Tasks to learn, generated from a seed, and the losses to compare a model's with."""

from lstm_src.training.tasks.adding import adding_baseline, adding_problem
from lstm_src.training.tasks.characters import (
    CharacterBaselines,
    alphabet,
    character_baselines,
    character_windows,
    zen,
)
from lstm_src.training.tasks.copying import copy_baseline, copy_memory
from lstm_src.training.tasks.grammar import REBER_SYMBOLS, is_reber, may_follow, reber_string
from lstm_src.training.tasks.legal import LegalShares, legal_shares, legal_symbols
from lstm_src.training.tasks.minimum import running_minimum
from lstm_src.training.tasks.reber import reber_baseline, reber_task
from lstm_src.training.tasks.task import Task

__all__ = [
    "REBER_SYMBOLS",
    "CharacterBaselines",
    "LegalShares",
    "Task",
    "adding_baseline",
    "adding_problem",
    "alphabet",
    "character_baselines",
    "character_windows",
    "copy_baseline",
    "copy_memory",
    "is_reber",
    "legal_shares",
    "legal_symbols",
    "may_follow",
    "reber_baseline",
    "reber_string",
    "reber_task",
    "running_minimum",
    "zen",
]
