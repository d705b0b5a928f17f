"""Typical mistakes: each gets an error that says what was given, what was needed and how to fix it."""
# ruff: noqa: E501  a row of the table is a row, however long

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from descend.engine import (
    Cell,
    DescendError,
    DtypeError,
    Generator,
    GradientError,
    NonFiniteError,
    ShapeError,
    SingularError,
    Tensor,
    TraceError,
    UsageError,
    check_gradients,
    detect_anomaly,
    from_numpy,
    grad,
    hessian,
    jvp,
    near_miss,
    no_grad,
    ops,
    override,
    scan,
    vjp,
)
from descend.engine.ops import Window


def zeros(*shape: int) -> Tensor:
    return Tensor(np.zeros(shape, np.float32))


def leaf(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, np.float32), requires_grad=True)


LABELS = Tensor([0, 2, 1])


def _twice() -> None:
    loss = (leaf(2) ** 2).sum()
    loss.backward()
    loss.backward()


def _stepped_before_backward() -> None:
    w = Cell([1.0], requires_grad=True)
    loss = w * w
    w.write([2.0])
    loss.backward()


def _under_no_grad() -> None:
    with no_grad():
        loss = leaf(2).sum()
    loss.backward()


def _misspelt_override() -> None:
    with override("conv2", np.tanh):
        pass


def _division_by_zero() -> None:
    with detect_anomaly():
        Tensor([1.0]) / Tensor([0.0])


def _slope_at_zero() -> None:
    x = Tensor([0.0], requires_grad=True)
    with detect_anomaly():
        x.sqrt().backward()


def _assigned(x: Tensor, key: Any, new: Any) -> None:
    x[key] = new


class Mistake(NamedTuple):
    """What somebody does, the error it should give, and words of the problem, of what was given and of the fix."""

    make: Callable[[], Any]
    error: type[DescendError]
    problem: str
    given: str
    fix: str


MISTAKES = {
    # Data.
    "a ragged list": Mistake(lambda: Tensor([[1.0, 2.0], [3.0]]), ShapeError, "rectangular", "lengths 1, 2", "pad the rows"),
    "strings": Mistake(lambda: Tensor(["1", "2"]), DtypeError, "holds numbers", "list of type", "encode"),
    "None among the numbers": Mistake(lambda: Tensor([1.0, None]), DtypeError, "holds numbers", "object", "encode"),
    "complex numbers": Mistake(lambda: Tensor([1j]), DtypeError, "cannot hold complex128", "complex128", "convert"),
    "a type that does not exist": Mistake(lambda: zeros(2).to("float31"), DtypeError, "cannot hold 'float31'", "float31", "convert"),
    "gradients of integers": Mistake(lambda: Tensor([1], requires_grad=True), GradientError, "floating-point", "int64", "float32"),
    "a list for from_numpy": Mistake(lambda: from_numpy([1.0]), DtypeError, "from_numpy", "list", "Tensor"),  # type: ignore[arg-type]
    "a shape that is a number": Mistake(lambda: ops.zeros(3), ShapeError, "sequence of lengths", "3", "(3,)"),  # type: ignore[arg-type]
    "a negative length": Mistake(lambda: ops.ones((2, -1)), ShapeError, "sequence of lengths", "(2, -1)", "(3,)"),
    "a number too large for uint8": Mistake(lambda: Tensor(np.zeros(2, np.uint8)) + 256, DtypeError, "256 does not fit", "uint8", "int64"),
    "uint32 with int64": Mistake(lambda: Generator().bits((2,)) + Tensor([1, 2]), DtypeError, "no common type", "int64, uint32", "cast"),
    "a difference of truth values": Mistake(lambda: Tensor([True]) - Tensor([False]), DtypeError, "sub cannot be computed", "bool(1,)", "float32"),
    # Shapes.
    "shapes that do not broadcast": Mistake(lambda: zeros(3, 4) + zeros(3), ShapeError, "add: these shapes do not broadcast", "(3, 4) and (3,)", "x[:, None]"),
    "where with other shapes": Mistake(lambda: ops.where(zeros(2) > 0, zeros(3), 0), ShapeError, "do not broadcast", "(2,) and (3,)", "reshape"),
    "matrices that do not fit": Mistake(lambda: zeros(3, 4) @ zeros(3, 4), ShapeError, "inner lengths", "(3, 4) @ (3, 4)", ".T"),
    "batches of matrices that do not fit": Mistake(lambda: zeros(2, 3, 4) @ zeros(5, 4, 3), ShapeError, "broadcast", "(2,) and (5,)", "reshape"),
    "a matrix product with a number": Mistake(lambda: zeros(3) @ Tensor(2.0), ShapeError, "needs axes", "(3,) @ ()", "*"),
    "images into a linear layer": Mistake(lambda: ops.affine(zeros(8, 1, 28, 28), zeros(10, 784), zeros(10)), ShapeError, "does not fit the layer", "(8, 1, 28, 28)", "flatten"),
    "a bias of another length": Mistake(lambda: ops.affine(zeros(8, 3), zeros(5, 3), zeros(1)), ShapeError, "does not fit the layer", "bias (1,)", "features"),
    "grey images without channels": Mistake(lambda: ops.conv2d(zeros(8, 28, 28), zeros(6, 1, 5, 5)), ShapeError, "does not fit the convolution", "x (8, 28, 28)", "x[:, None]"),
    "another number of channels": Mistake(lambda: ops.conv2d(zeros(1, 3, 9, 9), zeros(6, 1, 5, 5)), ShapeError, "does not fit the convolution", "(1, 3, 9, 9)", "channels"),
    "a kernel larger than the image": Mistake(lambda: ops.conv2d(zeros(1, 1, 3, 3), zeros(1, 1, 5, 5)), ShapeError, "larger than the image", "(3, 3)", "smaller kernel"),
    "one pooling too many": Mistake(lambda: ops.max_pool2d(zeros(1, 1, 1, 1), (2, 2), Window((2, 2))), ShapeError, "larger than the image", "(1, 1)", "poolings"),
    "pooling after flattening": Mistake(lambda: ops.avg_pool2d(zeros(8, 100), (2, 2), Window()), ShapeError, "for images", "(8, 100)", "before flattening"),
    "padding of a whole window": Mistake(lambda: ops.max_pool2d(zeros(1, 1, 4, 4), (2, 2), Window((2, 2), (2, 2))), ShapeError, "reach into the image", "(2, 2)", "ops.pad"),
    "a window that stands still": Mistake(lambda: ops.conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 2, 2), Window((0, 1))), ShapeError, "moves forwards", "stride=(0, 1)", "stride"),
    "a reshape that loses elements": Mistake(lambda: zeros(2, 3).reshape(4), ShapeError, "reshape: reshape keeps", "(2, 3) to (4,)", "-1"),
    "a -1 that does not come out even": Mistake(lambda: zeros(2, 3).reshape(4, -1), ShapeError, "-1", "(2, 3) to (4, -1)", "one -1"),
    "two unknown lengths": Mistake(lambda: zeros(2, 3).reshape(-1, -1), ShapeError, "-1", "(-1, -1)", "one -1"),
    "permute that forgets an axis": Mistake(lambda: zeros(2, 3, 4).permute(0, 2), ShapeError, "every axis once", "(0, 2)", "transpose"),
    "permute that repeats an axis": Mistake(lambda: zeros(2, 3).permute(0, 0), ShapeError, "every axis once", "(0, 0)", "transpose"),
    "a transposed axis that is not there": Mistake(lambda: zeros(2, 3).transpose(0, 2), ShapeError, "no axis 2", "(2, 3)", "from 0"),
    "expand of a longer axis": Mistake(lambda: zeros(2, 3).expand(4, 3), ShapeError, "axes of length 1 only", "(2, 3) to (4, 3)", "x[:, None]"),
    "concat of nothing": Mistake(lambda: ops.concat([]), ShapeError, "nothing to join", "no tensors", "empty list"),
    "concat of other shapes": Mistake(lambda: ops.concat([zeros(2, 3), zeros(2, 4)]), ShapeError, "along axis 0", "(2, 3) and (2, 4)", "another axis"),
    "concat along no axis": Mistake(lambda: ops.concat([zeros(2), zeros(2)], 1), ShapeError, "no axis 1", "(2,)", "from 0"),
    "stack of other shapes": Mistake(lambda: ops.stack([zeros(2), zeros(3)]), ShapeError, "equal shapes", "(2,) and (3,)", "concat"),
    "stack along no axis": Mistake(lambda: ops.stack([zeros(2), zeros(2)], 3), ShapeError, "no place 3", "(2,)", "-1"),
    "padding in PyTorch's order": Mistake(lambda: ops.pad(zeros(2, 3), (1, 1)), ShapeError, "one pair", "(1, 1)", "(0, 0)"),  # type: ignore[arg-type]
    # Indices, windows, matrices.
    "an index beyond the axis": Mistake(lambda: ops.gather(zeros(2, 3), 1, [[3], [0]]), ShapeError, "out of range", "0 to 3", "count from 0"),
    "indices with too few axes": Mistake(lambda: ops.gather(zeros(2, 3), 1, [0, 1]), ShapeError, "one index an element", "(2, 3) at (2,)", "take_along_axis"),
    "more of the largest than there are": Mistake(lambda: ops.topk(zeros(2, 3), 4), ShapeError, "not 4 elements", "k=4", "fewer"),
    "pieces that leave something over": Mistake(lambda: ops.split(zeros(5), (2, 2)), ShapeError, "do not make up the axis", "[2, 2]", "one length"),
    "groups that do not divide the channels": Mistake(lambda: ops.conv2d(zeros(1, 4, 5, 5), zeros(4, 4, 3, 3), groups=2), ShapeError, "does not fit the convolution", "2 groups", "channels"),
    "a stride with padding that keeps the size": Mistake(lambda: ops.sliding((3, 3), 2, "same"), UsageError, "stride of 1", "stride 2", "numbers"),
    "an equation of another shape": Mistake(lambda: ops.einsum("ij,jk->ik", zeros(2, 3), zeros(4, 5)), ShapeError, "does not fit its operands", "'ij,jk->ik'", "einsum('ij,jk->ik', a, b)"),
    "the inverse of a singular matrix": Mistake(lambda: ops.inv(zeros(2, 2)), SingularError, "no inverse", "(2, 2)", "identity"),
    "the inverse of a tall matrix": Mistake(lambda: ops.inv(zeros(3, 2)), ShapeError, "square", "(3, 2)", "pinv"),
    "a matrix that is not positive definite": Mistake(lambda: ops.cholesky(zeros(2, 2) - 1), SingularError, "not positive definite", "(2, 2)", "identity"),
    "& of numbers": Mistake(lambda: Tensor([1, 2]) & 1, DtypeError, "truth values", "int64", "compare first"),
    "a rate that is not positive": Mistake(lambda: Generator().exponential((2,), 0.0), UsageError, "rate is positive", "rate=0.0", "softplus"),
    "a step that returns no pair": Mistake(lambda: scan(lambda h, x: h, zeros(2), zeros(3)), UsageError, "new state and what it puts out", "Tensor", "None"),
    "flip along no axis": Mistake(lambda: ops.flip(zeros(2, 3), 2), ShapeError, "no axis 2", "(2, 3)", "from 0"),
    # Axes.
    "a sum over no axis": Mistake(lambda: zeros(2, 3).sum(2), ShapeError, "no axis 2", "2 axes", "from 0"),
    "an axis named twice": Mistake(lambda: zeros(2, 3).mean((1, -1)), ShapeError, "named twice", "(1, -1)", "-1"),
    "an axis that is no number": Mistake(lambda: zeros(2, 3).sum("rows"), ShapeError, "no axis 'rows'", "2 axes", "from 0"),  # type: ignore[arg-type]
    "the largest of nothing": Mistake(lambda: zeros(0, 3).max(0), ShapeError, "the max of nothing", "(0, 3)", "empty"),
    "softmax of a number": Mistake(lambda: ops.softmax(Tensor(1.0)), ShapeError, "no axis -1", "0 axes", "from 0"),
    # Indices and labels.
    "an index out of range": Mistake(lambda: zeros(2, 3)[2], ShapeError, "index 2 is out of bounds", "(2, 3)", "n - 1"),
    "an index array out of range": Mistake(lambda: zeros(2, 3)[:, Tensor([0, 3])], ShapeError, "index 3 is out of bounds", "(2, 3)", "n - 1"),
    "too many indices": Mistake(lambda: zeros(2, 3)[0, 0, 0], ShapeError, "too many indices", "(2, 3)", "from 0"),
    "a fraction for an index": Mistake(lambda: zeros(3)[1.0], DtypeError, "indices are integers", "float32", "whole numbers"),
    "a fraction in a slice": Mistake(lambda: zeros(3)[: 3 / 2], DtypeError, "slices", "1.5", "//"),
    "a mask of another shape": Mistake(lambda: zeros(3)[Tensor([True, False])], ShapeError, "mask", "(2,)", "x[x > 0]"),
    "assignment of another shape": Mistake(lambda: _assigned(zeros(2, 3), 0, [1.0, 2.0]), ShapeError, "does not fit its places", "(2,) for places (3,)", "reshape"),
    "a label out of range": Mistake(lambda: ops.pick(zeros(3, 2), LABELS), ShapeError, "label is out of range", "label 2 at index 1", "from 0"),
    "labels from 1": Mistake(lambda: ops.one_hot([1, 2, 3], 3), ShapeError, "label is out of range", "label 3 at index 2", "from 0"),
    "a negative label": Mistake(lambda: ops.pick(zeros(2, 3), [0, -1]), ShapeError, "label is out of range", "label -1", "from 0"),
    "labels of another batch": Mistake(lambda: ops.pick(zeros(4, 3), LABELS), ShapeError, "one label", "labels (3,)", "one integer a row"),
    "a column of labels": Mistake(lambda: ops.pick(zeros(3, 3), LABELS[:, None]), ShapeError, "one label", "labels (3, 1)", "one integer a row"),
    "one label for all rows": Mistake(lambda: ops.pick(zeros(3, 3), [1]), ShapeError, "one label", "labels (1,)", "one integer a row"),
    "labels that are fractions": Mistake(lambda: ops.pick(zeros(2, 3), [0.0, 1.0]), DtypeError, "labels are integers", "float32", ".to(np.int64)"),
    # Gradients.
    "backward of several numbers": Mistake(lambda: (leaf(3) * 2).backward(), GradientError, "for one number", "(3,)", ".sum()"),
    "backward of data": Mistake(lambda: zeros(3).sum().backward(), GradientError, "requires gradients", "without history", "no_grad"),
    "backward of what no_grad computed": Mistake(_under_no_grad, GradientError, "requires gradients", "without history", "no_grad"),
    "backward twice": Mistake(_twice, GradientError, "already been through", "second backward", "retain_graph=True"),
    "step before backward": Mistake(_stepped_before_backward, GradientError, "was written after mul", "version 1", "before the optimiser's step"),
    "a cotangent of another shape": Mistake(lambda: (leaf(3) * 2).backward([1.0]), ShapeError, "cotangent", "(1,)", "each element"),
    "a gradient of another shape": Mistake(lambda: setattr(leaf(3), "grad", zeros(2)), ShapeError, "gradient has its tensor's shape", "(2,)", "shape"),
    "a gradient on data": Mistake(lambda: setattr(zeros(3), "grad", zeros(3)), GradientError, "requires gradients", "(3,)", "requires_grad=True"),
    "a hook on data": Mistake(lambda: zeros(3).register_hook(print), GradientError, "requires gradients", "(3,)", "requires_grad=True"),
    "assignment to a leaf": Mistake(lambda: _assigned(leaf(3), 0, 1.0), GradientError, "leaf", "(3,)", "no_grad()"),
    "grad at an integer": Mistake(lambda: grad(lambda x: x * x)(3), GradientError, "floating-point", "int64", "3.0"),
    "grad of several numbers": Mistake(lambda: grad(lambda x: x * x)(np.ones(3)), GradientError, "for one number", "(3,)", ".sum()"),
    "grad of a function without result": Mistake(lambda: grad(lambda x: None)(1.0), GradientError, "one tensor", "NoneType", "return"),
    "grad of .item()": Mistake(lambda: grad(lambda x: x.item())(1.0), GradientError, "one tensor", "float", "return"),
    "grad by an argument too many": Mistake(lambda: grad(lambda x: x, 1)(1.0), UsageError, "wrt", "wrt=1", "all its arguments"),
    "a tangent of another shape": Mistake(lambda: jvp(ops.tanh, (np.ones(3),), (np.ones(2),)), ShapeError, "tangents", "(2,)", "one tangent"),
    "a pullback of another shape": Mistake(lambda: vjp(ops.tanh, np.ones(3))[1](np.ones(2)), ShapeError, "cotangent", "(2,)", "each element"),
    "hessian of several numbers": Mistake(lambda: hessian(ops.tanh)(np.ones(3)), GradientError, "for one number", "(3,)", ".sum()"),
    "check_gradients of .numpy()": Mistake(lambda: check_gradients(lambda x: x.numpy(), [1.0]), GradientError, "one tensor", "ndarray", "not .item()"),
    "a wrong gradient": Mistake(lambda: check_gradients(lambda x: x * x.detach(), [1.0]), GradientError, "is wrong at index (0,)", "from the gradient rule", "0.5 times"),
    # Cells, numbers, names.
    "a cell of another shape": Mistake(lambda: Cell([1.0]).write([1.0, 2.0]), ShapeError, "keeps its shape", "(2,)", "new cell"),
    "a fraction into a counter": Mistake(lambda: Cell(np.array(1)).write(0.5), DtypeError, "keeps its type", "float64", ".to(int64)"),
    "item() of several numbers": Mistake(lambda: zeros(2).item(), ShapeError, "item()", "(2,)", ".numpy()"),
    "if of several numbers": Mistake(lambda: bool(zeros(2) == 0), ShapeError, "neither true nor false", "(2,)", ".all()"),
    "len of a number": Mistake(lambda: len(Tensor(1.0)), ShapeError, "0-d tensor", "()", "reshape"),
    "range of a fraction": Mistake(lambda: range(Tensor(2.0)), DtypeError, "an index is an integer", "float32", ".to(int)"),  # type: ignore[arg-type]
    "a division by zero": Mistake(_division_by_zero, NonFiniteError, "div made an infinity at index (0,)", "[0, 0]", "division"),
    "an infinite slope": Mistake(_slope_at_zero, NonFiniteError, "the gradient of sqrt", "(1,)", "log or sqrt at 0"),
    "a misspelt symbol": Mistake(_misspelt_override, UsageError, "'conv2'", "'conv2'", "did you mean 'conv2d'?"),
    "a negative seed": Mistake(lambda: Generator(-1), UsageError, "seed", "-1", "abs"),
    "a percentage for a probability": Mistake(lambda: Generator().bernoulli((2,), 50), UsageError, "probability", "p=50", "100"),
    "random integers as reals": Mistake(lambda: Generator().normal((2,), dtype=np.int64), DtypeError, "float32 or float64", "int64", ".to()"),
    "another state": Mistake(lambda: Generator().load_state_dict({"t": np.array(1)}), UsageError, "generator's state", "t", "state_dict()"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name: str) -> None:
    mistake = MISTAKES[name]
    with pytest.raises(DescendError) as caught:
        mistake.make()
    error = caught.value
    assert type(error) is mistake.error
    assert mistake.problem in error.problem
    assert mistake.given in str(error.given)
    assert error.needed
    assert mistake.fix in f"{error.needed}\n{error.fix}"
    assert error.fix
    assert str(error).splitlines()[0] == error.problem.splitlines()[0]


def test_there_are_many() -> None:
    assert len(MISTAKES) >= 40


def test_an_error_shows_its_rows_everywhere() -> None:
    error = ShapeError("shapes differ", given="(2,)")
    assert error.args == (str(error),)
    assert "given:  (2,)" in repr(error)


def test_the_rows_stand_below_each_other() -> None:
    error = ShapeError("shapes differ", given="(2,)", needed="(3,)", fix="use another")
    assert str(error) == "shapes differ\n  given:  (2,)\n  needed: (3,)\n  fix:    use another"
    assert str(ShapeError("shapes differ", needed="(3,)")) == "shapes differ\n  needed: (3,)"
    assert str(DescendError("alone")) == "alone"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ShapeError, ValueError), (DtypeError, TypeError), (GradientError, RuntimeError),
        (NonFiniteError, FloatingPointError), (TraceError, RuntimeError), (UsageError, ValueError),
    ],
)  # fmt: skip
def test_each_kind_is_python_s_kind_too(error: type[DescendError], builtin: type[Exception]) -> None:
    assert issubclass(error, builtin)
    assert issubclass(error, DescendError)


def test_an_error_crosses_a_process_boundary_whole() -> None:
    error = DtypeError("a", given="b", needed="c", fix="d")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is DtypeError
    assert (back.problem, back.given, back.needed, back.fix) == ("a", "b", "c", "d")
    assert str(back) == str(error)


@pytest.mark.parametrize(
    ("word", "options", "wanted"),
    [
        ("tahn", ["tanh", "relu"], "did you mean 'tanh'?"),
        ("digit-mlp", ["digits-mlp", "mnist-lenet"], "did you mean 'digits-mlp'?"),
        ("zzz", ["tanh", "relu"], ""),
        ("tanh", [], ""),
        ("lr", iter(["lr", "epochs"]), "did you mean 'lr'?"),
    ],
)
def test_near_miss(word: str, options: Any, wanted: str) -> None:
    assert near_miss(word, options) == wanted
