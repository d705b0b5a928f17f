from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import Generator, Tensor, UsageError, manual_seed
from descend.nn import SELU, AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d
from tests.nn.refusal import Mistake, check

X = np.random.default_rng(0).standard_normal((7, 3, 5)).astype(np.float32)
N = 40_000


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_keeps_the_mean_and_drops_with_probability_p(p):
    y = Dropout(p, generator=Generator(1))(np.ones(N, np.float32)).numpy()
    assert abs(np.mean(y == 0) - p) < 5 * (p * (1 - p) / N) ** 0.5
    assert abs(np.mean(y) - 1) < 5 * (p / (1 - p) / N) ** 0.5


@given(st.floats(0.01, 0.95), st.integers(0, 1000))
def test_each_element_is_0_or_divided_by_the_probability_to_stay(p, seed):
    y = Dropout(p, generator=Generator(seed))(X).numpy()
    assert np.all((y == 0) | (np.abs(y - X / (1 - p)) <= 1e-6 * np.abs(X / (1 - p))))


def test_neighbours_are_dropped_independently():
    kept = Dropout(0.3, generator=Generator(2))(np.ones(N, np.float32)).numpy() > 0
    both = np.mean(kept[1:] & kept[:-1])
    variance = 0.7**2 * (1 - 0.7**2) + 2 * 0.7**3 * (1 - 0.7)  # a pair shares an element with each of two others
    assert abs(both - 0.7**2) < 5 * (variance / N) ** 0.5


def test_the_gradient_goes_through_the_same_mask():
    x = Tensor(X, requires_grad=True)
    y = Dropout(0.4)(x)
    y.backward(np.ones(X.shape))
    assert np.array_equal(x.grad.numpy() == 0, y.numpy() == 0)
    assert np.allclose(x.grad.numpy() * X, y.numpy())


@settings(max_examples=20)
@given(st.floats(0, 0.99))
def test_in_use_it_is_the_identity_and_draws_nothing(p):
    generator = Generator(0)
    layer = Dropout(p, generator=generator).eval()
    assert np.array_equal(np.asarray(layer(Tensor(X))), X)
    assert generator.counter.item() == 0


def test_every_call_has_another_mask_and_the_same_seed_the_same_masks():
    a, b = Dropout(generator=Generator(3)), Dropout(generator=Generator(3))
    masks = [a(X).numpy() == 0 for _ in range(3)]
    assert not np.array_equal(masks[0], masks[1])
    assert not np.array_equal(masks[1], masks[2])
    assert all(np.array_equal(mask, b(X).numpy() == 0) for mask in masks)


def test_without_a_generator_the_default_one_is_drawn_from():
    layer = Dropout(0.5)
    manual_seed(5)
    first = layer(X).numpy()
    assert not np.array_equal(first, layer(X).numpy())
    manual_seed(5)
    assert np.array_equal(first, layer(X).numpy())


def test_keeps_the_type_of_the_input():
    x = X.astype(np.float64)
    y = Dropout(0.3)(x).numpy()
    assert y.dtype == np.float64
    assert np.all((y == 0) | (np.abs(y - x / 0.7) < 1e-15))
    assert Dropout()(X).dtype == np.float32


@pytest.mark.parametrize("p", [1.5, 1, -0.1, "0.5", None, float("nan")])
def test_wrong_probabilities(p):
    check(Mistake(lambda: Dropout(p), UsageError, "Dropout needs a probability", f"p={p!r}", "0 <= p < 1", "p=0.2"))


def test_shows_its_probability():
    assert repr(Dropout(np.float32(0.5))) == "Dropout(p=0.5)"


@pytest.mark.parametrize(("kind", "places"), [(Dropout1d, (50,)), (Dropout2d, (5, 10)), (Dropout3d, (2, 5, 5))])
def test_channels_are_dropped_as_a_whole(kind, places):
    y = kind(0.3, generator=Generator(1))(np.ones((60, 40, *places), np.float32)).numpy().reshape(60 * 40, -1)
    dropped = (y == 0).all(1)
    assert np.all(dropped | (np.abs(y - 1 / 0.7) < 1e-6).all(1))
    assert abs(dropped.mean() - 0.3) < 5 * (0.3 * 0.7 / 2400) ** 0.5


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_alpha_dropout_keeps_mean_and_variance_of_what_selu_gives(p):
    x = SELU()(np.random.default_rng(0).standard_normal(N)).numpy()
    y = AlphaDropout(p, generator=Generator(3))(x).numpy()
    assert abs(x.mean()) < 0.02
    assert abs(y.mean()) < 0.03
    assert abs(y.var() - 1) < 0.05
