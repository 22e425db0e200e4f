"""Backward passes that hand the wrong thing from step to step, scaled as it should be."""

from lstm_src.lstm import backward
from lstm_src.placements.lines import ARRIVE, CARRY_C, CELL
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.rewriting import Variant

CARRIED = (
    Mistake(
        name="recurrent_sum_dropped",
        kind="carried",
        title="= in the place of +=",
        story="The cotangent carried to the hidden state is computed and never added: the injected "
        "one takes its place. The very sum is gone that raises the question where to divide.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        code=Variant(backward, ((ARRIVE, "np.copyto(dh_t, dh[t])"),)),
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
    Mistake(
        name="cell_sum_dropped",
        kind="carried",
        title="The carried cell state forgotten",
        story="The cotangent carried to the cell state is overwritten by the hidden state's share.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        code=Variant(backward, ((CELL, "np.copyto(dc, share)"),)),
        source="mxnet4057",
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
    Mistake(
        name="never_carried",
        kind="carried",
        title="Nothing is carried",
        story="Both carried cotangents are dropped. Each step is differentiated as if nothing came "
        "after it.",
        symptom="Linear, so every scaling test accepts it. A gradient check at T = 1 does, too.",
        code=Variant(
            backward, ((ARRIVE, "np.copyto(dh_t, dh[t])"), (CELL, "np.copyto(dc, share)"))
        ),
        source="kulbear997fdb2",
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
    Mistake(
        name="dh_overwritten",
        kind="carried",
        title="One line in the wrong order",
        story="The hidden state's cotangent is overwritten with what goes to the step before, and "
        "the line for the carried cell state then uses the new value in the place of the old.",
        symptom="Linear, so every scaling test accepts it. The weights' gradients at T = 1 are "
        "right.",
        code=Variant(
            backward,
            (
                (
                    CARRY_C,
                    "dh_t = dz[t % K] @ W_h_T\n"
                    "np.multiply(dc - share + dh_t * dh_dc, dc_dc_prev, out=dc)",
                ),
            ),
        ),
        source="numpytutorials08fcaf9",
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
    Mistake(
        name="last_dh_everywhere",
        kind="carried",
        title="The last step's gradient at every step",
        story="The loop reads the cotangent of the last step at every step.",
        symptom="Linear, so every scaling test accepts it. At T = 1 it is right.",
        code=Variant(backward, ((ARRIVE, "np.add(dh[-1], dh_next, out=dh_t)"),)),
        source="revsic9535c60",
        shows=Shows("once", gradient=False, one_step=True, weights="left over", certificate=True),
    ),
)
