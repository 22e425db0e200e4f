"""What each check says of each mistake in the complete step, run by two processes.

`python tests/peers/complete_table.py`, with the project on the path, stores the page's table.
"""

import csv
import io
from pathlib import Path

import complete
import gloo
import numpy as np
import torch
from complete import CHECKED, FIRES, NOT_FIRES, SETTINGS
from complete_mistakes import MISTAKES

from lstm_src import audit_scaling, audit_weights, check_gradients
from lstm_src.checks import compare_gradients, held_fixed

WORKERS = 2
STORED = Path(__file__).parents[2] / "chapters/data/complete_step.csv"
SAME = 1e-9  # a difference of weights that counts as none; rounding leaves about 1e-15
HEADS = (
    "the step",
    "scaling",
    "gradient",
    "weights",
    "two loss scales",
    "one process",
    "no clip fires",
)

RAISED = "backward through the graph a second time", "unscale_() has already been called"
"""What PyTorch says of two of the mistakes."""


class Meant:
    """The loss that is meant, in one process: its value, and the gradients of its terms."""

    def __init__(self):
        module, every = complete.new_module(), complete.all_batches()
        self.weights = {n: p.detach().numpy() for n, p in complete.trained_ones(module).items()}
        self.known = {}

        def loss(arrays, hold):
            def run(*arguments):
                weights = {n: torch.from_numpy(a) for n, a in arrays.items()}
                return torch.func.functional_call(module, weights, arguments)

            return CHECKED["meant"](run, every, SETTINGS["length"], SETTINGS["alpha"], hold)

        self.plain = held_fixed(loss, self.weights)
        both = CHECKED["terms"](module, every, SETTINGS["length"])
        self.terms = [self.gradient(module, term) for terms in both for term in terms]
        self.counts = [len(terms) for terms in both]

    def gradient(self, module, term):
        """Return the gradient of one term, by the names of the weights."""
        named = complete.trained_ones(module)
        found = torch.autograd.grad(term, named.values(), retain_graph=True)
        return dict(zip(named, found, strict=True))

    def loss(self, arrays):
        """Return the loss at some weights; every mistake asks for the same ones."""
        key = b"".join(a.tobytes() for a in arrays.values())
        if key not in self.known:
            self.known[key] = self.plain(arrays)
        return self.known[key]


def weighed(meant, found):
    """Return what `audit_weights` reads off, in a few words."""
    N, M = meant.counts
    weights = np.repeat([1 / N, SETTINGS["alpha"] / M], [N, M])
    report = audit_weights(found, meant.terms, {"loss": [0] * N + [1] * M}, weights)
    if report.as_meant:
        return "as meant"
    if report.unexplained:
        return "no weighting"
    main, penalty = np.split(report.weights / weights, [N])
    if np.ptp(main) + np.ptp(penalty) > 1e-6:
        return "uneven"
    return f"{times(main.mean())}, {times(penalty.mean())}"


def times(factor):
    """Return a factor as the table has it."""
    return f"× {factor:.3g}" if factor > 1e-3 else f"× 1/{1 / factor:,.0f}"


def read_by(made, rank, limit=float("inf"), loss_scale=2.0**16):
    """Return the function that reads the gradient off the step, on this worker."""
    model, optimizer, _ = made["prepare"](complete.new_module(), 0.0, complete.DECAY, "cpu")
    scaler = torch.amp.GradScaler("cpu", init_scale=loss_scale)
    batches = complete.share(rank, WORKERS)
    step = made["training_step"]
    return CHECKED["gradients"]((model, optimizer, scaler), step, batches, limit, **SETTINGS)


def verdicts(made, rank, meant):
    """Return what the checks say; the first worker alone asks those that call nothing."""
    scaling = audit_scaling(read_by(made, rank), factors=["scale", "scale_2"])
    (found, *_), steps = read_by(made, rank)(), max(map(max, complete.LENGTHS))
    scales = {scale: read_by(made, rank, FIRES, scale)() for scale in (1.0, 2.0**16)}
    if rank:
        return None
    checked = check_gradients(meant.loss, meant.weights, found, steps=steps)
    return [
        ", ".join(sorted(set(scaling.verdicts.values()))),
        "right" if checked.right else "wrong",
        weighed(meant, found),
        "same" if compare_gradients(scales.get, list(scales)).same else "differ",
    ]


def compared(made, rank, alone):
    """Say whether this worker's weights are those of one process, after some steps."""
    batches = complete.share(rank, WORKERS)
    for limit, expected in alone.items():
        weights = complete.weights_of(complete.trained(made, batches, limit))
        yield "same" if complete.apart(weights, expected) < SAME else "differs"


def work(rank):
    """Return the rows of the table, of the first worker; of the others the last two cells."""
    meant, rows = Meant(), []
    alone = {
        limit: complete.weights_of(complete.trained_alone(limit)) for limit in (FIRES, NOT_FIRES)
    }
    for name, changes in MISTAKES.items():
        made = complete.code("complete_step", *changes)
        try:
            cells = [*(verdicts(made, rank, meant) or []), *compared(made, rank, alone)]
        except RuntimeError as error:
            if not any(part in str(error) for part in RAISED):
                raise
            cells = ["raises"] * (len(HEADS) - 1)
        rows.append([name, *cells])
    return rows


def table(found):
    """Return the table as text, from what the workers found."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEADS, *found[0]])
    return out.getvalue()


if __name__ == "__main__":
    STORED.write_text(table(gloo.run(work, WORKERS)), encoding="utf-8")
