"""PyTorch: ``torch.nn.LSTM`` and its autograd."""

import torch

from benchmarks.agreement.cases import named
from lstm_src.frameworks.interop import from_pytorch, to_pytorch


def run(case):
    """Return outputs and gradients by name."""
    D, H = len(case.params.W_x), len(case.params.W_h)
    layer = torch.nn.LSTM(D, H, dtype=torch.float64)
    weights = to_pytorch(case.params)
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    x = torch.tensor(case.x, requires_grad=True)
    start = [torch.tensor(part[None], requires_grad=True) for part in case.state]
    h, end = layer(x, tuple(start))
    cotangents = [torch.tensor(case.dh), *(torch.tensor(part[None]) for part in case.dstate)]
    torch.autograd.backward([h, *end], cotangents)
    gradients = {name: p.grad for name, p in layer.named_parameters()}
    return named(
        h.detach().numpy(),
        [part.detach().numpy()[0] for part in end],
        from_pytorch(gradients, gradients=True),
        x.grad.numpy(),
        [part.grad.numpy()[0] for part in start],
    )
