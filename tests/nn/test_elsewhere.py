from __future__ import annotations

import re
from types import ModuleType

import pytest

import descend
from descend import nn, ops, optim
from descend.engine import Tensor
from descend.engine.errors import DescendError
from descend.engine.ops.elsewhere import ELSEWHERE as OPERATIONS
from descend.nn.elsewhere import ELSEWHERE


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
        (nn.functional, "layer_norm", "nn.LayerNorm"),
        (nn.functional, "adaptive_avg_pool2d", "nn.AdaptiveAvgPool2d"),
        (nn.functional, "relu6", "nn.ReLU6"),
        (nn.functional, "cross_entopy", "cross_entropy"),
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


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_operations_lead_to_is_there(name: str) -> None:
    found = re.findall(r"descend\.([a-z_A-Z]+)(?:\(\))?(?:\.(\w+))?", OPERATIONS[name])
    assert found
    for first, second in found:
        home = getattr(descend, first)
        assert not second or hasattr(home() if first == "default_generator" else home, second)
