"""Which kernel an operation on images gets, and that its gradients are eager's."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler import Compiled
from descend.compiler.compile import Call
from descend.engine import Tensor, from_numpy, grad, ops
from descend.engine.ops import Window

WINDOWS = {
    "winograd": ((3, 3), Window((1, 1), (1, 1))),
    "winograd with five taps": ((5, 5), Window((1, 1), (2, 2))),
    "strided": ((3, 3), Window((2, 2), (1, 1))),
    "dilated": ((3, 2), Window((1, 2), ((0, 1), 1), (2, 1))),
}


def kernels(compiled: Compiled, *inputs: Tensor) -> dict[str, str]:
    """The symbol of each operation's kernel."""
    run = compiled.entry(Call((inputs, {}))).run
    return {equation.name: run.calls[equation].symbol for equation in run.graph.equations if equation in run.calls}


def close(found: Tensor, wanted: Tensor) -> None:
    exact = wanted.numpy()
    np.testing.assert_allclose(found.numpy(), exact, rtol=0, atol=2e-5 * np.abs(exact).max())


@pytest.mark.parametrize("name", WINDOWS)
def test_a_convolution_and_its_gradients(name: str) -> None:
    kernel, window = WINDOWS[name]
    rng = np.random.default_rng(0)
    x, w = (from_numpy(rng.standard_normal(n).astype(np.float32)) for n in ((2, 18, 15, 17), (20, 18, *kernel)))

    def gradients(x: Tensor, w: Tensor) -> tuple[Tensor, ...]:
        return grad(lambda x, w: (ops.conv2d(x, w, window) ** 2).sum(), (0, 1))(x, w)

    compiled = Compiled(gradients, "native")
    for found, wanted in zip(compiled(x, w), gradients(x, w), strict=True):
        close(found, wanted)
    used = kernels(compiled, x, w)
    wanted = {"winograd"} if name.startswith("winograd") else {"conv", "conv_weight"}
    assert {used[part] for part in ("conv2d", "conv2d_input", "conv2d_weight")} == wanted


@pytest.mark.parametrize("pool", [ops.max_pool, ops.avg_pool])
def test_padded_pooling_and_its_gradient(pool) -> None:
    x = from_numpy(np.random.default_rng(0).standard_normal((2, 3, 9, 12)).astype(np.float32))
    gradient = grad(lambda x: (pool(x, (3, 3), Window((2, 2), (1, 1))) ** 2).sum())
    compiled = Compiled(gradient, "native")
    close(compiled(x), gradient(x))
    pooling = {"max_pool", "pool_places", "pool_put"} if pool is ops.max_pool else {"pool_sum", "pool_spread"}
    assert pooling <= kernels(compiled, x).keys()
