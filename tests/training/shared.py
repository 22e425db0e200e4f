"""Micro-batches of unequal lengths and steps over them, to be imported by workers, too."""

import math
import os
import signal
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from modelled import problem

from lstm_src.checks.trees import tree_map
from lstm_src.training import loss_and_gradients, squared_error

LENGTHS = (3, 1, 7, 5, 4, 2, 6, 3)
CUTS = (0, 1, 3, 4, 7, 8)


def _batch():
    return problem(LENGTHS)


def _parts():
    """Return shares of 1 to 3 sequences, and one of padding alone."""
    at = _batch()
    cuts = [slice(*pair) for pair in pairwise(CUTS)]
    parts = [
        SimpleNamespace(x=at.x[:, cut], labels=at.labels[:, cut], mask=at.mask[:, cut])
        for cut in cuts
    ]
    first = parts[0]
    parts.append(SimpleNamespace(x=first.x, labels=first.labels, mask=0 * first.mask))
    return parts


PARTS = _parts()


def params():
    """Return the model's parameters."""
    return _batch().params


def step(params, part, reduction="sum"):
    """Return the sum over a part, its gradients and its count."""
    options = {"reduction": reduction, "mask": part.mask}
    return loss_and_gradients(params, part.x, part.labels, **options)


def whole(reduction="token mean"):
    """Return the mean over the whole batch at once."""
    return step(params(), _batch(), reduction)


def fraction(value):
    """Return a fraction near a number."""
    return Fraction(float(value)).limit_denominator(8)


def exact_params():
    """Return parameters of fractions."""
    at = params()
    narrow = at._replace(W_y=at.W_y[:, :1], b_y=at.b_y[:1])
    return tree_map(np.frompyfunc(fraction, 1, 1), narrow)


def exact_step(params, part):
    """Return the sum over a part in fractions, with a rational stand-in for tanh."""
    target = np.frompyfunc(Fraction, 1, 1)(part.labels)[..., None]
    tanh = np.frompyfunc(lambda z: fraction(math.tanh(z)), 1, 1)
    options = {"loss": squared_error, "reduction": "sum", "mask": part.mask, "tanh": tanh}
    return loss_and_gradients(params, part.x, target, **options)


def late(params, part):
    """Return what `step` does, the first parts last."""
    time.sleep(0.02 * part.mask.shape[1] * (7 - part.mask.sum() % 7))
    return step(params, part)


def deadly(params, task):
    """Return what `step` does; the first process that runs it for a marked part is killed."""
    part, marker = task
    if marker:
        try:
            with Path(marker).open("x", encoding="utf-8") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            return step(params, part)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return step(params, part)
