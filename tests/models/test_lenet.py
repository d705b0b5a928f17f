from __future__ import annotations

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, UsageError, check_gradients, manual_seed
from descend.models import LeNet
from descend.nn import cross_entropy
from descend.optim import Adam
from tests.nn.peer import agree, as_function, in_double
from tests.nn.refusal import Mistake, check


class Theirs(torch.nn.Module):
    def __init__(self, first: int, second: int, hidden: int) -> None:
        super().__init__()
        t = torch.nn
        self.features = t.Sequential(
            t.Conv2d(1, first, 5, padding=2), t.ReLU(), t.MaxPool2d(2),
            t.Conv2d(first, second, 5), t.ReLU(), t.MaxPool2d(2), t.Flatten(),
        )  # fmt: skip
        self.classifier = t.Sequential(t.Linear(second * 25, hidden), t.ReLU(), t.Dropout(0.0), t.Linear(hidden, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def images(n: int) -> np.ndarray:
    return np.random.default_rng(0).random((n, 1, 28, 28), np.float32)


@pytest.mark.parametrize(("channels", "hidden", "n"), [((16, 32), 128, 3), ((3, 5), 7, 11), ((1, 1), 1, 1)])
def test_agrees_with_pytorch(channels, hidden, n):
    agree(LeNet(channels, hidden), Theirs(*channels, hidden), images(n))


def test_gradients():
    f, values = as_function(in_double(LeNet((2, 3), 5)))
    check_gradients(f, images(2), *values)


def test_names_of_its_parameters():
    assert [name for name, _ in LeNet().named_parameters()] == [
        "features.0.weight", "features.0.bias", "features.3.weight", "features.3.bias",
        "classifier.0.weight", "classifier.0.bias", "classifier.3.weight", "classifier.3.bias",
    ]  # fmt: skip


def test_dropout_acts_in_training_only():
    manual_seed(0)
    model, x = LeNet((2, 3), 50, dropout=0.5), images(2)
    assert not np.array_equal(model(x).numpy(), model(x).numpy())
    model.eval()
    assert np.array_equal(model(x).numpy(), model(x).numpy())


def test_learns_five_images_by_heart():
    manual_seed(0)
    model, x, labels = LeNet((4, 6), 16), images(5), np.array([3, 1, 4, 1, 5])
    optimizer = Adam(model.parameters(), 0.005)
    for _ in range(150):
        loss = cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    assert np.array_equal(model(x).argmax().numpy(), labels)


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((5, 28, 28), "x.reshape(-1, 1, 28, 28)"),
        ((5, 784), "x.reshape(-1, 1, 28, 28)"),
        ((28, 28), "x.reshape(-1, 1, 28, 28)"),
        ((5, 28, 28, 1), "x.reshape(-1, 1, 28, 28)"),
        ((5, 3, 28, 28), "resize or pad"),
        ((5, 1, 32, 32), "resize or pad"),
    ],
)
def test_other_images(shape, fix):
    x, model = np.zeros(shape, np.float32), LeNet()
    check(Mistake(lambda: model(x), ShapeError, "LeNet: this network reads", str(shape), "(n, 1, 28, 28)", fix))
    if fix.startswith("x."):
        assert model(x.reshape(-1, 1, 28, 28)).shape[1] == 10


def test_wrong_settings():
    check(Mistake(lambda: LeNet(dropout=1.5), UsageError, "Dropout needs a probability", "p=1.5", "0 <= p < 1"))
    check(Mistake(lambda: LeNet(hidden=0), UsageError, "Linear needs", "out_features=0", "1, 2"))
