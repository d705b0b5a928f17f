"""The shape and type of a primitive's result, without computing it.

The shape is the primitive's own rule. The type is found by example: the first of the primitive's sample inputs, brought
to the types in question, is evaluated once and the answer remembered. So a new primitive needs no second rule.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from descend.compiler.graph import Value
from descend.engine import DescendError, DtypeError, Primitive, ShapeError

Dtype = np.dtype[Any]

_found: dict[Any, Dtype] = {}


def kind_of(
    primitive: Primitive,
    inputs: Sequence[Value],
    attributes: Mapping[str, Any],
    meaning: Callable[..., Any] | None = None,
) -> Value:
    """A value of the shape and type that the primitive gives. Raises: ShapeError, DtypeError as evaluating would."""
    dtypes = tuple(x.dtype for x in inputs)
    return Value(_shape(primitive, inputs, attributes), _dtype(primitive, dtypes, attributes, meaning))


def _shape(primitive: Primitive, inputs: Sequence[Value], attributes: Mapping[str, Any]) -> tuple[int, ...]:
    try:
        return tuple(map(operator.index, primitive.shape(*[x.shape for x in inputs], **attributes)))
    except DescendError as error:
        error.problem = f"{primitive.name}: {error.problem}"
        raise
    except (ValueError, IndexError, TypeError) as error:
        given = ", ".join(x.kind for x in inputs)
        raise ShapeError(f"{primitive.name} cannot be computed: {error}", given=given) from error


def _dtype(primitive: Primitive, dtypes: tuple[Dtype, ...], attributes: Mapping[str, Any], meaning: Any) -> Dtype:
    named = attributes.get("dtype")
    key = (primitive, dtypes, named, meaning)
    if key not in _found:
        example = _by_example(primitive, dtypes, named, meaning or primitive.evaluate)
        if meaning is not None:
            return example  # a replacement may be a new object at each turn: it is not kept
        _found[key] = example
    return _found[key]


def _by_example(primitive: Primitive, dtypes: tuple[Dtype, ...], named: Any, meaning: Callable[..., Any]) -> Dtype:
    arrays, attributes = next(iter(primitive.samples(np.random.default_rng(0))))
    kinds = [*dtypes, *dtypes[-1:] * len(arrays)]  # a primitive of any number of inputs: the last stands for the rest
    inputs = [np.asarray(x).astype(kind) for x, kind in zip(arrays, kinds, strict=False)]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(meaning(*inputs, **{**attributes, **({} if named is None else {"dtype": named})})).dtype
    except TypeError as error:
        given = ", ".join(map(str, dtypes))
        raise DtypeError(f"{primitive.name} cannot be computed: {error}", given=given) from error
