"""The complete step of the cheat sheet, run by several processes: its data, its model, its changes.

Six micro-batches of unequal lengths are dealt out to two workers, or three. A file of its own,
since each process imports it.
"""

from contextlib import nullcontext
from pathlib import Path

import torch

CODE = Path(__file__).parents[2] / "chapters/code"
WORDS, D, H = 10, 3, 6
LENGTHS = ((5, 3), (7,), (4, 2), (6, 6), (8, 3), (3,))
PROMPTS = ((1, 0), (2,), (0, 1), (2, 0), (1, 1), (0,))
SETTINGS = {"length": 3, "alpha": 0.3, "cast": nullcontext}
FIRES, NOT_FIRES = 0.1, 100.0
LR, DECAY, STEPS = 0.05, 0.1, 3


class Model(torch.nn.Module):
    """An embedding, an LSTM with one bias, a linear layer."""

    def __init__(self):
        super().__init__()
        self.words, self.lstm = torch.nn.Embedding(WORDS, D), torch.nn.LSTM(D, H)
        self.read = torch.nn.Linear(H, WORDS)
        # It has no gradient, so none is in the norm: the model of NumPy has one bias.
        self.lstm.bias_hh_l0.requires_grad_(requires_grad=False).zero_()

    def forward(self, words, state=None):
        """Return the logits, and the state after the last step."""
        h, state = self.lstm(self.words(words), state)
        return self.read(h), state


def new_module(dtype=torch.float64):
    """Return the model that every process starts from."""
    torch.manual_seed(1)
    return Model().to(dtype)


class WrittenOut(torch.nn.LSTM):
    """The same layer step by step: PyTorch's own knows no float16 on CPUs."""

    def forward(self, x, state=None):
        """Return the hidden states, and the state after the last step."""
        zeros = x.new_zeros(1, x.shape[1], self.hidden_size)
        (h,), (c,) = (zeros, zeros) if state is None else state
        linear, steps = torch.nn.functional.linear, []
        for now in x:
            z = linear(now, self.weight_ih_l0, self.bias_ih_l0)
            z = z + linear(h, self.weight_hh_l0, self.bias_hh_l0)
            i, f, g, o = z.chunk(4, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            steps.append(h)
        return torch.stack(steps), (h[None], c[None])


def all_batches():
    """Return the six: words, labels of which some are -100, and where there is no padding."""
    generator, batches, first = torch.Generator().manual_seed(0), [], 0
    for lengths, prompts in zip(LENGTHS, PROMPTS, strict=True):
        T, B = max(lengths), len(lengths)
        x = torch.randint(WORDS, (T, B), generator=generator)
        x[0] = torch.arange(first, first := first + B)  # so no two first terms are parallel
        y = torch.randint(WORDS, (T, B), generator=generator)
        steps = torch.arange(T)[:, None]
        real = steps < torch.tensor(lengths)
        y[~real | (steps < torch.tensor(prompts))] = -100
        batches.append((x, y, real))
    return batches


def share(rank, world, batches=None):
    """Return the micro-batches of one worker."""
    batches = all_batches() if batches is None else batches
    each = len(batches) // world
    return batches[rank * each : (rank + 1) * each]


def code(name, *changes):
    """Return what a file of the page defines, with some of its text replaced.

    Raises
    ------
    ValueError
        If it does not hold once what is to be replaced.
    """
    text, names = (CODE / f"{name}.py").read_text(encoding="utf-8"), {}
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"changes: expected {old!r} once in {name}, got {text.count(old)}")
        text = text.replace(old, new)
    exec(text, names)
    return names


CHECKED = code("complete_step_checked")


def trained_ones(module):
    """Return its parameters that are trained, by name."""
    return {name: p for name, p in module.named_parameters() if p.requires_grad}


def weights_of(module):
    """Return the same as lists."""
    return {name: p.detach().tolist() for name, p in trained_ones(module).items()}


def trained(made, batches, limit, module=None, steps=STEPS, **settings):
    """Return a worker's module after some steps, all on the same batches."""
    module = new_module() if module is None else module
    model, optimizer, scaler = made["prepare"](module, LR, DECAY, "cpu")
    for _ in range(steps):
        made["training_step"](model, optimizer, scaler, batches, limit=limit, **SETTINGS | settings)
    return module


def trained_alone(limit, batches=None, steps=STEPS):
    """Return the module after the same steps in one process."""
    module = new_module()
    optimizer = torch.optim.AdamW(module.parameters(), LR, weight_decay=DECAY)
    plain = CHECKED["plain_step"]
    for _ in range(steps):
        at = all_batches() if batches is None else batches
        plain(module, optimizer, at, SETTINGS["length"], SETTINGS["alpha"], limit)
    return module


def apart(found, expected):
    """Return the largest difference of two modules' weights as `weights_of` gives them."""

    def tensor(weights, name):
        return torch.tensor(weights[name], dtype=torch.float64)

    return max(float((tensor(found, n) - tensor(expected, n)).abs().max()) for n in expected)
