"""Primitives that exist for one test only, and the meaning of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from descend.engine import PRIMITIVES, Primitive, reference

Plant = Callable[..., Primitive]


@pytest.fixture(autouse=True)
def by_meaning() -> Iterator[None]:
    """The engine's tests are about NumPy's evaluation; what is faster is compared with it in `tests/compiler`."""
    with reference():
        yield


@pytest.fixture
def plant() -> Iterator[Plant]:
    """Make a primitive: (evaluate, pullbacks, name=..., shape=..., samples=...). It is forgotten after the test."""
    planted: list[str] = []

    def make(evaluate: Any, pullbacks: Any = (), name: str = "planted", **parts: Any) -> Primitive:
        whole = {"shape": lambda *shapes, **attributes: shapes[0], "samples": lambda rng: []} | parts
        primitive = Primitive(name, evaluate, pullbacks=pullbacks, **whole)
        planted.append(name)
        return primitive

    yield make
    for name in planted:
        del PRIMITIVES[name]
