"""PyTorch as the peer: the same weights, inputs and cotangents must give the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from descend.engine import Tensor
from descend.nn import Module, Parameter

torch.set_num_threads(1)

Array = NDArray[Any]


def close(what: str, ours: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    """Equal shapes, and numbers that differ by at most `tolerance` of the largest (of 1, if all are smaller)."""
    a, b = np.asarray(ours), np.asarray(theirs)
    assert a.shape == b.shape, what
    scale = max(np.abs(b).max(initial=0.0), 1.0)
    error = np.abs(a - b).max(initial=0.0)
    assert error <= tolerance * scale, f"{what} differs by {error:.3g}, of {scale:.3g}"  # also fails for NaN


def give_weights(ours: Module, theirs: torch.nn.Module) -> None:
    """Put our values under their names; only the count of batches, which we do not keep, may be missing."""
    arrays = {name: torch.from_numpy(array) for name, array in ours.state_dict().items()}
    missing, unknown = theirs.load_state_dict(arrays, strict=False)
    assert not unknown
    assert all(name.endswith("num_batches_tracked") for name in missing)


def agree(ours: Module, theirs: torch.nn.Module, x: Array, tolerance: float = 1e-5, seed: int = 0) -> None:
    """Outputs, the gradients of input and parameters along a random cotangent, and the buffers afterwards."""
    give_weights(ours, theirs)
    theirs.zero_grad()
    a, b = Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
    y, z = ours(a), theirs(b)
    close("output", y.numpy(), z.detach(), tolerance)
    g = np.random.default_rng(seed).standard_normal(y.shape).astype(x.dtype)
    y.backward(g)
    z.backward(torch.from_numpy(g))
    close("input gradient", a.grad, b.grad, tolerance)
    expected = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        close(f"gradient of {name}", parameter.grad, expected[name].grad, tolerance)
    kept = dict(theirs.named_buffers())
    for name, buffer in ours.named_buffers():
        close(f"buffer {name}", buffer.numpy(), kept[name], tolerance)


def in_double(model: Module) -> Module:
    """The model in float64, without gradients."""
    model.zero_grad()
    return model.double()


def as_function(model: Module) -> tuple[Callable[..., Tensor], list[Array]]:
    """The model as a function of its input and all its parameters, and the values of these."""
    places = [(module, name) for module in model.modules() for name in vars(module)]
    places = [(module, name) for module, name in places if isinstance(getattr(module, name), Parameter)]
    values = [getattr(module, name).numpy() for module, name in places]

    def function(x: Tensor, *parameters: Tensor) -> Tensor:
        for (module, name), value in zip(places, parameters, strict=True):
            setattr(module, name, value)
        return model(x)

    return function, values
