"""What to do about each verdict of an audit: what was seen, what it can mean, what would tell."""

from lstm_src.checks.scaling.verdicts import (
    MORE,
    NEVER,
    NOT_KNOWN,
    ONCE,
    OTHER,
    PARTLY,
    UNSTABLE,
    ZERO,
)

ANOTHER = (
    "First see whether the others are divided by a count of their own, an auxiliary loss by its M: "
    "if so, nothing may be wrong. Replace that count as well, by a factor of its own, "
    "gradients(scale, scale_2), and audit again before you change the code. "
)
"""What comes first in `PARTLY` where there is one factor."""

NEITHER = (
    "First look for a loss term or a weight decay that none of these factors stands on; if it is "
    "divided by one more count, replace that as well. "
)
"""What comes first in `PARTLY` where there are several."""

ADVICE = {
    NEVER: "never: the factor does not reach these gradients. If the loss that you report is "
    "divided by N, divide its gradient as well, at one place: on the loss, on every gradient that "
    "enters, or on the finished ones. If it stands on the loss already, see whether every "
    "operation in between multiplies by the gradient that it is given. Where it says that the "
    "memory is the same at every call, see first that the code writes into it: fill it with NaN "
    "before a call.",
    PARTLY: "partly: some terms hold the factor and some do not. "
    + ANOTHER
    + "Terms that hold no count at all come from a loss term that "
    "is added after the mean was taken, from a path that the factor misses, or from what is "
    "carried from later steps. A weight decay that is added to the gradient shows here too, and so "
    "does a momentum kept from earlier steps. Both may be meant: audit the gradient without them.",
    MORE: "more than once: a factor is applied to what already holds one. Powers from 1 up to the "
    "number of steps come from scaling inside the loop over time; a power of 2 everywhere from "
    "scaling the loss and the gradient. A power of 2 in some terms can come from an array, as a "
    "tape, that is multiplied in place and read again; more powers than steps from weights that "
    "are updated inside the loop. If you replaced two counts that belong to one mean, by T and by "
    "B of 1/(T B), they are one factor: put the scale for one of them and 1 for the other.",
    OTHER: "not a polynomial: something between the loss and these gradients is not linear, so "
    "its place matters. Clip, normalise and call the optimizer after the division. Whether a clip "
    "stands before or after an unscaling, its own loss scale tells: put the scale in the place of "
    "that one, where right code says never (in float16 perhaps not known), or compare two loss "
    "scales by assert_same_gradients. "
    "A guard on the count, max(N, 1) or N + ε, bends all entries alike: scales above 1 stand for "
    "an N below 1; put the scale in the place of 1 over the whole guarded count. What is a "
    "multiple at positive scales alone has an absolute value, a ReLU or a maximum on the way "
    "back.",
    NOT_KNOWN: "not known: large scales are exact, small ones are lost in errors of a fixed size. "
    "Gradients that are got back from an update, (before - after) / lr, do this: multiply the "
    "scale by 2^60, audit_scaling(lambda s: step(s * 2.0**60)), so that the update dwarfs the "
    "parameters. So does code that computes in float16, right or wrong: audit it in float32 or "
    "bfloat16. Otherwise something sets small numbers to zero, or is added to them, or a clip's "
    "bound depends on the scale: audit without the clip.",
    ZERO: "no information: these gradients are zero at every scale, or next to it. Either nothing "
    "is written into them but zeros, which you see by filling the arrays with NaN before a call, "
    "or the data do not reach them: choose data that do.",
    UNSTABLE: "not repeatable: calls at the same scale differ too much to compare anything. Look "
    "first at what is kept between calls: gradients that pile up (a zero_grad that is missing), a "
    "carried state or cotangent, running statistics, momentum, parameters that were updated. Copy "
    "or reset it before each call. Call zero_grad in the step itself: a wrapper that calls it "
    "hides a step that forgot. Also write into no array that the next call reads, and fix the seed "
    "of dropout and sampling.",
}
"""What to do about each verdict but "once"."""

ROUNDED = (
    "not known: with one scale for all factors each term is scaled once. Whether the terms are "
    "added, or the larger of two is taken, roundings inside the code hide, as those of bfloat16 or "
    "float16: audit in float64, or in float32 throughout."
)
"""What to do where roundings hide whether the terms of several factors are added."""

UNHELD = (
    "No term holds {0}. Either it stands nowhere that the code divides, as where a loss is still a "
    "mean by itself (reduction='mean', .mean()): which mean the loop takes as it is, audit_weights "
    "says. Or what it multiplies reaches no gradient: look for a detach, or a factor of 0."
)
"""What a factor that no term holds may come from."""

ONE_FACTOR = (
    "This holds for the counts that you replaced. A term that is divided by another count, besides "
    "or instead, shows only when that count is replaced too. Give it a factor of its own, "
    "gradients(scale, scale_2), and the report says which term holds which. Two factors, on two "
    "parts of the loss, also show whether the parts are added: code that keeps the larger of two "
    "passes with one factor."
)
"""What a single factor cannot show, where everything is right."""


RIGHT_COUNT = "Whether a count is the right number, the audit does not see: audit_weights does."
"""What no factor shows, where everything is right."""


def advice(verdicts, noise, refused, factors, unheld=(), kept=((), ()), hidden=False):
    """Return the paragraphs under the table of a report.

    Parameters
    ----------
    verdicts : iterable of str
        In their order.
    noise : float
        Relative difference of two calls at one scale.
    refused : dict of scale to str
        What the code said where it took no such scale.
    factors : tuple of str
        The names of the factors.
    unheld : tuple of str
        Those of several that no term holds.
    kept : tuple of tuple of str
        The names of the parameters that were given, and of those behind them that kept a default.
    hidden : bool
        Whether roundings hide in some gradients if terms are added.
    """
    kinds = dict.fromkeys(verdicts)
    said = [UNHELD.format(name) for name in unheld]
    said += [ADVICE[verdict] for verdict in kinds if verdict != ONCE]
    said += [ROUNDED] * hidden
    if len(factors) > 1:
        narrow = "float32 or bfloat16", "float32"
        said = [text.replace(ANOTHER, NEITHER).replace(*narrow) for text in said]
    given, left = kept
    if left and not {NEVER, PARTLY}.isdisjoint(kinds):
        kept_one = "kept its default" if len(left) == 1 else "kept their defaults"
        said.insert(
            0,
            f"{' and '.join(left)} {kept_one}: gradients was given {' and '.join(given)} alone. If "
            f"more of them stand for a 1/N, name all: factors={[*given, *left]}.",
        )
    if noise:
        said.append(
            f"Two calls at one scale differ by up to {noise:.0e} of the largest entry. "
            "Samples were compared within a few times that. Kernels that add in no fixed "
            "order do this in the last digits. Where it is more, the code keeps something from "
            "one call to the next (a carried state, momentum, running statistics, parameters "
            "that change), or draws at random (dropout, sampling): reset it at the start of "
            "each call, and audit again."
        )
    if refused:
        by_text = {}
        for scale, words in refused.items():
            by_text.setdefault(words, []).append(scale)
        listed = "; ".join(f"at {', '.join(at)}: {words}" for words, at in by_text.items())
        text = f"The code refused some scales, and was judged by the others. It refused {listed}."
        if any(scale.startswith(("-", "(-")) for scale in refused):
            text += " Without a negative scale, an absolute value or a ReLU on the way back passes."
        said.append(text)
    if set(kinds) <= {ONCE, ZERO} and ONCE in kinds and not unheld:
        said += [ONE_FACTOR] * (len(factors) == 1) + [RIGHT_COUNT]
    return tuple(said)
