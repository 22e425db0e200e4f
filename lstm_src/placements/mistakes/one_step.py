"""Mistakes in the derivative of a single step, or in the layout of what is returned."""

from lstm_src.checks.trees import times
from lstm_src.lstm import backward, forward
from lstm_src.placements.lines import RETURN
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.placements.rewriting import Variant
from lstm_src.structures import SLOPES

BY_TANH = "np.multiply(products[:n, 1:], tanhs[:n], out=by_tanh)"
BY_GATE = "np.multiply(products[:n], by_gate, out=by_gate)"
WRONG_SLOPE = Shows("once", gradient=False, one_step=False, weights="left over")


def initial_state_wraps(problem, scale):
    """Take what came before the first step from index -1, the last."""

    def run_by(params, x, start):
        run = forward(params, x, start)
        forget = run.tape.slopes[0, SLOPES.index("dc_dz_f")]
        forget *= run.state.c / start.c
        return run

    return times(scale, pull(problem, problem.weights, run_by=run_by))


ONE_STEP = (
    Mistake(
        name="tanh_of_tanh",
        kind="one step",
        title="The slope of tanh at the activated value",
        story="The code calls its function for the slope of tanh with the stored activation, and "
        "that function takes a tanh again: 1 − tanh(a)², where a is a tanh already.",
        symptom="Linear in what is injected, so every scaling test accepts it. A gradient check "
        "rejects it, even at T = 1.",
        code=Variant(
            forward,
            ((BY_TANH, "np.multiply(gates[:n, 1:], np.tanh(tanhs[:n]) ** 2, out=by_tanh)"),),
        ),
        shows=WRONG_SLOPE,
        source="nicklashansenf5b56e1",
    ),
    Mistake(
        name="sigmoid_of_sigmoid",
        kind="one step",
        title="The slope of the logistic function at the activated value",
        story="The same with a gate: σ(a) (1 − σ(a)), where a is a σ already.",
        symptom="Linear in what is injected, so every scaling test accepts it. A gradient check "
        "rejects it, even at T = 1.",
        code=Variant(
            forward,
            (
                (
                    BY_GATE,
                    "again = 1 / (1 + np.exp(-gates[:n]))\nnp.multiply(products[:n] / gates[:n], "
                    "again * (1 - again), out=by_gate)",
                ),
            ),
        ),
        shows=WRONG_SLOPE,
        source="rushter8fb8bb4",
    ),
    Mistake(
        name="half_forgotten",
        kind="one step",
        title="A forgotten half",
        story="The activation is written with tanh(z/2), and its slope lacks the factor 1/2 of "
        "the inner function. The source does so with its tanh; here it is the three gates, which "
        "`forward` writes in that way.",
        symptom="A constant factor in one slope, and no constant factor in any gradient, since "
        "the paths through the gates and around them are added. Every scaling test accepts it.",
        code=Variant(forward, ((BY_GATE, "np.multiply(products[:n], 2 * by_gate, out=by_gate)"),)),
        shows=WRONG_SLOPE,
        source="kookie12a3e0e54",
    ),
    Mistake(
        name="initial_state_wraps",
        kind="one step",
        title="The state before the first step, from the end",
        story="The backward loop reads the cell state before step t as `c[t - 1]`. At the first "
        "step the index is −1, and Python takes the last state in the place of the initial one.",
        symptom="Only the forget gate of the first step is wrong. Linear, so every scaling test "
        "accepts it.",
        code=initial_state_wraps,
        shows=WRONG_SLOPE,
        source="jiexunsee5f2bc1a",
    ),
    Mistake(
        name="gate_order_permuted",
        kind="one step",
        title="Another framework's order of gates",
        story="The blocks of the weights' gradients come back in the order i, f, g, o, as "
        "PyTorch has them, while the weights stand in the order g, f, i, o.",
        symptom="All numbers are right, and two blocks have changed places. Every scaling "
        "test accepts it, and so does a comparison of norms.",
        code=Variant(
            backward,
            (
                (
                    RETURN,
                    'order = [GATES.index(gate) for gate in "ifgo"]\n'
                    "dW = dW.reshape(-1, 4, H)[:, order].reshape(-1, 4 * H)\n" + RETURN,
                ),
            ),
        ),
        shows=Shows("once", gradient=False, one_step=False, weights="left over", certificate=True),
    ),
    Mistake(
        name="bias_averaged",
        kind="one step",
        title="The biases' gradient averaged, the weights' summed",
        story="The weights' gradients are sums over the batch, as the matrix product makes "
        "them. The biases' gradient is taken by a function that averages.",
        symptom="The biases are a factor B off, the weights are right. The factor does not "
        "depend on the scale, so every scaling test accepts it; so does a gradient check with "
        "B = 1.",
        code=Variant(backward, ((RETURN, RETURN.replace("dW[-1]", "dW[-1] / B")),)),
        shows=Shows("once", gradient=False, one_step=False, weights="left over", certificate=True),
        source="numpydl29c0340",
    ),
)
"""The entries of this kind."""
