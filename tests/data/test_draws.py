from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Draws
from descend.engine import philox

seeds, epochs = st.integers(0, 2**64 - 1), st.integers(0, 1000)


@given(seeds, epochs, st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8), st.integers(1, 9))
def test_an_example_draws_the_same_in_whatever_batch_it_is(seed, epoch, indices, n):
    together = Draws(seed, epoch, np.array(indices)).bits(n)
    alone = [Draws(seed, epoch, np.array([i])).bits(n)[0] for i in indices]
    assert np.array_equal(together, np.stack(alone))


@given(seeds, epochs, st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_the_numbers_are_philox_of_index_epoch_and_site(seed, epoch, index, site):
    counter = tuple(np.array([word], np.uint64) for word in (0, index, epoch, site + 1))
    words = philox.philox(counter, (seed & 0xFFFFFFFF, seed >> 32))
    assert Draws(seed, epoch, np.array([index]), site).bits(4).tolist() == [[int(word[0]) for word in words]]


def test_seeds_epochs_examples_and_sites_all_differ():
    drawn = {
        Draws(seed, epoch, np.array([index])).at(site).bits(2).tobytes()
        for seed in range(3)
        for epoch in range(3)
        for index in range(3)
        for site in range(3)
    }
    assert len(drawn) == 81


def test_nothing_is_drawn_that_orders_the_epoch():
    # The order of epoch e is the stream (e, 0) of the same key; transforms have 1 or more in the last word.
    order = set(philox.bits(4000, 7, stream=3).tolist())
    assert len(order & set(Draws(7, 3, np.arange(100)).bits(40).ravel().tolist())) < 5


def test_uniform_numbers_fill_their_interval_evenly():
    u = Draws(1, 0, np.arange(5000)).uniform(4, low=-2.0, high=3.0)
    assert u.shape == (5000, 4)
    assert u.dtype == np.float32
    assert u.min() >= -2
    assert u.max() < 3
    # 20,000 numbers: the mean is within five standard errors of 1/2.
    assert abs(u.mean() - 0.5) < 5 * 5 / np.sqrt(12 * u.size)
    counts = np.histogram(u, 20, (-2, 3))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 50


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    z = Draws(2, 0, np.arange(10_000)).normal(2, std=3.0)
    assert z.shape == (10_000, 2)
    scaled = z / 3
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        spread = {1: 1, 2: 2, 3: 15, 4: 96}[power]
        assert abs((scaled**power).mean() - moment) < 5 * np.sqrt(spread / z.size)
    assert abs(np.corrcoef(z.T)[0, 1]) < 0.05


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_whole_numbers_are_all_reached_and_none_other(n):
    drawn = Draws(3, 1, np.arange(20 * n)).integers(n)
    assert drawn.min() >= 0
    assert drawn.max() < n
    assert len(set(drawn.tolist())) > 0.9 * n
