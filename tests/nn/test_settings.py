from __future__ import annotations

import inspect

import pytest

from descend import nn
from descend.engine import UsageError
from descend.nn.settings import chosen
from tests.nn.refusal import Mistake, check


def test_given_settings_take_the_place_of_the_usual_ones():
    usual = {"a": 1, "b": 2}
    assert chosen("Layer", usual, {"b": 3}) == {"a": 1, "b": 3}
    assert usual == {"a": 1, "b": 2}


def test_a_setting_that_is_not_there_is_refused_with_the_one_that_was_meant():
    call = lambda: chosen("Layer", {"dilation": 1, "bias": True}, {"dilatation": 2})
    check(
        Mistake(call, UsageError, "Layer has no setting 'dilatation'", "dilatation=2", "dilation, bias", "'dilation'")
    )


def with_settings() -> list[str]:
    kinds = [name for name in nn.__all__ if isinstance(getattr(nn, name), type)]
    return [
        name
        for name in kinds
        if name != "Identity" and "settings" in getattr(getattr(nn, name).__init__, "__annotations__", {})
    ]


@pytest.mark.parametrize("name", with_settings())
def test_every_setting_that_a_layer_declares_is_one_that_it_knows(name):
    kind = getattr(nn, name)
    declared = kind.__init__.__annotations__["settings"]
    module = inspect.getmodule(kind.__init__)
    typed = getattr(module, declared.removeprefix("Unpack[").removesuffix("]"))
    usual = getattr(module, "_USUAL", None) or module.USUAL
    assert set(typed.__annotations__) - {"nonlinearity", "peepholes"} == set(usual)
