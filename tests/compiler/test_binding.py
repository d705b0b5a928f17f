"""Which kernel an operation on images gets, and that its gradients are eager's."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler import Compiled
from descend.compiler.compile import Call
from descend.engine import Tensor, from_numpy, grad, ops
from descend.engine.ops import Window

DIRECTLY = ("conv", "conv", "conv_weight")
LANES = ("grouped", "grouped", "grouped_weight")
PRODUCTS = ("gemm",) * 3
SEQUENCES = Window((2,), (1,), (1,))
VOLUMES = Window((1, 2, 1), (1, 0, 1), (1, 1, 1))

# Images, weights, window; the kernels of the convolution, of the gradients of its input and of its weights.
CONVOLUTIONS = {
    "winograd": ((18, 15, 17), (20, 18, 3, 3), Window((1, 1), (1, 1)), ("winograd",) * 3),
    "winograd with five taps": ((18, 15, 17), (20, 18, 5, 5), Window((1, 1), (2, 2)), ("winograd",) * 3),
    "winograd by phases": ((18, 16, 30), (20, 18, 4, 4), Window((2, 2), (1, 1)), ("winograd",) * 3),
    "strided": ((32, 15, 17), (32, 32, 3, 3), Window((2, 2), (1, 1)), DIRECTLY),
    "dilated": ((32, 15, 17), (32, 32, 3, 2), Window((1, 2), ((0, 1), 1), (2, 1)), DIRECTLY),
    "into few channels": ((32, 15, 17), (1, 32, 3, 3), Window((1, 1), (1, 1)), ("conv_few", "conv", "conv_weight")),
    "one window an image": ((18, 4, 5), (20, 18, 4, 5), Window(), PRODUCTS),
    "grouped": ((64, 9, 8), (64, 32, 3, 3), Window((1, 1), (1, 1)), DIRECTLY),
    "depthwise": ((18, 9, 8), (18, 1, 3, 3), Window((1, 1), (1, 1)), LANES),
    "depthwise, two results a channel": ((9, 9, 8), (18, 1, 3, 3), Window((2, 2), (1, 1)), LANES),
    "sequences": ((32, 37), (32, 32, 3), SEQUENCES, DIRECTLY),
    "sequences, depthwise": ((18, 37), (18, 1, 3), SEQUENCES, LANES),
    "volumes": ((32, 5, 6, 7), (32, 32, 3, 2, 3), VOLUMES, DIRECTLY),
    "volumes, grouped": ((4, 5, 6, 7), (6, 2, 3, 2, 3), VOLUMES, LANES),
}
CONVOLVED = {1: ops.conv1d, 2: ops.conv2d, 3: ops.conv3d}


def kernels(compiled: Compiled, *inputs: Tensor) -> dict[str, str]:
    """The symbol of each operation's kernel."""
    run = compiled.entry(Call((inputs, {}))).run
    return {equation.name: run.calls[equation].symbol for equation in run.graph.equations if equation in run.calls}


def close(found: Tensor, wanted: Tensor) -> None:
    exact = wanted.numpy()
    tolerance = 2e-5 if exact.dtype == np.float32 else 1e-10
    np.testing.assert_allclose(found.numpy(), exact, rtol=0, atol=tolerance * np.abs(exact).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_a_convolution_and_its_gradients(name: str, dtype: type) -> None:
    image, weights, window, wanted = CONVOLUTIONS[name]
    axes, rng = len(image) - 1, np.random.default_rng(0)
    x, w = (from_numpy(rng.standard_normal(shape).astype(dtype)) for shape in ((2, *image), weights))

    def gradients(x: Tensor, w: Tensor) -> tuple[Tensor, ...]:
        return grad(lambda x, w: (CONVOLVED[axes](x, w, window, groups=image[0] // weights[1]) ** 2).sum(), (0, 1))(
            x, w
        )

    compiled = Compiled(gradients, "native")
    for found, exact in zip(compiled(x, w), gradients(x, w), strict=True):
        close(found, exact)
    used, conv = kernels(compiled, x, w), f"conv{axes}d"
    if dtype == np.float32 or "winograd" not in wanted:  # of which there is none for float64
        assert (used[conv], used[f"{conv}_input"], used[f"{conv}_weight"]) == wanted


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_no_images_are_no_error(name: str) -> None:
    image, weights, window, _ = CONVOLUTIONS[name]
    axes, rng = len(image) - 1, np.random.default_rng(0)
    x, w = np.zeros((0, *image), np.float32), rng.standard_normal(weights).astype(np.float32)
    gradient = Compiled(
        lambda x, w: grad(lambda w: CONVOLVED[axes](x, w, window, groups=image[0] // weights[1]).sum())(w)
    )
    assert np.array_equal(gradient(from_numpy(x), from_numpy(w)).numpy(), np.zeros_like(w))


@pytest.mark.parametrize("pool", [ops.max_pool, ops.avg_pool])
def test_padded_pooling_and_its_gradient(pool) -> None:
    x = from_numpy(np.random.default_rng(0).standard_normal((2, 3, 9, 12)).astype(np.float32))
    gradient = grad(lambda x: (pool(x, (3, 3), Window((2, 2), (1, 1))) ** 2).sum())
    compiled = Compiled(gradient, "native")
    close(compiled(x), gradient(x))
    pooling = {"pooling", "pool_put"} if pool is ops.max_pool else {"pool_sum", "pool_spread"}
    assert pooling <= kernels(compiled, x).keys()
