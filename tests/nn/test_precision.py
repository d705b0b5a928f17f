from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import DtypeError, GradientError, Tensor, ops
from descend.nn.precision import like
from tests.nn.refusal import Mistake, check

WEIGHT = Tensor(np.ones(3, np.float32))


@pytest.mark.parametrize(
    "x", [np.ones(3, np.float32), np.ones(3, np.int64), np.ones(3, bool), 2, 2.5, True, [1.0, 2, 3]]
)
def test_what_takes_the_type_of_the_weights(x):
    assert (like(WEIGHT, x) * WEIGHT).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_floats_of_another_width_are_refused(dtype):
    x = np.ones(3, dtype)
    given, needed = f"input {np.dtype(dtype)}, weights float32", "input float32"
    check(
        Mistake(lambda: like(WEIGHT, x), DtypeError, "another floating-point type", given, needed, "x.to(np.float32)")
    )


def test_a_number_meets_weights_of_any_width():
    assert like(WEIGHT.to(np.float64), 2.5).item() == 2.5


def test_the_whole_model_changes_and_comes_back():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).eval()
    before = model.state_dict()
    cells = [cell for _, cell in model.named_cells()]
    assert model.double() is model
    assert {cell.dtype for cell in cells} == {np.dtype(np.float64)}
    assert model(np.ones((2, 3))).dtype == np.float64
    model.to(np.float32)
    assert all(np.array_equal(before[name], now) for name, now in model.state_dict().items())


def test_gradients_change_with_their_cells():
    layer = nn.Linear(3, 1)
    ops.sum(layer(np.ones((2, 3), np.float32))).backward()
    before = layer.weight.grad.numpy()
    layer.double()
    assert layer.weight.grad.dtype == np.float64
    assert np.array_equal(layer.weight.grad.numpy(), before)


def test_integers_stay_integers():
    class Counts(nn.Module):
        def __init__(self) -> None:
            self.steps = nn.Buffer(np.array(3, np.int64))

    assert Counts().double().steps.dtype == np.int64


def test_what_was_computed_before_the_change_cannot_go_backward():
    layer = nn.Linear(3, 1)
    y = ops.sum(layer(np.ones((2, 3), np.float32)))
    layer.double()
    with pytest.raises(GradientError, match="was written after"):
        y.backward()


@pytest.mark.parametrize("dtype", [np.int64, bool, "float128", None, str])
def test_a_network_computes_in_floats(dtype):
    with pytest.raises(DtypeError) as caught:
        nn.Linear(2, 2).to(dtype)
    assert "float32" in caught.value.needed
