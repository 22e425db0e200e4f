"""Mistakes in what is left out: windows of a long sequence, shares of steps, terms of the loss."""

from lstm_src.checks.trees import times
from lstm_src.lstm import backward, forward
from lstm_src.placements.lines import SUM
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.placements.rewriting import Variant

WINDOW = 8
"""Steps of a window."""

HIDDEN = Shows("once", gradient=False, one_step=True, weights="left over")


def term_without_gradient(problem, scale):
    """Differentiate the steps' terms alone, though the loss holds one more."""
    return times(scale, pull(problem, problem.weights).params)


def state_reset(problem, scale):
    """Start every window from zeros, and not from where the one before it ended."""
    zeros, shares = times(0, problem.start), []
    for t in range(0, len(problem.mask), WINDOW):
        window = problem.steps(t, t + WINDOW, start=zeros if t else None)
        shares.append(pull(window, problem.weights[t : t + WINDOW]).params)
    return times(scale, *shares)


def cotangent_dropped(problem, scale, length=WINDOW):
    """Carry the state from window to window, and its cotangent not back."""
    state, shares = problem.start, []
    for t in range(0, len(problem.mask), length):
        window = problem.steps(t, t + length, start=state)
        shares.append(pull(window, problem.weights[t : t + length]).params)
        state = forward(problem.params, window.x, state).state
    return times(scale, *shares)


WINDOWS = (
    Mistake(
        name="term_without_gradient",
        kind="left out",
        title="A loss term without its gradient",
        story="The loss holds one more term than the gradient, here the one that reads the final "
        "cell state. With automatic differentiation, the term is attached to a copy that nothing "
        "reads: its value is printed, and its gradient never flows.",
        symptom="What is there is scaled once. Pass the term to the weights, and it weighs "
        "nothing. A gradient check against the whole loss sees that it is missing.",
        code=term_without_gradient,
        shows=Shows("once", gradient=False, one_step=False, weights="0 × extra + 1 × main"),
        source="dlfsf4ec4de,automodel1408",
        final_term=True,
    ),
    Mistake(
        name="state_reset",
        kind="left out",
        title="The carried state reset",
        story="A long sequence is cut into windows. Each starts from a state of zeros, and not "
        "from the one in which the window before it ended.",
        symptom="The right gradient of another model, which forgets at every border. A gradient "
        "check sees it if the sequence is longer than a window.",
        code=state_reset,
        shows=HIDDEN,
        groups=("sequence", "window"),
    ),
    Mistake(
        name="cotangent_dropped",
        kind="left out",
        title="The cotangent dropped between windows",
        story="The state is carried from window to window, and its cotangent is not carried back. "
        "This is truncated BPTT, and a mistake where the whole gradient was meant.",
        symptom="Every term that is there is scaled once. A gradient check sees what is missing if "
        "the sequence is longer than a window.",
        code=cotangent_dropped,
        shows=HIDDEN,
        groups=("sequence", "window"),
    ),
    Mistake(
        name="one_share_kept",
        kind="left out",
        title="The share of one step alone",
        story="Each step's share of the weights' gradient is stored where the share before it "
        "stood: = in the place of +=. The loop runs backwards, so that of the first step stays.",
        symptom="Linear, so every scaling test accepts it. What the inputs receive is right. A "
        "gradient check of the weights sees it, and not at T = 1.",
        code=Variant(
            backward,
            (("K = min(T, max(1, ROWS // B))", "K = 1"), (SUM, SUM.replace("+=", "="))),
        ),
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
)
"""The entries of this kind."""
