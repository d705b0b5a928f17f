"""LeNet: convolutions and poolings, then linear layers."""

from __future__ import annotations

from descend.engine import Tensor
from descend.nn import Conv2d, Dropout, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential


class LeNet(Module):
    """Two convolutions with pooling, two linear layers: 28 x 28 grey images to 10 class scores.

    Shapes: x (n, 1, 28, 28) to (n, 10).
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
        return self.classifier(self.features(x))  # type: ignore[no-any-return]
