"""The value and the gradient of a loss, beside PyTorch's."""

from __future__ import annotations

import torch

from descend.engine import Tensor
from tests.nn.peer import close


def agree(ours, theirs, x, target, tolerance=1e-5):
    """Value and gradient, which is compared times n: the losses are means."""
    a, b = Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
    y, z = ours(a, Tensor(target)), theirs(b, torch.from_numpy(target))
    assert y.shape == ()
    assert y.dtype == x.dtype
    close("loss", y.numpy(), z.detach(), tolerance)
    y.backward()
    z.backward()
    close("gradient", a.grad.numpy() * x.size, b.grad.numpy() * x.size, tolerance)
