"""Backward passes that put the factor where some terms meet it twice, or never."""

from lstm_src.lstm import backward
from lstm_src.placements.lines import ARRIVE, ARRIVE_SCALED, RETURN, RETURN_SCALED, SHARE
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.rewriting import Variant, at_any_length, everywhere


def _one_to_T(T):
    return everywhere(range(1, T + 1))


def _none_to_T(T):
    return everywhere(range(T + 1), c=range(1, T + 1))


def _all_but_the_last(T):
    return everywhere({0, 1} if T > 1 else {0})


FACTOR = (
    Mistake(
        name="never",
        kind="scaling",
        title="Never scaled",
        story="The loss that is printed is divided by N. The gradient is not: it belongs to the "
        "sum of the terms.",
        symptom="Degree 0 everywhere: a constant factor off.",
        code=Variant(backward, ()),
        degrees=at_any_length({0}),
        source="ricardicusafc85c1,warpctc21",
        shows=Shows(
            "never", gradient=False, one_step=False, weights="token mean × 4", certificate=False
        ),
    ),
    Mistake(
        name="every_step",
        kind="scaling",
        title="Scaled again at every step",
        story="The division stands inside the loop, on the whole cotangent that arrives. What is "
        "carried from later steps was divided there already, and is divided again.",
        symptom="Degrees 1 to T: a term is divided once for every step that it passes on its way.",
        code=Variant(backward, ((ARRIVE, "np.multiply(dh[t] + dh_next, scale, out=dh_t)"),)),
        degrees=_one_to_T,
        shows=Shows(
            "more than once", gradient=False, one_step=True, weights="left over", certificate=False
        ),
    ),
    Mistake(
        name="twice",
        kind="scaling",
        title="Scaled on the way in and at the end",
        story="The loss's derivative already holds the factor, and the training loop divides the "
        "finished gradients once more.",
        symptom="Degree 2 everywhere.",
        code=Variant(backward, ((ARRIVE, ARRIVE_SCALED), (RETURN, RETURN_SCALED))),
        degrees=at_any_length({2}),
        source="crnn232",
        shows=Shows(
            "more than once",
            gradient=False,
            one_step=False,
            weights="token mean × 0.25",
            certificate=False,
        ),
    ),
    Mistake(
        name="carried_unscaled",
        kind="scaling",
        title="The 40 without its 1/N",
        story="Each step's injected cotangent is divided. What arrives from later steps, here as "
        "the cotangent of the final state, comes in undivided and stays so: a/N + 40.",
        symptom="Degrees 0 and 1, if the final state receives a cotangent. Right if it does not.",
        code=Variant(backward, ((ARRIVE, ARRIVE_SCALED),)),
        degrees=at_any_length({0, 1}),
        source="dsse41581",
        final_term=True,
        shows=Shows(
            "partly",
            gradient=False,
            one_step=False,
            weights="4 × extra + 1 × main",
            certificate=False,
        ),
    ),
    Mistake(
        name="last_term_unscaled",
        kind="scaling",
        title="One loss term left out of the mean",
        story="All loss terms are divided but the last one, such as an extra term that is added to "
        "the loss after the mean was taken.",
        symptom="Degrees 0 and 1: some terms were scaled, one was not.",
        code=Variant(
            backward, ((ARRIVE, "np.add(dh[t] * (scale if t < T - 1 else 1), dh_next, out=dh_t)"),)
        ),
        degrees=_all_but_the_last,
        shows=Shows(
            "partly",
            gradient=False,
            one_step=False,
            weights="token mean, but for 1 of 20 terms",
            certificate=False,
        ),
    ),
    Mistake(
        name="cell_path_only",
        kind="scaling",
        title="Only the way through the cell scaled",
        story="The factor stands in the line that passes the hidden state's cotangent on to the "
        "cell. What goes through the output gate never meets it.",
        symptom="Degrees 0 to T: the output gate's own share at the last step has degree 0.",
        code=Variant(backward, ((SHARE, "np.multiply(dh_t * scale, dh_dc, out=share)"),)),
        degrees=_none_to_T,
        shows=Shows(
            "more than once", gradient=False, one_step=False, weights="left over", certificate=False
        ),
    ),
    Mistake(
        name="one_gate_unscaled",
        kind="scaling",
        title="One gate forgotten at the end",
        story="The weights' gradients are divided gate by gate, as in code that keeps four "
        "matrices. The line for the forget gate is missing.",
        symptom="Degree 0 in the forget gate's columns of all three weights, 1 elsewhere.",
        code=Variant(
            backward,
            (
                (
                    RETURN,
                    'by_gate = np.array([1 if gate == "f" else scale for gate in GATES], dtype)\n'
                    "dW = dW * np.repeat(by_gate, H)\n"
                    "dparams = Params(dW[H:-1], dW[:H], dW[-1])\n"
                    "return Gradients(dparams, dx * scale, State(dh_next * scale, dc * scale))",
                ),
            ),
        ),
        degrees=at_any_length({1}, params={0, 1}),
        shows=Shows(
            "once, partly", gradient=False, one_step=False, weights="left over", certificate=False
        ),
    ),
    Mistake(
        name="bias_unscaled",
        kind="scaling",
        title="The biases forgotten at the end",
        story="The two weight matrices are divided when they are finished. The bias vector is not.",
        symptom="Degree 0 for the biases, 1 elsewhere.",
        code=Variant(backward, ((RETURN, RETURN_SCALED.replace("dW[-1] * scale", "dW[-1]")),)),
        degrees=at_any_length({1}, b={0}),
        shows=Shows(
            "never, once", gradient=False, one_step=False, weights="left over", certificate=False
        ),
    ),
    Mistake(
        name="input_unscaled",
        kind="scaling",
        title="The layer below forgotten at the end",
        story="The weights' gradients are divided when they are finished. The cotangent of the "
        "inputs, which a layer below takes up, is handed on undivided.",
        symptom="Degree 0 for the inputs, 1 elsewhere.",
        code=Variant(backward, ((RETURN, RETURN_SCALED.replace("dx * scale", "dx")),)),
        degrees=at_any_length({1}, x={0}),
        shows=Shows(
            "never, once", gradient=False, one_step=True, weights="left over", certificate=False
        ),
    ),
)
