"""What was read of a gradient, and what was found in it."""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.weights.aside import Aside
from lstm_src.checks.weights.fits import Fit
from lstm_src.checks.weights.labels import Labels
from lstm_src.checks.weights.means import Mean
from lstm_src.checks.weights.naming import Naming


@dataclass(frozen=True)
class Whole:
    """The gradient as a whole: its precision, its length, how many parameters it has.

    ``sums`` is the number of random sums to which they were projected, 0 if they were not;
    ``probe`` says whether each term had parameters of its own. ``absent`` are the paths of what was
    ``None`` everywhere.
    """

    kind: str
    length: float
    parameters: int
    sums: int = 0
    probe: bool = False
    absent: tuple = ()


@dataclass(frozen=True, eq=False)
class Read:
    """What was read: the fit of all arrays, and perhaps that of those that are not set aside.

    Beside it what the terms are, which means they can have, which was meant, and the counts;
    ``fitting`` are the arrays that the meant weights explain, where some are left unexplained.
    """

    first: Fit
    aside: Aside | None
    whole: Whole
    labels: Labels
    means: tuple
    meant: Mean | None
    counts: dict
    fitting: tuple = ()


@dataclass(frozen=True, eq=False)
class Seen:
    """All that was found of one gradient.

    ``read`` is a `Read`, ``own`` the counts that the labels hold, ``fit`` the one that the weights
    were read from; ``key`` and ``ratios`` are what `explaining` said against ``base``.
    """

    naming: Naming
    read: Read
    own: dict
    fit: Fit
    base: np.ndarray
    key: str | None
    ratios: np.ndarray
