from __future__ import annotations

import math

import numpy as np
import pytest

from descend.studio.shown.look import Called, Layer, Part, as_seen, layers

A, B = object(), object()


def part(norm: float, gradient: float = math.nan, step: float = math.nan) -> Part:
    return Part("w", (2,), np.zeros(2), None, "", norm, gradient, step)


def test_norms_of_several_parameters_together() -> None:
    layer = Layer("a", "A", (1,), None, (part(3, 6, 0.3), part(4, math.nan, 0.4)))
    assert layer.norm == 5
    assert layer.gradient_norm == 6
    assert layer.moved == pytest.approx(0.1)


def test_what_is_not_known_is_no_number() -> None:
    for layer in (Layer("a", "A", (1,), None, ()), Layer("a", "A", (1,), None, (part(0),))):
        assert math.isnan(layer.gradient_norm)
        assert math.isnan(layer.moved)


def test_each_parameter_stands_where_it_is_used_first() -> None:
    y = np.zeros(3)
    held = {"x": [("w", A)], "y": [("w", A), ("b", B)], "z": []}
    calls = [Called(name, name, "", (3,), y) for name in ("x", "y", "x", "z", "x")] + [Called("u", "z", "", (), None)]
    found = layers(calls, held.__getitem__, lambda key, cell: part(1 if cell is A else 2))
    assert [layer.name for layer in found] == ["x", "y", "x (call 2)", "z", "x (call 3)"]
    assert [[one.norm for one in layer.parts] for layer in found] == [[1], [2], [], [], []]


def test_pixels_in_columns_are_seen_as_pictures() -> None:
    w = np.arange(24).reshape(2, 12)
    assert as_seen(w, (3, 4)).shape == (2, 3, 4)
    assert as_seen(w, ()) is w
    assert as_seen(w, (5, 4)) is w
    assert as_seen(np.zeros((2, 3, 4)), (3, 4)).shape == (2, 3, 4)
