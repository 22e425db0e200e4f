"""A model to train: words or inputs, the LSTM, a linear read-out, a loss; and all its gradients.

What divides is said by the caller: the reduction weighs the terms, ``scale`` multiplies them, and
nothing else does. So parts of a batch can be added up, with their counts, and divided once.
"""

from typing import NamedTuple

import numpy as np

from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import Params, State
from lstm_src.training.losses import cross_entropy
from lstm_src.training.own_losses import take_step_loss
from lstm_src.training.weighing import check_class_weights, weigh, weighed_by
from lstm_src.validation import (
    check_array,
    check_floating,
    check_generator,
    check_like,
    check_params,
    check_size,
)


class ModelParams(NamedTuple):
    """The ``lstm``, its read-out ``W_y`` (H, K) and ``b_y`` (K,), and an ``embedding`` (V, D).

    The embedding is None where the inputs are vectors and not words.
    """

    lstm: Params
    W_y: np.ndarray
    b_y: np.ndarray
    embedding: np.ndarray | None = None


class LossAndGradients(NamedTuple):
    """What `loss_and_gradients` returns.

    ``loss`` is a number, ``gradients`` ModelParams, ``dstate`` the gradient of the initial state,
    ``state`` the State after step T, and ``count`` the number of terms that count (with class
    weights, the sum of their weights): what the sum has to be divided by to be a token mean.
    ``weighed_by`` says what the terms were weighed by already: "sum" if by nothing but class
    weights; else another reduction's name, "weights" for an array, or a scale beside it, as in
    "sum × 0.05". `sums_of` takes "sum" alone.
    """

    loss: object
    gradients: ModelParams
    dstate: State
    state: State
    count: object
    weighed_by: str


def init_model(input_size, hidden_size, output_size, rng, *, words=None, dtype=np.float64):
    """Draw the parameters of a model.

    Parameters
    ----------
    input_size, hidden_size, output_size : int
        D, H and K, at least 1.
    rng : numpy.random.Generator
    words : int, optional
        V, the size of the vocabulary; no embedding if omitted.
    dtype : dtype, optional
        Floating-point type of the arrays.

    Returns
    -------
    ModelParams
        The LSTM as from `init_params`, the read-out uniform on ±1/√H with the bias 0, and the
        embedding standard normal.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    D, H = check_size("input_size", input_size), check_size("hidden_size", hidden_size)
    K = check_size("output_size", output_size)
    check_generator("rng", rng)
    check_floating("dtype", dtype)
    lstm, bound = init_params(D, H, rng, dtype=dtype), 1 / np.sqrt(H)
    W_y = rng.uniform(-bound, bound, (H, K)).astype(dtype)
    embedding = None
    if words is not None:
        embedding = rng.standard_normal((check_size("words", words), D)).astype(dtype)
    return ModelParams(lstm, W_y, np.zeros(K, dtype), embedding)


def model_outputs(params, x, *, state=None, tanh=np.tanh):
    """Run the model, and return what it says at every step.

    Parameters
    ----------
    params : ModelParams
    x : ndarray
        Words (T, B) if there is an embedding, else inputs (T, B, D).
    state : State, optional
        Initial state, 0 if omitted.
    tanh : numpy.ufunc, optional
        As for `forward`.

    Returns
    -------
    outputs : ndarray, shape (T, B, K)
        Logits, or whatever the loss takes.
    state : State
        That after step T.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    D, _, dtype = check_model(params)
    run = forward(params.lstm, _inputs(params.embedding, x, D, dtype), state, tanh=tanh)
    return read_out(params, run.h), run.state


def loss_and_gradients(
    params,
    x,
    target,
    *,
    reduction,
    loss=cross_entropy,
    mask=None,
    class_weights=None,
    max_length=None,
    scale=1,
    state=None,
    dstate=None,
    tanh=np.tanh,
):
    """Run the model over a batch, or a part of one, and pull its loss back to all parameters.

    Parameters
    ----------
    params : ModelParams
        All of one dtype, which is that of the whole pass: floating-point, complex for the complex
        step, or object where the loss allows it.
    x : ndarray
        Words, integers of shape (T, B) from 0 to V-1, if there is an embedding; else inputs
        (T, B, D). Padding holds anything of the kind.
    target : ndarray
        What ``loss`` takes: labels (T, B), or arrays (T, B, K). The label -100 is ignored; of
        another, the mask has to know: ``mask=label_mask(target, ignore_index=0)``.
    reduction : str or ndarray of shape (T, B)
        One of `REDUCTIONS`, or the weights of the terms themselves, such as a window of
        `reduction_weights`.
    loss : callable, optional
        ``loss(outputs, target, mask)`` returns a `StepLoss`, a term for every step of every
        sequence and no mean of them; `cross_entropy` by default.
    mask : ndarray, shape (T, B), optional
        1 at a token, 0 in the padding; all are tokens if omitted.
    class_weights : ndarray, shape (K,), optional
        How much a term of each class weighs, where the targets are labels.
    max_length : int, optional
        For the reduction "Dr. GRPO".
    scale : real number, optional
        Multiplies the loss and all gradients, such as 1/N or a loss scale; times a weight it must
        be a number of the model's type, to a hundredth.
    state, dstate : State, optional
        Initial state, and the cotangents of the final one, which ``scale`` leaves alone.
    tanh : numpy.ufunc, optional
        As for `forward`.

    Returns
    -------
    LossAndGradients
        The loss is scale · Σ w · terms, and the gradients are its own, but for what ``dstate``
        adds.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here; for a mean over no term at all.

    Notes
    -----
    The state runs on through the padding: ``state`` is that after step T for every sequence.
    """
    D, _, dtype = check_model(params)
    inputs = _inputs(params.embedding, x, D, dtype)
    check_class_weights(class_weights, params.b_y.shape)
    weights, count = weigh(
        reduction, target, inputs.shape[:2], dtype, mask, class_weights, max_length, scale
    )
    run = forward(params.lstm, inputs, state, tanh=tanh)
    outputs, here = read_out(params, run.h), weights != 0
    terms, cotangent = take_step_loss(loss, outputs, target, here)

    dy = weights[..., None] * cotangent
    dh = dy @ params.W_y.T
    if dh.dtype.kind in "fc":
        dh[np.isnan(dh)] = np.inf  # inf - inf: an overflow, and no NaN that the caller gave
    pulled = backward(params.lstm, run.tape, dh, dstate)
    gradients = around_lstm(params, x, run.h, dy, pulled)
    loss, by = (weights * terms).sum(), weighed_by(reduction, scale)
    return LossAndGradients(loss, gradients, pulled.state, run.state, count, by)


def around_lstm(params, x, h, dy, pulled):
    """Return the gradients of a whole model: its LSTM's, the read-out's and the embedding's.

    Parameters
    ----------
    params : ModelParams
    x : ndarray
        Words, where there is an embedding.
    h : ndarray, shape (T, B, H)
    dy : ndarray, shape (T, B, K)
        The cotangents of the outputs.
    pulled : Gradients
        Those of the LSTM.
    """
    dy_rows = dy.reshape(-1, dy.shape[-1])
    dW_y, db_y = h.reshape(len(dy_rows), -1).T @ dy_rows, dy_rows.sum(axis=0)
    dembedding = None
    if params.embedding is not None:
        dembedding = np.zeros_like(params.embedding)
        np.add.at(dembedding, x, pulled.x)  # += would count a repeated word once
    return ModelParams(pulled.params, dW_y, db_y, dembedding)


def check_model(params):
    """Return ``(D, H, dtype)`` of a model after checking shapes, and that there is one dtype."""
    check_like("params", params, ModelParams)
    D, H, dtype = check_params(check_like("params.lstm", params.lstm, Params))
    K = check_array("params.b_y", params.b_y, ("K",), dtype).size
    check_array("params.W_y", params.W_y, (H, K), dtype)
    if params.embedding is not None:
        check_array("params.embedding", params.embedding, ("V", D), dtype)
    return D, H, dtype


def read_out(params, h):
    """Return the outputs (T, B, K) of a model at hidden states (T, B, H)."""
    return h @ params.W_y + params.b_y


def _inputs(embedding, x, D, dtype):
    if embedding is None:
        return check_array("x", x, ("T", "B", D), dtype)
    if type(x) is not np.ndarray or x.dtype.kind not in "iu":
        came = getattr(x, "dtype", type(x).__name__)
        raise TypeError(f"x: expected an array of words, integers, got {came}")
    if x.ndim != 2 or not x.size:
        raise ValueError(f"x: expected shape (T, B) with no empty axis, got {x.shape}")
    wrong = (x < 0) | (x >= len(embedding))
    if wrong.any():
        raise ValueError(
            f"x: expected words from 0 to {len(embedding) - 1}, got {x[wrong][0]}; padding holds "
            "any word, and the mask leaves out its loss"
        )
    return embedding[x]
