"""A compiled function is the function: the same numbers, traced once for each kind of input."""

from __future__ import annotations

from copy import deepcopy
from functools import partial

import numpy as np
import pytest

import descend
from descend import nn, optim
from descend.compiler.compile import MOST_TRACES, Compiled
from descend.engine import (
    PRIMITIVES,
    Cell,
    Generator,
    NonFiniteError,
    ShapeError,
    Tensor,
    TraceError,
    UsageError,
    detect_anomaly,
    from_numpy,
    grad,
    hessian,
    manual_seed,
    no_grad,
    ops,
    override,
    override_calls,
)
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, applied, batches, samples, trajectory

compile = partial(Compiled, executor="interpret")  # noqa: A001  eager's numbers bit for bit


def same(a: np.ndarray, b: np.ndarray) -> None:
    assert (a.shape, a.dtype) == (b.shape, b.dtype)
    assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


# The same numbers.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(PRIMITIVES))
def test_every_primitive_gives_eager_s_bits(name: str, dtype: type) -> None:
    for arrays, attributes in samples(name, dtype):
        function = applied(PRIMITIVES[name], attributes)
        inputs = [from_numpy(x) for x in arrays]
        same(compile(function)(*inputs).numpy(), function(*inputs).numpy())


@pytest.mark.parametrize("name", [name for name, p in PRIMITIVES.items() if p.pullbacks])
def test_every_gradient_gives_eager_s_bits(name: str) -> None:
    arrays, attributes = next(samples(name, np.float64))
    places = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]
    function = applied(PRIMITIVES[name], attributes)
    if not places or function(*map(from_numpy, arrays)).dtype.kind != "f":
        return

    def gradients(g: Tensor, *inputs: Tensor) -> list[Tensor | None]:
        leaves = [ops.copy(x).detach() for x in inputs]
        for i in places:
            leaves[i].requires_grad_()
        y = function(*leaves)
        if y.requires_grad:
            y.backward(g)
        return [leaves[i].grad for i in places]

    inputs = [from_numpy(x) for x in arrays]
    g = from_numpy(np.random.default_rng(1).standard_normal(function(*inputs).shape))
    for found, wanted in zip(compile(gradients)(g, *inputs), gradients(g, *inputs), strict=True):
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            same(found.numpy(), wanted.numpy())


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimiser_takes_eager_s_steps(optimizer: str) -> None:
    data = batches(4)
    eager, compiled = (Training(MODELS["mlp"], OPTIMIZERS[optimizer]) for _ in range(2))
    step = compile(compiled.step)
    wanted, found = trajectory(eager, eager.step, data), trajectory(compiled, step, data)
    assert step.traces == 1
    for a, b in zip(wanted, found, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            same(a[name], b[name])


@pytest.mark.parametrize("model", list(MODELS))
def test_every_layer_takes_eager_s_steps(model: str) -> None:
    data = batches(4)
    eager = Training(MODELS[model], OPTIMIZERS["Adam"])
    wanted = trajectory(eager, eager.step, data)
    compiled = Training(MODELS[model], OPTIMIZERS["Adam"])
    step = compile(compiled.step)
    for a, b in zip(wanted, trajectory(compiled, step, data), strict=True):
        for name in a:
            same(a[name], b[name])
    assert step.traces == 1


def test_dropout_draws_eager_s_masks() -> None:
    layer, x = nn.Dropout(0.5), Tensor(np.ones(40, np.float32))
    manual_seed(5)
    eager = [layer(x).numpy() for _ in range(3)]
    manual_seed(5)
    compiled = compile(layer.forward)
    assert np.array_equal(eager, [compiled(x).numpy() for _ in range(3)])


def test_derivatives_of_functions_are_compiled() -> None:
    def f(x: Tensor) -> Tensor:
        return (x.tanh() * x).sum()

    x = Tensor(np.arange(3.0))
    same(compile(grad(f))(x).numpy(), grad(f)(x).numpy())
    same(compile(hessian(f))(x).numpy(), hessian(f)(x).numpy())


def test_results_keep_their_structure() -> None:
    cell = Cell([1.0])

    @compile
    def f(pair: dict, scale: float):
        return {"sum": pair["a"] + pair["b"][0] * scale, "rest": [pair["a"], 7, None], "cell": cell}

    x = Tensor([1.0, 2.0])
    found = f({"a": x, "b": (np.ones(2, np.float32),)}, scale=3.0)
    assert found["sum"].tolist() == [4, 5]
    assert found["rest"][0].tolist() == [1, 2]
    assert found["rest"][1:] == [7, None]
    assert found["cell"] is cell


# When it is traced anew.


def test_a_last_smaller_batch_is_traced_once() -> None:
    data = [*batches(2), *batches(1, 4), *batches(2), *batches(1, 4)]
    eager, compiled = (Training(MODELS["lenet"], OPTIMIZERS["Adam"]) for _ in range(2))
    step = compile(compiled.step)
    for a, b in zip(trajectory(eager, eager.step, data), trajectory(compiled, step, data), strict=True):
        same(a["loss"], b["loss"])
    assert step.traces == 2


def test_training_and_evaluation_are_two_traces() -> None:
    model = MODELS["lenet"]()
    compiled, x = compile(model), from_numpy(batches(1)[0][0])
    for change in (lambda model: model, nn.Module.eval, nn.Module.train, nn.Module.eval):
        mode = change(model).training
        before = model.state_dict()
        found = compiled(x).numpy()
        after = model.state_dict()
        assert any((before[name] != after[name]).any() for name in before) == mode
        if not mode:
            same(found, model(x).numpy())
    assert compiled.traces == 2


def test_a_learning_rate_changes_without_a_trace() -> None:
    p = nn.Parameter(np.ones(2, np.float32))
    optimizer = optim.SGD([p], 0.5)

    @compile
    def step() -> None:
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()

    step()
    assert p.tolist() == [0, 0]
    p.write([1.0, 1.0])
    optimizer.lr.write(0.25)
    step()
    assert p.tolist() == [0.5, 0.5]
    optimizer.lr = 0.0
    step()
    assert p.tolist() == [0.5, 0.5]
    assert step.traces == 1


def test_a_changed_setting_is_traced_anew() -> None:
    layer = nn.Dropout(0.0)
    compiled, x = compile(lambda x: layer(x)), Tensor(np.ones(1000, np.float32))
    assert compiled(x).numpy().all()
    layer.p = 0.9
    assert not compiled(x).numpy().all()
    layer.p = 0.0
    assert compiled(x).numpy().all()
    assert compiled.traces == 2


def test_a_number_that_changes_every_time_is_refused_by_name() -> None:
    class Counting(nn.Module):
        ticks = 0

        def forward(self, x: Tensor) -> Tensor:
            self.ticks += 1
            return x * self.ticks

    compiled = compile(Counting())
    with pytest.raises(TraceError, match=r"ticks: \d+, now 8"):
        for _ in range(20):
            compiled(Tensor([1.0]))


def test_ever_new_shapes_are_refused() -> None:
    compiled = compile(lambda x: x * 2)
    with pytest.raises(TraceError, match=r"now float32\(8,\)"):
        for n in range(20):
            compiled(Tensor(np.zeros(n, np.float32)))


def test_modes_have_traces_of_their_own() -> None:
    w = nn.Parameter([2.0])

    def f(x: Tensor) -> Tensor:
        y = w * x
        return y * (2 if y.requires_grad else 1)

    compiled = compile(f)
    assert compiled(Tensor([3.0])).item() == 12
    with no_grad():
        assert compiled(Tensor([3.0])).item() == 6
    assert compiled.traces == 2


def test_a_replaced_function_is_an_opaque_call() -> None:
    compiled, x = compile(lambda x: ops.tanh(x)), Tensor([2.0])
    with override("tanh", lambda x: x + 1):
        assert [compiled(x).item(), compiled(x).item()] == [3, 3]
        assert override_calls("tanh") == 2
        assert list(compiled.traced(x).graph.operations()) == ["callback:tanh"]
    assert compiled(x).item() == np.tanh(np.float32(2))


def test_a_replaced_update_is_an_opaque_call() -> None:
    p, calls = nn.Parameter(np.ones(3, np.float32)), []
    optimizer = optim.SGD([p], 0.5)

    @compile
    def step() -> None:
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()

    def update(p: np.ndarray, g: np.ndarray, lr: np.ndarray) -> np.ndarray:
        calls.append(p)
        return p - lr * g / 2

    with override("optim.sgd.update", update):
        step()
        step()
        assert override_calls("optim.sgd.update") == 2
    assert len(calls) == 2
    assert p.tolist() == [0.25] * 3


def test_in_the_anomaly_mode_the_function_itself_runs() -> None:
    compiled = compile(lambda x: x.log())
    with detect_anomaly(), pytest.raises(NonFiniteError, match="log"):
        compiled(Tensor([0.0]))
    assert compiled.traces == 0


def test_a_compiled_function_inside_another_becomes_part_of_it() -> None:
    inner = compile(lambda x: x * 2)
    outer = compile(lambda x: inner(x) + 1)
    assert outer(Tensor([3.0])).item() == 7
    assert list(outer.traced(Tensor([3.0])).graph.operations()) == ["mul", "add"]
    assert inner.traces == 0


# Errors.


@pytest.mark.parametrize(
    "code",
    ["bool(x.sum() > 0)", "float(x[0])", "x.numpy()", "x.tolist()", "[1, 2][x.argmax()]", "x[x > 0]", "np.asarray(x)"],
)
def test_python_that_needs_a_number_is_refused_with_its_line(code: str) -> None:
    source = f"def f(x):\n    y = x * 1\n    return {code}"
    scope: dict = {"np": np}
    exec(compile_(source), scope)
    with pytest.raises(TraceError, match=r"branches\.py:3"):
        compile(scope["f"])(Tensor([1.0, 2.0]))


def compile_(source: str):
    import builtins

    return builtins.compile(source, "branches.py", "exec")


def test_a_cell_s_number_is_no_constant() -> None:
    optimizer = optim.SGD([nn.Parameter([1.0])], 0.5)
    with pytest.raises(TraceError, match=r"item\(\)"):
        compile(lambda x: x * optimizer.lr.item())(Tensor([1.0]))
    generator = Generator(0)
    with pytest.raises(TraceError):
        compile(lambda x: x * generator.permutation(3)[0])(Tensor([1.0]))
    assert optimizer.lr.item() == 0.5
    assert generator.counter.item() == 0


def test_after_a_failed_trace_everything_is_as_before() -> None:
    training = Training(MODELS["lenet"], OPTIMIZERS["Adam"])
    before = training.numbers()

    def step(x: Tensor, y: Tensor) -> None:
        loss = training.step(x, y)
        if loss > 3:
            return

    with pytest.raises(TraceError, match="if loss > 3"):
        compile(step)(*map(from_numpy, batches(1)[0]))
    after = training.numbers()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert all(p.grad is None for p in training.model.parameters())


def test_shapes_that_do_not_fit_are_refused_as_by_eager() -> None:
    function = lambda x: x @ x
    with pytest.raises(ShapeError) as wanted:
        function(Tensor(np.ones((2, 3))))
    with pytest.raises(ShapeError) as found:
        compile(function)(Tensor(np.ones((2, 3))))
    assert str(found.value) == str(wanted.value)


def test_labels_are_checked_at_every_run() -> None:
    loss = compile(nn.cross_entropy)
    scores = Tensor(np.zeros((2, 3), np.float32))
    assert loss(scores, np.array([0, 2])).item() == pytest.approx(np.log(3))
    with pytest.raises(ShapeError, match="label is out of range"):
        loss(scores, np.array([0, 3]))


def test_a_captured_tensor_is_read_at_every_run() -> None:
    weights = Tensor([1.0, 2.0])
    compiled = compile(lambda x: x * weights)
    assert compiled(Tensor([1.0, 1.0])).tolist() == [1, 2]
    weights[1] = 7.0
    assert compiled(Tensor([1.0, 1.0])).tolist() == [1, 7]
    assert compiled.traces == 1


def test_an_old_value_of_a_cell_is_not_the_cell() -> None:
    cell = Cell([1.0])
    old = cell.read()
    compiled = compile(lambda x: x * old + cell)
    cell.write([5.0])
    assert compiled(Tensor([1.0])).item() == 6
    cell.write([7.0])
    assert compiled(Tensor([1.0])).item() == 8


def test_a_captured_tensor_cannot_be_changed() -> None:
    captured = Tensor([1.0, 2.0])

    def f(x: Tensor) -> Tensor:
        captured[0] = x[0] * 2
        return captured

    with pytest.raises(TraceError, match="changes cells only"):
        compile(f)(Tensor([3.0]))
    assert captured.tolist() == [1, 2]


def test_an_argument_cannot_be_changed() -> None:
    """Eager evaluation would change the caller's tensor."""

    def f(x: Tensor) -> Tensor:
        x[0] = 5.0
        return x

    x = Tensor([1.0, 2.0])
    with pytest.raises(TraceError, match="leaves its arguments as they are"):
        compile(f)(x)
    assert x.tolist() == [1, 2]
    assert compile(lambda x: f(ops.copy(x)))(x).tolist() == [5, 2]


class Scaled:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    @compile
    def times(self, x: Tensor) -> Tensor:
        return x * self.factor


class Projected(nn.Module):
    def __init__(self) -> None:
        self.linear = nn.Linear(3, 2)

    @compile
    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


def test_a_method_is_compiled_for_each_object() -> None:
    x, objects = Tensor([1.0, 2.0]), [Scaled(float(i)) for i in range(2 * MOST_TRACES)]
    for _ in range(2):
        assert [one.times(x).tolist() for one in objects] == [[i, 2 * i] for i in range(2 * MOST_TRACES)]
    assert [one.times.traces for one in objects] == [1] * len(objects)
    assert isinstance(Scaled.times, Compiled)
    objects[1].factor = 5.0
    assert objects[1].times(x).tolist() == [5, 10]


def test_a_compiled_forward_goes_with_copies_of_its_module() -> None:
    x, model = from_numpy(np.ones((4, 3), np.float32)), Projected()
    same(model(x).numpy(), model.linear(x).numpy())
    copied = deepcopy(model)
    copied.linear.weight.write(np.zeros((2, 3)))
    same(copied(x).numpy(), copied.linear(x).numpy())
    same(model(x).numpy(), model.linear(x).numpy())
    assert set(model.state_dict()) == {"linear.weight", "linear.bias"}


def test_a_method_of_an_object_without_attributes() -> None:
    class Plain:
        __slots__ = ()

        @compile
        def twice(self, x: Tensor) -> Tensor:
            return x * 2

    assert Plain().twice(Tensor([1.0])).item() == 2


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(UsageError, match="only functions can be compiled"):
        compile("f")


# Gradients as results.


def test_gradients_are_left_where_they_are_asked_for() -> None:
    w = nn.Parameter([2.0])

    def backward(x: Tensor) -> None:
        (w * w * x).sum().backward()

    @compile
    def plain(x: Tensor) -> None:
        w.grad = None
        backward(x)

    plain(Tensor([3.0]))
    assert w.grad is None
    asked = compile(backward, gradients=True)
    asked(Tensor([3.0]))
    assert w.grad.tolist() == [12]
    asked(Tensor([3.0]))
    assert w.grad.tolist() == [24]
    w.grad = None
    asked(Tensor([3.0]))
    assert w.grad.tolist() == [12]


def test_a_step_that_adds_to_old_gradients_is_refused() -> None:
    w = nn.Parameter([2.0])
    (w * w).sum().backward()
    with pytest.raises(TraceError, match="zero_grad"):
        compile(lambda: (w * w).sum().backward())()
    assert w.grad.tolist() == [4]


def test_it_is_a_decorator_with_and_without_options() -> None:
    @descend.compile
    def double(x: Tensor) -> Tensor:
        return x * 2

    @descend.compile(executor="interpret")
    def treble(x: Tensor) -> Tensor:
        return x * 3

    assert double(treble(Tensor([1.0]))).tolist() == [6]
    assert treble.executor == "interpret"


def test_an_unknown_executor_is_refused() -> None:
    with pytest.raises(UsageError, match="interpret"):
        descend.compile(lambda x: x, executor="interpreter")(Tensor([1.0]))
