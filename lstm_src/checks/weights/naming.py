"""What weights are called."""

from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks.weights.means import Mean

NAMED, NONE, UNKNOWN = "named", "none", "not known"

ARRAY = "array"
"""What has a factor of its own where no labels have: ``free`` of a `Naming`."""


@dataclass(frozen=True, eq=False)
class Naming:
    """What the weights are called.

    ``mean`` is the one found, None unless ``status`` is "named". ``alike`` are other names of the
    same weights, ``rivals`` lists of means that fit as well and are not the same weights,
    ``factor`` what the mean is multiplied by, to within the share ``precision``; single weights are
    known to within ``sharp``, and ``told`` are the terms (K,) that tell. ``factors`` holds, where
    groups have factors of their own, one for each label of the key ``free``, or for each array;
    ``sizes`` what each would be, by label of a loss, if the mean had the factor 1 there; where the
    factors make no mean, ``within`` is the name of the one that each group has inside.
    ``whole`` says that each label as a whole has the weight that was meant.
    ``nearest`` is the mean from which only ``exceptions``, booleans (K,), differ, ``times`` what it
    is times; where these weigh nothing, and it is a mean over the others, ``gone`` is True.
    ``about`` are names of means that the weights come close to, to within the share ``off``.
    """

    status: str
    mean: Mean | None = None
    alike: tuple = ()
    rivals: tuple = ()
    factor: float | None = None
    precision: float = 0.0
    sharp: float = 0.0
    told: np.ndarray | None = None
    free: str = ""
    factors: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    whole: bool = False
    nearest: Mean | None = None
    exceptions: np.ndarray | None = None
    times: float | None = None
    gone: bool = False
    within: str = ""
    about: tuple = ()
    off: float = 0.0


def best_of(group, factors, meant, near):
    """Return the mean of a group that is named: one whose factor is 1, the meant one, the first.

    Parameters
    ----------
    group : list of Mean
        Of the same weights, up to a factor; the simplest first.
    factors : dict of str to float
        What each is multiplied by.
    meant : Mean or None
    near : float
        How close to 1 a factor must come.
    """
    choice = [mean for mean in group if abs(factors[mean.name] - 1) <= near] or group
    known = [mean for mean in choice if meant is not None and mean.name == meant.name]
    return (known or choice)[0]


def factors_of(group, factor, seen):
    """Return the factor of each mean of a group by name, from that of the first."""
    first = group[0].weights[seen]
    at = abs(first).argmax()
    return {mean.name: float(factor * first[at] / mean.weights[seen][at]) for mean in group}
