from __future__ import annotations

import math

import numpy as np
import pytest

from descend.studio.shown.answers import Answers
from descend.studio.shown.look import Layer, Look, Part
from descend.studio.shown.snapshot import MOST_LAYERS, SEEN, STATISTICS, named, snapshot

RNG = np.random.default_rng(0)
NOTHING = Answers(np.zeros((32, 1)), [""] * 32, [None] * 32)


def look(*layers: Layer) -> Look:
    return Look(layers, np.zeros((32, 3)), "")


def layer(name: str, y: np.ndarray | None, *parts: Part, shape: tuple[int, ...] | None = None) -> Layer:
    return Layer(name, "Kind()", shape or (() if y is None else y.shape), y, parts)


def test_statistics_of_a_layer() -> None:
    y = RNG.normal(size=(32, 4)).astype(np.float32)
    y[:, 1] = 0
    y[3, 2] = 0
    y[5, 3] = np.nan
    w = Part("w", (2,), np.ones(2), None, "", 2.0, 3.0, 0.5)
    found = snapshot(7, look(layer("a", y, w)), ["a", "missing"], NOTHING).arrays["statistics"]
    told = dict(zip(STATISTICS, found[0].tolist()))
    finite = y[np.isfinite(y)]
    assert told == pytest.approx(
        {"mean": finite.mean(), "std": finite.std(), "zeros": 33 / 128, "dead": 0.25, "nonfinite": 1,
         "norm": 2, "gradient": 3, "moved": 0.25}, rel=1e-5,
    )  # fmt: skip
    assert np.isnan(found[1]).all()


def test_a_channel_is_dead_where_its_whole_map_is() -> None:
    y = np.ones((8, 4, 5, 5), np.float32)
    y[:, 0] = 0
    y[:, 1, 2:] = 0
    found = snapshot(0, look(layer("a", y)), ["a"], NOTHING).arrays["statistics"][0]
    assert found[STATISTICS.index("dead")] == 0.25


@pytest.mark.parametrize("shape", [(32, 5), (32, 3, 6, 6), (7, 32, 4), (3, 4), ()])
def test_outputs_with_the_axis_of_examples_wherever_it_is(shape: tuple[int, ...]) -> None:
    y = RNG.normal(size=shape).astype(np.float32)
    found = snapshot(0, look(layer("a", np.asarray(y))), ["a"], NOTHING).numbers("y0")
    assert found is not None
    wanted = y if shape[:1] == (32,) else np.moveaxis(y, 1, 0) if 32 in shape else y[None]
    assert np.abs(found - wanted[:SEEN]).max() <= np.abs(y).max() / 127


def test_a_frame_stays_small_whatever_the_network_is() -> None:
    big = [layer(f"l{i}", RNG.normal(size=(32, 64, 20, 20)).astype(np.float32)) for i in range(40)]
    found = snapshot(0, look(*big), [one.name for one in big], NOTHING)
    assert found.nbytes < 1_500_000
    assert "of 64" in found.note("y0_note") or "of 20" in found.note("y0_note")


def test_layers_with_weights_come_before_others_where_there_are_too_many() -> None:
    w = Part("w", (2, 3), np.ones((2, 3)), None, "", 1.0, math.nan, math.nan)
    every = [layer(f"l{i}", np.zeros((32, 2)), *([w] if i % 2 else [])) for i in range(100)]
    found = named(look(*every))
    assert len(found.names) == MOST_LAYERS
    assert {f"l{i}" for i in range(1, 100, 2)} <= set(found.names)
    assert [int(name[1:]) for name in found.names] == sorted(int(name[1:]) for name in found.names)
    assert found.rows[-1]["parameters"] == 6
