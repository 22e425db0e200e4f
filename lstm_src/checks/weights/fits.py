"""What least squares found of the terms, and what the data tell of each."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Fit:
    """What least squares found of K terms that make C directions.

    Terms whose gradients are parallel are one direction, ``members`` (K,) says which, -1 for a
    gradient of zero; ``lengths`` (K,) are their lengths, with a sign. ``sums`` (C,) holds for each
    direction the sum of weight times length, as far as the data tell it, ``margins`` (C,) how far
    it may be off; ``projector`` (C, C), or None, is what the data tell of any such sums.
    ``residual`` is the share of the gradient's length that no weighting explains, ``shares`` that
    of each array's own, ``unexplained`` the arrays in which it is more than rounding. ``spare`` is
    the number of equations beyond the unknowns.
    """

    members: np.ndarray
    lengths: np.ndarray
    sums: np.ndarray
    margins: np.ndarray
    projector: np.ndarray | None
    condition: float
    residual: float
    shares: dict
    unexplained: tuple
    spare: int
    rank: int

    def told(self, weights):
        """Return what the data would tell of other weights: comparable with ``sums``."""
        here = self.members >= 0
        found = np.bincount(
            self.members[here], (self.lengths * weights)[here], minlength=len(self.sums)
        )
        return found if self.projector is None else self.projector @ found

    def single(self):
        """Return which terms (K,) are alone in their direction, and told by the data."""
        if not len(self.sums):
            return np.zeros(len(self.members), bool)
        counts = np.bincount(self.members[self.members >= 0], minlength=len(self.sums))
        alone = (counts[self.members] == 1) & (self.members >= 0)
        if self.projector is not None:
            alone &= (np.diag(self.projector) > 1 - 1e-6)[self.members]
        return alone

    def weights(self):
        """Return the weights (K,) and their margins: NaN and infinity where nothing is told.

        What is smaller than its margin is 0, if that margin is small beside the other weights, and
        not told otherwise.
        """
        alone = self.single()
        at = self.members[alone]
        weights, margins = np.full((2, len(alone)), np.nan)
        margins[:] = np.inf
        weights[alone] = self.sums[at] / self.lengths[alone]
        margins[alone] = self.margins[at] / abs(self.lengths[alone])
        top = abs(weights[2 * margins <= abs(weights)]).max(initial=0.0)
        small = margins >= abs(weights)
        weights[small] = np.where(margins[small] <= 0.1 * top, 0.0, np.nan)
        return weights, margins
