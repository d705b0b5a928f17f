"""`Tensor`: a box over an immutable array, and `Cell`: the one kind that changes in place.

The value in a box is never written to. `x[i] = v` puts a new value into the box x; nothing else that was made from x
changes. Parameters, buffers and optimiser state are cells: named places whose value is replaced through `write`.
Differs: from PyTorch, where `y = x.T; x[0] = 1` changes y too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.engine.dtypes import DEFAULT, of_number, supported
from descend.engine.errors import DtypeError, GradientError, ShapeError, TraceError, UsageError
from descend.engine.methods import Methods
from descend.engine.modes import state
from descend.engine.tape import Node

Axes = int | tuple[int, ...] | None
_NUMBERS: frozenset[Any] = frozenset((bool, int, float))
_new = object.__new__
# The methods with NumPy's meaning and first arguments.
_AS_NUMPY = frozenset({"sum", "prod", "mean", "var", "std", "max", "min", "all", "any", "clip", "squeeze"})


class Tensor(Methods):
    """An array that remembers how it was computed, so that it can be differentiated.

    Args:
        data: a number, list, array or tensor; copied. Lists of floats become float32, float64 arrays stay.
        dtype: the type to convert to.
        requires_grad: record what is computed from it, so that `backward` fills its `grad`.

    Raises: ShapeError for a ragged list, DtypeError for what is no number, GradientError for integers with gradients.
    """

    __slots__ = ("__weakref__", "node", "value")
    __array_priority__ = 1000.0  # so that array * tensor asks the tensor
    __array_ufunc__ = None
    version: int | None = None

    def __init__(self, data: ArrayLike | Tensor, dtype: Any = None, requires_grad: bool = False) -> None:
        self.value: Any = _array(data, dtype)
        self.node: Node | None = None
        self.requires_grad_(requires_grad)

    # What it is.

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self.value.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.value.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.value.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError(
                "a 0-d tensor has no length",
                given="shape ()",
                needed="at least one axis",
                fix="use .item(), or .reshape(1)",
            )
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        text = np.array2string(self._known("repr"), separator=", ", prefix="tensor(")
        kind = "" if self.dtype == DEFAULT else f", dtype={self.dtype}"
        history = "" if self.node is None else ", requires_grad=True" if self.is_leaf else f", from={self.node.name}"
        return f"tensor({text}{kind}{history})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    # Its numbers.

    def _known(self, what: str) -> NDArray[Any]:
        if state.interpreter is not None:
            state.interpreter.read(self)
        if isinstance(self.value, np.ndarray):
            return self.value
        raise TraceError(
            f"{what} needs the number behind a value that is only being traced",
            given=f"a traced tensor of shape {self.shape}",
            needed="computation in tensor operations",
            fix="use where(condition, a, b) instead of `if`, and read numbers outside the compiled function",
        )

    def numpy(self) -> NDArray[Any]:
        """The values as an array: read-only for a tensor, a copy for a cell (which may change later)."""
        view = self._known("numpy()").view()
        view.flags.writeable = False
        return view

    def item(self) -> Any:
        """The only element, as a Python number. Raises: ShapeError if there is not exactly one."""
        if self.size != 1:
            raise ShapeError(
                "item() is for one number",
                given=f"shape {self.shape}",
                needed="one element",
                fix="use .numpy() or index it",
            )
        return self._known("item()").item()

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        return self._known("tolist()").tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu":
            raise DtypeError(
                "an index is an integer", given=str(self.dtype), needed="an integer tensor", fix="use .to(int)"
            )
        return int(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                "a tensor of several elements is neither true nor false", given=f"shape {self.shape}",
                needed="one element", fix="use .all() or .any()",
            )  # fmt: skip
        return bool(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = self.numpy()
        if dtype is not None and np.dtype(dtype) != array.dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_function__(self, function: Any, _: Any, arguments: Any, options: Any) -> Any:
        # np.mean(x) is x.mean(), which records; where names mean different things, NumPy works on the array.
        method = getattr(Tensor, function.__name__, None) if function.__name__ in _AS_NUMPY else None
        if method is not None and arguments and isinstance(arguments[0], Tensor):
            return method(*arguments, **options)
        return function(*_arrays(arguments), **{name: _arrays(value) for name, value in options.items()})

    # Its gradient.

    @property
    def requires_grad(self) -> bool:
        """Whether what is computed from it is recorded."""
        return self.node is not None

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by hand rather than by an operation on tensors that require gradients."""
        return self.node is None or self.node.primitive is None

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient, of the same shape; None before the first `backward`."""
        return self.node.grad if self.node is not None else None

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        node = _recorded(self, "grad")
        if gradient is None:
            node.grad = None
            return
        given = as_tensor(gradient).to(self.dtype)
        if given.shape != self.shape:
            raise ShapeError(
                "a gradient has its tensor's shape", given=str(given.shape), needed=str(self.shape),
                fix="is it the gradient of another tensor? it can be reshaped with .reshape()",
            )  # fmt: skip
        node.grad = box(given.value, given.node)

    def requires_grad_(self, on: bool = True) -> Tensor:
        """Begin (or end) recording from this tensor on. Returns itself."""
        if on and self.dtype.kind != "f":
            raise GradientError(
                "only floating-point tensors have gradients", given=str(self.dtype), needed="float32 or float64",
                fix="make it with dtype=np.float32",
            )  # fmt: skip
        if on != self.requires_grad:
            self.node = Node() if on else None
        return self

    def retain_grad(self) -> Tensor:
        """Keep the gradient of a tensor that is not a leaf in its `grad` too. Returns itself."""
        _recorded(self, "retain_grad()").retains = True
        return self

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Callable[[], None]:
        """Call `hook(gradient)` when backward reaches this tensor; what it returns replaces the gradient.

        Returns: a function that removes the hook.
        """
        node = _recorded(self, "register_hook()")
        node.hooks = [*(node.hooks or []), hook]
        return lambda: node.hooks.remove(hook) if node.hooks and hook in node.hooks else None

    def backward(
        self, gradient: Tensor | ArrayLike | None = None, *, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Add d(self)/d(leaf) to the `grad` of every leaf this tensor was made from. See `autodiff.backward`."""
        autodiff.backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)

    def detach(self) -> Tensor:
        """The same values without history."""
        return box(self.value, None)

    # What is computed from it is in `operators` and `methods`; the rest needs the box itself.

    def to(self, dtype: Any) -> Tensor:
        """Converted to `dtype`; itself where it already is."""
        return self if self.value.dtype == dtype else ops.cast(self, dtype=supported(dtype))

    @property
    def T(self) -> Tensor:  # noqa: N802  the mathematical symbol
        """All axes reversed."""
        return ops.permute(self, tuple(reversed(range(self.ndim))))

    def __setitem__(self, key: Any, new: Any) -> None:
        """Put a changed value into this box. What was made from the old value stays as it was."""
        if self.node is not None and self.is_leaf and state.recording:
            raise GradientError(
                "a leaf that requires gradients cannot be changed by assignment: its gradient would get lost",
                given=f"a leaf of shape {self.shape}",
                needed="a tensor without history, or a result",
                fix="do it under no_grad(), or on a copy made by an operation (y = x * 1; y[0] = ...)",
            )
        changed = ops.assign(self, key, new)
        self.value = changed.value
        if state.recording:
            self.node = changed.node


class Constant(Tensor):
    """A Python number as a 0-d tensor. A trace bakes it in; every other tensor is an input of the trace."""

    __slots__ = ()

    def __init__(self, number: float, dtype: np.dtype[Any]) -> None:
        try:
            self.value = np.asarray(number, dtype)
        except OverflowError:
            raise DtypeError(
                f"the number {number} does not fit the type of the tensor it is used with", given=str(dtype),
                needed=f"{np.iinfo(dtype).min} to {np.iinfo(dtype).max}",
                fix="convert the tensor with .to(np.int64) first",
            ) from None  # fmt: skip
        self.node = None


_constants: dict[tuple[float, np.dtype[Any]], Constant] = {}


def constant(number: float, dtype: np.dtype[Any]) -> Constant:
    """A Python number as a `Constant`. The few that formulas use are made once: they are needed at every step."""
    if not number:
        return Constant(number, dtype)  # 0.0 and -0.0 are equal keys and different numbers
    found = _constants.get((number, dtype))
    if found is None:
        found = Constant(number, dtype)
        if len(_constants) < 1000:
            _constants[number, dtype] = found
    return found


class Cell(Tensor):
    """A named place whose value is replaced through `write`: a parameter, a buffer, optimiser or generator state.

    `version` counts the writes. A gradient through a value that has been replaced since is refused by `backward`.
    """

    __slots__ = ("version",)

    def __init__(self, data: ArrayLike | Tensor, dtype: Any = None, requires_grad: bool = False) -> None:
        self.version: int = 0
        super().__init__(data, dtype, requires_grad)
        self.value = _contiguous(self.value)

    def numpy(self) -> NDArray[Any]:
        """A copy of the present value."""
        return self._known("numpy()").copy()

    def read(self) -> Tensor:
        """The present value as a tensor that later writes do not change, without history."""
        if state.interpreter is not None:
            state.interpreter.read(self)
        return box(self.value, None)

    def write(self, new: Tensor | ArrayLike) -> None:
        """Replace the value. Raises: ShapeError, DtypeError unless shape and type stay as they are."""
        if state.interpreter is not None and isinstance(new, Tensor):
            state.interpreter.read(new)
        value = new.value if isinstance(new, Tensor) else self._converted(new)
        if value.shape != self.shape:
            raise ShapeError(
                "a cell keeps its shape", given=str(value.shape), needed=str(self.shape),
                fix="reshape what is written, or make a new cell",
            )  # fmt: skip
        if value.dtype != self.dtype:
            raise DtypeError(
                "a cell keeps its type",
                given=str(value.dtype),
                needed=str(self.dtype),
                fix=f"convert with .to({self.dtype})",
            )
        if state.interpreter is not None:
            state.interpreter.write(self, value)
        self.value = _contiguous(value)
        self.version += 1

    def _converted(self, new: ArrayLike) -> NDArray[Any]:
        """Numbers from outside take the cell's type; but no fraction is cut off to make an integer."""
        array = _array(new, self.dtype)
        cut = self.dtype.kind != "f" and np.asarray(new).dtype.kind == "f"
        return np.asarray(new) if cut else array

    def detach(self) -> Tensor:
        """The present value without history."""
        return self.read()

    def __setitem__(self, key: Any, new: Any) -> None:
        if self.node is not None and state.recording:
            super().__setitem__(key, new)  # raises: a leaf
        self.write(ops.assign(self.read(), key, new))


def box(value: Any, node: Node | None) -> Tensor:
    """A tensor over a value as it is, without a check or a copy."""
    tensor: Tensor = _new(Tensor)
    tensor.value, tensor.node = value, node
    return tensor


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """`data` as a tensor: itself if it is one already."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if data.__class__ in _NUMBERS and dtype is None:
        return Constant(data, of_number(data))
    return Tensor(data, dtype)


def from_numpy(array: NDArray[Any]) -> Tensor:
    """A tensor over the array itself, without a copy: whoever calls promises not to write to it any more."""
    if not isinstance(array, np.ndarray):
        raise DtypeError(
            "from_numpy is for arrays", given=type(array).__name__, needed="a NumPy array", fix="use Tensor(...)"
        )
    supported(array.dtype)
    return box(array, None)


def _arrays(value: Any) -> Any:
    """`value` with arrays in place of tensors, in lists and tuples too."""
    if isinstance(value, Tensor):
        return value.numpy()
    return type(value)(map(_arrays, value)) if type(value) in (list, tuple) else value


def _array(data: Any, dtype: Any) -> NDArray[Any]:
    """A copy of the data as an array, of `dtype` or the type that stands alone."""
    if isinstance(data, Tensor):
        data = data._known("Tensor(...)")
    if isinstance(data, tuple) and data and isinstance(data[0], Tensor) and data[0].shape:
        raise UsageError(
            "a tuple of tensors is no tensor", given=f"a tuple of {len(data)}", needed="one tensor",
            fix="take it apart, as in y, state = layer(x), or join its parts with ops.stack",
        )  # fmt: skip
    try:
        array = np.array(data, order="C")
    except ValueError:
        raise ShapeError(
            "a tensor is rectangular", given=_raggedness(data), needed="rows of equal length",
            fix="pad the rows to one length, or make a tensor of each row",
        ) from None  # fmt: skip
    if array.dtype.kind in "OSUVMm":
        given = f"{type(data).__name__} of type {array.dtype}"
        raise DtypeError("a tensor holds numbers", given=given, needed="numbers", fix="encode it as numbers first")
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)) and array.dtype == np.float64:
        dtype = DEFAULT
    wanted = supported(array.dtype if dtype is None else dtype)
    return array if array.dtype == wanted else array.astype(wanted)


def _raggedness(data: Any) -> str:
    """What is uneven about a list that is no array: the lengths of its rows, where these are what differs."""
    rows = data if isinstance(data, list | tuple) else ()
    lengths = sorted({len(row) if hasattr(row, "__len__") else 0 for row in rows})
    return f"rows of the lengths {', '.join(map(str, lengths))}" if len(lengths) > 1 else "a ragged list"


def _contiguous(value: Any) -> Any:
    # An interpreter's value has no memory layout of its own.
    if isinstance(value, np.ndarray) and not value.flags.c_contiguous:
        return value.copy(order="C")
    return value


def _recorded(tensor: Tensor, what: str) -> Node:
    if tensor.node is None:
        raise GradientError(
            f"{what} needs a tensor that requires gradients",
            given=f"a tensor of shape {tensor.shape} without history",
            needed="requires_grad=True, or a result computed from such a tensor",
            fix="make it with requires_grad=True, or compute it outside no_grad()",
        )
    return tensor.node


# The methods above are made of primitives and primitives are made of tensors: one of the two has to come second.
from descend.engine import autodiff, ops  # noqa: E402
