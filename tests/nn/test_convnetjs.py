"""What ConvNetJS's documentation and code say that its layers do, beside the formulas written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor, ops

RNG = np.random.default_rng(0)


def test_a_fully_connected_layer_is_a_sum_over_the_whole_volume_plus_a_bias():
    layer, x = nn.Sequential(nn.Flatten(), nn.Linear(24, 5)), RNG.standard_normal((2, 3, 4, 2)).astype(np.float32)
    w, b = layer[1].weight.numpy(), layer[1].bias.numpy()
    for n in range(2):
        for out in range(5):
            assert abs(layer(x).numpy()[n, out] - ((w[out] * x[n].reshape(-1)).sum() + b[out])) < 1e-5


def test_a_convolution_loops_over_filters_places_and_taps_with_zeros_outside():
    layer = nn.Conv2d(2, 3, (3, 2), stride=2, padding=1)
    x = RNG.standard_normal((2, 5, 6)).astype(np.float32)
    y, w, b = layer(x[None]).numpy()[0], layer.weight.numpy(), layer.bias.numpy()
    for out, i, j in np.ndindex(y.shape):
        total = b[out]
        for c, a, k in np.ndindex(2, 3, 2):
            row, column = 2 * i - 1 + a, 2 * j - 1 + k
            total += x[c, row, column] * w[out, c, a, k] if 0 <= row < 5 and 0 <= column < 6 else 0
        assert abs(y[out, i, j] - total) < 1e-5


def test_pooling_takes_the_largest_and_sends_the_gradient_to_it_alone():
    x = Tensor(RNG.standard_normal((1, 1, 4, 6)), requires_grad=True)
    y = nn.MaxPool2d(2)(x)
    ops.sum(y).backward()
    for i, j in np.ndindex(2, 3):
        window = x.numpy()[0, 0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        assert y.numpy()[0, 0, i, j] == window.max()
        assert np.array_equal(x.grad.numpy()[0, 0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], window == window.max())


def test_maxout_takes_the_larger_of_two_neighbours_by_default():
    x = Tensor(RNG.standard_normal((3, 6)), requires_grad=True)
    y = nn.Maxout()(x)
    ops.sum(y).backward()
    pairs = x.numpy().reshape(3, 3, 2)
    assert np.array_equal(y.numpy(), pairs.max(2))
    assert np.array_equal(x.grad.numpy().reshape(3, 3, 2), pairs == pairs.max(2, keepdims=True))


@pytest.mark.parametrize(("k", "n", "alpha", "beta"), [(1.0, 5, 0.1, 0.75), (2.0, 3, 0.5, 0.5)])
def test_local_response_normalisation_divides_by_k_plus_alpha_over_n_times_the_squares(k, n, alpha, beta):
    x = RNG.standard_normal((1, 7, 2, 2))
    y = nn.LocalResponseNorm(n, alpha, beta, k)(x).numpy()
    for c in range(7):
        squares = sum(x[0, j] ** 2 for j in range(max(0, c - n // 2), min(c + n // 2, 6) + 1))
        assert np.allclose(y[0, c], x[0, c] / (k + alpha / n * squares) ** beta)


def test_softmax_s_gradient_is_the_probability_minus_one_for_the_right_class():
    x = Tensor(RNG.standard_normal((1, 5)), requires_grad=True)
    nn.cross_entropy(x, [3]).backward()
    p = nn.Softmax()(x.detach()).numpy()
    assert np.allclose(x.grad.numpy(), p - np.eye(5)[3])


def test_the_svm_layer_s_gradient_counts_the_classes_that_come_too_close():
    scores = RNG.standard_normal((1, 6))
    x = Tensor(scores, requires_grad=True)
    loss = nn.svm_loss(x, [2])
    loss.backward()
    close = (scores[0] - scores[0, 2] + 1 > 0) & (np.arange(6) != 2)
    expected = close.astype(float)
    expected[2] = -close.sum()
    assert np.allclose(x.grad.numpy()[0], expected)
    assert abs(loss.item() - (scores[0] - scores[0, 2] + 1)[close].sum()) < 1e-12


def test_regression_is_half_the_squared_distance():
    prediction, target = RNG.standard_normal((2, 1, 4))
    x = Tensor(prediction, requires_grad=True)
    loss = nn.mse_loss(x, target, "sum") * 0.5
    loss.backward()
    assert abs(loss.item() - 0.5 * ((prediction - target) ** 2).sum()) < 1e-12
    assert np.allclose(x.grad.numpy(), prediction - target)


@pytest.mark.parametrize(
    ("kind", "slope"), [("ReLU", lambda y: y > 0), ("Sigmoid", lambda y: y * (1 - y)), ("Tanh", lambda y: 1 - y * y)]
)
def test_activations_have_the_slopes_that_are_written_in_their_outputs(kind, slope):
    x = Tensor(RNG.standard_normal(20), requires_grad=True)
    y = getattr(nn, kind)()(x)
    y.backward(np.ones(20))
    assert np.allclose(x.grad.numpy(), slope(y.numpy()))


def test_dropout_keeps_the_mean_whatever_its_probability():
    # ConvNetJS scales by drop_prob when predicting, which is right at one half only.
    x = np.ones(20_000)
    for p in (0.2, 0.5, 0.8):
        layer = nn.Dropout(p)
        assert abs(layer(x).numpy().mean() - 1) < 0.05
        assert np.array_equal(layer.eval()(x), x)


def test_weights_begin_with_the_variance_of_one_over_the_number_of_inputs():
    w = nn.init.lecun_normal((300, 200)).numpy()
    assert abs(w.var() * 200 - 1) < 0.05
