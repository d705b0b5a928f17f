from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Draws, Loader, MixUp, Split
from descend.data.transforms.mixup import beta
from descend.engine.errors import DtypeError, UsageError


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0])
def test_shares_follow_the_beta_distribution(alpha):
    shares = beta(Draws(1, 0, np.arange(4000)).uniform(128), alpha)
    # Below and above 1/2 alike; above, float32 rounds to 1 what the distribution tells apart.
    low = shares[shares < 0.5]
    assert abs(len(low) - 2000) < 5 * np.sqrt(1000)
    assert scipy.stats.kstest(low, lambda t: 2 * scipy.stats.beta(alpha, alpha).cdf(t)).pvalue > 1e-4


def test_without_an_accepted_pair_the_share_is_a_half():
    assert beta(np.full((2, 6), 0.99, np.float32), 1.0).tolist() == [0.5, 0.5]


@given(st.integers(2, 20), st.floats(0.05, 1), st.integers(0, 99))
def test_examples_and_labels_are_mixed_alike(n, alpha, seed):
    y = np.arange(n)
    x = np.eye(n, dtype=np.float32).reshape(n, n, 1, 1)
    mixed, soft = MixUp(alpha, n)(x, y, Draws(seed, 0, np.arange(n)))
    # The pictures are their own labels, so what becomes of both must be equal.
    assert np.allclose(mixed.reshape(n, n), soft, atol=1e-6)
    assert np.allclose(soft.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(mixed.reshape(n, n).sum(), n, atol=1e-4)
    assert ((soft > 0).sum(axis=1) <= 2).all()


def test_every_example_is_somebodys_partner_once():
    n = 30
    x = 2.0 ** np.arange(n)[:, None]
    draws = Draws(0, 0, np.arange(n))
    mixed, _ = MixUp(1.0, 1)(x.astype(np.float64), np.zeros(n, int), draws)
    share = beta(draws.uniform(129)[:, 1:], 1.0)[:, None]
    partners = (mixed - share * x) / (1 - share)
    assert sorted(np.rint(np.log2(np.maximum(partners[:, 0], 0.5))).astype(int)) == list(range(n))


def test_probabilities_are_mixed_as_they_are():
    soft = np.full((4, 3), 1 / 3, np.float32)
    assert np.allclose(MixUp(0.5, 3)(np.zeros((4, 2)), soft, Draws(0, 0, np.arange(4)))[1], soft)


@pytest.mark.parametrize("alpha", [0, -1, 1.1])
def test_alpha_out_of_range_is_refused(alpha):
    with pytest.raises(UsageError, match="alpha"):
        MixUp(alpha, 10)


def test_bytes_are_refused():
    with pytest.raises(DtypeError):
        MixUp(1.0, 2)(np.zeros((2, 3), np.uint8), np.zeros(2, int), Draws(0, 0, np.arange(2)))


def test_pictures_to_be_made_are_mixed_as_the_pictures_are():
    x = np.random.default_rng(0).random((6, 1, 3, 3), np.float32)
    mixed, made = next(Loader(Split(x, 2 * x), 6, transform=MixUp(0.4, 1), prefetch=0).epoch(0))
    assert np.allclose(made, 2 * mixed, atol=1e-6)
