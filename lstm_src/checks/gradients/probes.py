"""Numbers of a gradient beside those of the loss, and a closer look at what is off."""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.gradients.jumps import spread
from lstm_src.checks.gradients.levels import RATIO
from lstm_src.checks.gradients.noise import SIGMAS
from lstm_src.checks.gradients.report import TOLERANCES
from lstm_src.checks.gradients.slopes import COMPLEX
from lstm_src.checks.gradients.words import TELLING
from lstm_src.checks.precision import PRECISIONS

LOOK = 64
"""Evaluations that a closer look may take."""

JUMP_LOOK = 256
"""Evaluations that a look for jumps may take."""

DOUBT = 1.0
"""How many times the difference to steps of other lengths a mistake must be in narrow types."""


class NotAnalytic(Exception):
    """The complex step is contradicted by differences, which bear out the gradient under test."""


@dataclass(eq=False)
class Probe:
    """Numbers beside numbers: ``found`` along some ``moves``, and what is ``expected`` there.

    ``sizes`` are what errors are relative to, as far as what was found tells; ``room`` is how far
    each number may be off besides what is allowed, ``uncertain`` how far what is expected may be.
    With ``together`` the numbers are entries of one array. ``confirmed`` tells that a closer look
    bore out a mistake, ``cut`` that the cap on evaluations ended the looks, ``jumps`` that the loss
    jumps along a move.
    """

    moves: list
    found: np.ndarray
    sizes: np.ndarray
    room: np.ndarray
    expected: np.ndarray
    uncertain: np.ndarray
    together: bool = False
    kinks: int = 0
    confirmed: bool = False
    cut: bool = False
    jumps: bool = False

    def norms(self):
        """Return what errors are relative to."""
        norms = np.fmax(self.sizes, np.abs(self.expected))
        return np.full(len(norms), norms.max()) if self.together else norms

    def gaps(self):
        """Return how far what was found is off."""
        return np.where(np.isnan(self.expected), np.inf, np.abs(self.found - self.expected))

    def allowed(self, tolerance):
        """Return how far it may be off."""
        uncertain = np.where(np.isnan(self.uncertain), 0, self.uncertain)
        return tolerance * self.norms() + self.room + uncertain

    def off(self, tolerance):
        """Return where more is off than is allowed, the largest gap first."""
        gaps, allowed = self.gaps(), self.allowed(tolerance)
        with np.errstate(divide="ignore", invalid="ignore"):
            worse = np.where(allowed > 0, gaps / allowed, np.where(gaps > 0, np.inf, 0))
        off = np.flatnonzero(worse > 1)
        return off[np.argsort(-worse[off], kind="stable")]

    def relative(self, numbers):
        """Return the largest of some numbers relative to the norms; 0 where nothing is to see."""
        norms = self.norms()
        return float((numbers / np.where(norms > 0, norms, np.inf)).max())


def probe_of(slopes, moves, found, sizes, room, tolerance, together=False):
    """Return the probe of some moves, after a closer look at what is off."""
    seen = [slopes.along(move) for move in moves]
    expected, uncertain = (np.array([getattr(s, n) for s in seen]) for n in ("value", "uncertain"))
    probe = Probe(moves, found, sizes, room, expected, uncertain, together)
    return _look_closer(slopes, probe, tolerance)


def _look_closer(slopes, probe, tolerance):
    """Look closer at what is off or hidden by noise: steps of other lengths may tell more."""
    if slopes.method != COMPLEX:
        _refine(slopes, probe, tolerance)
    while (off := probe.off(tolerance)).size and not probe.confirmed:
        if slopes.loss.left() >= LOOK:
            look_at = _look_beside if slopes.method == COMPLEX else _look_at
            look_at(slopes, probe, off[0], tolerance)
        elif slopes.method == COMPLEX:  # it leaves no doubt, but for a kink
            probe.confirmed = True
        else:
            probe.cut = True
            break
    return probe


def _look_at(slopes, probe, k, tolerance):
    """Look closer at one number."""
    allowed = tolerance * probe.norms()[k] + probe.room[k]
    slope = slopes.closer(probe.moves[k], probe.found[k], allowed)
    probe.expected[k], probe.uncertain[k] = slope.value, slope.uncertain
    probe.kinks += bool(slope.kink)
    if not abs(probe.found[k] - slope.value) <= allowed + slope.uncertain:
        if _by_convention(probe, k, slope):
            return
        gap = abs(probe.found[k] - slope.value)
        coarse = PRECISIONS[slopes.kind] > PRECISIONS["float64"]
        if coarse and gap <= allowed + slope.uncertain + DOUBT * slope.doubt:
            probe.uncertain[k] = gap  # kinks nearby would look like that
            return
        if coarse and _within_jumps(slopes, probe, k, allowed):
            return
        probe.confirmed = True
    elif not slope.kink:
        _steps(slopes, probe, probe.off(tolerance), slope.step * RATIO)


def _within_jumps(slopes, probe, k, allowed):
    """Leave open what is off by no more than a cast inside, which makes the loss jump, may do."""
    if slopes.loss.left() < JUMP_LOOK:
        probe.cut = True
        probe.uncertain[k] = np.inf
        return True
    move = probe.moves[k]
    noise = SIGMAS * spread(slopes.line(move), slopes.size(move), slopes.noise)
    if not noise:
        return False
    slope = slopes.closer(move, probe.found[k], allowed, noise)
    room = TOLERANCES[slopes.method]["bfloat16"] * probe.norms() + slope.uncertain + slope.doubt
    open_ones = probe.gaps() <= room
    gap = abs(probe.found[k] - slope.value)
    probe.expected[k], probe.uncertain[k] = slope.value, slope.uncertain
    open_ones[k] = gap <= room[k]
    probe.uncertain = np.where(open_ones, np.fmax(probe.uncertain, room), probe.uncertain)
    probe.jumps = True
    return bool(open_ones[k])


def _look_beside(slopes, probe, k, tolerance):
    """Look whether differences contradict the complex step, or tell of a kink.

    Raises
    ------
    NotAnalytic
        If they contradict it, and bear out what was found.
    """
    allowed = tolerance * probe.norms()[k] + probe.room[k]
    try:
        slope = slopes.closer(probe.moves[k], probe.found[k], allowed)
    except Exception:  # no differences: the complex step decides
        probe.confirmed = True
        return
    borne_out = abs(probe.found[k] - slope.value) <= allowed + slope.uncertain
    if slope.kink == "at" and borne_out:
        probe.expected[k], probe.kinks = slope.value, probe.kinks + 1
        return
    if _by_convention(probe, k, slope):
        probe.kinks += 1
        return
    gap = abs(probe.found[k] - probe.expected[k])
    if (
        not slope.kink == "at"
        and slope.uncertain <= gap / 8
        and abs(probe.found[k] - slope.value) <= gap / 8
    ):
        raise NotAnalytic(_at(probe.moves[k]))
    probe.confirmed = True


def _by_convention(probe, k, slope):
    """Leave open a zero at a kink: where several meet, the slope 0 of each is a convention."""
    if slope.kink != "at" or probe.found[k]:
        return False
    probe.expected[k], probe.uncertain[k] = slope.value, abs(slope.value)
    return True


def _refine(slopes, probe, tolerance):
    """Where noise hides most, take the length of step that leaves least of it."""
    hidden = np.flatnonzero(probe.uncertain > max(tolerance, TELLING / 4) * probe.norms())
    if not hidden.size or slopes.loss.left() < LOOK:
        return
    k = hidden[np.argmax(np.abs(probe.found[hidden]))]
    slope = slopes.closer(probe.moves[k], probe.found[k], tolerance * probe.norms()[k])
    if slope.uncertain < probe.uncertain[k] / 2:
        probe.expected[k], probe.uncertain[k] = slope.value, slope.uncertain
        _steps(slopes, probe, hidden[hidden != k], slope.step * RATIO)


def _steps(slopes, probe, which, step):
    for k in which:
        if slopes.loss.left() < LOOK:
            probe.cut = True
            return
        slope = slopes.at_step(probe.moves[k], step)
        if np.isfinite(slope.value) and not slope.uncertain > probe.uncertain[k] > 0:
            probe.expected[k], probe.uncertain[k] = slope.value, slope.uncertain


def joined(probe, other):
    """Return one probe of the numbers of two."""
    parts = {
        name: np.concatenate([getattr(probe, name), getattr(other, name)])
        for name in ("found", "sizes", "room", "expected", "uncertain")
    }
    return replace(
        probe,
        **parts,
        moves=probe.moves + other.moves,
        kinks=probe.kinks + other.kinks,
        confirmed=probe.confirmed or other.confirmed,
        cut=probe.cut or other.cut,
        jumps=probe.jumps or other.jumps,
    )


def _at(moves):
    path, move = next(iter(moves.items()))
    return f"at {path}{list(move)}" if isinstance(move, tuple) else f"along a direction of {path}"
