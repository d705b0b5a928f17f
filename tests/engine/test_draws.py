"""Other distributions than the uniform and the normal, at five sigma."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from descend.engine import Generator, GradientError, ShapeError, Tensor, UsageError

N = 50_000
FIVE_SIGMA = 5.7e-7

CONTINUOUS: dict[str, tuple[Callable[[Generator], Tensor], Any]] = {
    "exponential": (lambda g: g.exponential((N,), 2.5), stats.expon(scale=0.4)),
    "laplace": (lambda g: g.laplace((N,), 1.0, 2.0), stats.laplace(1, 2)),
    "gumbel": (lambda g: g.gumbel((N,)), stats.gumbel_r()),
    "gamma below 1": (lambda g: g.gamma((N,), 0.3, dtype=np.float64), stats.gamma(0.3)),
    "gamma at 1": (lambda g: g.gamma((N,), 1.0, 2.0), stats.gamma(1, scale=0.5)),
    "gamma above 1": (lambda g: g.gamma((N,), 7.5), stats.gamma(7.5)),
    "beta": (lambda g: g.beta((N,), 0.5, 2.0), stats.beta(0.5, 2)),
    "dirichlet": (lambda g: g.dirichlet((N,), [1.0, 2.0, 3.0])[:, 1], stats.beta(2, 4)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_distribution(name: str) -> None:
    draw, wanted = CONTINUOUS[name]
    sample = draw(Generator(1)).numpy().astype(np.float64)
    assert np.isfinite(sample).all()
    assert stats.kstest(sample, wanted.cdf).pvalue > FIVE_SIGMA
    mean, variance = wanted.stats("mv")
    assert abs(sample.mean() - mean) < 5 * math.sqrt(variance / N)


def frequencies(drawn: Tensor, probabilities: np.ndarray) -> None:
    """Each value comes as often as its probability says."""
    n = drawn.size
    counts = np.bincount(drawn.numpy().ravel(), minlength=len(probabilities))
    assert len(counts) == len(probabilities)
    assert (np.abs(counts - n * probabilities) <= 5 * np.sqrt(n * probabilities * (1 - probabilities)) + 1e-9).all()


@pytest.mark.parametrize("rate", [0.0, 0.3, 3.5, 40.0])
def test_counts_of_events(rate: float) -> None:
    drawn = Generator(2).poisson((N,), rate)
    wanted = stats.poisson(rate).pmf(np.arange(drawn.numpy().max() + 1)) if rate else np.ones(1)
    assert drawn.dtype == np.int64
    frequencies(drawn, wanted)


def test_counts_of_many_events() -> None:
    drawn = Generator(3).poisson((N,), 1e6).numpy()
    assert abs(drawn.mean() - 1e6) < 5 * math.sqrt(1e6 / N)
    assert abs(drawn.var() / 1e6 - 1) < 5 * math.sqrt(2 / N)


def test_whole_numbers() -> None:
    drawn = Generator(4).randint((N,), -2, 5)
    assert drawn.dtype == np.int64
    frequencies(drawn + 2, np.full(7, 1 / 7))


P = np.array([0.1, 0.0, 0.6, 0.3])


def test_categories() -> None:
    with np.errstate(divide="ignore"):
        drawn = Generator(5).categorical(np.log(P) + 100, (N,))
    assert drawn.dtype == np.int64
    frequencies(drawn, P)


def test_categories_of_each_row() -> None:
    logits = np.log(np.array([[0.2, 0.8], [0.7, 0.3], [0.5, 0.5]]))
    drawn = Generator(6).categorical(logits, (N,))
    assert drawn.shape == (N, 3)
    for row, p in enumerate(np.exp(logits)):
        frequencies(drawn[:, row], p)
    assert Generator().categorical(logits).shape == (3,)


def test_with_replacement_draws_are_independent() -> None:
    drawn = Generator(7).multinomial(np.stack([P, P[::-1]]), N // 2, replacement=True)
    assert drawn.shape == (2, N // 2)
    frequencies(drawn[0], P)
    frequencies(drawn[1], P[::-1])


def test_without_replacement_each_comes_once() -> None:
    """P(first a, then b) = p(a) p(b) / (1 - p(a))"""
    p = np.array([0.2, 0.3, 0.5])
    drawn = Generator(8).multinomial(np.broadcast_to(p, (N, 3)), 2).numpy()
    assert (drawn[:, 0] != drawn[:, 1]).all()
    for a in range(3):
        for b in {0, 1, 2} - {a}:
            wanted = p[a] * p[b] / (1 - p[a])
            found = ((drawn[:, 0] == a) & (drawn[:, 1] == b)).mean()
            assert abs(found - wanted) < 5 * math.sqrt(wanted / N)


def test_parameters_broadcast() -> None:
    drawn = Generator(9).gamma((20_000, 2), np.array([2.0, 50.0]), np.array([1.0, 10.0])).numpy()
    assert np.abs(drawn.mean(0) - [2, 5]).max() < 5 * math.sqrt(2 / 20_000)
    points = Generator(9).dirichlet((4,), [1.0, 2.0, 3.0])
    assert points.shape == (4, 3)
    np.testing.assert_allclose(points.numpy().sum(1), 1, rtol=1e-6)


# The stream.

DRAWS: dict[str, Callable[[Generator, Any], Any]] = {
    "exponential": lambda g, x: g.exponential((5,), x),
    "laplace": lambda g, x: g.laplace((5,), x),
    "gumbel": lambda g, x: g.gumbel((5,)),
    "gamma": lambda g, x: g.gamma((5,), x),
    "beta": lambda g, x: g.beta((5,), x, 2.0),
    "dirichlet": lambda g, x: g.dirichlet((5,), [x, 1.0]),
    "poisson": lambda g, x: g.poisson((5,), x),
    "randint": lambda g, x: g.randint((5,), 0, 10),
    "categorical": lambda g, x: g.categorical([x, 1.0], (5,)),
    "multinomial": lambda g, x: g.multinomial([x, 1.0, 2.0], 2),
}
every = pytest.mark.parametrize("name", DRAWS)


@every
def test_a_draw_is_a_function_of_seed_and_counter(name: str) -> None:
    one, two = Generator(3), Generator(3)
    assert DRAWS[name](one, 0.5).tolist() == DRAWS[name](two, 0.5).tolist()
    assert not DRAWS[name](one, 0.5).requires_grad


@every
def test_how_many_words_a_draw_takes_depends_on_its_shape_alone(name: str) -> None:
    """So a trace can count them: whatever the parameters, rejections included."""
    counters = []
    for seed in range(5):
        generator = Generator(seed)
        DRAWS[name](generator, 0.1 + seed)
        counters.append(generator.counter.item())
    assert len(set(counters)) == 1
    assert counters[0] > 0


@pytest.mark.parametrize("name", ["exponential", "laplace", "gumbel", "gamma", "beta"])
def test_the_type_is_asked_for(name: str) -> None:
    arguments = (2.0, 3.0) if name == "beta" else (2.0,) if name == "gamma" else ()
    for dtype in (np.float32, np.float64):
        assert getattr(Generator(), name)((3,), *arguments, dtype=dtype).dtype == dtype


@pytest.mark.parametrize("call", [
    lambda g: g.exponential((2,), 0.0), lambda g: g.laplace((2,), 0.0, -1.0), lambda g: g.gamma((2,), [1.0, 0.0]), lambda g: g.gamma((2,), 1.0, -1.0),
    lambda g: g.beta((2,), 1.0, float("nan")), lambda g: g.poisson((2,), -1.0), lambda g: g.poisson((2,), 1e7), lambda g: g.poisson((2,), float("nan")),
    lambda g: g.randint((2,), 3, 3), lambda g: g.multinomial([0.5, -0.5], 1),
])  # fmt: skip
def test_parameters_outside_their_range_are_refused(call: Callable[[Generator], Any]) -> None:
    with pytest.raises(UsageError) as caught:
        call(Generator())
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


@pytest.mark.parametrize("call", [
    lambda g: g.categorical(1.0), lambda g: g.categorical(np.zeros((2, 0))), lambda g: g.multinomial([0.5, 0.5], 3),
    lambda g: g.dirichlet((2,), 1.0), lambda g: g.dirichlet((2,), []), lambda g: g.gamma((2,), [1.0, 2.0, 3.0]), lambda g: g.exponential(3),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(call: Callable[[Generator], Any]) -> None:
    with pytest.raises(ShapeError):
        call(Generator())


@pytest.mark.parametrize("draw", [
    lambda g, p: g.gamma((3,), p), lambda g, p: g.gamma((3,), 2.0, p), lambda g, p: g.beta((3,), p, 1.0),
    lambda g, p: g.dirichlet((), p), lambda g, p: g.exponential((3,), p), lambda g, p: g.laplace((3,), 0.0, p),
])  # fmt: skip
def test_draws_that_have_no_gradients_say_so(draw: Any) -> None:
    parameter = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(GradientError, match="are not differentiated") as told:
        draw(Generator(0), parameter)
    assert "detach()" in str(told.value.fix)
    assert draw(Generator(0), parameter.detach()).shape == (3,)


def test_normal_draws_have_gradients_in_their_mean_and_deviation() -> None:
    mean, std = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    drawn = Generator(0).normal((2,), mean, std)
    drawn.sum().backward()
    assert mean.grad.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(std.grad.numpy(), Generator(0).normal((2,)).numpy())
    low = Tensor([1.0, 2.0], requires_grad=True)
    Generator(0).uniform((2,), low, 3.0).sum().backward()
    np.testing.assert_allclose(low.grad.numpy(), 1 - Generator(0).uniform((2,)).numpy())
