"""What a function can reach, and whether it has changed."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from descend import nn
from descend.compiler.guards import reach
from descend.engine import Cell

SETTING = [1.0]


class Settings:
    def __init__(self) -> None:
        self.rate, self.layers, self.names = 0.1, [nn.Linear(2, 2)], {"a": 1}


def test_cells_are_found_by_their_paths() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    cells = reach(lambda x: model(x), {}).cells
    assert {"model.0.weight", "model.0.bias", "model.1.running_mean"} <= set(cells)
    assert cells["model.0.weight"] is model[0].weight
    assert set(reach(model.forward, {}).cells.values()) == set(dict(model.named_cells()).values())


CHANGES = {
    "nothing": (lambda s: None, None),
    "number": (lambda s: setattr(s, "rate", 0.2), "settings.rate: 0.1, now 0.2"),
    "type": (lambda s: setattr(s, "rate", True), "settings.rate: 0.1, now True"),
    "list": (lambda s: s.layers.append(1), "settings.layers: other attributes"),
    "dict": (lambda s: s.names.update(a=2), "settings.names.a: 1, now 2"),
    "deep": (lambda s: s.layers[0].eval(), "settings.layers.0"),
}


@pytest.mark.parametrize("kind", list(CHANGES))
def test_a_change_is_named(kind: str) -> None:
    settings, (change, message) = Settings(), CHANGES[kind]
    found = reach(lambda x: x * settings.rate, {})
    assert found.change() is None
    change(settings)
    assert found.change() is None if message is None else message in str(found.change())


def test_globals_and_partial_arguments_are_watched() -> None:
    def f(x: object, rate: list[float]) -> object:
        return x, rate, SETTING

    rate = [0.5]
    found = reach(partial(f, rate=rate), {})
    rate[0] = 0.7
    assert "now 0.7" in str(found.change())
    rate[0] = 0.5
    SETTING[0] = 2.0
    assert "now 2.0" in str(found.change())
    SETTING[0] = 1.0
    assert found.change() is None


def test_a_cell_s_value_is_no_setting() -> None:
    cell = Cell([1.0])
    found = reach(lambda: cell, {})
    cell.write([2.0])
    assert found.change() is None


def test_a_circle_comes_to_an_end() -> None:
    a, b = Settings(), Settings()
    a.other, b.other = b, a
    assert reach(lambda: a, {}).change() is None


def test_data_are_not_walked_through() -> None:
    data = list(range(5000))
    array = np.zeros(3)
    found = reach(lambda: (data, array), {})
    data[0] = 7
    array[0] = 7
    assert found.change() is None
