"""What makes an update right: the formula on arrays of every kind, nothing touched, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.guide.diagnosis import Diagnosis
from descend.guide.exercises.e00_update.suspects import SUSPECTS
from descend.guide.properties import Array, arrays, close, furthest, is_array, number

Update = Callable[[Array, Array, Any], Any]


@dataclass(frozen=True)
class Asked:
    """One call: the numbers as they were before it, the answer, and what p and g were after it."""

    p: Array
    g: Array
    lr: Any
    answer: Any
    after: tuple[Array, Array]

    @property
    def needed(self) -> Array:
        """The right answer."""
        return np.asarray(self.p - self.lr * self.g)

    def equals(self, formula: Array) -> NDArray[np.bool_]:
        """Where the answer is what a formula gives, up to the rounding of p, of the step and of the result."""
        return close(self.answer, formula, np.abs(self.p) + np.abs(self.lr * self.g) + np.abs(formula))

    def case(self, i: Any) -> str:
        """The numbers that went in at one place."""
        return f"p = {number(self.p[i])}, g = {number(self.g[i])}, lr = {number(self.lr)}"

    def example(self) -> str:
        """The number that is furthest off, as a case that can be done in the head."""
        i = furthest(self.answer, self.needed)
        answer, needed = np.asarray(self.answer)[i], self.needed[i]
        told = f"you returned {number(answer, needed)}; downhill is {number(needed, answer)}."
        return f"{self.case(i)}: {told}"


def returns_numbers(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """It returns an array with one number for every parameter."""
    return wrong_kind(ask(update, *easy_numbers(rng)))


def remembers_nothing(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """Asked the same twice, it answers the same; the first answer stays as it was."""
    p, g, lr = easy_numbers(rng)
    asked = ask(update, p.copy(), g.copy(), lr)
    first = np.copy(asked.answer)
    ask(update, *easy_numbers(rng))
    if not np.array_equal(asked.answer, first, equal_nan=True):
        i = furthest(asked.answer, first)
        return Diagnosis(
            "answer_reused",
            "Your second answer was written over the first: both are the same array. Every call has to make a new one.",
            f"your first answer was {number(first[i])}; after the next call it is {number(asked.answer[i])}.",
        )
    again = ask(update, p.copy(), g.copy(), lr).answer
    if not np.array_equal(again, first, equal_nan=True):
        i = furthest(again, first)
        return Diagnosis(
            "remembers",
            "The same p, g and lr give different answers: something is kept from call to call, "
            "or drawn at random. The new value depends on p, g and lr alone.",
            f"{asked.case(i)}: you returned {number(first[i], again[i])}, "
            f"and asked the same again {number(again[i], first[i])}.",
        )
    return None


def obeys_the_formula(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """From p it goes downhill, by lr times the slope, in every parameter."""
    return wrong_value(ask(update, *easy_numbers(rng)))


def touches_nothing(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """Its arguments p and g are left as they were."""
    asked = ask(update, *easy_numbers(rng))
    for letter, before, after in zip("pg", (asked.p, asked.g), asked.after):
        if not np.array_equal(before, after):
            i = furthest(after, before)
            return Diagnosis(
                f"{letter}_changed",
                f"The number that you return is right, but {letter} itself is changed on the way. "
                f"Whoever called you still holds {letter} and counts on it; return a new array.",
                f"{asked.case(i)}: after your call {letter} = {number(after[i])}.",
            )
    return None


def takes_every_array(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """One number or four axes, float32 or float64, even empty: shape and type come back as they went in."""
    for p, g in arrays(rng, 2):
        lr = 10 ** rng.uniform(-4, 0)
        # While a network trains, lr comes as an array without axes.
        asked = ask(update, p, g, np.asarray(lr, p.dtype) if rng.random() < 0.5 else float(lr))
        diagnosis = wrong_kind(asked) or wrong_type(asked) or wrong_value(asked)
        if diagnosis:
            return diagnosis
    return None


def is_linear(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """No step for lr = 0; twice, a thousand, a million times the slope, and the step grows as much."""
    p, g, lr = easy_numbers(rng)
    still = ask(update, p.copy(), g.copy(), 0.0)
    if not np.array_equal(still.answer, p):
        message = "For lr = 0 there is no step: p has to come back with its own values."
        return Diagnosis("zero_rate", message, still.example())
    for times in (2.0, 1e3, 1e6):
        steep = ask(update, p.copy(), times * g, lr)
        if not steep.equals(steep.needed).all():
            return Diagnosis(
                "steep_slopes",
                f"Small slopes give the right step, steep ones do not: {times:g} times the slope "
                f"has to give {times:g} times the step.",
                steep.example(),
            )
    return None


def reaches_the_bottom(update: Update, rng: np.random.Generator) -> Diagnosis | None:
    """On L(p) = ½ c p² each step multiplies p by 1 - lr c, down to the bottom."""
    curvature, lr, steps = rng.uniform(0.5, 2.0, 5), 0.5, 100
    start = rng.uniform(1.0, 5.0, 5) * rng.choice([-1.0, 1.0], 5)
    p = start
    for _ in range(steps):
        p = ask(update, p, curvature * p, lr).answer
    needed = (1 - lr * curvature) ** steps * start
    i = furthest(p, needed)
    if abs(p[i] - needed[i]) <= 1e-10:
        return None
    return Diagnosis(
        "stalls",
        "Single steps are right, a long walk is not: it does not come down to the minimum as it should. "
        "Are small slopes left out?",
        f"L(p) = ½ c p² with c = {number(curvature[i])}, from p = {number(start[i])} with lr = {lr}: "
        f"after {steps} steps you stand at {number(p[i], needed[i])}; needed is {number(needed[i], p[i])}.",
    )


PROPERTIES = (
    returns_numbers,
    remembers_nothing,
    obeys_the_formula,
    touches_nothing,
    takes_every_array,
    is_linear,
    reaches_the_bottom,
)


def easy_numbers(rng: np.random.Generator) -> tuple[Array, Array, float]:
    """A case for the head: p in 1 .. 9; slopes in halves, both signs, one below 1; lr one of 0.1 .. 0.4."""
    p = rng.integers(1, 10, 7).astype(np.float64)
    g = np.concatenate([[0.5], rng.integers(3, 19, 6) / 2]) * rng.choice([-1.0, 1.0], 7)
    if g.sum() == 0:
        g[-1] *= -1  # with a mean of zero, the mean and no slope at all would look alike
    return p, g, int(rng.integers(1, 5)) / 10


def ask(update: Update, p: Array, g: Array, lr: Any) -> Asked:
    """Call the learner's function, and keep copies of p and g from before and after."""
    before = p.copy(), g.copy()
    answer = update(p, g, lr)
    return Asked(*before, lr, answer, (p.copy(), g.copy()))


def wrong_kind(asked: Asked) -> Diagnosis | None:
    """No array of numbers, or one of another shape."""
    answer = asked.answer
    if not is_array(answer):
        return Diagnosis(
            "no_array",
            f"Your function returns a {type(answer).__name__}; asked for is one NumPy array of numbers, "
            "the new p, and nothing else.",
            f"you returned {str(answer)[:80]}",
        )
    if np.shape(answer) != asked.p.shape:
        return Diagnosis(
            "shape",
            "Every parameter needs a new value of its own: the answer has the shape of p.",
            f"p has shape {asked.p.shape}, you returned shape {np.shape(answer)}.",
        )
    return None


def wrong_type(asked: Asked) -> Diagnosis | None:
    """Numbers of another precision than p's."""
    given, needed = np.asarray(asked.answer).dtype, asked.p.dtype
    if given == needed:
        return None
    return Diagnosis(
        "precision",
        f"The values are right, their type is not: {needed} went in and {given} came out. "
        "From here on the whole network would be computed in it.",
        f"p and g are {needed} arrays of shape {asked.p.shape}, lr is {asked.lr:.4g}: you returned {given}.",
    )


def wrong_value(asked: Asked) -> Diagnosis | None:
    """Numbers that the formula does not give; the well-known mistakes by their names."""
    if np.asarray(asked.answer).dtype.kind in "iub":
        message = "Your answer is in whole numbers: every step shorter than 1 is lost, and most steps are."
        return Diagnosis("whole_numbers", message, asked.example())
    right = asked.equals(asked.needed)
    if right.all():
        return None
    for name, message in suspicions(asked):
        return Diagnosis(name, message, asked.example())
    share = f"{right.sum()} of {right.size} numbers are right" if right.any() else "no number is right"
    message = f"That is not where the step ends, and no usual mistake explains it: {share}."
    return Diagnosis("off", message, asked.example())


def suspicions(asked: Asked) -> Iterator[tuple[str, str]]:
    """The usual mistakes that give exactly this answer, by name and with what to say."""
    for suspect in SUSPECTS:
        if asked.equals(suspect.formula(asked.p, asked.g, asked.lr)).all():
            yield suspect.name, suspect.message
    mix = mixture(asked)
    if mix:
        is_, has_to_be = f"{mix[0]:.4g} p {mix[1]:+.4g} g", f"1 p {-asked.lr:+.4g} g"
        told = f"it is {is_}, and for lr = {asked.lr:g} it has to be {has_to_be}"
        yield "other_mixture", f"Your answer is p and g mixed in other shares: {told}."


def mixture(asked: Asked) -> tuple[float, float] | None:
    """The a and b for which the answer is a p + b g; None where there are none, or too few numbers."""
    if asked.p.size < 4:
        return None
    columns = np.stack([asked.p.ravel(), asked.g.ravel()], axis=1)
    (a, b), *_ = np.linalg.lstsq(columns, np.ravel(asked.answer).astype(asked.p.dtype))
    rounding = 8 * (np.abs(a * asked.p) + np.abs(b * asked.g))
    fits = close(asked.answer, np.asarray(a * asked.p + b * asked.g), rounding).all()
    return (float(a), float(b)) if fits else None
