"""Where the factor goes: right placements, and a catalogue of wrong backward passes.

Each is the shipped `backward` with one line rewritten, or as few as it takes. To add one, write an
entry: the line that it changes, what it became, and what the checks show.
"""

from lstm_src.rewriting import Rewritten, everywhere

_START = 'dh_next, dc = (part.copy() for part in check_state("dstate", dstate, B, H, dtype))'
_ARRIVE = "np.add(dh[t], dh_next, out=dh_t)"
_SHARE = "np.multiply(dh_t, dh_dc, out=share)"
_CELL = "np.add(dc, share, out=dc)"
_CARRY_C = "np.multiply(dc, dc_dc_prev, out=dc)"
_SUM = "dW += rows.T @ dz_rows"
_INPUT = "np.matmul(dz_rows, params.W_x.T, out=dx[t : t + K].reshape(-1, D))"
_RETURN = "return Gradients(Params(dW[H:-1], dW[:H], dW[-1]), dx, State(dh_next, dc))"

_ARRIVE_SCALED = "np.add(dh[t] * scale, dh_next, out=dh_t)"
_RETURN_SCALED = """\
dparams = Params(dW[H:-1] * scale, dW[:H] * scale, dW[-1] * scale)
return Gradients(dparams, dx * scale, State(dh_next * scale, dc * scale))"""

_RIGHT = (
    Rewritten(
        name="on_entry",
        title="On every gradient that enters",
        story="The factor goes on each injected cotangent: those of all steps, and of the final "
        "state.",
        symptom="Degree 1 everywhere.",
        changes=(
            (_START, _START.replace("part.copy()", "part * scale")),
            (_ARRIVE, _ARRIVE_SCALED),
        ),
        degrees=lambda T: everywhere({1}),
    ),
    Rewritten(
        name="at_the_end",
        title="At the end",
        story="The backward pass knows nothing of the factor. It goes on all finished gradients.",
        symptom="Degree 1 everywhere.",
        changes=((_RETURN, _RETURN_SCALED),),
        degrees=lambda T: everywhere({1}),
    ),
    Rewritten(
        name="on_each_share",
        title="On each step's share of the sum",
        story="The factor goes on what each step adds to the weights' gradient and sends to its "
        "input. It stands inside the loop, but no term meets it twice, for what is carried is left "
        "alone.",
        symptom="Degree 1 everywhere.",
        changes=(
            (_SUM, "dW += rows.T @ dz_rows * scale"),
            (_INPUT, _INPUT.replace("params.W_x.T", "params.W_x.T * scale")),
            (_RETURN, _RETURN.replace("dh_next, dc", "dh_next * scale, dc * scale")),
        ),
        degrees=lambda T: everywhere({1}),
    ),
)

_WRONG = (
    Rewritten(
        name="never",
        title="Never scaled",
        story="The loss that is printed is divided by N. The gradient is not: it belongs to the "
        "sum of the terms.",
        symptom="Degree 0 everywhere: a constant factor off.",
        changes=(),
        degrees=lambda T: everywhere({0}),
    ),
    Rewritten(
        name="every_step",
        title="Scaled again at every step",
        story="The division stands inside the loop, on the whole cotangent that arrives. What is "
        "carried from later steps was divided there already, and is divided again.",
        symptom="Degrees 1 to T: a term is divided once for every step that it passes on its way.",
        changes=((_ARRIVE, "np.multiply(dh[t] + dh_next, scale, out=dh_t)"),),
        degrees=lambda T: everywhere(range(1, T + 1)),
    ),
    Rewritten(
        name="twice",
        title="Scaled on the way in and at the end",
        story="The loss's derivative already holds the factor, and the training loop divides the "
        "finished gradients once more.",
        symptom="Degree 2 everywhere.",
        changes=((_ARRIVE, _ARRIVE_SCALED), (_RETURN, _RETURN_SCALED)),
        degrees=lambda T: everywhere({2}),
    ),
    Rewritten(
        name="carried_unscaled",
        title="The 40 without its 1/N",
        story="Each step's injected cotangent is divided. What arrives from later steps, here as "
        "the cotangent of the final state, comes in undivided and stays so: a/N + 40.",
        symptom="Degrees 0 and 1, if the final state receives a cotangent. Right if it does not.",
        changes=((_ARRIVE, _ARRIVE_SCALED),),
        degrees=lambda T: everywhere({0, 1}),
        source="dsse41581",
        final_state=True,
    ),
    Rewritten(
        name="last_term_unscaled",
        title="One loss term left out of the mean",
        story="All loss terms are divided but the last one, such as an extra term that is added to "
        "the loss after the mean was taken.",
        symptom="Degrees 0 and 1: some terms were scaled, one was not.",
        changes=((_ARRIVE, "np.add(dh[t] * (scale if t < T - 1 else 1), dh_next, out=dh_t)"),),
        degrees=lambda T: everywhere({0, 1} if T > 1 else {0}),
    ),
    Rewritten(
        name="cell_path_only",
        title="Only the way through the cell scaled",
        story="The factor stands in the line that passes the hidden state's cotangent on to the "
        "cell. What goes through the output gate never meets it.",
        symptom="Degrees 0 to T: the output gate's own share at the last step has degree 0.",
        changes=((_SHARE, "np.multiply(dh_t * scale, dh_dc, out=share)"),),
        degrees=lambda T: everywhere(range(T + 1), c=range(1, T + 1)),
    ),
    Rewritten(
        name="one_gate_unscaled",
        title="One gate forgotten at the end",
        story="The weights' gradients are divided gate by gate, as in code that keeps four "
        "matrices. The line for the forget gate is missing.",
        symptom="Degree 0 in the forget gate's columns of all three weights, 1 elsewhere.",
        changes=(
            (
                _RETURN,
                'by_gate = np.array([1 if gate == "f" else scale for gate in GATES], dtype)\n'
                "dW = dW * np.repeat(by_gate, H)\n"
                "dparams = Params(dW[H:-1], dW[:H], dW[-1])\n"
                "return Gradients(dparams, dx * scale, State(dh_next * scale, dc * scale))",
            ),
        ),
        degrees=lambda T: everywhere({1}, params={0, 1}),
    ),
    Rewritten(
        name="bias_unscaled",
        title="The biases forgotten at the end",
        story="The two weight matrices are divided when they are finished. The bias vector is not.",
        symptom="Degree 0 for the biases, 1 elsewhere.",
        changes=((_RETURN, _RETURN_SCALED.replace("dW[-1] * scale", "dW[-1]")),),
        degrees=lambda T: everywhere({1}, b={0}),
    ),
    Rewritten(
        name="input_unscaled",
        title="The layer below forgotten at the end",
        story="The weights' gradients are divided when they are finished. The cotangent of the "
        "inputs, which a layer below takes up, is handed on undivided.",
        symptom="Degree 0 for the inputs, 1 elsewhere.",
        changes=((_RETURN, _RETURN_SCALED.replace("dx * scale", "dx")),),
        degrees=lambda T: everywhere({1}, x={0}),
    ),
    Rewritten(
        name="recurrent_sum_dropped",
        title="= in the place of +=",
        story="The cotangent carried to the hidden state is computed and never added: the injected "
        "one takes its place. The very sum is gone that raises the question where to divide.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        changes=((_ARRIVE, "np.copyto(dh_t, dh[t])"),),
    ),
    Rewritten(
        name="cell_sum_dropped",
        title="The carried cell state forgotten",
        story="The cotangent carried to the cell state is overwritten by the hidden state's share.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        changes=((_CELL, "np.copyto(dc, share)"),),
        source="mxnet4057",
    ),
    Rewritten(
        name="never_carried",
        title="Nothing is carried",
        story="Both carried cotangents are dropped. Each step is differentiated as if nothing came "
        "after it.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        changes=((_ARRIVE, "np.copyto(dh_t, dh[t])"), (_CELL, "np.copyto(dc, share)")),
    ),
    Rewritten(
        name="dh_overwritten",
        title="One line in the wrong order",
        story="The hidden state's cotangent is overwritten with what goes to the step before, and "
        "the line for the carried cell state then uses the new value in the place of the old.",
        symptom="Linear, so every scaling test accepts it. The weights' gradients at T = 1 are "
        "right.",
        changes=(
            (
                _CARRY_C,
                "dh_t = dz[t % K] @ W_h_T\n"
                "np.multiply(dc - share + dh_t * dh_dc, dc_dc_prev, out=dc)",
            ),
        ),
        source="numpytutorials08fcaf9",
    ),
    Rewritten(
        name="last_dh_everywhere",
        title="The last step's gradient at every step",
        story="The loop reads the cotangent of the last step at every step.",
        symptom="Linear, so every scaling test accepts it. At T = 1 it is right.",
        changes=((_ARRIVE, "np.add(dh[-1], dh_next, out=dh_t)"),),
    ),
)

RIGHT_PLACES = {entry.name: entry for entry in _RIGHT}
"""Placements of the factor that give the right gradient, by name."""

MISTAKES = {entry.name: entry for entry in _WRONG}
"""The wrong backward passes, by name."""
