"""Mistakes in what a loss of several parts, or an operation of the loss, hands back."""

from lstm_src.checks.trees import times
from lstm_src.lstm import backward, forward
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.structures import State


def incoming_ignored(problem, scale):
    """Hand back the gradient of the loss itself, whatever arrives from what follows it."""

    def mean_error_backward(incoming):
        return pull(problem, problem.weights).params

    return mean_error_backward(incoming=scale)


def auxiliary_averaged(problem, scale):
    """Average over the workers what is each one's share of a sum over all of them."""
    tokens, workers, found = problem.mask.sum(), problem.mask.shape[1], []
    for part, ends in zip(problem.micro_batches(), problem.ends, strict=True):
        main = pull(part, workers * part.mask / tokens)  # times W, since an average follows
        found += [main.params, extra_term(part, ends)]
    return times(scale / workers, *found)


def auxiliary_every_round(problem, scale):
    """Divide the main loss by the rounds of accumulation, and not what each round adds to it."""
    main = pull(problem, problem.weights).params
    return times(1, times(scale, main), extra_term(problem, problem.ends))


def extra_term(problem, ends):
    """Return the gradients of the extra term alone, with these weights of the sequences."""
    run = forward(problem.params, problem.x, problem.start)
    dstate = State(0 * run.state.h, ends * run.state.c)
    return backward(problem.params, run.tape, 0 * run.h, dstate).params


AUXILIARY = (
    Mistake(
        name="incoming_ignored",
        kind="loss",
        title="The incoming gradient ignored",
        story="The operation that computes the loss has a derivative of its own, written by hand. "
        "It takes the gradient that arrives from what follows, and never reads it. So whatever is "
        "done to the loss afterwards, a division by N or a weight, is done to the printed value "
        "alone.",
        symptom="The audit says never, though the loss is divided where it should be. A gradient "
        "check that ends in the operation itself passes: put a factor behind it.",
        code=incoming_ignored,
        shows=Shows("never", gradient=False, one_step=False, weights="token mean × 4"),
        source="ctc2,pytorch25833",
    ),
    Mistake(
        name="auxiliary_averaged",
        kind="loss",
        title="A share of a sum, averaged",
        story="Each worker adds its own terms of an auxiliary loss and divides them by the count "
        "of all workers. That is its share of a sum, and the gradients are then averaged. The main "
        "loss is multiplied by the number of workers to undo the average, and the auxiliary one "
        "is not.",
        symptom="The auxiliary loss weighs less the more workers there are: 1/W. It is scaled "
        "once, so the audit accepts it. The weights show the share, and a gradient check sees it "
        "against the loss of the whole batch.",
        code=auxiliary_averaged,
        shows=Shows("once", gradient=False, one_step=False, weights="0.5 × extra + 1 × main"),
        source="megatron3672,megatron3769",
        final_term=True,
        groups=("worker",),
    ),
    Mistake(
        name="auxiliary_every_round",
        kind="loss",
        title="An auxiliary loss for every round",
        story="The main loss is divided by the rounds of gradient accumulation. The auxiliary loss "
        "enters the backward pass of each round whole, so it weighs as many times too much as "
        "there are rounds.",
        symptom="The audit says partly, if the scale stands in the place of 1 over the number of "
        "rounds.",
        code=auxiliary_every_round,
        shows=Shows("partly", gradient=False, one_step=False, weights="4 × extra + 1 × main"),
        source="automodel3359",
        final_term=True,
    ),
)
"""The entries of this kind."""
