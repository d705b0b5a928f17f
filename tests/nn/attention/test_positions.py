from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn


@given(st.integers(1, 20), st.integers(1, 9), st.integers(0, 10))
def test_a_step_forward_is_the_same_rotation_everywhere(t, pairs, step):
    waves = nn.sinusoids(t + step, 2 * pairs).reshape(t + step, pairs, 2)
    assert np.allclose((waves**2).sum(-1), 1)
    products = (waves[step:] * waves[:t]).sum(-1)  # the cosine of the angle between places that far apart
    assert np.allclose(products, products[0])


def test_waves_are_those_of_the_paper():
    waves = nn.sinusoids(7, 6)
    for i in range(7):
        for j in range(3):
            assert np.allclose(waves[i, 2 * j : 2 * j + 2], [np.sin(i / 1e4 ** (j / 3)), np.cos(i / 1e4 ** (j / 3))])


def test_both_layouts_get_the_same_encoding():
    x = np.zeros((4, 2, 5), np.float32)
    for name, settings in (("SinusoidalPositionalEncoding", (5,)), ("LearnedPositionalEncoding", (6, 5))):
        first = getattr(nn, name)(*settings)
        other = getattr(nn, name)(*settings, batch_first=True)
        other.load_state_dict(first.state_dict())
        assert np.array_equal(first(x).numpy(), other(x.swapaxes(0, 1)).numpy().swapaxes(0, 1))
        assert np.array_equal(first(x).numpy()[:, 0], first(x[:, 0]).numpy())


@given(st.integers(0, 5), st.integers(0, 2**32))
def test_turned_queries_and_keys_see_distances_only(shift, seed):
    q, k = np.random.default_rng(seed).standard_normal((2, 1, 6))
    places = lambda x: nn.rotary(np.repeat(x, 12, 0)).numpy()
    scores = places(q) @ places(k).T
    assert np.allclose(scores[shift:, shift:], scores[: 12 - shift, : 12 - shift])
    assert np.allclose(places(q)[0], q[0])
    assert np.allclose(np.linalg.norm(places(q), axis=1), np.linalg.norm(q))


def test_turning_is_along_the_axis_that_is_named():
    x = np.random.default_rng(0).standard_normal((3, 4, 6))
    swapped = nn.rotary(x.swapaxes(0, 1), axis=0).numpy().swapaxes(0, 1)
    assert np.allclose(nn.rotary(x).numpy(), swapped)
