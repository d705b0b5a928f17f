"""The box and the cell."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import (
    Cell,
    DtypeError,
    GradientError,
    ShapeError,
    Tensor,
    TraceError,
    as_tensor,
    from_numpy,
    no_grad,
    ops,
)
from descend.engine.tensor import Constant, box, constant


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=1e-6)


# Making one.


def test_data_is_copied() -> None:
    array = np.ones(3)
    x = Tensor(array)
    array[0] = 7
    assert x.tolist() == [1.0, 1.0, 1.0]
    assert Tensor(x).value is not x.value


def test_from_numpy_does_not_copy() -> None:
    array = np.ones(3)
    assert from_numpy(array).value is array


def test_a_tensor_of_tensors() -> None:
    assert Tensor([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_cell_is_contiguous(order: Any) -> None:
    array = np.asarray(np.arange(6.0).reshape(2, 3), order=order)
    for cell in (Cell(array), Cell(array, np.float32), Cell(Tensor(array).T), Cell(array[:, ::-1], np.float64)):
        assert cell.value.flags.c_contiguous
    cell = Cell(array)
    for new in (Tensor(array.T.copy()).T, array, array[::-1], Tensor([1.0]).to(np.float64).expand(2, 3)):
        cell.write(new)
        assert cell.value.flags.c_contiguous
        np.testing.assert_array_equal(cell.numpy(), np.asarray(new))


def test_subclasses_of_arrays_become_plain() -> None:
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    assert type(Tensor(masked).value) is np.ndarray


@pytest.mark.parametrize(
    ("ragged", "given"),
    [
        ([[1, 2], [3]], "rows of the lengths 1, 2"),
        (([1.0], 2.0), "rows of the lengths 0, 1"),
        ([np.ones(2), np.ones(3), np.ones(2)], "rows of the lengths 2, 3"),
        ([[[1], [2]], [[3], [4, 5]]], "a ragged list"),
    ],
)
def test_a_ragged_list_is_refused(ragged: Any, given: str) -> None:
    with pytest.raises(ShapeError, match="rectangular") as caught:
        Tensor(ragged)
    assert caught.value.given == given
    assert "inhomogeneous" not in str(caught.value)
    assert caught.value.needed == "rows of equal length"
    assert caught.value.fix


@pytest.mark.parametrize(
    "data", ["abc", ["a", "b"], None, [None, 1.0], {"a": 1}, object(), [[1, "2"]], np.array("2020", "M8[D]")]
)
def test_what_is_no_number_is_refused(data: Any) -> None:
    with pytest.raises(DtypeError, match="holds numbers") as caught:
        Tensor(data)
    assert type(data).__name__ in str(caught.value.given)
    assert caught.value.needed
    assert caught.value.fix


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(DtypeError, match="'flaot32'"):
        Tensor([1.0], dtype="flaot32")
    with pytest.raises(DtypeError, match="complex128"):
        Tensor([1j])
    with pytest.raises(DtypeError, match="'flaot32'"):
        Tensor([1.0]).to("flaot32")


def test_only_arrays_are_wrapped_without_a_copy() -> None:
    with pytest.raises(DtypeError, match="from_numpy is for arrays") as caught:
        from_numpy([1.0])  # type: ignore[arg-type]
    assert caught.value.given == "list"
    with pytest.raises(DtypeError, match="complex"):
        from_numpy(np.array([1j]))


def test_integers_cannot_require_gradients() -> None:
    with pytest.raises(GradientError, match="floating-point") as caught:
        Tensor([1, 2], requires_grad=True)
    assert caught.value.given == "int64"
    assert "float32" in str(caught.value.fix)


def test_as_tensor_returns_tensors_as_they_are() -> None:
    x = Tensor([1.0])
    assert as_tensor(x) is x
    assert as_tensor(x, np.float64).dtype == np.float64
    assert isinstance(as_tensor(2.0), Constant)
    assert as_tensor(2, np.float32).dtype == np.float32


def test_numbers_that_formulas_use_are_made_once_and_zeros_keep_their_sign() -> None:
    half = np.dtype(np.float32)
    assert constant(0.5, half) is constant(0.5, half)
    assert constant(1, half).dtype == half
    assert np.signbit(constant(-0.0, half).value)
    assert not np.signbit(constant(0.0, half).value)
    assert (Tensor([1.0]) / -0.0 < 0).item()


# Reading it.


def test_what_it_is() -> None:
    x = Tensor(np.zeros((2, 3), np.float32))
    assert (x.shape, x.dtype, x.ndim, x.size, len(x)) == ((2, 3), np.float32, 2, 6, 2)
    assert Tensor(np.zeros((0, 3))).size == 0
    assert Tensor(1.0).size == 1


def test_numpy_of_a_tensor_cannot_be_written_to() -> None:
    x = Tensor([1.0])
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0] = 2
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x)[0] = 2
    assert np.shares_memory(x.numpy(), x.value)


def test_numpy_of_a_cell_is_a_copy() -> None:
    cell = Cell([1.0])
    before = cell.numpy()
    before[0] = 5
    assert cell.tolist() == [1.0]
    cell.write([2.0])
    assert before[0] == 5


def test_conversion_by_numpy() -> None:
    x = Tensor([1.0, 2.0])
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.array(x).flags.writeable
    assert (np.ones(2) * x).dtype == np.float64
    assert isinstance(np.ones(2) * x, Tensor)
    assert isinstance(np.ones((2, 2)) @ x, Tensor)


def test_python_numbers() -> None:
    assert (Tensor([2.5]).item(), float(Tensor(2.5)), int(Tensor([3])), bool(Tensor([0.0]))) == (2.5, 2.5, 3, False)
    assert isinstance(Tensor(2.0).item(), float)
    assert "abc"[Tensor(1)] == "b"
    assert list(range(Tensor(2))) == [0, 1]


def test_item_is_for_one_number() -> None:
    with pytest.raises(ShapeError, match=r"item\(\)") as caught:
        Tensor([1.0, 2.0]).item()
    assert caught.value.given == "shape (2,)"
    with pytest.raises(ShapeError, match="neither true nor false") as caught_bool:
        bool(Tensor([1.0, 2.0]) > 0)
    assert "any()" in str(caught_bool.value.fix)
    with pytest.raises(DtypeError, match="index"):
        range(Tensor(1.0))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="0-d"):
        len(Tensor(1.0))
    with pytest.raises(ShapeError, match="0-d"):
        list(Tensor(1.0))


def test_iteration_goes_over_the_first_axis() -> None:
    assert [row.tolist() for row in Tensor([[1.0, 2.0], [3.0, 4.0]])] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (Tensor([1.0, 2.5]), "tensor([1. , 2.5])"),
        (Tensor([1, 2]), "tensor([1, 2], dtype=int64)"),
        (Tensor(2.0, requires_grad=True), "tensor(2., requires_grad=True)"),
        (Tensor([0.0], requires_grad=True).exp(), "tensor([1.], from=exp)"),
    ],
)
def test_repr(x: Tensor, text: str) -> None:
    assert repr(x) == text


def test_a_traced_value_has_no_numbers() -> None:
    traced = box(type("Value", (), {"shape": (2,), "dtype": np.dtype(np.float32)})(), None)
    for read in (traced.numpy, traced.tolist, lambda: repr(traced), lambda: Tensor(traced)):
        with pytest.raises(TraceError, match="only being traced") as caught:
            read()
        assert caught.value.given == "a traced tensor of shape (2,)"
        assert "where(" in str(caught.value.fix)


# Methods and operators: PyTorch's, with the same names.

UNARY = ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs", "neg"]
BINARY = ["add", "sub", "mul", "truediv", "pow", "matmul", "lt", "le", "gt", "ge", "eq", "ne"]


@pytest.mark.parametrize("name", UNARY)
def test_unary_methods(name: str) -> None:
    x = np.array([[0.5, 1.5], [2.0, 3.0]], np.float32)
    ours = {"abs": abs, "neg": lambda x: -x}.get(name, lambda x: getattr(x, name)())
    close(ours(Tensor(x) - 0.2), getattr(torch, name)(torch.tensor(x) - 0.2))


@pytest.mark.parametrize("name", BINARY)
def test_binary_operators_from_both_sides(name: str) -> None:
    a, b = np.array([[1.5, 2.0], [0.5, 3.0]], np.float32), np.array([[2.0, 2.0], [1.0, 0.5]], np.float32)
    wanted = getattr(torch.tensor(a), f"__{name}__")(torch.tensor(b))
    close(getattr(Tensor(a), f"__{name}__")(Tensor(b)), wanted)
    close(getattr(Tensor(a), f"__{name}__")(b), wanted)
    reflected = getattr(Tensor, f"__r{name}__", None)
    if reflected:
        close(reflected(Tensor(b), a), wanted)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow"])
def test_numbers_on_either_side(name: str) -> None:
    x = np.array([0.5, 2.0], np.float32)
    close(getattr(Tensor(x), f"__{name}__")(3), getattr(torch.tensor(x), f"__{name}__")(3))
    close(getattr(Tensor(x), f"__r{name}__")(3), getattr(torch.tensor(x), f"__r{name}__")(3))


@pytest.mark.parametrize("name", ["sum", "mean", "var", "max", "min"])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
def test_reductions(name: str, axis: Any, keepdims: bool) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 5)).astype(np.float32)
    wanted = {
        "sum": np.sum, "mean": np.mean, "var": np.var, "max": np.max, "min": np.min,
    }[name](x, axis=axis, keepdims=keepdims)  # fmt: skip
    found = getattr(Tensor(x), name)(axis, keepdims)
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "max", "min"])
def test_a_reduction_without_arguments_goes_over_everything(name: str) -> None:
    assert getattr(Tensor(np.ones((2, 3))), name)().shape == ()
    assert getattr(Tensor(np.ones((2, 3))), name)(1).shape == (2,)


def test_variance_with_a_correction() -> None:
    x = [1.0, 2.0, 4.0]
    close(Tensor(x).var(correction=1).item(), torch.tensor(x).var().item())
    assert np.isnan(Tensor([1.0]).var(correction=1).item())


def test_all_and_any() -> None:
    assert [Tensor(x).all().item() for x in ([True, True], [True, False], [])] == [True, False, True]
    assert [Tensor(x).any().item() for x in ([False, False], [True, False], [])] == [False, True, False]
    assert Tensor([2.0, -1.0]).all().item()


def test_movement_takes_numbers_or_a_tuple() -> None:
    x = Tensor(np.arange(6.0))
    assert x.reshape(2, 3).shape == x.reshape((2, 3)).shape == x.reshape([2, -1]).shape == (2, 3)
    y = x.reshape(1, 2, 3)
    assert y.permute(2, 0, 1).shape == y.permute((2, 0, 1)).shape == (3, 1, 2)
    assert y.T.shape == (3, 2, 1)
    assert y.transpose(0, -1).shape == (3, 2, 1)
    assert y.expand(4, 2, 3).shape == (4, 2, 3)


@pytest.mark.parametrize(
    ("shape", "start", "wanted"),
    [
        ((2, 3, 5), 0, (30,)),
        ((2, 3, 5), 1, (2, 15)),
        ((0, 3, 5), 1, (0, 15)),
        ((), 0, (1,)),
        ((2, 0), 0, (0,)),
        ((4,), 0, (4,)),
    ],
)
def test_flatten(shape: tuple[int, ...], start: int, wanted: tuple[int, ...]) -> None:
    assert Tensor(np.zeros(shape)).flatten(start).shape == wanted


# Gradients on the tensor.


def test_requires_grad_can_be_switched() -> None:
    x = Tensor([1.0])
    assert not x.requires_grad
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert x.is_leaf
    node = x.node
    assert x.requires_grad_().node is node
    assert not x.requires_grad_(False).requires_grad


def test_a_result_is_no_leaf() -> None:
    x = Tensor([1.0], requires_grad=True)
    assert not (x * 2).is_leaf
    assert (x * 2).detach().is_leaf


def test_a_gradient_can_be_set() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    g = Tensor(np.array([3.0, 4.0]))
    x.grad = g
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    g[0] = 9.0
    assert x.grad.tolist() == [3.0, 4.0]
    x.grad = np.array([5.0, 6.0])  # type: ignore[assignment]
    assert isinstance(x.grad, Tensor)
    x.grad = None
    assert x.grad is None


def test_a_gradient_of_another_shape_is_refused() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ShapeError, match="gradient") as caught:
        x.grad = Tensor([1.0])
    assert (caught.value.given, caught.value.needed) == ("(1,)", "(2,)")
    with pytest.raises(GradientError, match="requires gradients"):
        Tensor([1.0]).grad = Tensor([1.0])


# Assignment puts a new value into the box.


def test_assignment_changes_the_box_and_nothing_made_from_it() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    row, turned, shaped, array = x[0], x.T, x.reshape(4), x.numpy()
    x[0] = [8.0, 9.0]
    assert x.tolist() == [[8.0, 9.0], [3.0, 4.0]]
    assert row.tolist() == [1.0, 2.0]
    assert turned.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert shaped.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert array.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_the_old_graph_keeps_its_right_gradient() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    y = w * 3
    z = y * y
    y[0] = 100.0
    z.sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [18.0, 36.0]


def test_gradients_flow_through_assignment() -> None:
    w, v = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor(5.0, requires_grad=True)
    y = w * 2
    y[1] = v
    (y * Tensor([1.0, 10.0, 100.0])).sum().backward()
    assert w.grad is not None
    assert v.grad is not None
    assert w.grad.tolist() == [2.0, 0.0, 200.0]
    assert v.grad.item() == 10.0


def test_a_constant_box_starts_to_record() -> None:
    v = Tensor(5.0, requires_grad=True)
    x = Tensor([1.0, 2.0])
    x[0] = v
    x.sum().backward()
    assert v.grad is not None
    assert v.grad.item() == 1.0


def test_a_leaf_cannot_be_assigned_to() -> None:
    for w in (Tensor([1.0], requires_grad=True), Cell([1.0], requires_grad=True)):
        with pytest.raises(GradientError, match="leaf") as caught:
            w[0] = 2.0
        assert "no_grad()" in str(caught.value.fix)
        assert w.tolist() == [1.0]
        with no_grad():
            w[0] = 2.0
        assert w.tolist() == [2.0]
        assert w.requires_grad
        assert w.is_leaf


def test_augmented_assignment_to_a_place() -> None:
    x = Tensor([1.0, 2.0])
    x[0] += 5
    assert x.tolist() == [6.0, 2.0]


def test_assignment_converts_to_the_tensor_s_type() -> None:
    x = Tensor([1.0, 2.0])
    x[0] = np.float64(3.0)
    assert x.dtype == np.float32


# Cells.


def test_writing_replaces_the_value_and_counts() -> None:
    cell = Cell([1.0, 2.0])
    before = cell.read()
    assert cell.version == 0
    cell.write([3.0, 4.0])
    assert cell.version == 1
    assert before.tolist() == [1.0, 2.0]
    assert cell.tolist() == [3.0, 4.0]
    assert cell.detach().tolist() == [3.0, 4.0]
    assert Tensor([1.0]).version is None


def test_assignment_to_a_cell_is_a_write() -> None:
    cell = Cell([1.0, 2.0])
    cell[0] = 5.0
    assert (cell.version, cell.tolist()) == (1, [5.0, 2.0])


def test_what_was_computed_from_a_cell_stays() -> None:
    cell = Cell([1.0])
    y, part, detached = cell * 2, cell[0], cell.detach()
    cell.write([7.0])
    assert (y.tolist(), part.item(), detached.tolist()) == ([2.0], 1.0, [1.0])


def test_a_cell_shares_no_memory_with_what_is_written() -> None:
    array = np.ones(2)
    cell = Cell(np.zeros(2))
    cell.write(array)
    array[0] = 9
    assert cell.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("new", [[1.0], [[1.0, 2.0]], 3.0])
def test_a_cell_keeps_its_shape(new: Any) -> None:
    cell = Cell([1.0, 2.0])
    with pytest.raises(ShapeError, match="a cell keeps its shape") as caught:
        cell.write(new)
    assert caught.value.needed == "(2,)"
    assert cell.version == 0


def test_a_cell_keeps_its_type() -> None:
    counter = Cell(np.array(3, np.int64))
    for new in (1.5, np.array(1.5), np.array(1.0), Tensor(2.0)):
        with pytest.raises(DtypeError, match="a cell keeps its type") as caught:
            counter.write(new)
        assert caught.value.needed == "int64"
    assert (counter.item(), counter.version) == (3, 0)
    counter.write(4)
    counter.write(np.int32(5))
    assert counter.item() == 5
    rate = Cell(np.array(0.5))
    rate.write(0.1)
    assert rate.item() == 0.1  # not float32's nearest number
    rate.write(1)
    with pytest.raises(DtypeError, match="keeps its type"):
        Cell([1.0]).write(Tensor(np.array([1.0])))
    with pytest.raises(DtypeError, match="holds numbers"):
        rate.write("0.1")


def test_a_cell_is_never_a_constant() -> None:
    assert (Cell(np.array(2.0)) * Tensor([1.0])).dtype == np.float32
    assert not isinstance(as_tensor(Cell(np.array(2.0))), Constant)


# Copies.


def test_copies_are_independent() -> None:
    cell = Cell([1.0, 2.0], requires_grad=True)
    (cell * cell).sum().backward()
    other = copy.deepcopy(cell)
    other.write([5.0, 6.0])
    assert cell.tolist() == [1.0, 2.0]
    assert other.requires_grad
    assert other.node is not cell.node
    (other * 3).sum().backward()
    assert cell.grad is not None
    assert cell.grad.tolist() == [2.0, 4.0]


def test_tensors_cross_process_boundaries() -> None:
    for x in (Tensor([1.0, 2.0], requires_grad=True), Cell([3.0]), Tensor(np.zeros((0, 2), np.int8))):
        back = pickle.loads(pickle.dumps(x))
        assert type(back) is type(x)
        assert (back.tolist(), back.dtype, back.requires_grad) == (x.tolist(), x.dtype, x.requires_grad)


def test_tensors_are_keys_by_identity() -> None:
    a, b = Tensor([1.0]), Tensor([1.0])
    assert len({a, b, a}) == 2


def test_operations_name_their_primitives() -> None:
    x = Tensor([1.0], requires_grad=True)
    assert repr(x)
    assert (x * 2).node is not None
    assert (x * 2).node.name == "mul"  # type: ignore[union-attr]
    assert x.node is not None
    assert x.node.name == "leaf"
    assert ops.add(x, 1).node is not None


# ------------------------------------------------------------------------------- NumPy's own functions


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "var"])
def test_numpys_reductions_are_the_tensors_own_and_record(name: str) -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    whole, rows = getattr(np, name)(x), getattr(np, name)(x, axis=1)
    assert isinstance(whole, Tensor)
    assert whole.requires_grad
    np.testing.assert_allclose(whole.numpy(), getattr(np, name)(x.numpy()))
    np.testing.assert_allclose(rows.numpy(), getattr(np, name)(x.numpy(), axis=1))


def test_numpys_mean_has_the_gradient_of_mean() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    np.mean(x * x).backward()
    np.testing.assert_allclose(x.grad.numpy(), x.numpy() / 3)


def test_numpys_other_functions_see_arrays() -> None:
    x = Tensor([[3.0, 1.0], [2.0, 4.0]])
    assert np.median(x) == 2.5
    assert isinstance(np.concatenate([x, x]), np.ndarray)
    assert np.concatenate([x, x], axis=1).shape == (2, 4)
    assert np.allclose(x, [[3, 1], [2, 4]])
    assert np.allclose(a=x, b=(x,))
    np.testing.assert_array_equal(np.sort(x, axis=0), [[2, 1], [3, 4]])


def test_a_number_is_printed_as_python_s_are() -> None:
    loss = Tensor([[0.123456]], requires_grad=True) * 2
    assert f"{loss:.3f} {Tensor(3):>4} {Tensor(2.5):e}" == "0.247    3 2.500000e+00"
    assert f"{loss}" == str(loss)
    with pytest.raises(ShapeError, match="one number"):
        f"{Tensor([1.0, 2.0]):.3f}"
