"""What is often written in place of the update, and what to say about it."""

from __future__ import annotations

import numpy as np

from descend.guide.properties import Suspect

SUSPECTS = (
    Suspect(
        "uphill",
        lambda p, g, lr: p + lr * g,
        "The length of your step is right, its direction is not: you are going uphill. "
        "The gradient points to where the loss grows.",
    ),
    Suspect(
        "rate_forgotten",
        lambda p, g, _: p - g,
        "The direction is right, the length is not: the learning rate is missing, and every step is the whole slope.",
    ),
    Suspect(
        "rate_divides",
        lambda p, g, lr: p - g / lr,
        "The direction is right, but lr works the wrong way round: you divide by it, "
        "so that a smaller rate gives a longer step.",
    ),
    Suspect(
        "step_only",
        lambda _, g, lr: lr * g,
        "That is the length of the step, and it is right; asked for is the place where the step ends.",
    ),
    Suspect(
        "step_only",
        lambda _, g, lr: -lr * g,
        "That is the step, and it is right; asked for is the place where it ends when it starts at p.",
    ),
    Suspect(
        "sign_only",
        lambda p, g, lr: p - lr * np.sign(g),
        "The direction is right, but only the sign of g is used: on a steep slope and on a flat one "
        "the step is equally long.",
    ),
    Suspect(
        "steep_slopes",
        lambda p, g, lr: p - lr * np.clip(g, -1, 1),
        "Slopes below 1 give the right step, steeper ones do not: they are cut at 1.",
    ),
    Suspect(
        "same_step_for_all",
        lambda p, g, lr: p - lr * np.mean(g),
        "The direction is right on average: you move every parameter by the mean of the gradient, "
        "but each has a slope of its own.",
    ),
    Suspect(
        "length_lost",
        lambda p, g, lr: p - lr * g / np.sqrt(np.sum(g * g)),
        "The direction is right, but g is divided by its own length: near the minimum, "
        "where slopes are small, the steps have to become small too.",
    ),
    Suspect(
        "swapped",
        lambda p, g, lr: g - lr * p,
        "The form is right, with p and g in each other's place: p is where you stand, g is the slope there.",
    ),
    Suspect(
        "slope_unused",
        lambda p, _, lr: p - lr * p,
        "You subtract lr times p: every parameter shrinks, whatever the slope says. g is not used.",
    ),
    Suspect(
        "bracket",
        lambda p, g, lr: lr * (p - g),
        "The parts are right, the brackets are not: lr scales p as well. It belongs to the slope alone.",
    ),
    Suspect("unmoved", lambda p, _g, _lr: p, "You returned p as it was: no step has been taken."),
)
