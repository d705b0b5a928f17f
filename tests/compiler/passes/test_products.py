"""Products take in what only moves their operands or their result, and are computed by one kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from descend import nn
from descend.compiler import Compiled
from descend.compiler.compile import Call
from descend.compiler.executors.native import Evaluated
from descend.compiler.passes import improved
from descend.compiler.passes.fuse import fused
from descend.engine import Tensor, from_numpy, grad, ops
from tests.compiler.programs import graph_of


def heads(x: Tensor, n: int = 2) -> Tensor:
    return x.reshape(x.shape[0], x.shape[1], n, -1).permute(0, 2, 1, 3)


def joint(x: Tensor) -> Tensor:
    """Attention on one array of queries, keys and values, and what it gives, side by side again."""
    q, k, v = (heads(x[..., i * 4 : i * 4 + 4]) for i in range(3))
    y = ops.matmul(q * 0.5, k.transpose(-1, -2)) @ v
    return y.permute(0, 2, 1, 3).reshape(x.shape[0], x.shape[1], 4)


X, Y, J = (np.random.default_rng(0).standard_normal(n).astype(np.float32) for n in ((3, 5), (3, 7), (2, 6, 12)))
CASES: dict[str, tuple[Callable, tuple[np.ndarray, ...], int]] = {
    "transposed": (lambda x, y: x.T @ y, (X, Y), 1),
    "both transposed": (lambda x, y: y.T @ x.T.T, (X, Y), 1),
    "times a number": (lambda x, y: (x.T * 0.5) @ (y * 3) * 2.0, (X, Y), 1),
    "result transposed": (lambda x, y: (x.T @ y).T, (X, Y), 1),
    "heads": (joint, (J,), 2),
    "sums by letters": (lambda x: ops.einsum("nti,nsi->nts", x, x), (J,), 1),
    "batch by letters": (lambda x: ops.einsum("nti,nsi->tns", x, x), (J,), 1),
    "result turned by letters": (lambda x: ops.einsum("nti,nsi->snt", x, x), (J,), 1),
}


@pytest.mark.parametrize("name", list(CASES))
def test_nothing_is_left_to_move(name: str) -> None:
    function, arrays, count = CASES[name]
    graph = fused(improved(graph_of(function, *arrays))).verify()
    assert [e.name for e in graph.equations if e.name != "reshape"] == ["product"] * count


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(CASES))
def test_values_and_gradients_are_eager_s(name: str, dtype: type) -> None:
    function, arrays, _ = CASES[name]
    inputs = [from_numpy(x.astype(dtype)) for x in arrays]
    weights = from_numpy(np.random.default_rng(1).standard_normal(function(*inputs).shape).astype(dtype))
    for f in (function, grad(lambda *x: (function(*x) * weights).sum())):
        compiled = Compiled(f, "native")
        exact = f(*inputs).numpy()
        np.testing.assert_allclose(compiled(*inputs).numpy(), exact, rtol=0, atol=1e-5 * max(1, np.abs(exact).max()))
        assert not [step for step in compiled.entry(Call((tuple(inputs), {}))).run.steps if isinstance(step, Evaluated)]


@pytest.mark.parametrize("shapes", [
    ((1, 3, 4), (5, 4, 2)), ((6, 1, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((4, 5), (2, 5, 3)), ((2, 0, 4), (2, 4, 3)),
    ((2, 3, 0), (2, 0, 4)), ((0, 3, 4), (4, 2)), ((4,), (4, 3)), ((2, 3, 4), (4,)), ((4,), (4,)),
])  # fmt: skip
def test_stacks_are_broadcast_as_numpy_does(shapes: tuple[tuple[int, ...], ...]) -> None:
    a, b = (from_numpy(np.random.default_rng(0).standard_normal(n)) for n in shapes)
    exact = a.numpy() @ b.numpy()
    np.testing.assert_allclose(Compiled(lambda a, b: a @ b, "native")(a, b).numpy(), exact, rtol=0, atol=1e-12)


def test_what_others_read_stays() -> None:
    graph = fused(improved(graph_of(lambda x, y: [x.T @ y, x.T + 1], X, Y))).verify()
    assert sorted(e.name for e in graph.equations) == ["loop", "permute", "product"]
    graph = fused(improved(graph_of(lambda x, y: [(x.T @ y) * 2, x.T @ y], X, Y))).verify()
    assert sorted(e.name for e in graph.equations) == ["loop", "product"]


def test_a_transformer_s_gradients_are_all_kernels() -> None:
    layer = nn.TransformerEncoderLayer(12, 3, 20, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    x, hidden = from_numpy(np.random.default_rng(0).standard_normal((2, 7, 12)).astype(np.float32)), nn.causal_mask(7)

    def gradients(x: Tensor) -> list[Tensor]:
        layer.zero_grad()
        (layer(x, src_mask=hidden) ** 2).sum().backward()
        return [p.grad for p in layer.parameters()]

    compiled = Compiled(gradients, "native")
    for found, wanted in zip(compiled(x), gradients(x), strict=True):
        exact = wanted.numpy()
        np.testing.assert_allclose(found.numpy(), exact, rtol=0, atol=2e-5 * max(1, np.abs(exact).max()))
    assert not [step for step in compiled.entry(Call(((x,), {}))).run.steps if isinstance(step, Evaluated)]
