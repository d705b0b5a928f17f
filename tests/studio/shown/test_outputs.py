from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from descend.engine import Tensor
from descend.engine.errors import UsageError
from descend.studio.shown.outputs import first, folded, in_words

A, B = Tensor([1.0]), Tensor([2.0])


@dataclass
class Output:
    hidden: Any
    logits: Any


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (A, A), ((A, B), A), ([None, B], B), ({"x": A}, A), ({"hidden": A, "logits": B}, B),
        (OrderedDict(loss=None, out=(B, A)), B), (Output(A, B), B), ((3, {"a": [A]}), A),
    ],
)  # fmt: skip
def test_the_first_tensor_is_found_wherever_it_is(given: Any, found: Tensor) -> None:
    assert first(given, Tensor) is found


@pytest.mark.parametrize("given", [None, 3.0, [], {"a": "b"}, np.zeros(3)])
def test_where_there_is_none_it_is_said(given: Any) -> None:
    with pytest.raises(UsageError, match="no tensor"):
        first(given, Tensor)


@pytest.mark.parametrize(
    ("output", "y", "folded_output", "folded_y"),
    [
        ((5, 3), (5,), (5, 3), (5,)), ((5, 7, 3), (5, 7), (35, 3), (35,)), ((5, 1), (5,), (5,), (5,)),
        ((5,), (5, 1), (5,), (5,)), ((5, 2), (5, 2), (5, 2), (5, 2)), ((5,), (5,), (5,), (5,)),
    ],
)  # fmt: skip
def test_positions_become_examples(output: Any, y: Any, folded_output: Any, folded_y: Any) -> None:
    found = folded(np.zeros(output), np.zeros(y))
    assert (found[0].shape, found[1].shape) == (folded_output, folded_y)


def test_errors_in_one_line() -> None:
    assert in_words(UsageError("so it is", given="x")) == "so it is"
    assert in_words(ValueError("first\nsecond")) == "ValueError: first"
    assert in_words(KeyError()) == "KeyError: "
