"""Right places for the factor: each is the shipped `backward`, rewritten."""

from lstm_src.mistakes.lines import ARRIVE, ARRIVE_SCALED, INPUT, RETURN, RETURN_SCALED, START, SUM
from lstm_src.rewriting import Rewritten, everywhere

RIGHT = (
    Rewritten(
        name="on_entry",
        title="On every gradient that enters",
        story="The factor goes on each injected cotangent: those of all steps, and of the final "
        "state.",
        symptom="Degree 1 everywhere.",
        changes=(
            (START, START.replace("part.copy()", "part * scale")),
            (ARRIVE, ARRIVE_SCALED),
        ),
        degrees=lambda T: everywhere({1}),
    ),
    Rewritten(
        name="at_the_end",
        title="At the end",
        story="The backward pass knows nothing of the factor. It goes on all finished gradients.",
        symptom="Degree 1 everywhere.",
        changes=((RETURN, RETURN_SCALED),),
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
            (SUM, "dW += rows.T @ dz_rows * scale"),
            (INPUT, INPUT.replace("params.W_x.T", "params.W_x.T * scale")),
            (RETURN, RETURN.replace("dh_next, dc", "dh_next * scale, dc * scale")),
        ),
        degrees=lambda T: everywhere({1}),
    ),
)
