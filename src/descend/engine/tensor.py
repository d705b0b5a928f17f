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
from descend.engine.errors import DtypeError, GradientError, ShapeError, TraceError
from descend.engine.modes import state
from descend.engine.tape import Node

Axes = int | tuple[int, ...] | None
_NUMBERS: frozenset[Any] = frozenset((bool, int, float))
_new = object.__new__


class Tensor:
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

    # Its numbers.

    def _known(self, what: str) -> NDArray[Any]:
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

    # Arithmetic: each operator is the primitive of its name.

    def __add__(self, other: Any) -> Tensor:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Tensor:
        return ops.sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return ops.sub(other, self)

    def __mul__(self, other: Any) -> Tensor:
        return ops.mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return ops.mul(other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return ops.div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return ops.div(other, self)

    def __pow__(self, other: Any) -> Tensor:
        return ops.pow(self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return ops.pow(other, self)

    def __neg__(self) -> Tensor:
        return ops.neg(self)

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    def __matmul__(self, other: Any) -> Tensor:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return ops.matmul(other, self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.equal(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.not_equal(self, other)

    def __lt__(self, other: Any) -> Tensor:
        return ops.less(self, other)

    def __le__(self, other: Any) -> Tensor:
        return ops.less_equal(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return ops.less(other, self)

    def __ge__(self, other: Any) -> Tensor:
        return ops.less_equal(other, self)

    __hash__ = object.__hash__

    # Elementwise functions.

    def to(self, dtype: Any) -> Tensor:
        """Converted to `dtype`; itself where it already is."""
        return self if self.value.dtype == dtype else ops.cast(self, dtype=supported(dtype))

    def exp(self) -> Tensor:
        """e to the power of each element."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return ops.log(self)

    def sqrt(self) -> Tensor:
        """The square root of each element."""
        return ops.sqrt(self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent of each element."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """1 / (1 + exp(-x)) of each element."""
        return ops.sigmoid(self)

    def relu(self) -> Tensor:
        """max(x, 0) of each element."""
        return ops.relu(self)

    # Reductions; `axis` None means over everything.

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The sum over `axis`."""
        return ops.sum(self, axis, keepdims)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The mean over `axis`."""
        return ops.mean(self, axis, keepdims)

    def var(self, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
        """The mean squared deviation over `axis`; `correction=1` divides by n - 1."""
        return ops.var(self, axis, keepdims, correction)

    def max(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The largest element over `axis`."""
        return ops.max(self, axis, keepdims)

    def min(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The smallest element over `axis`."""
        return ops.min(self, axis, keepdims)

    def argmax(self, axis: int = -1) -> Tensor:
        """The place of the first largest element along `axis`, int64."""
        return ops.argmax(self, axis)

    def all(self) -> Tensor:
        """Whether every element is true."""
        return ops.equal(ops.sum(ops.equal(self, 0)), 0)

    def any(self) -> Tensor:
        """Whether some element is true."""
        return ops.less(0, ops.sum(ops.not_equal(self, 0)))

    # Movement.

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in row-major order under another shape; one length may be -1."""
        return ops.reshape(self, _flat(shape))

    def flatten(self, start_axis: int = 0) -> Tensor:
        """The axes from `start_axis` on merged into one."""
        return ops.reshape(self, (*self.shape[:start_axis], -1) if self.size else _merged(self.shape, start_axis))

    def permute(self, *axes: Any) -> Tensor:
        """The axes in another order."""
        return ops.permute(self, _flat(axes))

    def transpose(self, a: int, b: int) -> Tensor:
        """Two axes exchanged."""
        return ops.transpose(self, a, b)

    @property
    def T(self) -> Tensor:  # noqa: N802  the mathematical symbol
        """All axes reversed."""
        return ops.permute(self, tuple(reversed(range(self.ndim))))

    def expand(self, *shape: Any) -> Tensor:
        """Repeated along axes of length 1 until it has `shape`."""
        return ops.expand(self, _flat(shape))

    # Indexing.

    def __getitem__(self, key: Any) -> Tensor:
        return ops.index(self, key)

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
        return box(self.value, None)

    def write(self, new: Tensor | ArrayLike) -> None:
        """Replace the value. Raises: ShapeError, DtypeError unless shape and type stay as they are."""
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


def _array(data: Any, dtype: Any) -> NDArray[Any]:
    """A copy of the data as an array, of `dtype` or the type that stands alone."""
    if isinstance(data, Tensor):
        data = data._known("Tensor(...)")
    try:
        array = np.array(data, order="C")
    except ValueError as error:
        raise ShapeError(
            "a tensor is rectangular", given="a ragged list", needed="rows of equal length", fix=f"({error})"
        ) from None
    if array.dtype.kind in "OSUVMm":
        given = f"{type(data).__name__} of type {array.dtype}"
        raise DtypeError("a tensor holds numbers", given=given, needed="numbers", fix="encode it as numbers first")
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)) and array.dtype == np.float64:
        dtype = DEFAULT
    wanted = supported(array.dtype if dtype is None else dtype)
    return array if array.dtype == wanted else array.astype(wanted)


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


def _flat(arguments: tuple[Any, ...]) -> tuple[int, ...]:
    """f(2, 3) and f((2, 3)) alike."""
    if len(arguments) == 1 and isinstance(arguments[0], (tuple, list)):
        return tuple(arguments[0])
    return arguments


def _merged(shape: tuple[int, ...], start: int) -> tuple[int, ...]:
    return (*shape[:start], math.prod(shape[start:]))


# The methods above are made of primitives and primitives are made of tensors: one of the two has to come second.
from descend.engine import autodiff, ops  # noqa: E402
