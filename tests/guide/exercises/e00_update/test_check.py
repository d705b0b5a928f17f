"""The check of the update: nothing but the update passes it, and what it says is true."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.guide.exercises.e00_update.check import PROPERTIES, Asked, ask, easy_numbers, mixture
from descend.guide.exercises.e00_update.suspects import SUSPECTS
from descend.guide.learner import Attempt
from descend.guide.registry import find
from descend.guide.trial import tried


def _judged(function, seed: int = 0):
    update = find("update")
    return tried(Attempt(function, update.filename, update.interface), PROPERTIES, seed)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_the_update_passes_with_any_seed(seed: int) -> None:
    assert _judged(lambda p, g, lr: p - lr * g, seed).passed


@given(seed=st.integers(0, 2**32 - 1), number=st.floats(-100, 100))
@settings(max_examples=25)
def test_no_constant_passes(seed: int, number: float) -> None:
    assert not _judged(lambda p, g, lr: np.full(p.shape, number, p.dtype), seed).passed


def test_stored_answers_pass_with_the_seed_that_they_were_stored_for_and_no_other() -> None:
    stored: dict[bytes, np.ndarray] = {}

    def key(p, g, lr):
        return b"".join(np.ascontiguousarray(x).tobytes() for x in (p, g, lr)) + str(p.shape).encode()

    def store(p, g, lr):
        stored[key(p, g, lr)] = p - lr * g
        return p - lr * g

    def recall(p, g, lr):
        return stored.get(key(p, g, lr), np.zeros_like(p)).copy()

    assert _judged(store, seed=1).passed
    assert _judged(recall, seed=1).passed
    for seed in range(2, 22):
        assert not _judged(recall, seed).passed


@pytest.mark.parametrize("wrong", [1e-3, -1e-3, 1e-6])
@pytest.mark.parametrize("which", ["p", "g", "lr"])
def test_a_small_error_in_any_term_is_seen(wrong: float, which: str) -> None:
    factor = {"p": 1.0, "g": 1.0, "lr": 1.0, which: 1 + wrong}
    verdict = _judged(lambda p, g, lr: factor["p"] * p - factor["lr"] * lr * (factor["g"] * g))
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.name in {"off", "other_mixture"}


def test_rounding_in_another_order_is_allowed() -> None:
    assert _judged(lambda p, g, lr: (p / 3 - lr * g / 3) * p.dtype.type(3)).passed


@given(seed=st.integers(0, 2**32 - 1))
def test_the_usual_mistakes_differ_from_each_other_and_from_the_truth(seed: int) -> None:
    p, g, lr = easy_numbers(np.random.default_rng(seed))
    answers = [p - lr * g, *(suspect.formula(p, g, lr) for suspect in SUSPECTS)]
    for i, one in enumerate(answers):
        for other in answers[:i]:
            assert not np.allclose(one, other)


@given(seed=st.integers(0, 2**32 - 1), which=st.sampled_from(SUSPECTS))
def test_the_evidence_is_a_case_that_can_be_recomputed(seed: int, which) -> None:
    p, g, lr = easy_numbers(np.random.default_rng(seed))
    told = ask(which.formula, p, g, lr).example()
    numbers = [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", told)]
    p1, g1, lr1, _, needed = numbers
    assert needed == pytest.approx(p1 - lr1 * g1, rel=1e-3, abs=1e-3)


@given(a=st.floats(-3, 3), b=st.floats(-3, 3), seed=st.integers(0, 99))
def test_the_shares_of_a_mixture_are_found(a: float, b: float, seed: int) -> None:
    p, g, lr = easy_numbers(np.random.default_rng(seed))
    assert mixture(Asked(p, g, lr, a * p + b * g, (p, g))) == pytest.approx((a, b), abs=1e-9)


def test_what_is_no_mixture_has_no_shares() -> None:
    p, g, lr = easy_numbers(np.random.default_rng(0))
    assert mixture(Asked(p, g, lr, p * g, (p, g))) is None
    assert mixture(Asked(p[:2], g[:2], lr, (p * g)[:2], (p[:2], g[:2]))) is None


def test_the_rate_comes_as_a_number_and_as_an_array_as_it_does_in_training() -> None:
    kinds = set()

    def update(p, g, lr):
        kinds.add(type(lr))
        return p - lr * g

    assert _judged(update).passed
    assert kinds == {float, np.ndarray}


def test_it_sees_every_kind_of_array() -> None:
    seen = set()

    def update(p, g, lr):
        seen.add((p.ndim, p.dtype.name, p.flags.c_contiguous, p.size == 0))
        return p - lr * g

    assert _judged(update).passed
    assert {ndim for ndim, *_ in seen} == {0, 1, 2, 3, 4}
    assert {(4, "float32", False, False), (4, "float64", False, False), (1, "float32", True, True)} <= seen


@pytest.mark.parametrize(
    ("answer", "diagnosis"),
    [
        (lambda p, g, lr: "uphill", "no_array"),
        (lambda p, g, lr: (p - lr * g).astype(str), "no_array"),
        (lambda p, g, lr: (p - lr * g).astype(object), "no_array"),
        (lambda p, g, lr: {"p": p}, "no_array"),
        (lambda p, g, lr: p * np.nan, "off"),
        (lambda p, g, lr: (p - lr * g) + 0j, "precision"),
        (lambda p, g, lr: (p - lr * g).astype(np.float16), "precision"),
        (lambda p, g, lr: (p + lr * g).astype(np.float16), "uphill"),
        (lambda p, g, lr: (p * g).astype(np.float16), "off"),
        (lambda p, g, lr: np.broadcast_to(p - lr * g, (2, *p.shape)), "shape"),
        (lambda p, g, lr: p + g, "other_mixture"),
        (lambda p, g, lr: np.abs(p - lr * g), "off"),
    ],
)
def test_odd_answers_get_a_diagnosis(answer, diagnosis: str) -> None:
    verdict = _judged(answer)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.name == diagnosis
