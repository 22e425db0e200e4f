"""The two checks of a reader's own code, and what they print."""

import numpy as np

from lstm_src import audit_scaling, backward, check_gradients, forward, init_params

rng = np.random.default_rng(0)
params = init_params(3, 8, rng)
x = rng.standard_normal((5, 2, 3))
run = forward(params, x)


def gradients_of(scale):
    return backward(params, run.tape, np.full_like(run.h, scale)).params


def loss(params):
    return forward(params, x.astype(params.b.dtype)).h.mean()


audit = audit_scaling(gradients_of)
checked = check_gradients(loss, params, gradients_of(1 / run.h.size), steps=5)
for report, verdict in ((audit, "Scaled exactly once: 3 of 3"), (checked, "Right at T = 5.")):
    text, page = str(report), report._repr_html_()
    print(text, page, sep="\n\n")
    assert verdict in text
    assert verdict in page
    assert "W_x" in text
    assert "<table" in page
