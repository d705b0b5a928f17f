"""Taking apart, repeating and turning."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import DescendError, ShapeError, Tensor, ops
from tests.engine.ops.agreement import agrees, real, same

X = real(2, 3, 5)
Arrangement = Callable[[Any], Any]

AGREEING: dict[str, tuple[Arrangement, Arrangement, tuple[int, ...]]] = {
    "unsqueeze": (lambda x: ops.unsqueeze(x, 1), lambda x: x.unsqueeze(1), (2, 3)),
    "unsqueeze at the end": (lambda x: ops.unsqueeze(x, -1), lambda x: x.unsqueeze(-1), (2, 3)),
    "unsqueeze a number": (lambda x: ops.unsqueeze(x, 0), lambda x: x.unsqueeze(0), ()),
    "squeeze everything": (ops.squeeze, torch.squeeze, (1, 2, 1, 3)),
    "squeeze one": (lambda x: ops.squeeze(x, -2), lambda x: x.squeeze(-2), (1, 2, 1, 3)),
    "squeeze two": (lambda x: ops.squeeze(x, (0, 2)), lambda x: x.squeeze((0, 2)), (1, 2, 1, 3)),
    "squeeze what is longer": (lambda x: ops.squeeze(x, 1), lambda x: x.squeeze(1), (1, 2, 1, 3)),
    "moveaxis": (lambda x: ops.moveaxis(x, 0, -1), lambda x: x.moveaxis(0, -1), (2, 3, 5)),
    "moveaxis twice": (lambda x: ops.moveaxis(x, (2, 0), (0, 1)), lambda x: x.moveaxis((2, 0), (0, 1)), (2, 3, 5)),
    "flatten": (ops.flatten, torch.flatten, (2, 3, 5)),
    "flatten the last two": (lambda x: ops.flatten(x, 1), lambda x: x.flatten(1), (2, 3, 5)),
    "flatten the first two": (lambda x: ops.flatten(x, 0, 1), lambda x: x.flatten(0, 1), (2, 3, 5)),
    "flatten a number": (ops.flatten, torch.flatten, ()),
    "flatten nothing": (lambda x: ops.flatten(x, 1), lambda x: x.flatten(1), (0, 3, 5)),
    "broadcast": (lambda x: ops.broadcast_to(x, (4, 2, 3)), lambda x: x.broadcast_to((4, 2, 3)), (2, 1)),
    "roll": (lambda x: ops.roll(x, 2, -1), lambda x: x.roll(2, -1), (2, 3, 5)),
    "roll back": (lambda x: ops.roll(x, -7, 2), lambda x: x.roll(-7, 2), (2, 3, 5)),
    "roll in reading order": (lambda x: ops.roll(x, 4), lambda x: x.roll(4), (2, 3)),
    "roll two axes": (lambda x: ops.roll(x, (1, -2), (0, 2)), lambda x: x.roll((1, -2), (0, 2)), (2, 3, 5)),
    "roll nothing": (lambda x: ops.roll(x, 1, 0), lambda x: x.roll(1, 0), (0, 3)),
    "tile": (lambda x: ops.tile(x, (2, 3)), lambda x: x.tile((2, 3)), (2, 5)),
    "tile with new axes": (lambda x: ops.tile(x, (2, 1, 3)), lambda x: x.tile((2, 1, 3)), (5,)),
    "tile the last axis": (lambda x: ops.tile(x, (2,)), lambda x: x.tile((2,)), (3, 5)),
    "repeat": (lambda x: x.repeat(2, 3), lambda x: x.repeat(2, 3), (3, 5)),
    "repeat_interleave": (lambda x: ops.repeat_interleave(x, 3, 1), lambda x: x.repeat_interleave(3, 1), (2, 3, 5)),
    "repeat_interleave in reading order": (lambda x: ops.repeat_interleave(x, 2), lambda x: x.repeat_interleave(2), (2, 3)),
    "the second piece": (lambda x: ops.split(x, 2, 1)[1], lambda x: x.split(2, 1)[1], (2, 3, 5)),
    "the last of unequal pieces": (lambda x: ops.split(x, (1, 4), -1)[1], lambda x: x.split((1, 4), -1)[1], (2, 3, 5)),
    "the last chunk": (lambda x: ops.chunk(x, 3, 2)[-1], lambda x: x.chunk(3, 2)[-1], (2, 3, 5)),
    "the last slice": (lambda x: ops.unbind(x, 1)[-1], lambda x: x.unbind(1)[-1], (2, 3, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", AGREEING)
def test_an_arrangement_is_pytorch_s(name: str) -> None:
    ours, theirs, shape = AGREEING[name]
    agrees(ours, theirs, real(*shape))


@pytest.mark.parametrize("sizes", [2, 5, 7, (1, 4), (0, 5), [2, 2, 1]])
def test_pieces_put_together_are_the_whole(sizes: Any) -> None:
    pieces = ops.split(X, sizes, 2)
    assert [p.shape for p in pieces] == [tuple(p.shape) for p in torch.tensor(X).split(sizes, 2)]
    same(ops.concat(pieces, 2), X)


@pytest.mark.parametrize(("n", "chunks"), [(6, 4), (5, 2), (3, 3), (3, 7), (0, 2), (1, 1)])
def test_chunks_are_as_many_as_pytorch_s(n: int, chunks: int) -> None:
    found = [len(part) for part in ops.chunk(np.zeros(n), chunks)]
    wanted = [len(part) for part in torch.zeros(n).chunk(chunks)]
    assert found == (wanted if n else [0])


def test_slices_put_together_are_the_whole() -> None:
    same(ops.stack(ops.unbind(X, 1), 1), X)


@pytest.mark.parametrize("make", [
    lambda: ops.unsqueeze(X, 4), lambda: ops.unsqueeze(X, -5), lambda: ops.squeeze(X, 3), lambda: ops.moveaxis(X, (0, 0), (1, 2)),
    lambda: ops.moveaxis(X, (0, 1), (1,)), lambda: ops.flatten(X, 2, 1), lambda: ops.split(X, (1, 1), 1), lambda: ops.split(X, 0, 1),
    lambda: ops.split(X, (4, -1), 1), lambda: ops.chunk(X, 0), lambda: ops.unbind(X, 3), lambda: ops.roll(X, (1, 2), 0), lambda: ops.roll(X, 1, 3),
])  # fmt: skip
def test_what_does_not_fit_is_refused(make: Callable[[], Tensor]) -> None:
    with pytest.raises(ShapeError) as caught:
        make()
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


@pytest.mark.parametrize("axis", [0, 1, None])
def test_elements_are_repeated_as_often_as_each_is_told(axis: int | None) -> None:
    x = real(2, 3)
    times = np.arange(x.size if axis is None else x.shape[axis])
    agrees(
        lambda x: ops.repeat_interleave(x, times, axis),
        lambda x: x.repeat_interleave(torch.from_numpy(times), axis), x,
    )  # fmt: skip


def test_there_is_one_count_for_each_element() -> None:
    for times in ([1, 2], [1, -1, 1], [1.0, 2.0, 3.0]):
        with pytest.raises(DescendError):
            ops.repeat_interleave(real(2, 3), times, 1)
