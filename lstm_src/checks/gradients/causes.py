"""What can make a gradient wrong, by what has to be taken away before it is right.

No sentence here says where a mistake is because of its kind: each says what was seen, or what each
outcome of an experiment would mean.
"""

SWITCHES = {
    "steps": "time step",
    "sequences": "sequence",
    "windows": "window",
    "micro_batches": "micro-batch",
    "workers": "worker",
}
"""What a problem may take one or several of, and the word for one."""

MANY = {
    "steps": "what is carried from step to step (a sum, a state, a window's border), what "
    "multiplies the state before, if that is zero at the start (the forget gate's slope, W_h and "
    "its layout), what the loop over the steps does (a factor inside it, = for +=, weights updated "
    "before it ends), or what is counted over them (a mask, lengths, an N that holds T, "
    "micro-batches of unequal counts, a clip that one step leaves idle)",
    "sequences": "what is counted over the sequences (a mask, padding, an N per sequence, a mean "
    "of means), how they become one gradient (a sum for a mean, = for +=, a clip or a loss scale "
    "for each, as micro-batches and workers are put together), or how they are laid out (axes "
    "exchanged, T · B read as B · T)",
    "windows": "what crosses a window's border (a state that is detached in the code alone, or "
    "not reset, or a cotangent of it), or how windows become one gradient (a count of each in the "
    "place of the count of all, a mean of means, = for +=, weights updated in between, a clip for "
    "each of them)",
    "micro_batches": "how micro-batches become one gradient: a sum for a mean, a mean of means, = "
    "for +=, a count of each in the place of the count of all, a gradient that was not cleared, a "
    "state that one hands to the next, a clip or a loss scale for each of them",
    "workers": "how workers become one gradient: a sum for a mean, a mean over workers where each "
    "divided by the count of all, or of means over different counts",
}
"""Where to look if it takes several of them."""

WITHIN = (
    "a derivative within the step (a slope, an index, one that occurs twice and is written once, "
    "the layout), a factor, a term of the loss or a direction whose gradient is not added, an "
    "array that is overwritten while it is still read, or what changes the finished gradient (a "
    "clip, a norm, a decay, float16, a loss scale)"
)
"""Where to look if it takes one of each."""

ALREADY = "It shows where there is one of each already"
"""How that is said."""


def named(steps=None):
    """Return what to try where no problem was given, a paragraph each.

    Parameters
    ----------
    steps : int or None
        Of the run that was wrong; with one step that experiment is done.
    """
    yield (
        "To find the cause, take one thing away at a time and see what makes it right; problem= "
        "has this done."
    )
    if steps == 1:
        yield (
            "It is wrong with one time step, where nothing is carried but what enters at the ends: "
            "the initial state, the final state's cotangent."
        )
    else:
        yield (
            "Right with one time step: what is carried from step to step (a window's border too), "
            "what multiplies the state before (the forget gate's slope, W_h and its layout), or "
            "what the loop does (a factor inside it, = for +=, weights updated before it ends, a "
            "count, a mask)."
        )
    yield (
        "Right with one sequence, without padding: a mask, padding, a mean for each, = for +=, or "
        "axes exchanged."
    )
    yield (
        "Right with one micro-batch and one worker: how their gradients become one (a sum for a "
        "mean, a mean of means, = for +=, a clip or a loss scale for each of them)."
    )
    yield (
        "Right with one term of the loss, or without a clip, weight decay or mixed precision: that "
        "part has another factor, or none, or came in another order than the division."
    )
    yield f"Wrong still: {WITHIN}."
