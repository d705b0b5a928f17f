from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import Generator, ShapeError, Tensor
from descend.nn import Conv2d, Linear, ReLU, Sequential, Tanh, init
from tests.nn.refusal import Mistake, check

UNIFORM = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / (3 * fan_in),
}
NORMAL = {
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
}
SHAPES = [(200, 300), (300, 200), (64, 16, 5, 7), (10, 1, 40, 40)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", [*UNIFORM, *NORMAL])
def test_mean_and_variance(name, shape):
    w = getattr(init, name)(shape, Generator(1)).numpy().astype(np.float64)
    fan_in, fan_out = shape[1] * math.prod(shape[2:]), shape[0] * math.prod(shape[2:])
    variance = {**UNIFORM, **NORMAL}[name](fan_in, fan_out)
    kurtosis = 1.8 if name in UNIFORM else 3  # the variance of a sample variance is (kurtosis - 1) variance² / n
    assert w.shape == shape
    assert abs(w.mean()) < 5 * (variance / w.size) ** 0.5
    assert abs(w.var() - variance) < 5 * variance * ((kurtosis - 1) / w.size) ** 0.5


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_weights_fill_their_range_and_stay_inside(name, shape):
    w = getattr(init, name)(shape, Generator(1)).numpy()
    bound = (3 * UNIFORM[name](shape[1] * math.prod(shape[2:]), shape[0] * math.prod(shape[2:]))) ** 0.5
    counts, _ = np.histogram(w, 20, (-bound, bound))
    assert counts.sum() == w.size
    # Chi-square with 19 degrees of freedom: five standard deviations above its mean.
    assert ((counts - w.size / 20) ** 2 / (w.size / 20)).sum() < 19 + 5 * (2 * 19) ** 0.5


@pytest.mark.parametrize("name", NORMAL)
def test_normal_weights_have_normal_tails(name):
    w = getattr(init, name)((300, 200), Generator(1)).numpy()
    z = w / NORMAL[name](200, 300) ** 0.5
    for limit, share in ((1, 0.31731), (2, 0.0455), (3, 0.0027)):
        assert abs(np.mean(np.abs(z) > limit) - share) < 5 * (share / z.size) ** 0.5


@given(st.integers(1, 9), st.integers(1, 9), st.lists(st.integers(1, 5), max_size=3))
def test_fans_count_the_connections(n_out, n_in, kernel):
    fan_in, fan_out = init.fans((n_out, n_in, *kernel))
    taps = np.ones((n_out, n_in, *kernel))
    assert fan_in == taps[0].sum()
    assert fan_out == taps[:, 0].sum()


@settings(max_examples=20)
@given(st.sampled_from([*UNIFORM, *NORMAL]), st.integers(0, 2**32))
def test_the_same_generator_gives_the_same_weights(name, seed):
    a, b, c = (getattr(init, name)((3, 5), Generator(s)).numpy() for s in (seed, seed, seed + 1))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert a.dtype == np.float32


def test_zeros_uniform_and_normal():
    assert np.array_equal(init.zeros((3, 2)).numpy(), np.zeros((3, 2), np.float32))
    w = init.uniform((20_000,), 0.25, Generator(1), np.float64).numpy()
    assert w.dtype == np.float64
    assert 0.2499 < w.max() <= 0.25
    assert -0.25 <= w.min() < -0.2499
    assert abs(init.normal((20_000,), 3.0, Generator(1)).numpy().std() - 3) < 5 * 3 / 40_000**0.5


def test_a_bias_has_no_fans():
    check(Mistake(lambda: init.he_normal((3,)), ShapeError, "two axes or more", "(3,)", "(out, in, ...)"))


# Signals in deep networks. q is the mean square of a layer's outputs; in the limit of wide layers
# q' = variance fan_in E[f(sqrt(q) z)²] and the mean square of the gradient changes by variance fan_out
# E[f'(sqrt(q) z)²], for a standard normal z (Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2016,
# arXiv:1611.01232).

DEPTH, WIDTH, BATCH, NETWORKS = 20, 256, 32, 6
_Z, _P = np.polynomial.hermite_e.hermegauss(100)
_P = _P / _P.sum()
Function = Callable[[np.ndarray], np.ndarray]


def expected(f: Function, slope: Function, gain: float) -> tuple[float, float]:
    """Mean square of the last layer's inputs, and by what its gradient is multiplied on the way to the first."""
    q, backward = gain, 1.0
    for _ in range(DEPTH):
        backward *= gain * (_P @ slope(q**0.5 * _Z) ** 2)
        q = gain * (_P @ f(q**0.5 * _Z) ** 2)
    return q, backward


def measured(activation, begin) -> tuple[float, float]:
    """The same two numbers of a network, geometric means over several."""
    logs = []
    for seed in range(NETWORKS):
        generator = Generator(seed)
        layers = [Linear(WIDTH, WIDTH, bias=False) for _ in range(DEPTH + 1)]
        for layer in layers:
            layer.weight.write(begin(layer.weight.shape, generator))
        x = Tensor(generator.normal((BATCH, WIDTH)).numpy(), requires_grad=True)
        first = layers[0](x).retain_grad()
        y = Sequential(*[module for layer in layers[1:] for module in (activation(), layer)])(first)
        g = generator.normal(y.shape)
        y.backward(g)
        logs.append([np.log(np.mean(a.numpy() ** 2)) for a in (y, first.grad, g)])
    q, g_first, g_last = np.mean(logs, axis=0)
    return float(np.exp(q)), float(np.exp(g_first - g_last))


def relu(x):
    return np.maximum(x, 0)


def relu_slope(x):
    return (x > 0) * 1.0


def tanh_slope(x):
    return 1 - np.tanh(x) ** 2


# The logarithm of a mean square moves by about sqrt(5 / width) a layer (Hanin and Rolnick 2018, arXiv:1803.01719).
SPREAD = np.exp(5 * (5 * DEPTH / WIDTH / NETWORKS) ** 0.5)


@pytest.mark.parametrize("begin", [init.he_normal, init.he_uniform])
def test_he_weights_and_relu_keep_signals_and_gradients_through_20_layers(begin):
    q, backward = measured(ReLU, begin)
    assert expected(relu, relu_slope, 2.0) == pytest.approx((2, 1))
    assert 2 / SPREAD < q < 2 * SPREAD
    assert 1 / SPREAD < backward < SPREAD


@pytest.mark.parametrize("begin", [init.glorot_normal, init.glorot_uniform])
def test_glorot_weights_and_tanh_fade_only_slowly_through_20_layers(begin):
    (q, backward), (q_wide, backward_wide) = measured(Tanh, begin), expected(np.tanh, tanh_slope, 1.0)
    assert q_wide > 0.01
    assert q_wide / SPREAD < q < q_wide * SPREAD
    assert backward_wide / SPREAD < backward < backward_wide * SPREAD


def test_pytorchs_default_weights_and_relu_fade():
    assert measured(ReLU, init.lecun_uniform)[0] < 6.0**-DEPTH * SPREAD


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal_weights_keep_lengths_up_to_the_gain(shape, gain):
    w = init.orthogonal(shape, Generator(1), gain).numpy().astype(np.float64).reshape(shape[0], -1)
    square = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert np.allclose(square, gain**2 * np.eye(len(square)), atol=1e-5)


def test_orthogonal_weights_prefer_no_direction():
    signs = [np.sign(np.linalg.det(init.orthogonal((3, 3), Generator(seed)).numpy())) for seed in range(60)]
    assert 15 < sum(s > 0 for s in signs) < 45


def test_a_truncated_normal_stays_within_its_limits_and_is_normal_there():
    w = init.truncated_normal((200, 200), 0.5, Generator(1), low=-1, high=2).numpy().astype(np.float64)
    assert -0.5 <= w.min() < -0.49
    assert 0.99 < w.max() <= 1
    assert abs(w.mean() - 0.5 * 0.2296) < 0.005  # (φ(-1) - φ(2)) / (Φ(2) - Φ(-1)) = 0.2296


@given(st.floats(0, 1), st.integers(1, 12), st.integers(1, 6))
def test_every_column_of_a_sparse_weight_has_its_share_of_zeros(sparsity, rows, columns):
    w = init.sparse((rows, columns), sparsity, 1.0, Generator(2)).numpy()
    assert np.all((w == 0).sum(0) == math.ceil(sparsity * rows))


def test_identities_hand_on_their_input():
    x = np.random.default_rng(0).standard_normal((2, 3)).astype(np.float32)
    assert np.array_equal(x @ init.eye((3, 3)).numpy().T, x)
    layer = Conv2d(4, 4, 3, padding=1, groups=2, bias=False)
    layer.weight.write(init.dirac((4, 2, 3, 3), groups=2))
    image = np.random.default_rng(0).standard_normal((1, 4, 5, 6)).astype(np.float32)
    assert np.array_equal(layer(image).numpy(), image)


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu"])
def test_gains_are_those_of_pytorch(name):
    assert abs(init.gain(name) - torch.nn.init.calculate_gain(name)) < 1e-12
    assert abs(init.gain("leaky_relu", 0.3) - torch.nn.init.calculate_gain("leaky_relu", 0.3)) < 1e-12


@pytest.mark.parametrize("name", ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"])
def test_the_gain_multiplies_the_weights(name):
    plain = getattr(init, name)((20, 30), Generator(1), gain=1.0).numpy()
    assert np.allclose(getattr(init, name)((20, 30), Generator(1), gain=3.0).numpy(), 3 * plain, atol=1e-6)


def test_fan_out_looks_at_the_other_side():
    a, b = init.he_normal((8, 32), Generator(1), mode="fan_out").numpy(), init.he_normal((8, 32), Generator(1)).numpy()
    assert np.allclose(a, b * 2)


def test_constants():
    assert init.constant((2, 3), 0.5).tolist() == [[0.5] * 3] * 2
    assert init.ones((2,)).tolist() == [1, 1]
