"""Where is a wrong gradient still right? A step on a problem of any size."""

import torch
from torch.nn.functional import cross_entropy

from lstm_src import check_gradients
from lstm_src.checks import held_fixed

STEPS = 6


class Model(torch.nn.Module):
    """An LSTM with a linear layer on top."""

    def __init__(self):
        super().__init__()
        self.lstm, self.read = torch.nn.LSTM(2, 3), torch.nn.Linear(3, 4)

    def forward(self, x, state=None):
        """Return the logits, and the state after the last step."""
        h, state = self.lstm(x, state)
        return self.read(h), state


def loss_sum(run, x, y, length, hold):
    """Return the sum over all labels, window by window."""
    state, total = None, 0.0
    for t in range(0, len(x), length):
        logits, state = run(x[t : t + length], state)
        state = hold(state)
        labels = y[t : t + length].flatten()
        total = total + cross_entropy(
            logits.flatten(0, 1), labels, ignore_index=-100, reduction="sum"
        )
    return total


def train_step(model, batches, length):
    """Accumulate: each micro-batch takes the mean over its own labels."""
    model.zero_grad()
    for x, y in batches:
        loss = loss_sum(
            model, x, y, length, lambda state: [s.detach() for s in state]
        )
        (loss / (y != -100).sum() / len(batches)).backward()


# Recipe
def problem(steps, windows, sequences, micro_batches):
    torch.manual_seed(0)
    model = Model().double()
    x = torch.randn(steps, sequences, 2).double()
    y = torch.randint(4, (steps, sequences))
    y[: steps // 2, ::2] = -100  # unequal counts
    length = -(-steps // windows)
    parts = x.chunk(micro_batches, 1), y.chunk(micro_batches, 1)
    train_step(model, [*zip(*parts, strict=True)], length)  # yours
    weights = {n: p.detach().numpy() for n, p in model.named_parameters()}
    found = {n: p.grad for n, p in model.named_parameters()}

    def loss(arrays, hold):  # what is meant, on all of it at once
        values = {n: torch.from_numpy(a) for n, a in arrays.items()}

        def run(*inputs):
            return torch.func.functional_call(model, values, inputs)

        return loss_sum(run, x, y, length, hold) / (y != -100).sum()

    return held_fixed(loss, weights), weights, found


several = problem(STEPS, 2, 2, 2)
report = check_gradients(*several, steps=STEPS, problem=problem)
