"""Replace a part of the framework, by name, at the moment it is called: a learner's answer becomes the framework.

A symbol is a primitive's name ("tanh"), whose meaning on arrays is replaced, or the name of a function marked
`overridable` ("optim.sgd.update"). A replaced function is one opaque node to a tracer: a call back into Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from descend.engine.errors import DtypeError, ShapeError, UsageError, near_miss
from descend.engine.modes import state
from descend.engine.primitive import PRIMITIVES, Primitive, Shape, bind
from descend.engine.samples import real
from descend.engine.tensor import Tensor, as_tensor

FUNCTIONS: dict[str, Callable[..., Tensor]] = {}


def symbols() -> list[str]:
    """Everything that can be replaced."""
    return sorted([*PRIMITIVES, *FUNCTIONS])


@contextmanager
def override(symbol: str, implementation: Callable[..., Any]) -> Iterator[None]:
    """Use `implementation` (arrays in, array out) for `symbol` inside the block, in this thread.

    Raises: UsageError for a symbol that does not exist.
    """
    if symbol not in PRIMITIVES and symbol not in FUNCTIONS:
        raise UsageError(
            f"nothing in the framework is called {symbol!r}", given=repr(symbol),
            needed="a primitive or an overridable function",
            fix=near_miss(symbol, symbols()) or "see descend.engine.symbols()",
        )  # fmt: skip
    before = state.overrides.get(symbol)
    state.overrides[symbol] = _guarded(PRIMITIVES[symbol], implementation) if symbol in PRIMITIVES else implementation
    state.override_calls[symbol] = 0
    state.refresh()
    try:
        yield
    finally:
        if before is None:
            del state.overrides[symbol]
        else:
            state.overrides[symbol] = before
        state.refresh()


def override_calls(symbol: str) -> int:
    """How often the last override of `symbol` in this thread has been called."""
    return state.override_calls.get(symbol, 0)


def overridable(symbol: str) -> Callable[[Callable[..., Tensor]], Callable[..., Tensor]]:
    """Mark a function of tensors, whose result is like its first argument, as replaceable under `symbol`."""

    def mark(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        FUNCTIONS[symbol] = function

        @wraps(function)
        def call(*inputs: Any) -> Tensor:
            if state.overrides and symbol in state.overrides:
                return bind(_callback, *[as_tensor(x) for x in inputs], function=state.overrides[symbol], symbol=symbol)
            return function(*inputs)

        return call

    return mark


def _call_back(*arrays: Any, function: Callable[..., Any], symbol: str) -> Any:
    # Counted here, where it is called: a compiled step calls it at each run, and its tracing does not.
    state.override_calls[symbol] = state.override_calls.get(symbol, 0) + 1
    return _foreign(symbol, function, arrays, {}, arrays[0].shape).astype(arrays[0].dtype, copy=False)


def _guarded(primitive: Primitive, implementation: Callable[..., Any]) -> Callable[..., Any]:
    """The replacement of a primitive's meaning: its shape must be the primitive's, its precision that of the inputs."""

    def meaning(*arrays: Any, **attributes: Any) -> Any:
        shape = primitive.shape(*[a.shape for a in arrays], **attributes)
        result = _foreign(primitive.name, implementation, arrays, attributes, shape)
        floats = [a.dtype for a in arrays if a.dtype.kind == "f"]
        wanted = attributes.get("dtype", floats[0] if floats else result.dtype)
        return result.astype(wanted, copy=False) if result.dtype.kind == "f" else result

    return meaning


def _foreign(symbol: str, function: Callable[..., Any], arrays: Any, attributes: Any, shape: Shape) -> Any:
    # Copies: what stands behind a symbol is somebody else's code, and a value in the framework never changes.
    result = np.array(function(*[np.array(a) for a in arrays], **attributes))
    if result.dtype.kind not in "biuf":
        raise DtypeError(
            f"the replacement of {symbol} returned no numbers", given=f"{result.dtype}", needed="an array of numbers",
            fix="does it end with `return ...`?",
        )  # fmt: skip
    if result.shape != shape:
        raise ShapeError(
            f"the replacement of {symbol} returned another shape", given=str(result.shape), needed=str(shape),
            fix="work on whole arrays: no sum, mean or flatten",
        )  # fmt: skip
    return result


def _first_shape(*shapes: Shape, **_: Any) -> Shape:
    return shapes[0]


def _halved(p: Any, q: Any) -> Any:
    return p / 2 + 0 * q


_callback = Primitive(
    "callback", _call_back, _first_shape, (),
    samples=lambda rng: [((real(rng, (3, 5)), real(rng, (5,))), {"function": _halved, "symbol": "halved"})],
    random=True,
)  # fmt: skip
