"""Nested lists, tuples and dicts as a flat list, and back."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import tree


class Pair(NamedTuple):
    a: Any
    b: Any


trees = st.recursive(
    st.integers(),
    lambda part: st.one_of(
        st.lists(part, max_size=3),
        st.lists(part, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), part, max_size=3),
        st.builds(Pair, part, part),
    ),
)


@given(trees)
def test_rebuilding_undoes_flattening(whole: Any) -> None:
    leaves, rebuild = tree.flatten(whole)
    back = rebuild(leaves)
    assert back == whole
    assert type(back) is type(whole)
    assert all(isinstance(leaf, int) for leaf in leaves)


@given(trees)
def test_new_leaves_take_the_old_ones_places(whole: Any) -> None:
    leaves, rebuild = tree.flatten(whole)
    doubled, _ = tree.flatten(rebuild([2 * leaf for leaf in leaves]))
    assert doubled == [2 * leaf for leaf in leaves]


@pytest.mark.parametrize(
    ("whole", "leaves"),
    [
        (5, [5]),
        ([1, [2, (3, {"x": 4})]], [1, 2, 3, 4]),
        ({"b": 1, "a": 2}, [1, 2]),
        (Pair(1, [2]), [1, 2]),
        ([], []),
        (None, [None]),
    ],
)
def test_leaves_come_in_order(whole: Any, leaves: list[Any]) -> None:
    assert tree.flatten(whole)[0] == leaves


def test_the_kinds_of_the_parts_are_kept() -> None:
    whole = {"p": Pair([1], (2,)), "q": ()}
    back = tree.flatten(whole)[1]([7, 8])
    assert back == {"p": Pair([7], (8,)), "q": ()}
    assert isinstance(back["p"], Pair)
    assert isinstance(back["p"].b, tuple)
