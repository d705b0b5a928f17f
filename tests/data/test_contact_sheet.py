from __future__ import annotations

import numpy as np
import pytest

from descend.data import Compose, Loader, RandomCrop, Split, contact_sheet, load, on_examples, scale
from descend.engine.errors import ShapeError

SHIFT = Compose(RandomCrop(28, padding=4), on_examples(scale))


def shown(figure, row: int, column: int, columns: int) -> np.ndarray:
    return np.asarray(figure.axes[row * columns + column].images[0].get_array())


def test_a_row_is_an_example_and_what_becomes_of_it_in_each_epoch():
    split = load("digits").train.take(3)
    figure = contact_sheet(split, SHIFT, examples=3, variants=2, seed=4)
    assert len(figure.axes) == 9
    for i in range(3):
        assert np.allclose(shown(figure, i, 0, 3), split.x[i, 0] / 255)
    for epoch in range(2):
        loader = Loader(split, 3, shuffle=False, seed=4, transform=SHIFT)
        ((x, _),) = loader.epoch(epoch)
        for i in range(3):
            assert np.allclose(shown(figure, i, 1 + epoch, 3), x[i, 0])
    assert [axes.get_title() for axes in figure.axes[:3]] == ["original", "epoch 0", "epoch 1"]


def test_colours_are_shown_as_colours_and_any_values_from_the_lowest_to_the_highest():
    split = Split(np.random.default_rng(0).integers(0, 256, (2, 3, 5, 5), np.uint8), [0, 1])
    figure = contact_sheet(split, on_examples(lambda x: x / 10.0 - 7), examples=2, variants=1, classes=("cat", "dog"))
    assert shown(figure, 0, 0, 2).shape == (5, 5, 3)
    varied = np.stack([shown(figure, i, 1, 2) for i in range(2)])
    assert np.isclose(varied.min(), 0)
    assert np.isclose(varied.max(), 1)
    assert [figure.axes[i].get_ylabel() for i in (0, 2)] == ["cat", "dog"]


def test_the_data_are_not_touched():
    split = load("digits").train.take(2)

    def spoil(x, y):
        x[:] = 0
        return x, y

    contact_sheet(split, spoil, examples=2, variants=1)
    assert split.x.any()


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 4, 4)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ShapeError, match="no pictures"):
        contact_sheet(Split(np.zeros(shape), [0] * 3), SHIFT)


def test_a_transform_that_makes_none_is_refused():
    with pytest.raises(ShapeError, match="makes no pictures"):
        contact_sheet(load("digits").train, on_examples(lambda x: x.reshape(len(x), -1)))
