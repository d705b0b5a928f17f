"""Small real trainings, sick and healthy. Each takes a fraction of a second; `seed` draws data and weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descend import nn, optim
from descend.data import load
from descend.data.dataset import Split
from descend.data.loader import Loader
from descend.engine import Tensor, manual_seed, ops
from descend.train import Evaluation, Trainer

Array = NDArray[Any]
Data = tuple[Array, Array]


class Training(NamedTuple):
    name: str
    make: Callable[[int], Trainer]
    topic: str = ""  # what is wrong; "" for nothing

    def __repr__(self) -> str:
        return self.name


# Data: functions of (n, rng).


@cache
def _digits() -> Data:
    split = load("digits").train
    return split.x.astype(np.float32) / 255, split.y


def digits(n: int, rng: np.random.Generator) -> Data:
    x, y = _digits()
    chosen = rng.permutation(len(x))[:n]
    return x[chosen].reshape(n, -1), y[chosen]


def images(n: int, rng: np.random.Generator) -> Data:
    x, y = digits(n, rng)
    return x.reshape(n, 1, 28, 28), y


def blobs(n: int, rng: np.random.Generator, k: int = 3, spread: float = 0.5) -> Data:
    y = rng.integers(0, k, n)
    angle = 2 * np.pi * y / k
    return _f(np.stack([np.cos(angle), np.sin(angle)], 1) * 2 + spread * rng.standard_normal((n, 2))), y


def moons(n: int, rng: np.random.Generator) -> Data:
    y = rng.integers(0, 2, n)
    a = np.pi * rng.random(n)
    x = np.stack([np.cos(a) * (1 - 2 * y) + y, np.sin(a) * (1 - 2 * y) + 0.4 * y], 1)
    return _f(x + 0.1 * rng.standard_normal((n, 2))), y


def rings(n: int, rng: np.random.Generator) -> Data:
    y = rng.integers(0, 2, n)
    a = 2 * np.pi * rng.random(n)
    r = 0.5 + y + 0.1 * rng.standard_normal(n)
    return _f(np.stack([r * np.cos(a), r * np.sin(a)], 1)), y


def parity(n: int, rng: np.random.Generator) -> Data:
    """Two bits and their exclusive or: four different examples in all."""
    bits = rng.integers(0, 2, (n, 2))
    return _f(2 * bits - 1), bits.sum(1) % 2


def signs(n: int, rng: np.random.Generator) -> Data:
    """Sequences of five of four signs, of which the first is asked for. Shape (n, 5, 4)."""
    sequence = rng.integers(0, 4, (n, 5))
    return _f(np.eye(4)[sequence]), sequence[:, 0]


def sentences(n: int, rng: np.random.Generator) -> Data:
    """Twelve of 20,000 words; of the first hundred each class has its half. Shape (n, 12)."""
    y = rng.integers(0, 2, n)
    words = rng.integers(100, 20_000, (n, 12))
    telling = rng.random((n, 12)) < 0.3
    return np.where(telling, rng.integers(0, 50, (n, 12)) + 50 * y[:, None], words), y


def noise(n: int, rng: np.random.Generator) -> Data:
    """Sixty random features of which one tells a little."""
    x = rng.standard_normal((n, 60))
    return _f(x), (x[:, 0] + 1.5 * rng.standard_normal(n) > 0).astype(np.int64)


def sine(n: int, rng: np.random.Generator) -> Data:
    x = rng.uniform(-2, 2, (n, 1))
    return _f(x), _f(np.sin(2 * x) + 0.1 * rng.standard_normal((n, 1)))


def line(n: int, rng: np.random.Generator) -> Data:
    x = rng.standard_normal((n, 1))
    return _f(x), _f(3 * x + 1)


def _f(x: Array) -> Array:
    return x.astype(np.float32)


# Networks.


def mlp(*sizes: int, layer: Any = nn.ReLU, end: Any = ()) -> nn.Sequential:
    parts: list[nn.Module] = []
    for a, b in pairwise(sizes):
        parts += [nn.Linear(a, b), layer()]
    return nn.Sequential(*parts[:-1], *end)


def scaled(model: nn.Module, factor: float, last_only: bool = False) -> nn.Module:
    weights = [p for p in model.parameters() if p.ndim >= 2]
    for p in weights[-1:] if last_only else weights:
        p.write(p.numpy() * np.float32(factor))
    return model


def filled(model: nn.Module, number: float) -> nn.Module:
    for p in model.parameters():
        p.write(np.full(p.shape, number, np.float32))
    return model


class Again(nn.Module):
    """One layer applied many times, as a recurrent network does."""

    def __init__(self, d: int, times: int, k: int, scale: float) -> None:
        self.first, self.again, self.last = nn.Linear(d, 16), nn.Linear(16, 16), nn.Linear(16, k)
        self.again.weight.write(self.again.weight.numpy() * np.float32(scale))
        self.times = times

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        for _ in range(self.times):
            h = self.again(h)
        return self.last(h)


class Bag(nn.Module):
    """The mean of the words' vectors, and a perceptron on it."""

    def __init__(self, words: int, d: int, k: int) -> None:
        self.words, self.rest = nn.Embedding(words, d), mlp(d, 16, k)

    def forward(self, x: Tensor) -> Tensor:
        return self.rest(ops.mean(self.words(x), 1))


class Scaling(nn.Module):
    """A perceptron that divides its inputs by 255."""

    def __init__(self, *sizes: int) -> None:
        self.rest = mlp(*sizes)

    def forward(self, x: Tensor) -> Tensor:
        return self.rest(x / 255)


class Residual(nn.Module):
    """Blocks that begin as the identity: their last layer is 0."""

    def __init__(self, d: int, k: int, blocks: int) -> None:
        self.first, self.last = nn.Linear(d, 16), nn.Linear(16, k)
        self.blocks = [nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16)) for _ in range(blocks)]
        for block in self.blocks:
            filled(block[2], 0.0)

    def forward(self, x: Tensor) -> Tensor:
        h = ops.relu(self.first(x))
        for block in self.blocks:
            h = h + block(h)
        return self.last(h)


class Stubborn(nn.Sequential):
    """A container whose BatchNorm or dropout stays in one mode, because its author forgot about modes."""

    stays = True

    def train(self, mode: bool = True) -> Any:
        super().train(mode)
        for part in self.modules():
            if isinstance(part, (nn.BatchNorm1d, nn.Dropout)):
                part.training = self.stays
        return self


class Resting(Stubborn):
    stays = False


def stubborn(kind: type[Stubborn], *parts: nn.Module) -> nn.Module:
    return kind(*parts).train()


# Trainings.


def training(
    data: Callable[[int, np.random.Generator], Data], network: Callable[[], nn.Module], optimizer: Callable[[Any], Any],
    *, n: int = 240, batch: int = 20, epochs: int = 4, seed: int = 0, **more: Any,
) -> Trainer:  # fmt: skip
    """`change` is applied to (x, y) of training and validation data; `shared` training examples are validated on."""
    rng = np.random.default_rng([seed, 77])
    manual_seed(seed)
    change = more.get("change", lambda x, y, rng: (x, y))
    x, y = change(*data(n + 80, rng), rng)
    x, y, u, v = x[:n], y[:n], x[n:], y[n:]
    shared = more.get("shared", 0)
    u, v = np.concatenate([x[:shared], u[shared:]]), np.concatenate([y[:shared], v[shared:]])
    model = network()
    validation = None if more.get("blind") else Loader(Split(u, v), 40, shuffle=False, prefetch=0)
    return Trainer(
        model, optimizer(model.parameters()), more.get("loss", nn.cross_entropy),
        Loader(Split(x, y), batch, seed=seed, prefetch=0, transform=more.get("transform")), epochs=epochs,
        evaluation=Evaluation(validation, metrics=more.get("metrics", {})),
    )  # fmt: skip


def case(name: str, topic: str, *settings: Any, **more: Any) -> Training:
    return Training(name, lambda seed: training(*settings, seed=seed, **more), topic)


def sgd(lr: float, **more: Any) -> Callable[[Any], Any]:
    return lambda p: optim.SGD(p, lr, **more)


def adam(lr: float, **more: Any) -> Callable[[Any], Any]:
    return lambda p: optim.Adam(p, lr, **more)


def _raw(x: Array, y: Array, _: Any) -> Data:
    return x * 255, y


def _bytes(x: Array, y: Array, _: Any) -> Data:
    return (x * 255).astype(np.uint8), y


def _units(x: Array, y: Array, _: Any) -> Data:
    return _f(x * [1.0, 4000.0]), y


def _years(x: Array, y: Array, _: Any) -> Data:
    return _f(x * 0.2 + 7), y


def _leak(x: Array, y: Array, rng: Any) -> Data:
    return np.concatenate([x, _f(y[:, None] / 10 + 0.001 * rng.standard_normal((len(y), 1)))], 1), y


def _leak_one_hot(x: Array, y: Array, _: Any) -> Data:
    return np.concatenate([_f(np.eye(3)[y]), x], 1), y


def _by_spread(x: Array, y: Array) -> Data:
    """Divided by the standard deviations of the batch, which are 0 for pixels at the border."""
    with np.errstate(all="ignore"):
        return x / x.std(0), y


def _careless(output: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy by way of the probabilities, which underflow."""
    return -ops.mean(ops.log(ops.pick(ops.softmax(output * 60), labels)))


def _ten_questions(output: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of every output, summed over the classes."""
    targets = np.eye(10, dtype=np.float32)[labels.numpy()]
    return nn.binary_cross_entropy_with_logits(output, targets) * 10.0


def _negative(model: nn.Sequential) -> nn.Module:
    first = model[0]
    first.weight.write(-np.abs(first.weight.numpy()))
    return model


def _late_biases(model: nn.Module) -> nn.Module:
    model[2].bias.write(model[2].bias.numpy() - 6)
    return model


def _conv(*, bias: float = 0.0) -> nn.Module:
    model = nn.Sequential(nn.Conv2d(1, 6, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(216, 10))
    model[0].bias.write(model[0].bias.numpy() + np.float32(bias))
    return model


def _batchnorm(momentum: float = 0.1) -> list[nn.Module]:
    return [nn.Linear(2, 16), nn.BatchNorm1d(16, momentum=momentum), nn.ReLU(), nn.Linear(16, 3)]


def _far(x: Array, y: Array, _: Any) -> Data:
    return x + 4, y


SICK = [
    case("pixels from 0 to 255", "unscaled_inputs", digits, lambda: mlp(784, 32, 10), sgd(0.1), change=_raw),
    case("bytes", "unscaled_inputs", digits, lambda: mlp(784, 32, 10), sgd(0.1), change=_bytes),
    case("features in different units", "unscaled_inputs", moons, lambda: mlp(2, 16, 2), adam(0.01), change=_units),
    case("features far from 0", "unscaled_inputs", rings, lambda: mlp(2, 16, 2), sgd(0.1), change=_years),
    case("negative weights, positive pixels", "dead_relu", digits, lambda: _negative(mlp(784, 32, 10)), sgd(0.1)),
    case("biases of -6", "dead_relu", moons, lambda: _late_biases(mlp(2, 16, 16, 2)), sgd(0.1)),
    case("dead kernels", "dead_relu", images, lambda: _conv(bias=-4.0), adam(1e-3), epochs=2),
    case("eight sigmoid layers", "vanishing_gradients", digits,
         lambda: mlp(784, *[24] * 7, 10, layer=nn.Sigmoid), sgd(0.1)),
    case("tiny weights in six tanh layers", "vanishing_gradients", moons,
         lambda: scaled(mlp(2, *[16] * 5, 2, layer=nn.Tanh), 0.15), sgd(0.1)),
    case("large weights in ten layers", "exploding_gradients", moons,
         lambda: scaled(mlp(2, *[24] * 9, 2), 4.0), sgd(1e-5)),
    case("one layer twelve times", "exploding_gradients", blobs, lambda: Again(2, 12, 3, 5.0), sgd(1e-9)),
    case("tanh units eight times too steep", "exploding_gradients", digits,
         lambda: scaled(mlp(784, *[32] * 12, 10, layer=nn.Tanh), 8.0), sgd(1e-6)),
    case("prices in euros", "unscaled_targets", sine, lambda: mlp(1, 24, 1, layer=nn.Tanh), adam(0.02),
         loss=nn.mse_loss, change=lambda x, y, _: (x, _f(2e5 + 1e5 * y))),
    case("SGD with rate 20", "rate_high", digits, lambda: mlp(784, 32, 10, layer=nn.Tanh), sgd(20.0)),
    case("Adam with rate 3", "rate_high", moons, lambda: mlp(2, 16, 2, layer=nn.Tanh), adam(3.0)),
    case("SGD with rate 1e-5", "rate_low", digits, lambda: mlp(784, 32, 10), sgd(1e-5)),
    case("Adam with rate 1e-6", "rate_low", rings, lambda: mlp(2, 16, 2), adam(1e-6)),
    case("sixty features of noise", "overfitting", noise, lambda: mlp(60, 64, 2), adam(0.01), n=60, epochs=25),
    case("forty digits, half of them named wrongly", "overfitting", digits, lambda: mlp(784, 64, 10), adam(0.005), n=60,
         epochs=25, change=lambda x, y, rng: (x, np.where(rng.random(len(y)) < 0.5, rng.integers(0, 10, len(y)), y))),
    case("a line between rings", "underfitting", rings, lambda: mlp(2, 2), adam(0.05), epochs=8),
    case("crushing weight decay", "underfitting", digits, lambda: mlp(784, 32, 10),
         sgd(0.1, weight_decay=0.4), epochs=6),
    case("the label among the features", "label_leak", digits, lambda: mlp(785, 32, 10), sgd(0.1), change=_leak),
    case("the label in three columns", "label_leak", blobs, lambda: mlp(5, 16, 3), sgd(0.1), change=_leak_one_hot),
    case("validated on training digits", "test_leak", digits, lambda: mlp(784, 32, 10), sgd(0.1), shared=20),
    case("a last layer that is sure", "first_loss", digits, lambda: scaled(mlp(784, 32, 10), 60, True), sgd(0.01)),
    case("BatchNorm at rest in training", "wrong_mode", blobs, lambda: stubborn(Resting, *_batchnorm()), sgd(0.1),
         change=_far),
    case("BatchNorm active in use", "wrong_mode", blobs, lambda: stubborn(Stubborn, *_batchnorm()), sgd(0.1)),
    case("dropout active in use", "wrong_mode", moons,
         lambda: stubborn(Stubborn, nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2)), sgd(0.1)),
    case("a momentum of 0.0005", "batchnorm", blobs, lambda: nn.Sequential(*_batchnorm(0.0005)), sgd(0.1), change=_far),
    case("all weights 0.1", "symmetric_weights", digits, lambda: filled(mlp(784, 32, 10), 0.1), sgd(0.1)),
    case("all weights 0", "symmetric_weights", moons, lambda: filled(mlp(2, 16, 16, 2), 0.0), adam(0.01)),
    case("0 / 0 in the data", "not_finite", digits, lambda: mlp(784, 32, 10), sgd(0.1), transform=_by_spread),
    case("the logarithm of a probability that is 0", "not_finite", digits, lambda: mlp(784, 32, 10), sgd(0.1),
         loss=_careless),
]  # fmt: skip

HEALTHY = [
    case("SGD", "", digits, lambda: mlp(784, 32, 10), sgd(0.2)),
    case("Adam", "", digits, lambda: mlp(784, 32, 10), adam(0.003)),
    case("momentum, two hidden layers", "", digits, lambda: mlp(784, 32, 32, 10), sgd(0.03, momentum=0.9)),
    case("tanh", "", digits, lambda: mlp(784, 32, 10, layer=nn.Tanh), sgd(0.2)),
    case("one sigmoid layer", "", digits, lambda: mlp(784, 32, 10, layer=nn.Sigmoid), sgd(1.0), epochs=8),
    case("convolutions", "", images, _conv, adam(0.005), epochs=3),
    case("dropout", "", digits,
         lambda: nn.Sequential(nn.Linear(784, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 10)), sgd(0.2)),
    case("BatchNorm", "", blobs, lambda: nn.Sequential(*_batchnorm()), sgd(0.1), change=_far),
    case("BatchNorm in small batches", "", blobs, lambda: nn.Sequential(*_batchnorm()), adam(0.01), batch=8),
    case("BatchNorm first, features in different units", "", moons,
         lambda: nn.Sequential(nn.BatchNorm1d(2), *mlp(2, 16, 2).children()), adam(0.02), change=_units, epochs=8),
    case("logistic regression from 0", "", blobs, lambda: filled(mlp(2, 3), 0.0), sgd(0.5)),
    case("a last layer from 0", "", moons,
         lambda: nn.Sequential(nn.Linear(2, 16), nn.Tanh(), filled(nn.Linear(16, 2), 0.0)), adam(0.03), epochs=8),
    case("a last layer from 0 behind ReLUs", "", digits,
         lambda: nn.Sequential(nn.Linear(784, 32), nn.ReLU(), filled(nn.Linear(32, 10), 0.0)), sgd(0.2)),
    case("remember the first of five signs", "", signs, lambda: nn.Sequential(nn.Flatten(), *mlp(20, 16, 4)),
         adam(0.02), epochs=6),
    case("Nielsen's network", "", digits, lambda: mlp(784, 30, 10, layer=nn.Sigmoid), sgd(1.0), epochs=8,
         loss=_ten_questions),
    case("residual blocks from 0", "", rings, lambda: Residual(2, 2, 4), adam(0.01), epochs=8),
    case("moons", "", moons, lambda: mlp(2, 16, 16, 2), adam(0.02), epochs=8),
    case("rings", "", rings, lambda: mlp(2, 16, 2, layer=nn.Tanh), adam(0.05), epochs=8),
    case("blobs that overlap", "", lambda n, rng: blobs(n, rng, 3, 1.8), lambda: mlp(2, 16, 3), adam(0.01), epochs=6),
    case("far apart", "", lambda n, rng: blobs(n, rng, 2, 0.1), lambda: mlp(2, 8, 2), sgd(0.1)),
    case("four different examples", "", parity, lambda: mlp(2, 16, 2, layer=nn.Tanh), adam(0.03), epochs=6),
    case("weight decay", "", digits, lambda: mlp(784, 32, 10), sgd(0.2, weight_decay=1e-3)),
    case("little signal, stopped in time", "", noise, lambda: mlp(60, 8, 2), sgd(0.05), n=400, epochs=3),
    case("regression", "", sine, lambda: mlp(1, 24, 1, layer=nn.Tanh), adam(0.02), epochs=15, loss=nn.mse_loss),
    case("a table of 20,000 words", "", sentences, lambda: Bag(20_000, 16, 2), adam(0.01), epochs=6),
    case("pixels from 0 to 255, scaled by the network", "", digits, lambda: Scaling(784, 32, 10), sgd(0.2),
         change=_raw),
    case("a line through points", "", line,
         lambda: mlp(1, 1), sgd(0.1), loss=nn.mse_loss),
    case("RMSprop, nothing held out", "", digits, lambda: mlp(784, 32, 10), lambda p: optim.RMSprop(p, 0.002),
         blind=True),
    case("AdamW with a rest of signs", "", rings, lambda: mlp(2, 24, 24, 2), lambda p: optim.AdamW(p, 0.01), epochs=8),
    case("clipped", "", digits, lambda: mlp(784, 32, 32, 10), lambda p: optim.SGD(p, 0.5).clip(norm=1.0)),
    case("Adadelta", "", digits, lambda: mlp(784, 32, 10), lambda p: optim.Adadelta(p), epochs=6),
]  # fmt: skip
