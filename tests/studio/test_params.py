from __future__ import annotations

import json
from typing import Any

import pytest

from descend.engine.errors import UsageError
from descend.studio.params import Choice, Flag, Int, Log, Param, Real, Text, is_number


class Thing:
    lr = Log(default=0.1, low=1e-3, high=10, label="learning rate", unit="1/step")
    noise = Real(default=0.0, low=0, high=0.5, step=0.05, resets=True)
    units = Int(default=4, low=1, high=8, more=True)
    data = Choice(default="circle", options=["circle", "xor"])
    test = Flag(default=False)
    layers = Text(default="4 2", longest=10)


PARAMS: dict[str, Param[Any]] = {name: part for name, part in vars(Thing).items() if isinstance(part, Param)}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [("lr", 1, 1.0), ("noise", 0.25, 0.25), ("units", 3.0, 3), ("data", "xor", "xor"),
     ("test", True, True), ("layers", "", "")],
)  # fmt: skip
def test_a_value_gets_the_parameters_type(name: str, given: Any, value: Any) -> None:
    thing = Thing()
    setattr(thing, name, given)
    assert getattr(thing, name) == value
    assert type(getattr(thing, name)) is type(value)


@pytest.mark.parametrize("name", list(PARAMS))
@pytest.mark.parametrize(
    "given", [None, [], {}, "nonsense, and far too long", float("nan"), float("inf"), 10**400, -1, b"x"]
)
def test_nonsense_is_refused_and_changes_nothing(name: str, given: Any) -> None:
    thing = Thing()
    before = getattr(thing, name)
    with pytest.raises(UsageError) as refused:
        setattr(thing, name, given)
    assert getattr(thing, name) == before
    assert len(refused.value.given or "") <= 80


@pytest.mark.parametrize(
    ("name", "given"),
    [("lr", 0), ("lr", 10.1), ("lr", True), ("noise", 0.51), ("units", 9), ("units", 1.5), ("units", "4"),
     ("test", 1)],
)  # fmt: skip
def test_the_bounds_hold(name: str, given: Any) -> None:
    with pytest.raises(UsageError):
        setattr(Thing(), name, given)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'circle'"):
        Thing().data = "circel"


def test_what_counts_as_a_number() -> None:
    assert all(map(is_number, (0, -1.5, 10**200, 1e300)))
    assert not any(map(is_number, (None, True, "1", float("nan"), float("inf"), -float("inf"), 10**400, [1])))


def test_two_labs_have_values_of_their_own() -> None:
    one, other = Thing(), Thing()
    one.lr = 1.0
    assert other.lr == 0.1


def test_the_declaration_is_all_that_a_control_needs() -> None:
    rows = json.loads(json.dumps({name: part.declaration() for name, part in PARAMS.items()}))
    assert rows["lr"] == {
        "kind": "log", "name": "lr", "label": "learning rate", "default": 0.1, "low": 1e-3, "high": 10, "step": None,
        "resets": False, "more": False, "unit": "1/step", "help": "",
    }  # fmt: skip
    assert [row["kind"] for row in rows.values()] == ["log", "real", "int", "choice", "flag", "text"]
    assert rows["noise"]["resets"]
    assert rows["units"]["more"]
    assert rows["data"]["options"] == ["circle", "xor"]
