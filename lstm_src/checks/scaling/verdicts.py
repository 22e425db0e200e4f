"""The verdicts of an audit of scaling, and what is known of one array."""

from dataclasses import dataclass

ONCE, NEVER, PARTLY, MORE = "once", "never", "partly", "more than once"
OTHER, ZERO, UNSTABLE = "not a polynomial", "no information", "not repeatable"
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Finding:
    """What is known of one array.

    ``verdict`` is how it was scaled; ``powers`` are those of the scale that its terms hold, "?"
    where they are not known; ``detail`` says what was seen; ``unscaled_share`` is the share of the
    array that no scale multiplies. ``held`` holds, for several factors, pairs of a factor's name
    and the share of the array's terms that hold it, by size.
    """

    verdict: str
    powers: str = "?"
    detail: str = ""
    unscaled_share: float = 0.0
    held: tuple = ()

    @property
    def hidden(self):
        """Whether it is once for all factors together, and roundings hide if terms are added."""
        return self.verdict == NOT_KNOWN and self.powers == "1"
