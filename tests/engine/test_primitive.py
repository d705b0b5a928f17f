"""Every primitive against an independent reference: a new one is tested by being registered."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit

from descend.engine import (
    PRIMITIVES,
    DtypeError,
    GradientError,
    Primitive,
    ShapeError,
    Tensor,
    bind,
    check_gradients,
    from_numpy,
    ops,
)
from descend.engine.primitive import broadcast_shapes
from descend.engine.samples import cases
from tests.engine.references import REFERENCES

Arrays = tuple[np.ndarray, ...]
Sample = tuple[Arrays, dict[str, Any]]

# Opaque on purpose: what stands behind a callback has no derivative, whatever its reference has.
WITHOUT_DERIVATIVE = {"callback"}
RANDOM = {name for name in PRIMITIVES if name.startswith("random_")}
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}

every_primitive = pytest.mark.parametrize("name", list(PRIMITIVES))
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


# What is tested.


def uncovered() -> list[str]:
    """The primitives that nobody could test."""
    rng = np.random.default_rng(0)
    return [name for name, p in PRIMITIVES.items() if name not in REFERENCES or not list(p.samples(rng))]


def test_every_primitive_has_samples_and_a_reference() -> None:
    assert uncovered() == []


def test_every_reference_has_a_primitive() -> None:
    assert set(REFERENCES) - set(PRIMITIVES) == set()


@contextmanager
def planted(name: str, **parts: Any) -> Iterator[Primitive]:
    """A primitive that is registered inside the block only."""
    whole = {
        "evaluate": np.tanh,
        "shape": lambda shape: shape,
        "pullbacks": (),
        "samples": cases((((3,),), {})),
    } | parts
    primitive = Primitive(name, **whole)
    try:
        yield primitive
    finally:
        del PRIMITIVES[name]


def test_a_primitive_without_a_reference_is_found() -> None:
    with planted("forgotten"):
        assert uncovered() == ["forgotten"]


def test_a_primitive_without_samples_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REFERENCES, "forgotten", torch.tanh)
    with planted("forgotten", samples=lambda rng: []):
        assert uncovered() == ["forgotten"]


def test_two_primitives_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="already a primitive named 'tanh'"):
        Primitive("tanh", np.tanh, lambda shape: shape, (), samples=lambda rng: [])


def samples(primitive: Primitive, dtype: Any = np.float64) -> list[Sample]:
    """The primitive's samples with the floating-point inputs in `dtype`."""
    drawn = primitive.samples(np.random.default_rng(0))
    return [(tuple(x.astype(dtype) if is_real(x) else x for x in map(np.asarray, xs)), at) for xs, at in drawn]


def is_real(x: np.ndarray) -> bool:
    return x.dtype.kind == "f"


def applied(primitive: Primitive, arrays: Arrays, attributes: dict[str, Any]) -> Tensor:
    return bind(primitive, *[from_numpy(x) for x in arrays], **attributes)


def expected(primitive: Primitive, arrays: Arrays, attributes: dict[str, Any]) -> np.ndarray:
    return REFERENCES[primitive.name](*[torch.from_numpy(x.copy()) for x in arrays], **attributes).numpy()


def close(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> None:
    assert found.shape == wanted.shape
    assert found.dtype == wanted.dtype
    tolerance = max(tolerance, TOLERANCE[wanted.dtype.type]) if is_real(wanted) else 0
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


# Values and shapes.


@pytest.mark.parametrize("name", sorted(set(PRIMITIVES) - WITHOUT_DERIVATIVE - RANDOM))
def test_the_samples_have_awkward_shapes(name: str) -> None:
    """Empty, of length 1 and of prime lengths: no transposed axis can hide behind equal lengths."""
    inputs = [x for arrays, _ in samples(PRIMITIVES[name]) for x in arrays]
    assert any(x.size == 0 for x in inputs)
    assert any(1 in x.shape or not x.shape for x in inputs)
    assert any({3, 5, 7, 11} & set(x.shape) for x in inputs)


def check_shapes(primitive: Primitive) -> None:
    for arrays, attributes in samples(primitive):
        value = applied(primitive, arrays, attributes).numpy()
        assert value.shape == primitive.shape(*[x.shape for x in arrays], **attributes)


def check_values(primitive: Primitive, dtype: Any) -> None:
    for arrays, attributes in samples(primitive, dtype):
        found = applied(primitive, arrays, attributes).numpy()
        close(found, expected(primitive, arrays, attributes), TOLERANCE[dtype])


@every_primitive
def test_the_shape_rule_says_the_shape_of_the_value(name: str) -> None:
    check_shapes(PRIMITIVES[name])


@both_precisions
@every_primitive
def test_the_value_is_the_reference_s(name: str, dtype: Any) -> None:
    check_values(PRIMITIVES[name], dtype)


@every_primitive
def test_no_input_is_written_to(name: str) -> None:
    for arrays, attributes in samples(PRIMITIVES[name]):
        for x in arrays:
            x.flags.writeable = False  # writing to it would raise
        pulled(PRIMITIVES[name], arrays, attributes)


# Gradients.


def pulled(primitive: Primitive, arrays: Arrays, attributes: dict[str, Any]) -> list[np.ndarray]:
    """The gradients of the floating-point inputs along a random cotangent."""
    leaves = [from_numpy(x).requires_grad_(is_real(x)) for x in arrays]
    y = bind(primitive, *leaves, **attributes)
    if y.requires_grad:
        y.backward(from_numpy(cotangent(y.numpy())))
    reals = [x for x in leaves if is_real(x.numpy())]
    return [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad.numpy() for x in reals]


def expected_pulled(primitive: Primitive, arrays: Arrays, attributes: dict[str, Any]) -> list[np.ndarray]:
    leaves = [torch.from_numpy(x.copy()).requires_grad_(is_real(x)) for x in arrays]
    y = REFERENCES[primitive.name](*leaves, **attributes)
    reals = [x for x in leaves if x.requires_grad]
    if not y.requires_grad:
        return [np.zeros_like(x.detach().numpy()) for x in reals]
    u = torch.from_numpy(cotangent(y.detach().numpy()))
    return [g.numpy() for g in torch.autograd.grad(y, reals, u, allow_unused=True, materialize_grads=True)]


def cotangent(value: np.ndarray) -> np.ndarray:
    return np.asarray(np.random.default_rng(1).standard_normal(value.shape), value.dtype)


def check_pullbacks(primitive: Primitive, dtype: Any) -> None:
    for arrays, attributes in samples(primitive, dtype):
        found = pulled(primitive, arrays, attributes)
        for part, wanted in zip(found, expected_pulled(primitive, arrays, attributes), strict=True):
            close(part, wanted, TOLERANCE[dtype])


def as_function(arrays: Arrays, primitive: Primitive, attributes: dict[str, Any]) -> Callable[..., Tensor]:
    """The primitive as a function of its floating-point inputs."""

    def function(*reals: Tensor) -> Tensor:
        given = iter(reals)
        return bind(primitive, *[next(given) if is_real(x) else from_numpy(x) for x in arrays], **attributes)

    return function


def check_differences(primitive: Primitive, order: int) -> None:
    for arrays, attributes in samples(primitive):
        reals = [x for x in arrays if is_real(x)]
        if reals and is_real(applied(primitive, arrays, attributes).numpy()):
            check_gradients(as_function(arrays, primitive, attributes), *reals, order=order)


@both_precisions
@pytest.mark.parametrize("name", sorted(set(PRIMITIVES) - WITHOUT_DERIVATIVE))
def test_the_gradients_are_the_reference_s(name: str, dtype: Any) -> None:
    check_pullbacks(PRIMITIVES[name], dtype)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", sorted(set(PRIMITIVES) - WITHOUT_DERIVATIVE))
def test_the_gradients_are_the_central_differences(name: str, order: int) -> None:
    check_differences(PRIMITIVES[name], order)


# Memory layout: nothing may assume that an array is contiguous.


def _reversed_strides(x: np.ndarray) -> np.ndarray:
    return np.flip(np.flip(x).copy()) if x.ndim else x


def _column_major(x: np.ndarray) -> np.ndarray:
    return np.asfortranarray(x) if x.ndim > 1 else x


def _every_second(x: np.ndarray) -> np.ndarray:
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0], wide[..., 1] = x, 77
    return wide[..., 0]


LAYOUTS = [_reversed_strides, _column_major, _every_second]


def test_the_layouts_are_what_they_say() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert _reversed_strides(x).strides == (-24, -8)
    assert _column_major(x).strides == (8, 16)
    assert _every_second(x).strides == (48, 16)
    assert all(np.array_equal(layout(x), x) for layout in LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS)
@every_primitive
def test_any_memory_layout_gives_the_same_numbers(name: str, layout: Callable[[np.ndarray], np.ndarray]) -> None:
    for arrays, attributes in samples(PRIMITIVES[name]):
        moved = tuple(layout(x) for x in arrays)
        plain = applied(PRIMITIVES[name], arrays, attributes).numpy()
        close(applied(PRIMITIVES[name], moved, attributes).numpy(), plain, 1e-12)
        both = pulled(PRIMITIVES[name], arrays, attributes), pulled(PRIMITIVES[name], moved, attributes)
        for part, of_moved in zip(*both, strict=True):
            close(of_moved, part, 1e-12)


# The form that a compiler fuses: an expression in Python's syntax.

FUNCTIONS = {
    name: getattr(np, name)
    for name in (
        "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tanh", "abs", "sign", "maximum", "minimum", "tan",
        "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "exp2", "log2", "log10", "floor", "ceil", "trunc",
        "round", "remainder", "fmod",
    )
}  # fmt: skip
FUNCTIONS |= {"pow": np.power, "erf": math.erf, "erfc": math.erfc, "sigmoid": expit}


def check_fast(primitive: Primitive) -> None:
    for arrays, attributes in samples(primitive):
        value = applied(primitive, arrays, attributes).numpy()
        names = [f"x{place}" for place in range(len(arrays))]
        code = compile(str(primitive.fast).format(*names), primitive.name, "eval")
        broadcast = np.broadcast_arrays(*arrays)
        found = [
            eval(code, FUNCTIONS | dict(zip(names, elements, strict=True)))
            for elements in zip(*(x.flat for x in broadcast), strict=True)
        ]
        np.testing.assert_allclose(np.reshape(found, value.shape), value, rtol=1e-12, atol=1e-12)


FUSED = [name for name, primitive in PRIMITIVES.items() if primitive.fast is not None]


@pytest.mark.parametrize("name", FUSED)
def test_the_fast_form_means_the_same(name: str) -> None:
    check_fast(PRIMITIVES[name])


@pytest.mark.parametrize("name", FUSED)
def test_the_fast_form_names_its_inputs_and_known_functions_only(name: str) -> None:
    form = str(PRIMITIVES[name].fast)
    n = len(samples(PRIMITIVES[name])[0][0])
    tree = ast.parse(form.format(*[f"x{place}" for place in range(n)]), mode="eval")
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert {f"x{place}" for place in range(n)} <= found <= {*FUNCTIONS, *(f"x{place}" for place in range(n))}


# The suite above is worth what it refuses: every part of every primitive, spoilt in turn.


def _scaled(pullback: Callable[..., Any], factor: float) -> Callable[..., Any]:
    return lambda *inputs, **attributes: pullback(*inputs, **attributes) * factor


def _spoilt_rules(primitive: Primitive, factor: float) -> list[Any]:
    """The pullbacks with one of them, each in turn, wrong by a factor."""
    if callable(primitive.pullbacks):
        rules = primitive.pullbacks
        return [lambda place: _scaled(rules(place), factor)]
    pullbacks = list(primitive.pullbacks)
    return [
        [_scaled(p, factor) if p is not None and place == spoilt else p for place, p in enumerate(pullbacks)]
        for spoilt, rule in enumerate(pullbacks)
        if rule is not None
    ]


@pytest.mark.parametrize("factor", [-1.0, 1.001])
@every_primitive
def test_a_spoilt_rule_is_refused(name: str, factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for rules in _spoilt_rules(PRIMITIVES[name], factor):
        monkeypatch.setattr(PRIMITIVES[name], "pullbacks", rules)
        with pytest.raises(AssertionError):
            check_pullbacks(PRIMITIVES[name], np.float32)
        with pytest.raises(GradientError):
            check_differences(PRIMITIVES[name], 1)


def _differs(value: Any) -> Any:
    value = np.asarray(value)
    return ~value if value.dtype == bool else value + np.asarray(0.001 if is_real(value) else 1, value.dtype)


@every_primitive
def test_a_spoilt_value_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    primitive = PRIMITIVES[name]
    meaning = primitive.evaluate
    for called in ("evaluate", "compute"):
        monkeypatch.setattr(primitive, called, lambda *xs, **attributes: _differs(meaning(*xs, **attributes)))
    with pytest.raises(AssertionError):
        check_values(primitive, np.float32)
    if primitive.fast is not None:
        with pytest.raises(AssertionError):
            check_fast(primitive)


@every_primitive
def test_a_spoilt_shape_rule_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = PRIMITIVES[name].shape
    monkeypatch.setattr(PRIMITIVES[name], "shape", lambda *shapes, **attributes: (*rule(*shapes, **attributes), 1))
    with pytest.raises(AssertionError):
        check_shapes(PRIMITIVES[name])


def test_a_rule_that_was_forgotten_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PRIMITIVES["mul"], "pullbacks", (PRIMITIVES["mul"].rules(2)[0],))
    with pytest.raises(AssertionError):
        check_pullbacks(PRIMITIVES["mul"], np.float32)


# The door itself.


def test_a_primitive_is_called_like_a_function() -> None:
    with planted("twice", evaluate=lambda x: 2 * x) as twice:
        assert repr(twice) == "<primitive twice>"
        assert twice([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_only_floating_point_results_are_recorded() -> None:
    x = Tensor([1.5, -2.5], requires_grad=True)
    assert (x * 2).requires_grad
    assert not (x > 0).requires_grad
    assert not x.to(np.int64).requires_grad
    # The derivative of a step function is 0, not that of what it is converted to.
    (x.to(np.int64).to(np.float32) * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, -2.0]


def test_what_numpy_refuses_is_said_in_our_words() -> None:
    with pytest.raises(ShapeError, match=r"mul: these shapes do not broadcast together") as caught:
        Tensor([1.0, 2.0]) * Tensor([1.0, 2.0, 3.0])
    assert caught.value.given == "(2,) and (3,)"
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(DtypeError, match="sub cannot be computed") as caught_type:
        Tensor([True]) - Tensor([True])
    assert caught_type.value.given == "bool(1,), bool(1,)"


def test_what_is_no_matter_of_types_is_no_type_error() -> None:
    with pytest.raises(ShapeError, match=r"argmax cannot be computed: .*empty") as caught:
        ops.argmax(np.zeros(0, np.int64))
    assert caught.value.given == "int64(0,)"
    with pytest.raises(ShapeError, match="conv2d cannot be computed"):
        ops.conv2d(np.zeros((1, 1, 3, 3)), np.zeros((1, 1, 2, 2)), ops.Window(2))  # type: ignore[arg-type]


def test_an_error_inside_a_rule_is_not_hidden() -> None:
    def broken(shape: tuple[int, ...]) -> tuple[int, ...]:
        raise ZeroDivisionError

    def refuse(x: Any) -> Any:
        raise ValueError("no such thing")

    with planted("broken", evaluate=refuse, shape=broken) as primitive, pytest.raises(ZeroDivisionError):
        primitive([1.0])


def test_a_result_that_is_no_array_becomes_one() -> None:
    value = ops.sum(Tensor([1.0, 2.0])).value
    assert isinstance(value, np.ndarray)
    assert value.shape == ()


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((2, 3), (3, 2)), ((0,), (2,))])
def test_shapes_that_do_not_broadcast_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ShapeError, match="do not broadcast") as caught:
        broadcast_shapes(*shapes)
    assert caught.value.given == " and ".join(str(shape) for shape in shapes)
    assert caught.value.needed
    assert caught.value.fix
