"""The matrix product and the affine map."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, Tensor, check_gradients, ops

RNG = np.random.default_rng(0)

FITTING = [
    ((3,), (3,)), ((3,), (3, 5)), ((2, 3), (3,)), ((2, 3), (3, 5)), ((4, 2, 3), (3, 5)), ((2, 3), (4, 3, 5)), ((4, 2, 3), (3,)),
    ((3,), (4, 3, 5)), ((4, 1, 2, 3), (7, 3, 5)), ((0,), (0,)), ((0, 3), (3, 2)), ((3, 0), (0, 2)), ((0,), (0, 2)), ((2, 0), (0,)),
    ((1, 1), (1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), FITTING)
def test_products_of_vectors_matrices_and_batches(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    x, y = RNG.standard_normal(a), RNG.standard_normal(b)
    wanted = torch.matmul(torch.tensor(x), torch.tensor(y)).numpy()
    found = Tensor(x) @ Tensor(y)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    check_gradients(ops.matmul, x, y, order=2)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (4,)), ((2, 3), (2, 3)), ((3,), (2, 3)), ((2, 3), (2,)), ((2, 2, 3), (3, 3, 5)), ((), (3,)), ((2, 2), ())],
)
def test_products_that_do_not_fit_are_refused(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.matmul(np.zeros(a), np.zeros(b))
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


def test_operands_are_brought_to_one_type() -> None:
    assert (Tensor([[1, 2]]) @ Tensor([[1.5], [2.0]])).tolist() == [[5.5]]
    assert (Tensor([[1, 2]]) @ Tensor([[1], [2]])).dtype == np.int64
    assert (Tensor([[1.0]]) @ np.ones((1, 1))).dtype == np.float64


@pytest.mark.parametrize("x", [(7, 3), (3,), (2, 4, 3), (0, 3)])
def test_affine_is_pytorch_s_linear(x: tuple[int, ...]) -> None:
    given, w, b = RNG.standard_normal(x), RNG.standard_normal((5, 3)), RNG.standard_normal(5)
    wanted = torch.nn.functional.linear(*(torch.tensor(part) for part in (given, w, b))).numpy()
    np.testing.assert_allclose(ops.affine(given, w, b).numpy(), wanted, atol=1e-12)
    check_gradients(ops.affine, given, w, b)


@pytest.mark.parametrize(
    ("x", "w", "b"),
    [((7, 4), (5, 3), (5,)), ((7, 3), (5, 3), (1,)), ((7, 3), (5, 3), ()), ((7, 3), (5, 3), (1, 5)), ((7, 3), (3,), (3,)), ((), (5, 3), (5,))],
)  # fmt: skip
def test_an_affine_map_that_does_not_fit_is_refused(x: tuple[int, ...], w: tuple[int, ...], b: tuple[int, ...]) -> None:
    """A bias of length 1 would broadcast and train one number for all outputs."""
    with pytest.raises(ShapeError, match="does not fit the layer") as caught:
        ops.affine(np.zeros(x), np.zeros(w), np.zeros(b))
    assert caught.value.given == f"x {x}, weight {w}, bias {b}"
