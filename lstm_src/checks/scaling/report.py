"""What an audit of scaling says: a verdict on each gradient, and what to do about it."""

from dataclasses import dataclass, field

from lstm_src.checks.reports import Report, Shown
from lstm_src.checks.scaling.advice import advice
from lstm_src.checks.scaling.rows import cut, grouped
from lstm_src.checks.scaling.verdicts import NEVER, NOT_KNOWN, ONCE, PARTLY, UNSTABLE, ZERO


@dataclass(frozen=True, repr=False)
class ScalingReport(Shown):
    """What `audit_scaling` found.

    ``findings`` holds a `Finding` for each gradient by name; ``scales`` the scales
    of all calls in their order; ``noise`` the largest difference of two calls at one scale,
    relative to the array's largest entry: 0 for code that repeats to the last bit; ``factors`` the
    names of the factors; ``refused`` what the code said at the scales that it did not take;
    ``kept`` the names of the parameters that were given, and of those that kept a default.
    """

    findings: dict
    scales: tuple
    noise: float
    factors: tuple = ("scale",)
    refused: dict = field(default_factory=dict)
    kept: tuple = ((), ())

    @property
    def verdicts(self):
        """The verdict on each gradient by name."""
        return {name: finding.verdict for name, finding in self.findings.items()}

    @property
    def scaled_once(self):
        """Whether every gradient that is not zero was scaled exactly once, and there is one.

        False as well if a gradient is not zero but too small for its type to tell, or if one of
        several factors is on no term.
        """
        findings = [f for f in self.findings.values() if (f.verdict, f.powers) != (ZERO, "none")]
        return {f.verdict for f in findings} == {ONCE} and not self.unheld

    @property
    def unheld(self):
        """Those of several factors that no term holds."""
        known = {ONCE, ZERO, NEVER, PARTLY}
        if len(self.factors) == 1 or {f.verdict for f in self.findings.values()} - known:
            return ()
        held = {name for f in self.findings.values() for name, share in f.held if share}
        return tuple(name for name in self.factors if name not in held)

    @property
    def brief(self):
        """The different verdicts, for the cell of a table: "once", or "never, once"."""
        words = ", ".join(sorted({finding.verdict for finding in self.findings.values()}))
        return f"{words}; {', '.join(self.unheld)} on none" if self.unheld else words

    @property
    def report(self):
        """The `lstm_src.checks.reports.Report` that is shown."""
        headers = ("gradient", "scaled", "powers of the scale", "unscaled", "how")
        several = len(self.factors) > 1
        rows = [
            (
                label,
                f.verdict,
                f.powers,
                f"{f.unscaled_share:.2%}" if f.unscaled_share else "",
                f.detail,
                *[", ".join(f"{name} {share:.2%}" for name, share in f.held)] * several,
            )
            for label, f in grouped(self.findings)
        ]
        held = self.factors, self.unheld, self.kept
        verdicts = [f.verdict for f in self.findings.values() if not f.hidden]
        hidden = len(verdicts) < len(self.findings)
        said = advice(verdicts, self.noise, self.refused, *held, hidden)
        return Report(self._line(), headers + ("held by",) * several, cut(rows), said)

    def _line(self):
        verdicts = list(self.verdicts.values())
        wrong = sum(verdict not in (ONCE, ZERO, NOT_KNOWN, UNSTABLE) for verdict in verdicts)
        if self.scaled_once:
            line = f"Scaled exactly once: {verdicts.count(ONCE)} of {len(verdicts)} gradients"
            return line + (f"; {verdicts.count(ZERO)} zero." if ZERO in verdicts else ".")
        if wrong:
            return f"Not scaled exactly once: {wrong} of {len(verdicts)} gradients{self._none()}."
        if UNSTABLE in verdicts:
            count = f"{verdicts.count(UNSTABLE)} of {len(verdicts)} gradients"
            return f"Not repeatable: two calls at one scale differ in {count}."
        if NOT_KNOWN in verdicts:
            hidden = sum(f.hidden for f in self.findings.values())
            lost = verdicts.count(NOT_KNOWN) - hidden
            why = "small scales are lost" if lost else "roundings hide whether terms are added"
            return f"Not known: {why} in {lost or hidden} of {len(verdicts)} gradients."
        if self.unheld and ONCE in verdicts:
            return f"Not scaled exactly once{self._none().replace(';', ':')}."
        if any(f.powers != "none" for f in self.findings.values() if f.verdict == ZERO):
            return "Not known: some gradients are too small for their type to tell."
        return "Nothing to see: all gradients are zero."

    def _none(self):
        return f"; no gradient holds {', '.join(self.unheld)}" * bool(self.unheld)
