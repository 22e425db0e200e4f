"""A GPU that is not there: tensors that refuse NumPy, and the company of others, as CUDA's do."""

import contextlib

import torch
from torch.utils._pytree import tree_leaves

PLAIN_TO = torch.Tensor.to


class OnGpu(torch.Tensor):
    """A tensor that has to be brought back by ``cpu()`` before NumPy may see it."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        """Refuse tensors of both kinds together, unless one is a single number."""
        leaves = tree_leaves((args, kwargs or {}))
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        together = all(isinstance(t, OnGpu) or t.ndim == 0 for t in tensors)
        if not together and function is not torch._has_compatible_shallow_copy_type:
            raise RuntimeError("Expected all tensors to be on the same device, cuda:0 and cpu!")
        return super().__torch_function__(function, types, args, kwargs)

    @property
    def grad(self):
        """The gradient, on the GPU as well."""
        found = super().grad
        return None if found is None else found.as_subclass(OnGpu)

    @grad.setter
    def grad(self, value):
        torch.Tensor.grad.__set__(self, value)

    def __deepcopy__(self, memo):
        """Return a parameter of the same numbers, without its gradient."""
        memo[id(self)] = torch.nn.Parameter(self.detach().clone(), self.requires_grad)
        return memo[id(self)]

    def cpu(self):
        """Return the tensor for NumPy."""
        return self.as_subclass(torch.Tensor)

    def numpy(self, *_, **__):
        """Refuse."""
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()")

    __array__ = numpy


def _to(tensor, device, *args, **options):
    wanted = [arg for arg in args if isinstance(arg, torch.dtype)]
    if device != "cuda" and str(device) != "cuda":
        return PLAIN_TO(tensor, device, *args, **options)
    if wanted and tensor.is_floating_point():
        tensor = PLAIN_TO(tensor, wanted[0])
    return tensor.as_subclass(OnGpu)


@contextlib.contextmanager
def pretended_gpu():
    """Let ``to("cuda")`` make such tensors, of modules too."""
    overwrite = torch.__future__.get_overwrite_module_params_on_conversion()
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    torch.Tensor.to = _to
    try:
        yield
    finally:
        torch.Tensor.to = PLAIN_TO
        torch.__future__.set_overwrite_module_params_on_conversion(overwrite)
