"""Where single checks begin to speak, on cases made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from descend import nn, optim
from descend.data import Loader, Split
from descend.engine import Tensor, ops
from descend.train import Trainer
from descend.train.doctor import (
    batchnorm,
    dead_relu,
    exploding,
    first_loss,
    inputs,
    label_leak,
    mode,
    overfitting,
    rate_high,
    rate_low,
    symmetry,
    targets,
    underfitting,
    vanishing,
)  # fmt: skip
from descend.train.doctor.case import Case, Layer, Look
from descend.train.doctor.looking import Looking
from descend.train.events import Epoch, Step

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 3)).astype(np.float32), np.arange(40) % 3
CHANCE = float(np.log(3))


def made(x: np.ndarray = X) -> Case:
    """Forty examples of three classes, before a perceptron's training."""
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 3))
    return Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, Loader(Split(x, Y), 8), epochs=9))


@pytest.mark.parametrize(
    ("moved", "loss", "named"),
    [(0.3, 1.3 * CHANCE, True), (0.3, 0.9 * CHANCE, False), (0.05, 1.3 * CHANCE, False)],
)
def test_jumps_that_lead_nowhere_are_a_rate_too_high(moved: float, loss: float, named: bool) -> None:
    case = made()
    case.steps = [Step(i, 1, loss, 0.1) for i in range(1, 21)]
    case.looks = [Look(step, [], moved) for step in (2, 3, 5)]
    found = rate_high.find(case)
    assert (found is not None) is named
    assert found is None or "changes the weights by 30 %" in found.evidence


@pytest.mark.parametrize(("scales", "named"), [((1, 1, 300), True), ((1, 1, 20), False), ((0.5, 1, 60), False)])
def test_features_of_sizes_worlds_apart(scales: Sequence[float], named: bool) -> None:
    x = (X * np.array(scales) / max(scales) * 5).astype(np.float32)
    found = inputs.find(made(x))
    assert (found is not None) is named
    assert found is None or "standard deviations of the features" in found.evidence


@pytest.mark.parametrize(("size", "named"), [(0.0, False), (0.009, True), (0.011, False), (9.9, False), (10.1, True)])
def test_inputs_that_are_tiny_or_huge(size: float, named: bool) -> None:
    x = np.where(np.arange(120).reshape(40, 3) % 2, size, -size).astype(np.float32)
    assert (inputs.find(made(x)) is not None) is named


@pytest.mark.parametrize(("mean", "named"), [(10.1, True), (9.9, False), (-10.1, True)])
def test_inputs_that_are_far_from_0(mean: float, named: bool) -> None:
    x = 0.1 * (np.where(np.arange(120).reshape(40, 3) % 2, 1, -1) + mean)
    found = inputs.find(made(x.astype(np.float32)))
    assert (found is not None) is named
    assert found is None or "standard deviation only 0.1" in found.evidence


def test_the_best_constant_answer_knows_how_frequent_the_classes_are() -> None:
    case = made()
    shares = np.bincount(Y) / len(Y)
    assert case.constant == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-6)
    case.__dict__["examples"] = (X, np.zeros(40, np.int64))  # of the other two none is there
    case.__dict__.pop("constant")
    assert case.constant == pytest.approx(0, abs=1e-5)
    case.__dict__["examples"] = (X, Y.astype(np.float32))
    case.__dict__.pop("classes")
    assert case.classes == 0


@pytest.mark.parametrize(("kind", "named"), [(np.uint8, True), (np.int64, True), (bool, False)])
def test_whole_numbers_are_inputs_too(kind: type, named: bool) -> None:
    found = inputs.find(made((X * 255).astype(np.int64).clip(0, 255).astype(kind)))
    assert (found is not None) is named
    assert found is None or "root mean square" in found.evidence


def test_the_numbers_of_words_are_no_sizes() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            self.last, self.words = nn.Linear(12, 3), nn.Embedding(500, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.words(x).flatten(1))

    model, data = Reader(), Loader(Split(RNG.integers(0, 500, (40, 3)), Y), 8)
    trainer = Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, data, epochs=1)
    assert inputs.find(Case(trainer)) is None


@pytest.mark.parametrize(
    ("validation", "training", "named"),
    [
        ((1.0, 0.8, 1.2), 0.3, True),
        ((1.0, 0.8, 0.9), 0.3, False),  # hardly a climb
        ((1.0, 0.8, 1.2), 0.9, False),  # no worse than in training
        ((1.2, 1.0, 0.8), 0.3, False),  # no climb
        ((0.2, 0.1, 0.31), 0.01, False),  # from little to less than a third of what chance gives
        ((0.2, 0.1, 0.35), 0.01, True),
    ],
)
def test_a_climb_of_the_validation_loss_that_matters(validation: Sequence[float], training: float, named: bool) -> None:
    case = made()
    case.epochs = [
        Epoch(i + 1, i, {"validation_loss": loss, "train_loss": training}, 0.1) for i, loss in enumerate(validation)
    ]
    assert (overfitting.find(case) is not None) is named


def looks(*gradients: Sequence[float], weights: Sequence[float] = (1, 1, 1)) -> list[Look]:
    """Looks at layers with these gradients and weights."""
    return [
        Look(i, [Layer(f"{j}", w, g, False) for j, (w, g) in enumerate(zip(weights, row))], 0.01)
        for i, row in enumerate(gradients, 2)
    ]


CALM, LARGE, GROWN = (1, 1, 1), (1, 11, 1), (5, 1, 0.049)


@pytest.mark.parametrize(
    ("seen", "weights", "named"),
    [
        ([CALM] * 5, (1, 1, 1), False),
        ([LARGE], (1, 1, 1), True),
        ([(1, 9.9, 1)], (1, 1, 1), False),
        ([(1, 10, 1)], (1, 1, 1), False),
        ([LARGE], (1, 1, 2), False),  # not ten times the largest weights
        ([CALM, CALM, LARGE], (1, 1, 1), False),  # once is nothing
        ([CALM, LARGE, CALM, LARGE], (1, 1, 1), True),
        ([GROWN], (1, 1, 1), True),
        ([(5, 1, 0.05)], (1, 1, 1), False),
        ([GROWN], (5, 1, 0.05), False),  # as large as the weights are
        ([GROWN], (2, 1, 1), False),
        ([GROWN], (1, 1, 0.5), False),
        ([(5, 1, 0)], (1, 1, 1), False),  # a last layer that has just begun
        ([(5, 0.049)], (1, 1), False),  # no depth to grow over
        ([(1, 11)], (1, 1), True),
        ([(11,)], (1,), False),
    ],
)
def test_gradients_that_explode(seen: list[Sequence[float]], weights: Sequence[float], named: bool) -> None:
    case = made()
    case.looks = [Look(1, [], 0.1), *looks(*seen, weights=weights)]
    assert (exploding.find(case) is not None) is named


@pytest.mark.parametrize(("size", "gradient", "named"), [(0.1, 11, True), (5, 49, False), (5, 51, True)])
def test_gradients_are_as_large_as_the_amounts_to_predict(size: float, gradient: float, named: bool) -> None:
    y = np.full((40, 1), size, np.float32)
    model = nn.Linear(3, 1)
    case = Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.mse_loss, Loader(Split(X, y), 8), epochs=1))
    case.looks = looks((1, gradient, 1))
    assert (exploding.find(case) is not None) is named


@pytest.mark.parametrize(
    ("ratios", "depth", "named"),
    [
        ((0.0019,) * 3, 3, True), ((0.0021,) * 3, 3, False), ((0.002,) * 3, 3, False), ((0.0019,) * 2, 3, False),
        ((0.0019,) * 3, 2, False), ((0.0001, 0.0019, 1), 3, True), ((0.0001, 0.0021, 1), 3, False),
    ],
)  # fmt: skip
def test_gradients_that_vanish(ratios: Sequence[float], depth: int, named: bool) -> None:
    case = made()
    case.looks = looks(*[(ratio, *[1.0] * (depth - 1)) for ratio in ratios], weights=[1] * depth)
    assert (vanishing.find(case) is not None) is named


def test_a_table_of_words_is_no_layer_of_its_own() -> None:
    case = made()
    case.trainer.model = nn.Sequential(nn.Embedding(50, 3), nn.Linear(3, 3))
    assert [name for name, _ in case.weights()] == ["1.weight"]


def spread(share: float, examples: int = 40) -> np.ndarray:
    """A feature of which the class explains this share of the variance, to rounding."""
    y = np.arange(examples) % 2
    within = np.where(np.arange(examples) // 2 % 2, 1.0, -1.0)
    return np.sqrt(share) * (2 * y - 1) + np.sqrt(1 - share) * within


@pytest.mark.parametrize(
    ("share", "n", "named"), [(0.9991, 40, True), (0.9989, 40, False), (1.0, 10, True), (1.0, 8, False)]
)
def test_a_feature_that_the_class_explains(share: float, n: int, named: bool) -> None:
    x = np.stack([np.sin(np.arange(n)), np.cos(np.arange(n)), spread(share, n)], 1).astype(np.float32)
    model = nn.Sequential(nn.Linear(3, 2))
    batches = Loader(Split(x, np.arange(n) % 2), 4, shuffle=False)
    found = label_leak.find(
        Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, batches, epochs=1))
    )
    assert (found is not None) is named
    assert found is None or "feature 2 of 3" in found.evidence


def test_a_feature_that_is_hardly_ever_there_is_no_leak() -> None:
    for times, share in ((4, 0.0), (5, 1.0)):
        x, y = np.zeros((40, 1)), np.repeat([0, 1], [40 - times, times])
        x[y == 1] = 1
        assert label_leak.explained_by_class(x, y)[0] == pytest.approx(share)


@pytest.mark.parametrize(
    ("first", "late", "n", "named"),
    [
        (1.0, 1.51 * CHANCE, 20, True),
        (1.0, 1.49 * CHANCE, 20, False),
        (2.0, 1.51 * CHANCE, 20, False),  # it began high
        (2.0, 3.1, 20, True),
        (1.0, 1.51 * CHANCE, 9, False),
        (1.0, 1.51 * CHANCE, 10, True),
    ],
)
def test_a_loss_that_climbs_is_a_rate_too_high(first: float, late: float, n: int, named: bool) -> None:
    case = made()
    losses = [first] * (n // 2) + [late] * (n - n // 2)
    case.steps = [Step(i, 1, loss, 0.1) for i, loss in enumerate(losses, 1)]
    found = rate_high.find(case)
    assert (found is not None) is named
    assert found is None or "of 0.01 instead of 0.1" in found.remedy


@pytest.mark.parametrize(
    ("moved", "late", "n", "named"),
    [
        (2.9e-4, 0.99, 20, True), (3.1e-4, 0.99, 20, False), (2.9e-4, 0.84, 20, False), (2.9e-4, 0.86, 20, True),
        (2.9e-4, 0.99, 9, False),
    ],
)  # fmt: skip
def test_a_loss_that_stays_while_nothing_moves_is_a_rate_too_low(
    moved: float, late: float, n: int, named: bool
) -> None:
    case = made()
    losses = [1.0] * (n // 2) + [late] * (n - n // 2)
    case.steps = [Step(i, 1, loss, 0.1) for i, loss in enumerate(losses, 1)]
    case.looks = [Look(2, [], moved)]
    assert (rate_low.find(case) is not None) is named


@pytest.mark.parametrize(("factor", "named"), [(9.9, False), (10.1, True), (1e6, True)])
def test_targets_far_from_what_the_network_gives_out(factor: float, named: bool) -> None:
    y = (np.where(np.arange(40) % 2, 1.0, -1.0) * factor).astype(np.float32)[:, None]
    for model, fits in ((nn.Linear(3, 1), named), (Thousandfold(), False)):
        trainer = Trainer(model, optim.SGD(model.parameters(), 0.1), nn.mse_loss, Loader(Split(X, y), 8), epochs=1)
        assert (targets.find(Case(trainer)) is not None) is fits
    assert targets.find(made()) is None


class Thousandfold(nn.Linear):
    """A linear layer whose outputs are large."""

    def __init__(self) -> None:
        super().__init__(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 1e7


class Chaotic(nn.Linear):
    """What it gives out depends on the batch by a rounding error alone, which it magnifies."""

    def __init__(self) -> None:
        super().__init__(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return ops.sin(super().forward(x) * (1 + 1e-6 * len(x)) * 1e6)


class Dependent(nn.Linear):
    """What it gives out depends on the others in the batch."""

    def __init__(self) -> None:
        super().__init__(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y - ops.mean(y, 0)


@pytest.mark.parametrize(("kind", "named"), [(Dependent, True), (Chaotic, False)])
def test_rounding_that_is_magnified_is_no_wrong_mode(kind: type[nn.Linear], named: bool) -> None:
    model = kind()  # type: ignore[call-arg]
    data = Loader(Split(X, Y), 8)
    found = mode.find(Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, data, epochs=1)))
    assert (found is not None) is named


@pytest.mark.parametrize(("first", "step", "named"), [(2.16, 1, True), (2.14, 1, False), (9.0, 2, False)])
def test_a_first_loss_far_above_that_of_chance(first: float, step: int, named: bool) -> None:
    case = made()
    assert first_loss.find(case) is None
    case.steps = [Step(step, 1, first, 0.1)]  # 1.5 log 3 + 0.5 is 2.148
    assert (first_loss.find(case) is not None) is named


@pytest.mark.parametrize(
    ("equal", "named"),
    [((True, False, False), True), ((False, True, False), True), ((False, False, True), False), ((True,), False)],
)
def test_hidden_units_that_are_alike(equal: Sequence[bool], named: bool) -> None:
    case = made()
    assert symmetry.find(case) is None
    case.looks = [Look(2, [Layer(str(i), 1, 1, alike) for i, alike in enumerate(equal)], 0.1)]
    assert (symmetry.find(case) is not None) is named


def test_what_a_step_moved_is_a_share_of_the_weights() -> None:
    case = made()
    case.trainer.model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 3))
    (_, a), (_, b) = case.weights()
    a.write(np.full((2, 3), 3.0, np.float32))
    b.write(np.zeros((3, 2), np.float32))
    looking = Looking(case)
    assert not looking.after(1)
    a.write(a.numpy() + np.float32([[0, 0, 0], [0, 0, 3]]))
    b.write(np.float32([[4, 0], [0, 0], [0, 0]]))
    assert looking.after(2)
    (look,) = case.looks
    assert look.moved == pytest.approx(5 / np.sqrt(54))
    assert case.typical_move() == look.moved
    assert [layer.weight for layer in look.layers] == pytest.approx([np.sqrt(81 / 6), np.sqrt(16 / 6)])
    assert [layer.equal for layer in look.layers] == [False, False]


@pytest.mark.parametrize(("dead", "units", "named"), [(3, 5, True), (2, 3, False), (3, 6, False), (6, 10, True)])
def test_units_behind_a_relu_that_are_dead(dead: int, units: int, named: bool) -> None:
    model = nn.Sequential(nn.Linear(3, units), nn.ReLU(), nn.Linear(units, 3))
    model[0].bias.write(np.where(np.arange(units) < dead, -100.0, 100.0).astype(np.float32))
    case = made()
    case.trainer.model = model
    case.steps = [Step(i, 1, 1.0, 0.1) for i in (1, 2)]
    assert dead_relu.find(case) is None
    case.steps.append(Step(3, 1, 1.0, 0.1))
    found = dead_relu.find(case)
    assert (found is not None) is named
    assert found is None or f"number 1 {dead} of {units} units are 0 for all of 40" in found.evidence


@pytest.mark.parametrize(
    ("shift", "factor", "steps", "named"),
    [
        (0.51, 1.0, 20, True), (0.49, 1.0, 20, False), (0.0, 3.1, 20, True), (0.0, 2.9, 20, False),
        (0.0, 1 / 3.1, 20, True), (9.0, 1.0, 19, False),
    ],
)  # fmt: skip
def test_running_averages_that_do_not_fit(shift: float, factor: float, steps: int, named: bool) -> None:
    case = made()
    layer = nn.BatchNorm1d(3)
    layer.running_mean.write(X.mean(0) + np.float32(shift) * X.std(0))
    layer.running_var.write((X.var(0) * np.float32(factor)).astype(np.float32))
    case.trainer.model = nn.Sequential(layer, nn.Linear(3, 3))
    case.steps = [Step(i, 1, 1.0, 0.1) for i in range(1, steps + 1)]
    assert (batchnorm.find(case) is not None) is named


def test_neighbours_are_sought_among_features_of_one_size() -> None:
    y = np.arange(60) % 2
    x = np.stack([y + 0.01 * RNG.standard_normal(60), 1e4 * RNG.standard_normal(60)], 1)
    assert underfitting.by_neighbours(x, y) > 0.8
    assert underfitting.by_neighbours(np.tile(x, 25), y) < 0.8  # as pictures are, left as they are


@pytest.mark.parametrize(
    ("losses", "examples", "named"),
    [
        ((1.0, 0.94), 120, True), ((1.0, 0.92), 120, False), ((1.0,), 120, False), ((1.0, 0.94), 99, False),
        ((9.0, 1.0, 0.94), 120, True),
    ],
)  # fmt: skip
def test_a_network_that_learns_no_more_than_it_should(losses: Sequence[float], examples: int, named: bool) -> None:
    y = np.arange(examples) % 2
    x = np.stack([y + 0.01 * RNG.standard_normal(examples), np.zeros(examples)], 1).astype(np.float32)
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].weight.write(np.zeros((2, 2), np.float32))
    data = Loader(Split(x, y), 20)
    case = Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, data, epochs=9))
    case.epochs = [Epoch(i, i, {"train_loss": loss}, 0.1) for i, loss in enumerate(losses, 1)]
    assert (underfitting.find(case) is not None) is named
    model[0].weight.write(np.array([[-1, 0], [1, 0]], np.float32))
    model[0].bias.write(np.array([0.5, -0.5], np.float32))  # now it is right
    assert underfitting.find(case) is None
