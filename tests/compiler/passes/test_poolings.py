"""The maxima of windows and their places are one operation if the windows are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.compiler.executors.interpret import Interpreted
from descend.compiler.executors.native import Native
from descend.compiler.graph import Equation, Graph, Value
from descend.compiler.passes.poolings import with_poolings
from descend.engine import PRIMITIVES
from descend.engine.ops import Window

WINDOW = Window((2, 2), (0, 0))


def pair(window: Window = WINDOW, meaning: Any = None, other: bool = False) -> Graph:
    """A graph of maxima and places, the places with this window, of the same image or another."""
    image, second = (Value((2, 3, 6, 8), np.dtype(np.float32)) for _ in range(2))
    largest, places = Value((2, 3, 3, 4), image.dtype), Value((2, 3, 3, 4), np.dtype(np.int16))
    equations = (
        Equation(PRIMITIVES["max_pool"], (image,), (largest,), {"kernel": (2, 2), "window": WINDOW}),
        Equation(
            PRIMITIVES["pool_places"], (second if other else image,), (places,), {"kernel": (2, 2), "window": window},
            meaning,
        ),
    )  # fmt: skip
    return Graph((image, second), equations, (largest, places))


def test_both_become_one_operation_of_two_results() -> None:
    graph = pair().verify()
    (joined,) = with_poolings(graph).verify().equations
    assert joined.name == "pooling"
    assert joined.outputs == graph.outputs


def test_a_kernel_finds_both() -> None:
    graph, rng = pair(), np.random.default_rng(0)
    arrays = [rng.integers(-3, 3, value.shape).astype(np.float32) for value in graph.inputs]  # with ties
    native = Native(graph)
    assert [call.symbol for call in native.calls.values()] == ["pool"]
    for found, wanted in zip(native(arrays), Interpreted(graph)(arrays), strict=True):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize(
    "graph",
    [pair(Window((2, 2), (0, 0), (1, 2))), pair(other=True), pair(meaning=PRIMITIVES["pool_places"].evaluate)],
    ids=["another window", "another image", "replaced"],
)
def test_others_stay_by_themselves(graph: Graph) -> None:
    assert with_poolings(graph) is graph


def test_a_replaced_pooling_keeps_its_places_apart() -> None:
    graph = pair()
    pool, places = graph.equations
    replaced = Equation(pool.operation, pool.inputs, pool.outputs, pool.attributes, PRIMITIVES["max_pool"].evaluate)
    graph = Graph(graph.inputs, (replaced, places), graph.outputs)
    assert with_poolings(graph) is graph
