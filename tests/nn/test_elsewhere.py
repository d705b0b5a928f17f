from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import pytest

import descend
from descend import nn, ops, optim
from descend.engine import Tensor
from descend.engine.errors import DescendError
from descend.engine.ops.elsewhere import ELSEWHERE as OPERATIONS
from descend.engine.ops.elsewhere import METHODS
from descend.nn.elsewhere import ELSEWHERE, INITIALISERS


def missing(name: str) -> str:
    with pytest.raises(AttributeError) as told:
        getattr(nn, name)
    assert isinstance(told.value, DescendError)
    return str(told.value)


@pytest.mark.parametrize(
    ("name", "ours"),
    [("Dense", "Linear"), ("Conv2D", "Conv2d"), ("MaxPooling2D", "MaxPool2d"), ("Liner", "Linear"), ("relu", "ReLU")],
)
def test_a_name_from_elsewhere_leads_to_ours(name: str, ours: str) -> None:
    told = missing(name)
    assert f"descend.nn has no {name}" in told
    assert ours in told.partition("fix:")[2]


@pytest.mark.parametrize(
    ("module", "name", "ours"),
    [
        (optim, "RMSProp", "RMSprop"),
        (optim, "lr_scheduler", "optim.StepLR"),
        (descend, "tensor", "Tensor"),
        (descend, "zeros", "descend.ops.zeros"),
        (descend, "optimizers", "optim"),
        (descend, "cat", "descend.ops.concat"),
        (descend, "randn", "default_generator().normal"),
        (ops, "clamp", "descend.ops.clip"),
        (ops, "concat_", "concat"),
        (descend, "float32", '"float32"'),
        (descend, "long", 'descend.ops.zeros((2, 3), "int64")'),
        (descend, "save", "descend.train.save_weights"),
        (nn.functional, "layer_norm", "nn.LayerNorm"),
        (nn.functional, "adaptive_max_pool2d", "nn.AdaptiveMaxPool2d"),
        (nn.functional, "relu6", "nn.ReLU6"),
        (nn.functional, "cross_entopy", "cross_entropy"),
        (nn.init, "xavier_uniform_", "layer.weight.write(init.glorot_uniform(layer.weight.shape))"),
        (nn.init, "zeros_", "layer.weight.write(init.zeros(layer.weight.shape))"),
        (nn.init, "calculate_gain", "gain"),
        (nn.init, "he_norml", "he_normal"),
        (nn, "utils", "nn.pack_padded_sequence"),
    ],
)
def test_so_it_is_in_the_other_parts(module: ModuleType, name: str, ours: str) -> None:
    with pytest.raises(AttributeError) as told:
        getattr(module, name)
    assert isinstance(told.value, DescendError)
    assert ours in str(told.value.fix)


def test_what_is_like_nothing_gets_the_list() -> None:
    told = missing("Xyzzy")
    assert "Linear" in told
    assert "dir(descend.nn)" in told


def test_python_itself_is_answered_as_usual() -> None:
    assert not hasattr(nn, "Dense")
    with pytest.raises(AttributeError) as told:
        nn.__nosuch__  # noqa: B018
    assert not isinstance(told.value, DescendError)
    with pytest.raises(ImportError):
        from descend.nn import Dense  # noqa: F401


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_they_lead_to_is_there(name: str) -> None:
    here = ELSEWHERE[name]
    homes = {"nn": nn, "optim": optim, "x": Tensor}
    named = re.findall(r"\b(nn|optim|x)\.(\w+)", here)
    assert named or here in nn.__all__ or here == "it is descend.Tensor"
    assert all(hasattr(homes[home], part) for home, part in named)


@pytest.mark.parametrize("name", METHODS)
def test_what_a_tensor_has_under_another_name(name: str) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(AttributeError) as told:
        getattr(x, name)
    assert told.value.fix == METHODS[name]
    written = METHODS[name].partition(", or")[0]
    if not written.startswith(("leave", "cells", "~")):
        names = {"x": x, "y": x, "ops": ops, "np": np, "i": 0, "a": 0, "b": 1, "axis": 0, "dtype": "int64"}
        eval(written, names)


def test_a_tensor_answers_python_and_libraries_as_usual() -> None:
    x = Tensor([1.0])
    assert not hasattr(x, "_fields")
    assert not hasattr(x, "cuda")
    with pytest.raises(AttributeError, match="did you mean 'softmax'"):
        x.sofmax  # noqa: B018
    with pytest.raises(AttributeError, match=r"ops\.gelu\(x\)"):
        x.gelu  # noqa: B018


@pytest.mark.parametrize("name", INITIALISERS)
def test_what_initialisers_lead_to_is_there(name: str) -> None:
    assert hasattr(nn.init, INITIALISERS[name])


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_operations_lead_to_is_there(name: str) -> None:
    found = re.findall(r"descend\.([a-z_A-Z]+)(?:\(\))?(?:\.(\w+))?", OPERATIONS[name])
    assert found
    for first, second in found:
        home = getattr(descend, first)
        assert not second or hasattr(home() if first == "default_generator" else home, second)
