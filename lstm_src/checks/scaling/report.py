"""What an audit of scaling says: a verdict on each gradient, and what to do about it."""

from dataclasses import dataclass

from lstm_src.checks.reports import Report

ONCE, NEVER, PARTLY, MORE = "once", "never", "partly", "more than once"
OTHER, ZERO, UNSTABLE = "not a polynomial", "no information", "not repeatable"

ADVICE = {
    NEVER: "never: the factor does not reach these gradients. If the loss that you report is "
    "divided by N, divide its gradient as well, at one place: on the loss, on every gradient that "
    "enters, or on the finished ones.",
    PARTLY: "partly: some terms were scaled and some were not. Look for a loss term that is added "
    "after the mean was taken, for a path that the factor misses, or for what is carried from "
    "later steps. A weight decay that is added to the gradient shows here too, and may be meant: "
    "audit the gradient without it.",
    MORE: "more than once: the factor is applied to what already holds it. Powers from 1 up to the "
    "number of steps come from scaling inside the loop over time; a power of 2 everywhere from "
    "scaling the loss and the gradient.",
    OTHER: "not a polynomial: something between the loss and these gradients is not linear, so its "
    "place matters. Clip, normalise and call the optimizer after the division. Where small scales "
    "vanish, the factor pushes numbers out of the range of a narrow type: apply it later, or in a "
    "wider type; under mixed precision in float16, audit in float32 or bfloat16. A guard such as "
    "max(N, 1) shows here, too: scales above 1 stand for an N below 1.",
    ZERO: "no information: these gradients are zero, or next to it. Choose data that reaches them.",
    UNSTABLE: "not repeatable: two calls at the same scale differ too much to compare anything. "
    "Fix the seed of dropout and sampling, keep the parameters as they are, and set gradients to "
    "zero at the start of each call.",
}
"""What to do about each verdict."""


@dataclass(frozen=True)
class Finding:
    """What is known of one array: verdict, powers of the scale, details, share left unscaled."""

    verdict: str
    powers: str = "?"
    detail: str = ""
    unscaled_share: float = 0.0


@dataclass(frozen=True, repr=False)
class ScalingReport:
    """What `audit_scaling` found.

    ``findings`` holds a `Finding` for each gradient by name; ``scales`` the scales
    of all calls in their order; ``noise`` the largest difference of two calls at one scale,
    relative to the array's largest entry: 0 for code that repeats to the last bit.
    """

    findings: dict
    scales: tuple
    noise: float

    @property
    def verdicts(self):
        """The verdict on each gradient by name."""
        return {name: finding.verdict for name, finding in self.findings.items()}

    @property
    def scaled_once(self):
        """Whether every gradient that is not zero was scaled exactly once, and there is one.

        False as well if a gradient is not zero but too small for its type to tell.
        """
        findings = [f for f in self.findings.values() if (f.verdict, f.powers) != (ZERO, "none")]
        return {f.verdict for f in findings} == {ONCE}

    def report(self):
        """Return the `lstm_src.checks.reports.Report` that is shown."""
        verdicts = list(self.verdicts.values())
        wrong = sum(verdict not in (ONCE, ZERO) for verdict in verdicts)
        if self.scaled_once:
            line = f"Scaled exactly once: {verdicts.count(ONCE)} of {len(verdicts)} gradients"
            line += f"; {verdicts.count(ZERO)} zero." if ZERO in verdicts else "."
        elif wrong:
            line = f"Not scaled exactly once: {wrong} of {len(verdicts)} gradients."
        else:
            line = "Nothing to see: all gradients are zero."
            if any(f.powers != "none" for f in self.findings.values() if f.verdict == ZERO):
                line = "Not known: some gradients are too small for their type to tell."
        rows = tuple(
            (
                name,
                f.verdict,
                f.powers,
                f"{f.unscaled_share:.2%}" if f.unscaled_share else "",
                f.detail,
            )
            for name, f in self.findings.items()
        )
        advice = [ADVICE[verdict] for verdict in dict.fromkeys(verdicts) if verdict != ONCE]
        if self.noise:
            advice.append(
                f"Two calls at one scale differ by up to {self.noise:.0e} of the largest entry. "
                "Samples were compared within a few times that. Kernels that add in no fixed "
                "order do this in the last digits; where it is more, look for dropout and for "
                "parameters that change between the calls."
            )
        headers = ("gradient", "scaled", "powers of the scale", "unscaled", "how")
        return Report(line, headers, rows, tuple(advice))

    def __str__(self):
        """Return the report as plain text."""
        return str(self.report())

    __repr__ = __str__

    def _repr_html_(self):
        return self.report()._repr_html_()
