"""An abstract run: not what a gradient is, but what its terms are made of, with certainty.

An element stands for any polynomial whose terms have one of a set of forms. A form says how often
each kind of variable stands in a term, such as (1, 2) for one cotangent and two factors s. Sums
unite the sets, products add the forms of every pair. Nothing else is defined: whoever compares,
converts, looks up or divides elements is told so, since what follows could depend on their values.

Terms are never cancelled: a form in the set may have the coefficient 0, one that is not there has.
"""

import numpy as np

from lstm_src.structures import SLOPES, Params, State, Tape
from lstm_src.validation import check_size

RULE = "it must only add and multiply"


class Forms:
    """The elements of one run: each set of forms stands for one element, made once.

    Parameters
    ----------
    *kinds : str
        The kinds of variables that are counted, in the order in which a form counts them.
    highest : bool, optional
        Keep of each set the one form that is highest, as far as one kind is counted: the degree.
    """

    def __init__(self, *kinds, highest=False):
        self.kinds, self.highest = kinds, highest
        self._known = {}
        self.zero = self._element(frozenset())
        self.one = self._element({(0,) * len(kinds)})

    def variable(self, kind):
        """Return an element that stands for a variable of a kind."""
        return self._element({tuple(int(kind == other) for other in self.kinds)})

    def _element(self, forms):
        forms = frozenset([max(forms)] if self.highest and forms else forms)
        if forms not in self._known:
            self._known[forms] = Element(self, forms, len(self._known))
        return self._known[forms]

    def constant(self, number):
        """Return the element of a number: zero has no terms."""
        if isinstance(number, Element):
            if number.space is not self:
                raise ValueError("expected elements of one run, got some of another")
            return number
        if not isinstance(number, int | float | np.number | complex):
            raise TypeError(f"expected elements and numbers, got {type(number).__name__}")
        return self.one if number else self.zero


def _refuses(what):
    def refuse(self, *_):
        raise TypeError(f"the code under test {what} an entry: {RULE}")

    return refuse


class Element:
    """Any polynomial whose terms have one of these ``forms``; see `Forms`."""

    __slots__ = ("forms", "key", "plus", "space", "times")

    def __init__(self, space, forms, key):
        self.space, self.forms, self.key = space, forms, key
        self.plus, self.times = {}, {}  # results by the key of the other, for both take long

    def __add__(self, other):
        """Unite the forms, of a difference as well."""
        try:
            return self.plus[other.key]
        except (AttributeError, KeyError):
            other = self.space.constant(other)
            found = self.space._element(self.forms | other.forms)
            self.plus[other.key] = found
            return found

    def __mul__(self, other):
        """Add the forms of every pair."""
        try:
            return self.times[other.key]
        except (AttributeError, KeyError):
            other = self.space.constant(other)
            found = self.space._element(
                {tuple(map(sum, zip(a, b, strict=True))) for a in self.forms for b in other.forms}
            )
            self.times[other.key] = found
            return found

    __radd__, __rmul__, __sub__, __rsub__ = __add__, __mul__, __add__, __add__

    def __neg__(self):
        """Keep the forms: only numbers change."""
        return self

    def __truediv__(self, other):
        """Divide by a number, which keeps the forms."""
        other = self.space.constant(other)
        if other is not self.space.one:
            raise TypeError(
                "the code under test divides by an entry: it must only add and multiply"
            )
        return self

    def __pow__(self, power):
        """Multiply with itself a whole number of times."""
        if not isinstance(power, int | np.integer) or power < 0:
            raise TypeError(f"the code under test takes a root of an entry: {RULE}")
        found = self.space.one
        for _ in range(power):
            found = found * self
        return found

    # Two entries of one form are one element, so even `u != u` would be a comparison of two.
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuses("compares")
    __bool__ = _refuses("branches on")
    __hash__ = _refuses("looks up")
    __float__ = __int__ = __complex__ = __index__ = __round__ = _refuses("converts")
    __abs__ = _refuses("takes the absolute value of")
    __floordiv__ = __mod__ = __rtruediv__ = __rfloordiv__ = __rpow__ = _refuses("divides by")

    def __repr__(self):
        """Show the forms."""
        return f"Element({sorted(self.forms)})"


def form_inputs(space, T, B, D, H, name):
    """Return weights, a tape and cotangents whose entries are variables of one kind each.

    Parameters
    ----------
    space : Forms
        Where the elements are of.
    T, B, D, H : int
        Steps, sequences, inputs and units, each at least 1.
    name : callable
        ``name(part)`` gives the kind of a part: "W_x", "W_h", "b", "rows", a name of `SLOPES`,
        ("dh", t) with t from 0, "dstate.h" or "dstate.c". None leaves its entries uncounted.

    Returns
    -------
    params, tape, dh, dstate
        As `lstm_src.lstm.backward` takes them. The last column of the tape's inputs is 1.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer of at least 1.
    """
    T, B, D, H = (check_size(*pair) for pair in zip("TBDH", (T, B, D, H), strict=True))

    def filled(part, *shape):
        kind, array = name(part), np.empty(shape, object)
        array.fill(space.one if kind is None else space.variable(kind))
        return array

    params = Params(filled("W_x", D, 4 * H), filled("W_h", H, 4 * H), filled("b", 4 * H))
    rows = filled("rows", T, B, H + D + 1)
    rows[:, :, -1].fill(space.one)
    slopes = np.stack([filled(slope, T, B, H) for slope in SLOPES], axis=1)
    dh = np.stack([filled(("dh", t), B, H) for t in range(T)])
    return params, Tape(rows, slopes), dh, State(*(filled(f"dstate.{p}", B, H) for p in "hc"))
