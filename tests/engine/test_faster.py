"""When something faster than a primitive's meaning is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from descend.engine import PRIMITIVES, Tensor, faster, ops, override, reference
from descend.engine.modes import REFERENCE

SMALL, LARGE = (Tensor(np.ones((1, 1, n, n), np.float32)) for n in (4, 128))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What is asked for; it is offered to compute zeros, and nothing for an average."""
    found: list[tuple[str, dict[str, Any]]] = []

    def offer(primitive: Any, arrays: Any, attributes: Any) -> Any:
        found.append((primitive.name, attributes))
        return None if primitive.name == "pool_sum" else lambda *inputs: np.zeros((1, 1, 2, 2), np.float32)

    monkeypatch.setattr(faster, "_offer", lambda: offer)
    return found


def pooled(x: Tensor) -> Tensor:
    return ops.max_pool(x, (2, 2), ops.sliding((2, 2), 2))


def test_large_arrays_are_computed_by_what_is_offered(asked: list) -> None:
    with reference(False):
        assert pooled(LARGE).tolist() == [[[[0, 0], [0, 0]]]]
    assert asked == [("max_pool", {"kernel": (2, 2), "window": ops.sliding((2, 2), 2)})]


def test_small_arrays_are_left_to_numpy(asked: list) -> None:
    with reference(False):
        assert pooled(SMALL).tolist() == [[[[1, 1], [1, 1]]]]
    assert asked == []


def test_where_nothing_is_offered_the_meaning_is_computed(asked: list) -> None:
    with reference(False):
        assert ops.avg_pool(LARGE, (2, 2), ops.sliding((2, 2), 2)).numpy().mean() == 1
    assert [name for name, _ in asked] == ["pool_sum"]


def test_the_reference_asks_nobody(asked: list) -> None:
    with reference(False), reference():
        assert pooled(LARGE).numpy().min() == 1
    assert asked == []


def test_a_replacement_comes_before_what_is_offered(asked: list) -> None:
    with reference(False), override("max_pool", lambda x, kernel, window: x[:, :, ::2, ::2] + 1):
        assert pooled(LARGE).numpy().min() == 2
    assert asked == []


def test_only_costly_primitives_ask() -> None:
    costly = {name for name, primitive in PRIMITIVES.items() if primitive.compute != primitive.evaluate}
    assert {"conv2d", "conv2d_input", "conv2d_weight", "max_pool", "pool_places", "pool_put"} <= costly
    assert not costly & {"add", "matmul", "tanh", "sum"}


def compiler_is_there(n: int, **environment: str) -> bool:
    """Whether a process that pools an image of n x n imports the compiler."""
    code = (
        "import sys, numpy as np\nfrom descend.engine import Tensor, ops\n"
        f"ops.max_pool(Tensor(np.ones((1, 1, {n}, {n}), np.float32)), (2, 2), ops.sliding((2, 2), 2))\n"
        "print('descend.compiler' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return told.stdout.strip() == "True"


def test_the_compiler_is_imported_where_it_pays() -> None:
    assert compiler_is_there(128)
    assert not compiler_is_there(16)
    assert not compiler_is_there(128, **{REFERENCE: "1"})
