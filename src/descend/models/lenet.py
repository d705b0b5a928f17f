"""LeNet: convolutions and poolings, then linear layers."""

from __future__ import annotations

import math

from descend.engine import ShapeError, Tensor
from descend.nn import Conv2d, Dropout, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential


class LeNet(Module):
    """Two convolutions with pooling, two linear layers: 28 x 28 grey images to 10 class scores.

    Shapes: x (n, 1, 28, 28) to (n, 10). Raises: ShapeError for other images.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", Fig. 2.
    Differs: ReLU, max pooling and dropout, which came later, for the sigmoids and subsampling of the paper.
    """

    def __init__(self, channels: tuple[int, int] = (16, 32), hidden: int = 128, dropout: float = 0.0) -> None:
        first, second = channels
        self.features = Sequential(
            Conv2d(1, first, 5, padding=2), ReLU(), MaxPool2d(2),
            Conv2d(first, second, 5), ReLU(), MaxPool2d(2), Flatten(),
        )  # fmt: skip
        self.classifier = Sequential(Linear(second * 5 * 5, hidden), ReLU(), Dropout(dropout), Linear(hidden, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Class scores."""
        if x.shape[1:] != (1, 28, 28):
            raise ShapeError(
                "this network reads grey images of 28 x 28 pixels", given=str(x.shape), needed="(n, 1, 28, 28)",
                fix="x.reshape(-1, 1, 28, 28)" if _only_folded(x.shape) else "resize or pad the images",
            )  # fmt: skip
        return self.classifier(self.features(x))  # type: ignore[no-any-return]


def _only_folded(shape: tuple[int, ...]) -> bool:
    """Whether these are grey images of 28 x 28, or a single one, under another shape."""
    return math.prod(shape[1:]) == 28 * 28 or shape in ((28, 28), (28 * 28,))
