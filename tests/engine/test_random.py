"""Generators: their distributions, their state, their threads."""

from __future__ import annotations

import math
import threading
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from descend.engine import (
    DtypeError,
    Generator,
    ShapeError,
    Tensor,
    UsageError,
    default_generator,
    manual_seed,
)
from tests.engine import references

N = 100_000
both = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def ks(sample: np.ndarray, distribution: Any) -> float:
    """The p-value of Kolmogorov and Smirnov's test. 5.7e-7 is what five sigma are for a normal."""
    return float(stats.kstest(sample.astype(np.float64).ravel(), distribution).pvalue)


FIVE_SIGMA = 5.7e-7


@both
def test_uniform_numbers_are_uniform(dtype: Any) -> None:
    u = Generator(1).uniform((N,), dtype=dtype).numpy()
    assert u.dtype == dtype
    assert 0 <= u.min() < 1e-4
    assert 1 - 1e-4 < u.max() < 1
    assert abs(u.mean() - 0.5) < 5 * math.sqrt(1 / 12 / N)
    assert abs(u.var() - 1 / 12) < 5 * math.sqrt(1 / 180 / N)
    assert ks(u, stats.uniform().cdf) > FIVE_SIGMA


@both
def test_normal_numbers_are_normal(dtype: Any) -> None:
    z = Generator(2).normal((N,), dtype=dtype).numpy()
    assert z.dtype == dtype
    assert abs(z.mean()) < 5 * math.sqrt(1 / N)
    assert abs(z.var() - 1) < 5 * math.sqrt(2 / N)
    assert abs((z**3).mean()) < 5 * math.sqrt(15 / N)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / N)
    assert ks(z, stats.norm().cdf) > FIVE_SIGMA
    assert abs(np.corrcoef(z[::2], z[1::2])[0, 1]) < 5 / math.sqrt(N / 2)  # the two of a pair
    assert abs(np.corrcoef(z[1:], z[:-1])[0, 1]) < 5 / math.sqrt(N)


def test_shift_and_scale() -> None:
    u, z = Generator(3).uniform((N,), -2.0, 5.0).numpy(), Generator(3).normal((N,), 7.0, 3.0).numpy()
    assert ks(u, stats.uniform(-2, 7).cdf) > FIVE_SIGMA
    assert ks(z, stats.norm(7, 3).cdf) > FIVE_SIGMA


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_bernoulli(p: float) -> None:
    drawn = Generator(4).bernoulli((N,), p).numpy()
    assert drawn.dtype == bool
    assert abs(drawn.mean() - p) <= 5 * math.sqrt(p * (1 - p) / N)


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_a_probability_outside_0_and_1_is_refused(p: float) -> None:
    with pytest.raises(UsageError, match="probability") as caught:
        Generator().bernoulli((2,), p)
    assert caught.value.given == f"p={p}"


def test_bits_are_philox_s() -> None:
    generator = Generator(2**40 + 3)
    assert generator.bits((2, 3)).numpy().ravel().tolist() == references.words(6, 2**40 + 3, 0)
    assert generator.bits((5,)).tolist() == references.words(5, 2**40 + 3, 2)


def test_all_six_orders_of_three_are_equally_likely() -> None:
    generator, n = Generator(5), 6000
    drawn = [tuple(generator.permutation(3).tolist()) for _ in range(n)]
    for order in permutations(range(3)):
        assert abs(drawn.count(order) - n / 6) < 5 * math.sqrt(n * 5 / 36)


# The stream.


def everything(generator: Generator) -> list[np.ndarray]:
    """One draw of each kind, of awkward sizes."""
    drawn = [
        generator.uniform((3,)), generator.normal((5,), dtype=np.float64), generator.bits((7,)),
        generator.bernoulli((2, 3), 0.5), generator.permutation(6), generator.uniform((), dtype=np.float64),
        generator.normal((0, 2)), generator.normal((1,)),
    ]  # fmt: skip
    return [np.asarray(x) for x in drawn]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_the_same_seed_gives_the_same_stream() -> None:
    assert same(everything(Generator(7)), everything(Generator(7)))
    assert not same(everything(Generator(7)), everything(Generator(8)))


def test_draws_do_not_overlap() -> None:
    """Every 64-bit pattern that a stream hands out comes once."""
    generator = Generator(9)
    words: list[int] = []
    for n in (1, 3, 4, 5, 8, 2, 7):
        words += generator.bits((n,)).tolist()
    assert len(set(words)) == len(words)


@both
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("draw", ["uniform", "normal"])
def test_the_counter_passes_all_that_was_used(draw: str, n: int, dtype: Any) -> None:
    """Words are used up as a whole: what comes next shares none with what came before."""
    generator = Generator(3)
    getattr(generator, draw)((n,), dtype=dtype)
    per_number = 2 if dtype == np.float64 else 1
    even = n + n % 2
    assert generator.counter.item() == -(-even * per_number // 4)


def test_a_generator_resumes_from_its_state() -> None:
    generator = Generator(11)
    everything(generator)
    state = generator.state_dict()
    wanted = [everything(generator), everything(generator)]
    other = Generator(0)
    other.load_state_dict(state)
    assert all(same(everything(other), draws) for draws in wanted)
    assert {name: array.dtype.name for name, array in state.items()} == {"seed": "int64", "counter": "int64"}


def test_a_state_is_not_changed_by_drawing_on() -> None:
    generator = Generator(11)
    state = generator.state_dict()
    everything(generator)
    assert state["counter"] == 0


def test_a_state_of_something_else_is_refused() -> None:
    for state in ({}, {"seed": np.array(1)}, {"seed": np.array(1), "counter": np.array(0), "lr": np.array(0.1)}):
        with pytest.raises(UsageError, match="generator's state") as caught:
            Generator().load_state_dict(state)
        assert caught.value.needed == "seed, counter"
    with pytest.raises(DtypeError):
        Generator().load_state_dict({"seed": np.array(1.5), "counter": np.array(0)})


def test_reseeding_begins_again() -> None:
    generator = Generator(1)
    first = everything(generator)
    generator.reseed(1)
    assert same(everything(generator), first)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, "1", True, None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    for begin in (Generator, Generator().reseed, manual_seed):
        with pytest.raises(UsageError, match="seed") as caught:
            begin(seed)
        assert caught.value.given == repr(seed)
        assert caught.value.needed
        assert caught.value.fix


def test_the_largest_seed() -> None:
    assert same(everything(Generator(2**63 - 1)), everything(Generator(np.int64(2**63 - 1))))  # type: ignore[arg-type]


@pytest.mark.parametrize("draw", ["uniform", "normal", "bits"])
@pytest.mark.parametrize("shape", [(-1,), (2, -3), 5, (2.5,), "ab", None])
def test_a_shape_is_a_sequence_of_lengths(draw: str, shape: Any) -> None:
    with pytest.raises(ShapeError, match="sequence of lengths") as caught:
        getattr(Generator(), draw)(shape)
    assert caught.value.given == repr(shape)
    assert caught.value.fix


@pytest.mark.parametrize("dtype", [np.int64, np.float16, bool, "foo"])
def test_reals_are_float32_or_float64(dtype: Any) -> None:
    for draw in (Generator().uniform, Generator().normal):
        with pytest.raises(DtypeError):
            draw((2,), dtype=dtype)


def test_random_numbers_have_no_history() -> None:
    assert not Generator().normal((2,)).requires_grad


# The default generator.


def test_manual_seed_restarts_the_default() -> None:
    generator = manual_seed(5)
    assert generator is default_generator()
    first = generator.uniform((3,)).tolist()
    assert manual_seed(5).uniform((3,)).tolist() == first
    assert Generator(5).uniform((3,)).tolist() == first


def test_threads_do_not_disturb_each_other() -> None:
    """Each draws from its own stream, however the two are interleaved."""
    alone = [manual_seed(seed).normal((4,)).tolist() for seed in (1, 2)]
    turns = threading.Barrier(2, timeout=10)
    found: dict[int, list[float]] = {}

    def draw(seed: int) -> None:
        manual_seed(seed)
        numbers: list[float] = []
        for _ in range(2):
            turns.wait()
            numbers += default_generator().normal((2,)).tolist()
        found[seed] = numbers

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pairwise = []
    for seed in (1, 2):
        generator = Generator(seed)
        pairwise.append(generator.normal((2,)).tolist() + generator.normal((2,)).tolist())
    assert [found[1], found[2]] == pairwise
    assert alone[0][:2] == found[1][:2]


def test_a_seeded_thread_leaves_the_main_one_alone() -> None:
    before = manual_seed(3).state_dict()
    thread = threading.Thread(target=lambda: manual_seed(99).normal((10,)))
    thread.start()
    thread.join()
    after = default_generator().state_dict()
    assert {k: v.item() for k, v in after.items()} == {k: v.item() for k, v in before.items()}


def test_a_tensor_of_draws_is_a_tensor() -> None:
    assert isinstance(Generator().bits((1,)), Tensor)
