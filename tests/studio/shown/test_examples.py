from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch

from descend import data
from descend.engine import Tensor
from descend.engine.errors import DescendError
from descend.studio.shown.examples import WATCHED, as_picture, examples

X, Y = np.arange(300.0, dtype=np.float32).reshape(100, 3), np.arange(100) % 4
SPLIT = data.Split(X, Y)


class Pairs(torch.utils.data.Dataset):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return 100

    def __getitem__(self, i: int) -> Any:
        torch.rand(1), random.random(), np.random.rand()  # as an augmentation would
        return torch.tensor(X[i]), int(Y[i])


@pytest.mark.parametrize(
    "given",
    [
        (X, Y), (X.tolist(), Y.tolist()), (Tensor(X), Tensor(Y)), (torch.tensor(X), torch.tensor(Y)), SPLIT,
        data.from_arrays(X, Y, X, Y), Pairs(), torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y)),
    ],
)  # fmt: skip
def test_evenly_spaced_examples_of_every_kind_of_data(given: Any) -> None:
    found = examples(given)
    assert len(found) == WATCHED
    assert found.numbers[[0, -1]].tolist() == [0, 99] or found.of == WATCHED
    rows = (found.x[:, 0] / 3).round().astype(int)
    assert rows[[0, -1]].tolist() == [0, 99]
    assert found.y is not None
    assert found.y.tolist() == (rows % 4).tolist()


@pytest.mark.parametrize(
    "given",
    [
        data.Loader(SPLIT, 20), torch.utils.data.DataLoader(Pairs(), 20, shuffle=True),
        torch.utils.data.DataLoader(Pairs(), 20, num_workers=2),
    ],
)  # fmt: skip
def test_of_a_loader_the_first_batch(given: Any) -> None:
    found = examples(given)
    assert 20 <= len(found) <= WATCHED
    assert found.y is not None
    assert found.y.tolist() == ((found.x[:, 0] / 3).round().astype(int) % 4).tolist()


@pytest.mark.parametrize("given", [Pairs(), torch.utils.data.DataLoader(Pairs(), 20, shuffle=True)])
def test_no_random_stream_is_moved(given: Any) -> None:
    def states() -> Any:
        return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()

    before = states()
    examples(given)
    assert states() == before


def test_without_targets_and_with_several_inputs() -> None:
    assert examples(X).y is None
    assert examples((X, None)).y is None
    found = examples(((X, torch.tensor(Y)), Y))
    assert len(found.inputs) == 2
    assert isinstance(found.inputs[1], torch.Tensor)
    assert examples((X[:5], Y[:5])).numbers.tolist() == [0, 1, 2, 3, 4]


def test_the_data_are_copied() -> None:
    x = X.copy()
    found = examples((x, Y))
    x[:] = 0
    assert found.x.any()


@pytest.mark.parametrize("given", [None, 3, "x", {"x": X}, (X, Y[:5]), (X[:0], Y[:0]), (np.float32(1), Y), (X, Y, Y)])
def test_what_is_no_data_is_refused(given: Any) -> None:
    with pytest.raises(DescendError):
        examples(given)


@pytest.mark.parametrize(
    ("shape", "picture"),
    [
        ((5, 1, 8, 9), (5, 8, 9)), ((5, 3, 8, 9), (5, 8, 9, 3)), ((5, 8, 9, 3), (5, 8, 9, 3)),
        ((5, 8, 9, 1), (5, 8, 9)), ((5, 8, 9), (5, 8, 9)), ((5, 2, 9), None), ((5, 9), None), ((5, 6, 8, 9), None),
    ],
)  # fmt: skip
def test_what_is_a_picture(shape: tuple[int, ...], picture: tuple[int, ...] | None) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    x[0].flat[0] = np.nan
    found = as_picture(x)
    assert (None if found is None else found.shape) == picture
    if found is not None:
        assert (found.dtype, found.min(), found.max()) == (np.uint8, 0, 255)
