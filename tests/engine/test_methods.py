"""The methods and operators of tensors: each is the operation of its name, and PyTorch's method of that name."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import DtypeError, Tensor, ops
from descend.engine.methods import Methods
from descend.engine.operators import Operators

X = (np.random.default_rng(0).permutation(30).reshape(2, 3, 5) - 15.25) / 10
SQUARE = X[0, :3, :3] + 3 * np.eye(3)
PLACES = np.array([[[1, 0, 2, 1, 0]]])

# With PyTorch's dim and keepdim in the places of axis and keepdims, a call reads the same for both.
CALLS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    **{name: (lambda x, name=name: getattr(x, name)(),) for name in (
        "abs", "sign", "square", "exp", "expm1", "reciprocal", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "sigmoid", "relu", "erf", "floor",
        "ceil", "round", "trunc", "isnan", "isfinite", "sum", "prod", "mean", "norm", "max", "min", "median", "all", "any", "count_nonzero", "nonzero",
        "flatten", "squeeze",
    )},
    **{name: (lambda x, name=name: getattr(abs(x), name)(),) for name in ("log", "log1p", "log2", "log10", "sqrt", "rsqrt")},
    **{name: (lambda x, name=name: getattr(x, name)(1),) for name in ("argmax", "argmin", "cumsum", "cumprod", "softmax", "log_softmax", "logsumexp", "argsort", "unsqueeze")},
    **{name: (lambda x, name=name: getattr(x[0], name)(-1),) for name in ("tril", "triu", "diagonal")},
    "pow": (lambda x: abs(x).pow(2.5),), "clamp": (lambda x: x.clamp(-0.5, 0.5),), "clip": (lambda x: x.clip(-0.5, 0.5),),
    "maximum": (lambda x: x.maximum(-x),), "minimum": (lambda x: x.minimum(-x),), "lerp": (lambda x: x.lerp(x * 2, 0.25),),
    "masked_fill": (lambda x: x.masked_fill(x > 0, 7.5),), "masked_select": (lambda x: x.masked_select(x > 0),),
    "quantile": (lambda x: x.quantile(0.3),), "sort": (lambda x: x.sort(1)[0],), "topk": (lambda x: x.topk(2)[1],),
    "var": (lambda x: x.var(1, correction=1),), "std": (lambda x: x.std(1, correction=1),), "reshape": (lambda x: x.reshape(3, -1), lambda x: x.reshape((3, -1))),
    "view": (lambda x: x.view(-1, 2),), "permute": (lambda x: x.permute(2, 0, 1),), "transpose": (lambda x: x.transpose(0, 2),), "moveaxis": (lambda x: x.moveaxis(0, 2),),
    "mT": (lambda x: x.mT,), "expand": (lambda x: x[:, :1].expand(2, 4, 5),), "broadcast_to": (lambda x: x[:, :1].broadcast_to((2, 4, 5)),), "repeat": (lambda x: x.repeat(1, 2, 1),),
    "tile": (lambda x: x.tile(1, 2),), "repeat_interleave": (lambda x: x.repeat_interleave(2, 1),), "split": (lambda x: x.split(2, 2)[2],), "chunk": (lambda x: x.chunk(2, 1)[1],),
    "unbind": (lambda x: x.unbind(1)[2],), "roll": (lambda x: x.roll(2, 2),), "flip": (lambda x: x.flip(1),),
    "matmul": (lambda x: x.matmul(x.mT),), "dot": (lambda x: x[0, 0].dot(x[0, 1]),), "outer": (lambda x: x[0, 0].outer(x[1, 0]),),
    "operators": (lambda x: x % 0.7, lambda x: (x > 0) & (x < 1), lambda x: (x < 0) | (x > 1), lambda x: (x < 0) ^ (x < 1), lambda x: ~(x > 0), lambda x: 2.5 % abs(x)),
}  # fmt: skip
ELSEWHERE = {"gather", "scatter_add", "index_select", "trace", "inverse", "det", "cholesky"}


def methods() -> set[str]:
    return {name for kind in (Methods, Operators) for name in vars(kind) if not name.startswith("_")}


def close(found: Tensor, wanted: torch.Tensor) -> None:
    assert found.shape == tuple(wanted.shape)
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-10)


@pytest.mark.parametrize("name", CALLS)
def test_a_method_is_pytorch_s(name: str) -> None:
    for call in CALLS[name]:
        close(call(Tensor(X)), call(torch.tensor(X)))


def test_methods_with_indices() -> None:
    x, point, places = Tensor(X), torch.tensor(X), torch.tensor(PLACES)
    close(x.gather(1, PLACES), point.gather(1, places))
    close(
        x.scatter_add(1, PLACES, np.ones((1, 1, 5))),
        point.scatter_add(1, places, torch.ones((1, 1, 5), dtype=point.dtype)),
    )
    close(x.index_select(2, [4, 0]), point.index_select(2, torch.tensor([4, 0])))


@pytest.mark.filterwarnings("ignore:torch.cholesky")
@pytest.mark.parametrize("name", ["trace", "inverse", "det", "cholesky"])
def test_methods_of_matrices(name: str) -> None:
    a = SQUARE @ SQUARE.T
    close(getattr(Tensor(a), name)(), getattr(torch.tensor(a), name)())


def test_every_method_is_tested() -> None:
    assert methods() == (set(CALLS) - {"operators"}) | ELSEWHERE


@pytest.mark.parametrize("name", sorted(methods() & set(ops.__all__)))
def test_a_method_takes_what_its_operation_takes(name: str) -> None:
    """In the same order and with the same names and defaults, but for f(2, 3) where the operation needs f((2, 3))."""
    of_method = list(inspect.signature(getattr(Tensor, name)).parameters.values())[1:]
    if any(p.kind is p.VAR_POSITIONAL for p in of_method) or not inspect.isfunction(getattr(ops, name)):
        return
    of_operation = list(inspect.signature(getattr(ops, name)).parameters.values())[1:]
    assert [p.default for p in of_method] == [p.default for p in of_operation]
    if name != "lerp" and "other" not in [p.name for p in of_method]:
        assert [p.name for p in of_method] == [p.name for p in of_operation]


def test_numpy_s_functions_with_another_meaning_work_on_the_array() -> None:
    x = Tensor([3.0, 1.0, 2.0], requires_grad=True)
    assert np.sort(x).tolist() == [1.0, 2.0, 3.0]
    assert [part.tolist() for part in np.split(x, 3)] == [[3.0], [1.0], [2.0]]
    assert np.median(Tensor([1.0, 2.0])) == 1.5
    assert np.cumsum(Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist() == [1.0, 3.0, 6.0, 10.0]
    assert np.mean(x).requires_grad


@pytest.mark.parametrize("call", [lambda x: x & 1, lambda x: True | x, lambda x: x ^ x, lambda x: ~x])
def test_logic_is_for_truth_values(call: Callable[[Any], Any]) -> None:
    with pytest.raises(DtypeError, match="combine truth values") as caught:
        call(Tensor([1, 2]))
    assert caught.value.given == "int64"
    assert (True & Tensor([True, False])).tolist() == [True, False]
