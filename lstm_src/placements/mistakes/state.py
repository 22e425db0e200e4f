"""Mistakes with arrays that are written while they are still read, or kept from call to call."""

from lstm_src.checks.trees import times
from lstm_src.lstm import backward, forward
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.structures import State, tape_between
from lstm_src.training.losses import squared_error

RATE = 0.5
"""The learning rate of updates that come too early."""

NEXT_CALL = Shows("not repeatable", gradient=True, one_step=True, weights="as meant")


def never_cleared(problem, scale, memory):
    """Add to the gradients of the call before."""
    for name, array in pull(problem, problem.weights).params._asdict().items():
        memory[name] = memory.get(name, 0) + scale * array
    return dict(memory)


def carried_kept(problem, scale, memory):
    """Begin with the carried cotangents with which the call before ended."""

    def back_by(params, tape, dh, dstate):
        return backward(params, tape, scale * dh, memory.get("carried"))

    found = pull(problem, problem.weights, back_by=back_by)
    memory["carried"] = found.state
    return found.params


def cotangent_scaled_in_place(problem, scale, memory):
    """Multiply the cotangents where they stand, though the caller hands in the same array again."""
    run = forward(problem.params, problem.x, problem.start)
    error = squared_error(run.h, problem.target).cotangent
    dh = memory.setdefault("dh", problem.weights[..., None] * error)
    dh *= scale
    return backward(problem.params, run.tape, dh).params


def input_overwritten(problem, scale, memory):
    """Write the cotangent of the inputs where the inputs stood, to save memory."""
    x = memory.setdefault("x", problem.x.copy())
    run = forward(problem.params, x, problem.start)
    dh = problem.weights[..., None] * squared_error(run.h, problem.target).cotangent
    found = backward(problem.params, run.tape, scale * dh)
    x[:] = found.x
    return found.params


def tape_overwritten(problem, scale):
    """Write the factor onto the tape for each of two terms, and so twice for the second."""
    run = forward(problem.params, problem.x, problem.start)
    dh = problem.weights[..., None] * squared_error(run.h, problem.target).cotangent
    ends, found = State(0 * run.state.h, problem.ends * run.state.c), []
    for term in ((dh, None), (0 * dh, ends)):
        run.tape.inputs[:] *= scale
        found.append(backward(problem.params, run.tape, *term).params)
    return times(1, *found)


def updated_at_every_step(problem, scale):
    """Update the weights inside the loop, and carry back through the new ones."""
    run = forward(problem.params, problem.x, problem.start)
    dh = problem.weights[..., None] * squared_error(run.h, problem.target).cotangent
    params, dstate, total = problem.params, None, times(0, problem.params)
    for t in reversed(range(len(dh))):
        step = tape_between(run.tape, t, t + 1)
        share, _, dstate = backward(params, step, scale * dh[t : t + 1], dstate)
        params = times(1, params, times(-RATE, share))
        total = times(1, total, share)
    return total


STATE = (
    Mistake(
        name="never_cleared",
        kind="state",
        title="Gradients never set to zero",
        story="The gradients are added to what the call before left behind, or those of some "
        "layers are: the loop clears the read-out and forgets the LSTM.",
        symptom="Right at the first call, so a check that calls the code once accepts it. The "
        "audit calls it twice at one scale.",
        code=never_cleared,
        shows=NEXT_CALL,
        source="elementrnn3",
        remembers=True,
    ),
    Mistake(
        name="carried_kept",
        kind="state",
        title="Carried cotangents never set to zero",
        story="The weights' gradients are cleared before each call. The cotangents that are "
        "carried from step to step are not, so the last step receives what the first step of the "
        "call before sent back.",
        symptom="Right at the first call. How far a later one is off depends on the call before "
        "it. The audit calls the code twice at one scale.",
        code=carried_kept,
        shows=NEXT_CALL,
        source="micrograd102",
        remembers=True,
    ),
    Mistake(
        name="cotangent_scaled_in_place",
        kind="state",
        title="The cotangents multiplied in place",
        story="The backward pass multiplies the array that it is given where it stands. Whoever "
        "hands the same array in again, for a second pass or a check, hands in a multiple.",
        symptom="Right at the first call. The audit calls it again, and says that the code writes "
        "into its own input.",
        code=cotangent_scaled_in_place,
        shows=NEXT_CALL,
        source="pytorch81417",
        remembers=True,
    ),
    Mistake(
        name="input_overwritten",
        kind="state",
        title="The inputs overwritten with their gradient",
        story="To save memory, the gradient of the inputs is written where the inputs stood. "
        "Whatever reads them afterwards, another layer or the next call, reads gradients.",
        symptom="Right at the first call, and another loss at the next. The audit calls it twice "
        "at one scale.",
        code=input_overwritten,
        shows=NEXT_CALL,
        source="liger254",
        remembers=True,
    ),
    Mistake(
        name="tape_overwritten",
        kind="state",
        title="The tape multiplied in place",
        story="The factor is put on what the forward pass recorded, which is a right place for it. "
        "But it is written there, and two terms of the loss are pulled back over one tape. The "
        "second finds a factor that the first has left.",
        symptom="Powers 1 and 2 of the scale, and right with a single term.",
        code=tape_overwritten,
        shows=Shows(
            "more than once", gradient=False, one_step=False, weights="0.25 × extra + 1 × main"
        ),
        final_term=True,
    ),
    Mistake(
        name="updated_at_every_step",
        kind="state",
        title="The weights updated inside the loop",
        story="The weights are updated at each step of the backward pass, as soon as their share "
        "is known. The steps before are then pulled back through weights that the forward pass "
        "did not have.",
        symptom="Higher powers of the scale, each with one more power of the learning rate. A "
        "gradient check sees it, and not at T = 1.",
        code=updated_at_every_step,
        shows=Shows("more than once", gradient=False, one_step=True, weights="left over"),
        source="cpuheater5",
    ),
)
"""The entries of this kind."""
