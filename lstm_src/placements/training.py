"""Right and wrong gradients of a whole model, for a training run in the place of its own.

Each takes ``(params, task, loss)``, as `lstm_src.training.runs.train` calls it, and returns the
token mean, which is right, and gradients, which may not be.
"""

from types import MappingProxyType

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward, forward
from lstm_src.placements.mistakes import MISTAKES, Mistake
from lstm_src.placements.right import PLACEMENTS
from lstm_src.training.model import around_lstm, read_out
from lstm_src.training.runs.dividing import micro_batches, reduced, summed_in_parts

PARTS = 4
"""Micro-batches."""


def with_pass(code):
    """Return the gradients of a model whose LSTM is pulled back by other code.

    Parameters
    ----------
    code : Placement or Mistake
        A right place, or a mistake that rewrites `forward` or `backward`. The read-out and the
        embedding are right in any case, but for what such code hands to the embedding.

    Returns
    -------
    callable
        ``gradients(params, task, loss)``.

    Raises
    ------
    TypeError
        If it rewrites neither.
    """
    if isinstance(code, Mistake) and code.rewritten not in (forward, backward):
        raise TypeError(f"code: expected a mistake in forward or backward, got {code.name}")
    run_by = code.code if getattr(code, "rewritten", None) is forward else forward
    back_by = code if run_by is forward else _on_the_loss

    def gradients(params, task, loss):
        dtype, embedding = params.b_y.dtype, params.embedding
        run = run_by(params.lstm, task.x if embedding is None else embedding[task.x])
        terms, cotangent = loss(read_out(params, run.h), task.target, task.mask)
        scale = dtype.type(1) / dtype.type(task.mask.sum())
        pulled = back_by(params.lstm, run.tape, cotangent @ params.W_y.T, None, scale)
        found = around_lstm(params, task.x, run.h, scale * cotangent, pulled)
        return terms.sum() * scale, found

    return gradients


def _on_the_loss(params, tape, dh, dstate, scale):
    return backward(params, tape, dh * scale, dstate)


def never_divided(params, task, loss):
    """Divide what is printed, and not the gradient."""
    return reduced(params, task, loss).loss, reduced(params, task, loss, "sum").gradients


def divided_twice(params, task, loss):
    """Divide on the loss, and the finished gradient once more."""
    found, N = reduced(params, task, loss), task.mask.sum()
    return found.loss, tree_map(lambda a: a / a.dtype.type(N), found.gradients)


def mean_of_means(params, task, loss):
    """Average the token means of micro-batches."""
    parts = [reduced(params, part, loss).gradients for part in micro_batches(task, PARTS)]
    mean = tree_map(lambda *arrays: sum(arrays) / len(arrays), *parts)
    return reduced(params, task, loss).loss, mean


def last_micro_batch(params, task, loss):
    """Keep the last micro-batch alone: = for +=."""
    *_, part = micro_batches(task, PARTS)
    return reduced(params, task, loss).loss, reduced(params, part, loss).gradients


def in_micro_batches(params, task, loss):
    """Add up the sums of micro-batches, and divide once."""
    return summed_in_parts(params, task, loss, PARTS)


RIGHT = MappingProxyType(
    {name: with_pass(code) for name, code in PLACEMENTS.items()}
    | {"micro_batches": in_micro_batches}
)
"""The right places of `PLACEMENTS`, by name, and one more."""

_PASSES = (
    "every_step",
    "last_term_unscaled",
    "one_gate_unscaled",
    "bias_unscaled",
    "recurrent_sum_dropped",
    "cell_sum_dropped",
    "never_carried",
    "tanh_of_tanh",
)

WRONG = MappingProxyType(
    {
        "never": never_divided,
        "twice": divided_twice,
        "mean_of_means": mean_of_means,
        "last_micro_batch": last_micro_batch,
        **{name: with_pass(MISTAKES[name]) for name in _PASSES},
    }
)
"""Mistakes, by the names that they have in the catalogue."""
