"""How many CIFAR pictures a second come out of the loader, shifted, mirrored and scaled, beside PyTorch's loader?

50,000 made-up pictures of 3 x 32 x 32 bytes, batches of 128: a random crop out of 4 pixels of padding, a random flip,
then [0, 1]. PyTorch's loader does it as its users do, picture by picture, in one process. One turn is 10 batches.
"""

from __future__ import annotations

import timeit
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from benchmarks.turns import Comparison, compare
from descend.data import (
    ColorJitter,
    Compose,
    ElasticTransform,
    Loader,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    Split,
    on_examples,
    scale,
)
from descend.data.transforms.compose import DrawingTransform
from descend.recipes.recipe import Expect

N, BATCH, BATCHES = 50_000, 128, 10
CROPPED = Compose(RandomCrop(32, padding=4), RandomHorizontalFlip(), on_examples(scale))
ALL = Compose(RandomAffine(15), ElasticTransform(8, 3), CROPPED, ColorJitter(0.4, 0.4, 0.4, 0.1))
EXPECT = (Expect(metric="ratio_torch_low", at_least=1.0, source="PyTorch's DataLoader, in the same run"),)


@dataclass(frozen=True)
class Speeds:
    """Both loaders on the same work, and ours with every picture transform: pictures a second."""

    cropped: Comparison
    everything: float

    def metrics(self) -> dict[str, float]:
        """The numbers by name."""
        return {
            **self.cropped.metrics(),
            "images_per_second": _images(self.cropped.ours_ms),
            "torch_images_per_second": _images(self.cropped.peer_ms),
            "images_per_second_with_everything": self.everything,
        }

    def __str__(self) -> str:
        return (
            f"{_images(self.cropped.ours_ms):,.0f} images/s, PyTorch {_images(self.cropped.peer_ms):,.0f}: "
            f"{self.cropped.ratio:.2f} times its speed; rotated, bent and coloured too: {self.everything:,.0f} images/s"
        )


def run() -> Speeds:
    """Ours reads ahead in one thread, as it does by default; PyTorch's has no workers, as by default."""
    torch.set_num_threads(1)
    pixels = np.random.default_rng(0).integers(0, 256, (N, 3, 32, 32), np.uint8)
    split = Split(pixels, np.arange(N) % 10)
    everything = _ours(split, ALL)
    seconds = min(timeit.repeat(everything, number=1, repeat=3))
    return Speeds(compare(_ours(split, CROPPED), _theirs(split), calls=1), _images(seconds * 1e3))


def _images(milliseconds: float) -> float:
    return BATCH * BATCHES / milliseconds * 1e3


def _ours(split: Split, transform: DrawingTransform):
    loader = Loader(split, BATCH, transform=transform)
    return lambda: sum(len(y) for _, y in islice(loader.epoch(0), BATCHES))


def _theirs(split: Split):
    loader = torch.utils.data.DataLoader(Pictures(split), BATCH, shuffle=True)
    return lambda: sum(len(y) for _, y in islice(iter(loader), BATCHES))


class Pictures(torch.utils.data.Dataset):
    """The same pictures, changed one at a time."""

    def __init__(self, split: Split) -> None:
        self.x, self.y = torch.from_numpy(split.x.copy()), torch.from_numpy(split.y.copy())

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        padded = torch.nn.functional.pad(self.x[i], (4, 4, 4, 4))
        top, left = torch.randint(9, (2,)).tolist()
        cropped = padded[:, top : top + 32, left : left + 32]
        return (cropped.flip(-1) if torch.rand(()) < 0.5 else cropped) / 255, self.y[i]
