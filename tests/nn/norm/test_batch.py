from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import ShapeError, Tensor, UsageError, check_gradients
from descend.nn import BatchNorm1d, BatchNorm2d
from tests.nn.peer import agree, as_function, close, in_double
from tests.nn.refusal import Mistake, check

BOTH = pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d"])
OURS = {"BatchNorm1d": BatchNorm1d, "BatchNorm2d": BatchNorm2d}
AXES = {"BatchNorm1d": 2, "BatchNorm2d": 4}


def norm(name: str, channels: int, rng: np.random.Generator, **settings: float):
    """A layer with weights and running averages other than the ones that it begins with, and PyTorch's."""
    ours = OURS[name](channels, **settings)
    for _, cell in ours.named_cells():
        cell.write(rng.uniform(0.5, 2, channels).astype(np.float32))
    return ours, getattr(torch.nn, name)(channels, **settings)


@BOTH
@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(2, 7), *[st.integers(1, 5)] * 3), training=st.booleans(),
    momentum=st.sampled_from([0.0, 0.1, 0.9, 1.0]), eps=st.sampled_from([1e-5, 0.1]), seed=st.integers(0, 2**32),
)  # fmt: skip
def test_agrees_with_pytorch(name, shape, training, momentum, eps, seed):
    rng = np.random.default_rng(seed)
    shape = shape[: AXES[name]]
    ours, theirs = norm(name, shape[1], rng, eps=eps, momentum=momentum)
    x = (3 * rng.standard_normal(shape) - 1).astype(np.float32)
    # The deviations of a few values that happen to be close have few digits left.
    few = training and x.size // x.shape[1] < 8
    agree(ours.train(training), theirs.train(training), x, 1e-3 if few else 1e-5, seed)
    agree(in_double(ours), theirs.double(), x.astype(np.float64), 1e-10, seed)


@BOTH
def test_running_averages_after_several_batches_agree_with_pytorch(name):
    rng = np.random.default_rng(0)
    ours, theirs = norm(name, 3, rng)
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()}, strict=False)
    for n in (7, 2, 5, 11):
        x = (rng.uniform(1, 5) * rng.standard_normal((n, 3, 3, 5)[: AXES[name]]) + 2).astype(np.float32)
        close("output in training", ours(x).numpy(), theirs(torch.from_numpy(x)).detach())
    close("running mean", ours.running_mean.numpy(), theirs.running_mean)
    close("running variance", ours.running_var.numpy(), theirs.running_var)
    close("output in use", ours.eval()(x).numpy(), theirs.eval()(torch.from_numpy(x)).detach())


@BOTH
@given(scale=st.floats(0.1, 1e3), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 2**32))
def test_the_output_has_mean_0_and_variance_1_whatever_the_input(name, scale, shift, seed):
    layer = in_double(OURS[name](3, eps=0))
    x = shift + scale * np.random.default_rng(seed).standard_normal((11, 3, 2, 5)[: AXES[name]])
    y = layer(x).numpy()
    axes = (0, 2, 3)[: AXES[name] - 1]
    assert np.abs(y.mean(axes)).max() < 1e-9
    assert np.abs(y.var(axes) - 1).max() < 1e-9


@BOTH
def test_gradients_of_first_and_second_order(name):
    for training in (True, False):
        layer = in_double(norm(name, 3, np.random.default_rng(0))[0]).train(training)
        f, values = as_function(layer)
        check_gradients(f, np.random.default_rng(1).standard_normal((5, 3, 2, 3)[: AXES[name]]), *values, order=2)


def test_in_use_nothing_moves_and_examples_do_not_see_each_other():
    layer = norm("BatchNorm1d", 3, np.random.default_rng(0))[0].eval()
    before, x = layer.state_dict(), np.random.default_rng(1).standard_normal((5, 3)).astype(np.float32)
    together = layer(x).numpy()
    assert np.abs(together - np.concatenate([layer(row[None]).numpy() for row in x])).max() < 1e-6
    assert all(np.array_equal(before[name], now) for name, now in layer.state_dict().items())


def test_the_averages_have_the_type_of_the_layer():
    layer = BatchNorm1d(3).double()
    assert layer(np.random.default_rng(0).standard_normal((5, 3))).dtype == np.float64
    assert layer.running_mean.dtype == np.float64
    assert layer.running_mean.numpy().any()


@pytest.mark.parametrize(
    ("layer", "x", "needed", "fix"),
    [
        (BatchNorm1d(3), (1, 3), "two values a channel", "model.eval()"),
        (BatchNorm2d(3), (1, 3, 1, 1), "two values a channel", "batch of at least 2"),
        (BatchNorm1d(3), (0, 3), "two values a channel", "batch of at least 2"),
        (BatchNorm1d(3), (4, 5), "(n, 3)", "BatchNorm1d(5)"),
        (BatchNorm2d(3), (4, 1, 2, 2), "(n, 3, h, w)", "BatchNorm2d(1)"),
        (BatchNorm2d(3), (4, 3), "(n, 3, h, w)", "BatchNorm1d takes features"),
        (BatchNorm1d(3), (4, 3, 2, 2), "(n, 3)", "BatchNorm2d images"),
        (BatchNorm1d(3), (3,), "(n, 3)", "features (n, c)"),
    ],
)
def test_wrong_inputs(layer, x, needed, fix):
    before = layer.state_dict()
    check(Mistake(lambda: layer(Tensor(np.ones(x, np.float32))), ShapeError, repr(layer), str(x), needed, fix))
    assert all(np.array_equal(before[name], now) for name, now in layer.state_dict().items())


def test_one_image_of_several_pixels_is_enough_in_training():
    x = np.random.default_rng(0).standard_normal((1, 3, 4, 5)).astype(np.float32)
    agree(BatchNorm2d(3), torch.nn.BatchNorm2d(3), x)


def test_a_batch_of_one_is_no_mistake_in_use():
    assert np.isfinite(BatchNorm1d(3).eval()(np.ones((1, 3), np.float32)).numpy()).all()


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(lambda: BatchNorm1d(0), UsageError, "BatchNorm1d needs", "num_features=0", "1, 2"),
        Mistake(
            lambda: BatchNorm2d(3, eps=-1e-5), UsageError, "BatchNorm2d needs another eps", "eps=-1e-05", "0 <= eps"
        ),
        Mistake(lambda: BatchNorm2d(3, momentum=1.5), UsageError, "momentum", "momentum=1.5", "0 <= momentum <= 1"),
        Mistake(lambda: BatchNorm2d(3, momentum=None), UsageError, "momentum", "momentum=None", "0 <= momentum <= 1"),
        Mistake(lambda: BatchNorm2d(3, momentum=np.nan), UsageError, "momentum", "nan", "0 <= momentum <= 1"),
    ],
    ids=lambda mistake: mistake.given,
)
def test_wrong_settings(mistake):
    check(mistake)
