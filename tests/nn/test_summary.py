from __future__ import annotations

import threading

import numpy as np
import pytest

from descend import nn
from descend.engine import Generator, ShapeError, Tensor, default_generator, manual_seed
from descend.models import LeNet, mlp


class Tied(nn.Module):
    """Two layers that share their weight, one used twice, one never, and a weight of its own."""

    def __init__(self) -> None:
        self.first, self.second, self.unused = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 7)
        self.second.weight = self.first.weight
        self.scale = nn.Parameter(np.ones(3, np.float32))

    def forward(self, x: Tensor) -> Tensor:
        return self.first(self.second(self.first(x))) * self.scale


def test_rows_are_the_layers_in_the_order_in_which_they_run():
    rows = nn.summary(LeNet(), (5, 1, 28, 28)).rows
    assert [row.name for row in rows] == [*(f"features.{i}" for i in range(7)), *(f"classifier.{i}" for i in range(4))]
    assert rows[3].layer == "Conv2d(16 -> 32, kernel 5)"
    assert [rows[i].shape for i in (0, 3, 6, 10)] == [(5, 16, 28, 28), (5, 32, 10, 10), (5, 800), (5, 10)]
    assert [row.parameters for row in rows if row.parameters] == [416, 12_832, 102_528, 1_290]


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (LeNet(), (2, 1, 28, 28)),
        (mlp([784, 30, 10]), (1, 28, 28)),
        (
            nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(18, 3), nn.BatchNorm1d(3)),
            (2, 1, 5, 5),
        ),
        (nn.Linear(3, 2, bias=False), (4, 3)),
    ],
)
def test_every_parameter_is_counted_once(model, shape):
    found = nn.summary(model, shape)
    expected = sum(cell.numpy().size for cell in model.parameters())
    assert found.parameters == expected == sum(row.parameters for row in found.rows)
    assert found.buffers == sum(cell.numpy().size for _, cell in model.named_buffers())
    assert found.bytes == 4 * (found.parameters + found.buffers)


def test_shared_reused_unused_and_own_parameters():
    found = nn.summary(Tied(), (1, 3))
    assert [row.name for row in found.rows] == ["first", "second", "first", ""]
    assert [row.parameters for row in found.rows] == [12, 3, 0, 3]
    assert found.parameters == 12 + 3 + 3 + 28


def test_the_model_is_left_as_it_was():
    own = Generator(7)

    class Noisy(nn.Module):
        def __init__(self) -> None:
            self.generator = own

        def forward(self, x: Tensor) -> Tensor:
            return x + own.normal(x.shape) + default_generator().normal(x.shape)

    model = nn.Sequential(
        nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(), nn.Sequential(nn.Dropout()), Noisy()
    ).train()
    model[3].eval()
    manual_seed(5)
    model[0].weight.grad = Tensor(np.ones((3, 3), np.float32))
    modes, state = [module.training for module in model.modules()], model.state_dict()
    nn.summary(model, (1, 3))
    assert [module.training for module in model.modules()] == modes
    assert all(np.array_equal(state[name], now) for name, now in model.state_dict().items())
    assert default_generator().counter.item() == 0
    assert own.counter.item() == 0
    assert np.array_equal(model[0].weight.grad.numpy(), np.ones((3, 3)))
    assert not any(module._forward_hooks for module in model.modules())


def test_a_model_that_does_not_run_is_left_as_it_was_too():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(4, 3)).train()
    with pytest.raises(ShapeError, match=r"Linear\(4 -> 3\)"):
        nn.summary(model, (1, 3))
    assert all(module.training and not module._forward_hooks for module in model.modules())


def test_another_model_in_another_thread_is_not_seen():
    entered, go_on = threading.Event(), threading.Event()

    class Waits(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            entered.set()
            assert go_on.wait(10)
            return x

    found: list[nn.Summary] = []
    thread = threading.Thread(target=lambda: found.append(nn.summary(nn.Sequential(Waits(), nn.ReLU()), (1, 3))))
    thread.start()
    assert entered.wait(10)
    nn.Sequential(nn.Linear(3, 3), nn.Tanh())(np.ones((1, 3), np.float32))
    go_on.set()
    thread.join()
    assert [row.layer for row in found[0].rows] == ["Waits()", "ReLU()"]


def test_of_several_outputs_the_first_is_shown_and_all_take_memory():
    class Both(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
            return x, [x, x]

    class Neither(nn.Module):
        def forward(self, x: Tensor) -> str:
            return "no tensor"

    row = nn.summary(Both(), (2, 3)).rows[0]
    assert (row.shape, row.bytes) == ((2, 3), 3 * 24)
    assert nn.summary(Neither(), (2, 3)).rows[0].shape == ()


def test_runs_once_on_zeros_of_the_type_in_evaluation_mode_without_recording():
    seen = []

    class Looks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append((x.dtype, x.requires_grad, self.training))
            return x

    nn.summary(nn.Sequential(Looks(), nn.Linear(2, 2), Looks()), (2,))
    nn.summary(Looks(), (2,), np.int64)
    assert seen == [(np.float32, False, False), (np.float32, False, False), (np.int64, False, False)]


def test_the_text_of_an_mlp():
    assert str(nn.summary(mlp([784, 30, 10]), (1, 784))).splitlines() == [
        "name  layer              output    parameters  multiply-adds",
        "------------------------------------------------------------",
        "0     Flatten()          (1, 784)           0              0",
        "1     Linear(784 -> 30)  (1, 30)       23,550         23,520",
        "2     ReLU()             (1, 30)            0              0",
        "3     Linear(30 -> 10)   (1, 10)          310            300",
        "23,820 multiply-adds, 3.42 kB of layer outputs",
        "23,860 parameters: 95.4 kB",
    ]


def test_the_text_fits_a_terminal_and_counts_buffers():
    lines = str(nn.summary(LeNet(), (1, 1, 28, 28))).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1] == "117,066 parameters: 468 kB"
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3))
    assert str(nn.summary(model, (1, 1, 5, 5))).endswith("36 parameters, 6 numbers in buffers: 168 bytes")


@pytest.mark.parametrize(
    ("model", "shapes", "expected"),
    [
        (nn.Linear(3, 5, bias=False), (7, 3), 7 * 3 * 5),
        (nn.Conv2d(4, 6, (3, 2), groups=2), (2, 4, 9, 8), 2 * 6 * 7 * 7 * (2 * 3 * 2)),
        (nn.ConvTranspose2d(4, 6, 3, stride=2), (2, 4, 5, 5), 2 * 4 * 25 * 6 * 9),
        (nn.LocallyConnected2d(3, 2, 5, 3), (2, 3, 5, 5), 2 * 2 * 9 * 27),
        (nn.Bilinear(3, 4, 5), [(7, 3), (7, 4)], 7 * 5 * (3 * 4 + 4)),
        (nn.LSTM(3, 5, 2, bidirectional=True), (6, 2, 3), 6 * 2 * 2 * 20 * (3 + 5 + 10 + 5)),
        (nn.GRUCell(3, 5), (4, 3), 4 * 15 * 8),
        (nn.MultiheadAttention(6, 2), [(5, 3, 6), (4, 3, 6), (4, 3, 6)], 3 * 6 * (6 * (5 + 4 + 4 + 5) + 2 * 5 * 4)),
        (nn.Sequential(nn.ReLU(), nn.Flatten(), nn.LayerNorm(12)), (2, 3, 4), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_multiply_adds_are_those_of_the_products(model, shapes, expected):
    assert nn.summary(model, shapes).multiply_adds == expected


def test_a_model_of_several_inputs_gets_several_shapes_and_types():
    class Looks(nn.Module):
        def __init__(self) -> None:
            self.words, self.last = nn.Embedding(10, 4), nn.Linear(4, 2)

        def forward(self, words: Tensor, x: Tensor) -> Tensor:
            return self.last(self.words(words) + x)

    found = nn.summary(Looks(), [(2, 3), (2, 3, 4)], [np.int64, np.float32])
    assert [row.shape for row in found.rows] == [(2, 3, 4), (2, 3, 2)]
    assert found.activation_bytes == 4 * (24 + 12)
