"""A primitive operation, and the one door through which all of them are applied.

A primitive keeps everything about one operation in one place: its meaning (`evaluate`, on NumPy arrays), its shape
rule, its gradient (one `pullback` an input, written in the framework's own operations, so that it can be traced,
compiled and differentiated again), the form in which a compiler fuses it, and sample inputs that test all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import faster
from descend.engine.dtypes import DEFAULT, of_number, result_type
from descend.engine.errors import DescendError, DtypeError, NonFiniteError, ShapeError
from descend.engine.modes import State, state
from descend.engine.tape import Node
from descend.engine.tensor import Constant, Tensor, as_tensor, constant

Array = NDArray[Any]
Shape = tuple[int, ...]
Pullback = Callable[..., Any]
Pullbacks = Sequence[Pullback | None] | Callable[[int], Pullback]
Samples = Callable[[np.random.Generator], Iterable[tuple[tuple[Array, ...], dict[str, Any]]]]

_NUMBERS: frozenset[Any] = frozenset((bool, int, float))
_new, _ndarray = object.__new__, np.ndarray

PRIMITIVES: dict[str, Primitive] = {}


class Primitive:
    """One operation.

    Args:
        name: unique; the symbol under which `override` replaces it.
        evaluate: (*arrays, **attributes) -> array. The meaning.
        shape: (*shapes, **attributes) -> shape, or a `ShapeError` that says what does not fit.
        pullbacks: one an input: (g, y, *inputs, **attributes) -> the cotangent of that input, of the output's shape
            or the input's (the driver undoes broadcasting); None, or no entry, where there is no gradient. A primitive
            of any number of inputs gives the function from an input's place to its pullback.
        samples: (rng) -> inputs and attributes on which the test-suite checks all of this.
        fast: the operation as an expression that a compiler can fuse, "{0} * {1}"; None: it gets a kernel of its own.
        random: two applications are never merged, whatever their inputs.

    Attributes:
        compute: what eager evaluation calls: `evaluate`, but for `Costly` primitives.
    """

    def __init__(
        self, name: str, evaluate: Callable[..., Any], shape: Callable[..., Shape], pullbacks: Pullbacks,
        *, samples: Samples, fast: str | None = None, random: bool = False,
    ) -> None:  # fmt: skip
        self.name, self.evaluate, self.shape, self.pullbacks = name, evaluate, shape, pullbacks
        self.samples, self.fast, self.random = samples, fast, random
        self.compute = evaluate
        if name in PRIMITIVES:
            raise ValueError(f"there is already a primitive named {name!r}")
        PRIMITIVES[name] = self

    def __call__(self, *inputs: Any, **attributes: Any) -> Tensor:
        return bind(self, *[x if isinstance(x, Tensor) else as_tensor(x) for x in inputs], **attributes)

    def rules(self, n: int) -> Sequence[Pullback | None]:
        """The pullbacks of n inputs."""
        return [self.pullbacks(place) for place in range(n)] if callable(self.pullbacks) else self.pullbacks

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


class Elementwise(Primitive):
    """A primitive that maps broadcast inputs, brought to one type, element by element."""

    def __init__(
        self, name: str, evaluate: Callable[..., Any], pullbacks: Sequence[Pullback | None], fast: str,
        *, samples: Samples, floating: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(name, evaluate, broadcast_shapes, pullbacks, samples=samples, fast=fast)
        self.floating = floating

    def __call__(self, *inputs: Any, **attributes: Any) -> Tensor:
        return bind(self, *promote(inputs, self.floating), **attributes)


class Costly(Primitive):
    """A primitive that NumPy is slow at: eager evaluation of large arrays uses something faster where there is any.

    Attributes:
        large: elements of the largest input from which on something faster is asked for. NumPy takes about 0.1 ms for
            images of this size; smaller ones would be computed thousands of times until compiling a kernel is paid.
    """

    large = 1 << 14

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self.compute = partial(faster.computed, self)


def broadcast_shapes(*shapes: Shape, **_: Any) -> Shape:
    """The common shape of arrays used together, by NumPy's rule; a `ShapeError` where there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            "these shapes do not broadcast together",
            given=" and ".join(str(shape) for shape in shapes),
            needed="axes, counted from the last, that are equal or 1",
            fix="reshape one of them, or add an axis of size 1 with x[:, None]",
        ) from None


def bind(primitive: Primitive, *inputs: Tensor, **attributes: Any) -> Tensor:
    """Apply a primitive: the one door. Evaluation, the gradient tape and a trace all happen here."""
    modes = state
    if modes.special:
        value = _interpret(modes, primitive, inputs, attributes)
    else:
        value = _evaluate(primitive, primitive.compute, inputs, attributes)
    y: Tensor = _new(Tensor)  # as `box` does, without the call: this line runs for every operation
    y.value, y.node = value, None
    if modes.recording:
        for x in inputs:
            if x.node is not None:
                if value.dtype.kind == "f":  # what is counted or compared has no slope
                    y.node = Node(primitive, inputs, attributes, value)
                break
    return y


def _evaluate(primitive: Primitive, meaning: Callable[..., Any], inputs: tuple[Tensor, ...], attributes: Any) -> Any:
    try:
        value = meaning(*[x.value for x in inputs], **attributes)
    except (ValueError, IndexError, TypeError) as error:
        if isinstance(error, DescendError):
            raise
        raise _explained(primitive, inputs, attributes, error) from error
    return value if value.__class__ is _ndarray else np.asarray(value)


def _explained(primitive: Primitive, inputs: tuple[Tensor, ...], attributes: Any, error: Exception) -> Exception:
    """The shape rule's own message if that is what failed, or NumPy's with the operation and shapes named."""
    try:
        primitive.shape(*[x.shape for x in inputs], **attributes)
    except DescendError as known:
        known.problem = f"{primitive.name}: {known.problem}"
        return known
    except (ValueError, IndexError, TypeError):
        pass  # the rule fails as the evaluation did: NumPy's words below say why
    problem = f"{primitive.name} cannot be computed: {error}"
    given = ", ".join(f"{x.dtype}{x.shape}" for x in inputs)
    if isinstance(error, TypeError) and any(x.dtype.kind != "f" for x in inputs):
        return DtypeError(problem, given=given, needed="floating-point numbers", fix="convert with .to(np.float32)")
    return ShapeError(
        problem,
        given=given,
        needed=f"what {primitive.name} can be computed of",
        fix="look at the shapes above: one is not what was meant",
    )


def _interpret(modes: State, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
    replacement = modes.overrides.get(primitive.name)
    if modes.interpreter is not None:
        value = modes.interpreter.bind(primitive, inputs, attributes)
    elif replacement is not None:
        modes.override_calls[primitive.name] += 1
        value = _evaluate(primitive, replacement, inputs, attributes)
    else:
        value = _evaluate(primitive, primitive.compute, inputs, attributes)
    if modes.anomaly and value.dtype.kind == "f" and not np.isfinite(value).all():
        raise _non_finite(primitive, inputs, value)
    return value


def _non_finite(primitive: Primitive, inputs: tuple[Tensor, ...], value: Array) -> NonFiniteError:
    kind = "NaN" if np.isnan(value).any() else "an infinity"
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
    verb = (
        "made" if all(np.isfinite(x.value).all() for x in inputs) else "was given a number that is not finite and made"
    )
    given = ", ".join(f"{x.dtype}{x.shape} in {_range(x.value)}" for x in inputs)
    fix = "look at the inputs' range: a log or a division at 0, an exp of a large number, a learning rate too high"
    return NonFiniteError(
        f"{primitive.name} {verb} {kind} at index {where}", given=given, needed="finite numbers", fix=fix
    )


def _range(value: Array) -> str:
    return f"[{value.min():.3g}, {value.max():.3g}]" if value.size else "[]"


def promote(inputs: tuple[Any, ...], floating: bool = False) -> tuple[Tensor, ...]:
    """The inputs as tensors of one type (`dtypes.result_type`); integers become float32 where `floating`."""
    try:  # the common cases, tensors of one type or a float tensor and a number, must cost next to nothing
        dtype = inputs[0].value.dtype
        for x in inputs:
            if x.value.dtype is not dtype:
                break
        else:
            if not floating or dtype.kind == "f":
                return inputs
    except AttributeError:
        if len(inputs) == 2:
            a, b = inputs
            if isinstance(a, Tensor) and a.value.dtype.kind == "f" and b.__class__ in _NUMBERS:
                return a, constant(b, a.value.dtype)
            if isinstance(b, Tensor) and b.value.dtype.kind == "f" and a.__class__ in _NUMBERS:
                return constant(a, b.value.dtype), b
    return _promoted(inputs, floating)


def _promoted(inputs: tuple[Any, ...], floating: bool) -> tuple[Tensor, ...]:
    operands = [x if isinstance(x, (Tensor, bool, int, float)) else as_tensor(x) for x in inputs]
    dtype = result_type([_ranked(x) for x in operands])
    if floating and dtype.kind != "f":
        dtype = DEFAULT
    return tuple(x.to(dtype) if isinstance(x, Tensor) else constant(x, dtype) for x in operands)


def _ranked(x: Any) -> tuple[np.dtype[Any], int]:
    if isinstance(x, Constant):
        return x.dtype, 0
    return (x.dtype, 2 if x.shape else 1) if isinstance(x, Tensor) else (of_number(x), 0)
