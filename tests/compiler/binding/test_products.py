"""Products of matrices of many shapes: which kernel computes them, and that it computes them right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from descend import nn
from descend.compiler import Compiled
from descend.compiler.compile import Call
from descend.engine import Tensor, from_numpy, grad, ops
from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.gemm import LOW, Gemm
from descend.kernels.gemm_dots import FewDots
from descend.kernels.gemm_few import FewRows

WIDTH = jit.target().vector_bytes
KINDS = {np.float32: FLOAT, np.float64: DOUBLE}
TOLERANCES = {np.float32: 1e-5, np.float64: 1e-10}

# x (m, k) and y: the product, and its kernel for this kind of numbers.
PRODUCTS: dict[str, tuple[Callable, tuple[int, ...], tuple[int, ...], Callable[[str], object]]] = {
    "few rows": (ops.matmul, (5, 70), (70, 130), lambda kind: FewRows(kind, 5, False, False, WIDTH)),
    "a row": (ops.matmul, (70,), (70, 130), lambda kind: FewRows(kind, 1, False, False, WIDTH)),
    "few columns": (ops.matmul, (90, 70), (70, 5), lambda kind: FewDots(kind, 5, True, False, WIDTH, turned=True)),
    "few rows by columns": (
        lambda x, y: x.T @ y, (70, 5), (70, 130), lambda kind: FewRows(kind, 5, True, False, WIDTH),
    ),
    "few rows, transposed": (
        lambda x, y: x @ y.T, (5, 70), (130, 70), lambda kind: FewDots(kind, 5, False, False, WIDTH),
    ),
    "few columns, transposed": (
        lambda x, y: x @ y.T, (90, 70), (5, 70), lambda kind: FewDots(kind, 5, False, False, WIDTH, turned=True),
    ),
    "few columns of columns": (
        lambda x, y: x.T @ y, (70, 90), (70, 5), lambda kind: Gemm(kind, True, False, False, WIDTH, True),
    ),
    "short sums": (lambda x, y: x @ y.T, (5, 5), (130, 5), lambda kind: Gemm(kind, False, True, False, WIDTH, True)),
    "few hundred rows": (ops.matmul, (LOW, 40), (40, 50), lambda kind: Gemm(kind, False, False, False, WIDTH, True)),
    "many rows": (ops.matmul, (LOW + 1, 40), (40, 50), lambda kind: Gemm(kind, False, False, False, WIDTH, False)),
}  # fmt: skip


def sources(compiled: Compiled, *inputs: Tensor) -> list[str]:
    """The text of each kernel."""
    return [call.source for call in compiled.entry(Call((inputs, {}))).run.calls.values()]


def drawn(dtype: type, *shapes: tuple[int, ...]) -> list[Tensor]:
    rng = np.random.default_rng(0)
    return [from_numpy(rng.standard_normal(shape).astype(dtype)) for shape in shapes]


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_gets_its_kernel(name: str, dtype: type) -> None:
    function, *shapes, kernel = PRODUCTS[name]
    x, y = drawn(dtype, *shapes)
    compiled = Compiled(function, "native")
    wanted = function(*(from_numpy(z.numpy().astype(np.float64)) for z in (x, y))).numpy()
    np.testing.assert_allclose(compiled(x, y).numpy(), wanted, rtol=0, atol=TOLERANCES[dtype] * np.abs(wanted).max())
    assert sources(compiled, x, y) == [kernel(KINDS[dtype]).source()]


@pytest.mark.parametrize("n", [1, 3, 10, 16, 17, 30])
@pytest.mark.parametrize("classes", [1, 10, 33])
def test_a_layer_with_its_gradients(n: int, classes: int) -> None:
    x, w, b = drawn(np.float32, (n, 70), (classes, 70), (classes,))

    def gradients(x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        return grad(lambda *given: (nn.functional.linear(*given) ** 2).sum(), (0, 1, 2))(x, w, b)

    for found, wanted in zip(Compiled(gradients, "native")(x, w, b), gradients(x, w, b), strict=True):
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=0, atol=1e-5 * np.abs(wanted.numpy()).max())


def test_a_part_of_longer_rows_is_read_where_it_lies() -> None:
    (x, y) = drawn(np.float32, (5, 90), (70, 40))
    compiled = Compiled(lambda x, y: x[:, :70] @ y, "native")
    np.testing.assert_allclose(compiled(x, y).numpy(), x.numpy()[:, :70] @ y.numpy(), rtol=0, atol=1e-4)
    assert sources(compiled, x, y) == [FewRows(FLOAT, 5, False, False, WIDTH).source()]
