"""Settings that make no sense are refused when a transform is made, not in the middle of a training."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from descend import data
from descend.engine.errors import UsageError

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "crop 0": (lambda: data.RandomCrop(0), "size of 1 or more"),
    "crop 2.5": (lambda: data.RandomCrop(2.5), "an int"),
    "crop padding": (lambda: data.RandomCrop(4, padding=-1), "padding of 0 or more"),
    "flip 1.5": (lambda: data.RandomHorizontalFlip(1.5), "p of 0 to 1"),
    "flip -1": (lambda: data.RandomVerticalFlip(-0.1), "p of 0 to 1"),
    "flip text": (lambda: data.RandomVerticalFlip("half"), "p of 0 to 1"),
    "cutout": (lambda: data.Cutout(-1), "size of 1 or more"),
    "degrees": (lambda: data.RandomAffine(-10), "degrees of 0 or more"),
    "degrees NaN": (lambda: data.RandomAffine(float("nan")), "degrees of 0 or more"),
    "shear": (lambda: data.RandomAffine(shear=90), "shear of 0 to 89"),
    "translate": (lambda: data.RandomAffine(translate=(0.1, 3)), "translate of 0 to 1"),
    "translate one": (lambda: data.RandomAffine(translate=0.1), "like (0.1, 0.2)"),
    "scale 0": (lambda: data.RandomAffine(scale=(0, 1)), "scale of 0.001 or more"),
    "scale turned round": (lambda: data.RandomAffine(scale=(1.2, 0.8)), "scale of 1.2 or more"),
    "alpha": (lambda: data.ElasticTransform(-1), "alpha of 0 or more"),
    "no class": (lambda: data.MixUp(0.4, 0), "n_classes of 1 or more"),
    "std 0": (lambda: data.Normalize([0.1, 0.2], [1, 0]), "above 0"),
    "std NaN": (lambda: data.Normalize(0.1, float("nan")), "above 0"),
    "a list": (lambda: data.Compose([data.RandomCrop(3), data.Cutout(2)]), "Compose(a, b)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_and_said_what_is_needed(name: str) -> None:
    make, needed = WRONG[name]
    with pytest.raises(UsageError) as error:
        make()
    assert needed in str(error.value)
    assert error.value.given


def test_the_ends_of_what_is_allowed() -> None:
    data.RandomCrop(1)
    data.RandomHorizontalFlip(0)
    data.RandomVerticalFlip(1)
    data.Cutout(1)
    data.RandomAffine(0, (0, 1), (0.001, 0.001), 89)
    data.ElasticTransform(0)
