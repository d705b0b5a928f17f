"""Native code computes what NumPy computes, primitive by primitive, step by step, gradients compared as numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from descend import nn
from descend.compiler import compile
from descend.compiler.compile import Compiled
from descend.compiler.executors import native as executor
from descend.compiler.executors.interpret import Interpreted
from descend.compiler.executors.native import Evaluated, Native
from descend.engine import PRIMITIVES, Cell, Generator, ShapeError, Tensor, from_numpy, grad, ops
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, applied, batches, samples, trajectory

TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}

native = partial(Compiled, executor="native")


def close(found: np.ndarray, wanted: np.ndarray, loosely: float = 1) -> None:
    """Equal kinds; numbers equal to rounding, measured against the largest."""
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    if wanted.dtype.kind != "f":
        assert np.array_equal(found, wanted)
        return
    finite = wanted[np.isfinite(wanted)]
    scale = max(1.0, float(np.abs(finite).max(initial=0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=loosely * scale * TOLERANCE[wanted.dtype])


# Primitive by primitive.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(PRIMITIVES))
def test_every_primitive_agrees_with_numpy(name: str, dtype: type) -> None:
    for arrays, attributes in samples(name, dtype):
        function = applied(PRIMITIVES[name], attributes)
        inputs = [from_numpy(x) for x in arrays]
        close(native(function)(*inputs).numpy(), function(*inputs).numpy())


@pytest.mark.parametrize("name", [name for name, p in PRIMITIVES.items() if p.fast])
def test_elementwise_primitives_agree_at_the_limits(name: str) -> None:
    numbers = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 1e-38, -3, 0.5, 88, -100, 3e38, 7], np.float32)
    n = len(next(iter(PRIMITIVES[name].samples(np.random.default_rng(0))))[0])
    first = numbers > 0 if name == "where" else numbers
    inputs = [from_numpy(np.roll(numbers, i) if i else first) for i in range(n)]
    function = applied(PRIMITIVES[name], {})
    found, wanted = native(function)(*inputs).numpy(), function(*inputs).numpy()
    if wanted.dtype.kind != "f":
        assert np.array_equal(found, wanted)
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-44)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.bool_])
def test_integers_and_truth_values_are_computed_exactly(kind: type) -> None:
    rng = np.random.default_rng(0)
    a, b = (from_numpy(rng.integers(-3 if kind is not np.bool_ else 0, 4, (5, 7)).astype(kind)) for _ in range(2))

    def f(a: Tensor, b: Tensor) -> list[Tensor]:
        same = a == b
        return [same, ops.where(same, a, b), a.sum(0), same.sum(), a.to(np.float32) * 0.5, ops.max(a, 1), a * 1.5]

    for found, wanted in zip(native(f)(a, b), f(a, b), strict=True):
        close(found.numpy(), wanted.numpy())


# Step by step.


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimiser_takes_the_same_steps(optimizer: str) -> None:
    data = batches(3)
    eager, compiled = (Training(MODELS["mlp"], OPTIMIZERS[optimizer]) for _ in range(2))
    step = native(compiled.step)
    for a, b in zip(trajectory(eager, eager.step, data), trajectory(compiled, step, data), strict=True):
        for name in a:
            close(b[name], a[name], loosely=20)


@pytest.mark.parametrize("model", list(MODELS))
def test_every_layer_takes_the_same_steps(model: str) -> None:
    data = batches(3)
    eager = Training(MODELS[model], OPTIMIZERS["momentum"])
    wanted = trajectory(eager, eager.step, data)
    compiled = Training(MODELS[model], OPTIMIZERS["momentum"])
    for a, b in zip(wanted, trajectory(compiled, native(compiled.step), data), strict=True):
        for name in a:
            close(b[name], a[name], loosely=50)


@pytest.mark.parametrize("model", list(MODELS))
def test_every_equation_agrees_with_its_interpretation(model: str) -> None:
    """Numbers of a whole step, equation by equation: an error cannot hide behind a falling loss."""
    training = Training(MODELS[model], OPTIMIZERS["Adam"])
    x, y = batches(1)[0]
    step = native(training.step)
    entry = step.entry(_call(x, y))
    graph = entry.run.graph
    arrays = [_read(source, x, y) for source in entry.traced.sources]
    known = dict(zip(graph.inputs, arrays, strict=True))
    for equation in graph.equations:
        single = _alone(equation)
        given = [known[value] for value in single.inputs]
        wanted = Interpreted(single)(given)
        for found, exact in zip(Native(single)(given), wanted, strict=True):
            close(np.asarray(found), np.asarray(exact), loosely=10)
        known |= dict(zip(equation.outputs, wanted, strict=True))


def _call(*arrays: np.ndarray):
    from descend.compiler.compile import Call

    return Call((tuple(map(from_numpy, arrays)), {}))


def _read(source, *arrays: np.ndarray) -> np.ndarray:
    return arrays[source] if isinstance(source, int) else source.value


def _alone(equation):
    from descend.compiler import Graph, Literal

    inputs = tuple(dict.fromkeys(x for x in equation.inputs if not isinstance(x, Literal)))
    return Graph(inputs, (equation,), equation.outputs)


# Memory.


def test_results_of_earlier_runs_stay() -> None:
    double = native(lambda x: [x * 2, (x * 3).reshape(2, 2)])
    given = [from_numpy(np.full(4, i, np.float32)) for i in range(5)]
    found = [double(x) for x in given]
    assert [[part.numpy().ravel()[0] for part in pair] for pair in found] == [[2 * i, 3 * i] for i in range(5)]


def test_old_values_of_cells_stay() -> None:
    cell = Cell(np.ones(1000, np.float32))
    step = native(lambda: cell.write(cell * 2))
    seen = []
    for _ in range(5):
        seen.append(cell.read())
        step()
    assert [old.numpy()[0] for old in seen] == [1, 2, 4, 8, 16]


def test_a_view_of_an_intermediate_outlives_the_run() -> None:
    head = native(lambda x: (x * 2)[1:3])
    first = head(Tensor([1.0, 2.0, 3.0, 4.0]))
    head(Tensor([9.0, 9.0, 9.0, 9.0]))
    assert first.tolist() == [4, 6]


def test_inputs_need_not_be_contiguous() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    add = native(lambda a, b: a + b)
    assert np.array_equal(add(from_numpy(x.T), from_numpy(x[:, ::-1].T)).numpy(), x.T + x[:, ::-1].T)


def test_a_chain_of_operations_is_one_kernel() -> None:
    function = native(lambda x, y: ((x * y).tanh() + x.exp()).sum(0))
    run = function.entry(_call(np.ones((3, 5), np.float32), np.ones((3, 5), np.float32))).run
    assert len(run.calls) == 1


def test_a_step_of_a_perceptron_is_all_kernels() -> None:
    training = Training(MODELS["mlp"], OPTIMIZERS["Adam"])
    run = native(training.step).entry(_call(*batches(1)[0])).run
    evaluated = {step.equation.name for step in run.steps if isinstance(step, Evaluated)}
    assert not evaluated


def test_large_constants_are_computed_with() -> None:
    def f(x: Tensor) -> list[Tensor]:
        large, varied = ops.full((100, 100), 2.0), from_numpy(np.arange(5000, dtype=np.float32))
        return [large.sum() * x, large * x, large.expand(3, 100, 100) + x, varied + x, varied.sum() + x]

    x = Tensor([1.5])
    for found, wanted in zip(native(f)(x), f(x), strict=True):
        close(found.numpy(), wanted.numpy())


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (5, 1, 3, 4)])
def test_a_stack_of_matrices_times_a_matrix_is_one_product(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    a, b = (from_numpy(rng.standard_normal(s).astype(np.float32)) for s in (shape, (4, 7)))
    product = native(lambda a, b: a @ b)
    close(product(a, b).numpy(), (a @ b).numpy())
    assert len(next(iter(product.entries.values()))[0].run.calls) == 1


def test_constants_need_not_be_contiguous() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    product = native(lambda a: a @ from_numpy(x.T))
    assert np.array_equal(product(from_numpy(x)).numpy(), x @ x.T)


@pytest.mark.parametrize("model", list(MODELS))
def test_any_number_of_threads_gives_the_same_bits(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "WORTH_THREADS", 0.0)
    found = []
    for count in ("1", "2", "5", "16"):
        monkeypatch.setenv("DESCEND_THREADS", count)
        training = Training(MODELS[model], OPTIMIZERS["Adam"])
        found.append(trajectory(training, native(training.step), batches(4))[-1])
    for name in found[0]:
        assert all(np.array_equal(found[0][name], other[name]) for other in found)


def test_two_threads_of_python_do_not_disturb_each_other() -> None:
    function = native(lambda x: ((x @ x.T).tanh() @ x).sum(1))
    inputs = [from_numpy(np.full((60, 60), 0.01 * i, np.float32)) for i in range(4)]
    wanted = [function(x).numpy() for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        for found in (list(pool.map(function, inputs)) for _ in range(20)):
            assert all(np.array_equal(a.numpy(), b) for a, b in zip(found, wanted, strict=True))


def test_labels_are_checked() -> None:
    loss = native(nn.cross_entropy)
    with pytest.raises(ShapeError, match="label is out of range"):
        loss(Tensor(np.zeros((2, 3), np.float32)), np.array([0, 3]))


def test_labels_of_a_run_that_failed_do_not_spoil_the_next() -> None:
    loss, scores = native(nn.cross_entropy), Tensor(np.zeros((2, 3), np.float32))
    right = loss(scores, np.array([0, 2])).item()
    with pytest.raises(ShapeError, match="label -1 at index 0"):
        loss(scores, np.array([-1, 2]))
    assert loss(scores, np.array([0, 2])).item() == right


def test_rows_of_a_table_are_taken_and_their_gradients_added() -> None:
    table = Tensor(np.arange(12, dtype=np.float32).reshape(4, 3))
    rows = np.array([[1, -1], [1, 0]])

    def f(x: Tensor, at: Tensor) -> Tensor:
        return grad(lambda x: (x[at] * x[at]).sum())(x)

    run = native(f)
    close(run(table, rows).numpy(), f(table, from_numpy(rows)).numpy())
    assert "index_add" in {e.name for e in next(iter(run.entries.values()))[0].run.calls}
    with pytest.raises(ShapeError, match="index 4 is out of bounds"):
        run(table, np.array([[0, 4], [1, 1]]))


def test_random_numbers_are_eager_s() -> None:
    eager, compiled = Generator(4), Generator(4)
    draw = native(lambda: compiled.normal((3, 5)) * 2)
    for _ in range(3):
        close(draw().numpy(), (eager.normal((3, 5)) * 2).numpy())


def test_auto_is_native_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from descend.kernels import jit

    twice = compile(lambda x: x * 2)
    twice(Tensor([1.0]))
    assert isinstance(next(iter(twice.entries.values()))[0].run, Native)
    monkeypatch.setattr(jit, "available", lambda: False)
    twice = compile(lambda x: x * 2)
    assert twice(Tensor([1.0])).item() == 2
    assert isinstance(next(iter(twice.entries.values()))[0].run, Interpreted)
    with pytest.raises(Exception, match="needs llvmlite"):
        compile(lambda x: x, executor="native")(Tensor([1.0]))
