from __future__ import annotations

import functools

import numpy as np
import pytest

from descend.data import (
    Compose,
    Draws,
    Loader,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    Split,
    on_examples,
    scale,
)
from descend.engine.errors import ShapeError, UsageError

rng = np.random.default_rng(0)
PICTURES = rng.integers(0, 256, (12, 3, 8, 8), np.uint8)
LABELS = np.arange(12)


def draws(n: int = 12, seed: int = 0, epoch: int = 0) -> Draws:
    return Draws(seed, epoch, np.arange(n))


class Recorder:
    def __init__(self) -> None:
        self.drawn: list[bytes] = []

    def __call__(self, x, y, draws):
        self.drawn.append(draws.bits(2).tobytes())
        return x, y


def test_every_transform_draws_numbers_of_its_own_however_deep_it_is():
    recorder = Recorder()
    Compose(recorder, Compose(recorder, Compose(recorder), recorder), recorder)(PICTURES, LABELS, draws())
    assert len(set(recorder.drawn)) == len(recorder.drawn) == 5


def test_a_composition_is_one_after_the_other():
    x, y = Compose(on_examples(scale), lambda x, y: (x + 1, y), lambda x, y: (2 * x, -y))(PICTURES, LABELS, draws())
    assert np.allclose(x, 2 * (PICTURES / 255 + 1))
    assert (y == -LABELS).all()


def test_compositions_inside_one_another_are_one_composition():
    flip, shift = RandomHorizontalFlip(), RandomCrop(8, padding=2)
    flat, deep = Compose(flip, shift, flip), Compose(Compose(flip, shift), Compose(flip))
    assert np.array_equal(flat(PICTURES, LABELS, draws())[0], deep(PICTURES, LABELS, draws())[0])


AUGMENT = Compose(RandomCrop(8, padding=2), RandomHorizontalFlip(), RandomAffine(10), on_examples(scale))


def changed(batch_size: int, epoch: int, start: int = 0, seed: int = 5) -> dict[int, bytes]:
    """The example as it comes out of the loader, by its label."""
    loader = Loader(Split(PICTURES, LABELS), batch_size, seed=seed, transform=AUGMENT)
    return {int(k): one.tobytes() for x, y in loader.epoch(epoch, start) for one, k in zip(x, y)}


@pytest.mark.parametrize("batch_size", [1, 3, 5, 12])
def test_an_example_is_changed_alike_whatever_the_batches(batch_size):
    assert changed(batch_size, 1) == changed(4, 1)


def test_a_resume_gives_the_same_pictures_and_epochs_give_others():
    whole = changed(4, 2)
    tail = changed(4, 2, start=2)
    assert len(tail) == 4
    assert all(whole[k] == picture for k, picture in tail.items())
    assert sum(changed(4, 3)[k] == whole[k] for k in whole) <= 1
    assert sum(changed(4, 2, seed=6)[k] == whole[k] for k in whole) <= 1


@pytest.mark.parametrize("transform", [RandomHorizontalFlip(), RandomVerticalFlip(), RandomCrop(4), RandomAffine(5)])
def test_pictures_have_four_axes(transform):
    with pytest.raises(ShapeError, match=r"\(12, 8, 8\)"):
        transform(PICTURES[:, 0], LABELS, draws())


@pytest.mark.parametrize("transform", [scale, lambda: None, lambda a, b, c, d: None])
def test_what_does_not_take_a_batch_is_refused(transform):
    with pytest.raises(UsageError, match="on_examples"):
        Compose(transform)


def test_a_function_whose_third_argument_has_a_value_is_no_random_one():
    def shift(x, y, by=3):
        return x + by, y

    assert np.array_equal(Compose(shift)(PICTURES, LABELS, draws())[0], PICTURES + 3)
    assert np.array_equal(Compose(functools.partial(shift, by=1))(PICTURES, LABELS, draws())[0], PICTURES + 1)


def test_on_examples_leaves_the_labels_alone():
    y = np.array([1, 2])
    x, same = on_examples(lambda x: x + 1)(np.array([[1], [2]]), y)
    assert x.tolist() == [[2], [3]]
    assert same is y
