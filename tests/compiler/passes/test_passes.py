"""Passes: each leaves the results what they were, and does what it is there for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from descend.compiler import Graph, Literal
from descend.compiler.executors.interpret import Interpreted
from descend.compiler.graph import Value
from descend.compiler.passes import PASSES, improved
from descend.compiler.passes.dead import without_dead_code
from descend.compiler.passes.fold import folded
from descend.compiler.passes.fuse import fused
from descend.compiler.passes.merge import merged
from descend.compiler.passes.patterns import matched, pattern
from descend.compiler.passes.plan import is_look, planned
from descend.compiler.passes.rewrite import RULES, rewritten
from descend.engine import Generator, Tensor, grad, ops, override
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, graph_of, traced

X = np.linspace(-2, 2, 15, dtype=np.float32).reshape(3, 5)


def ran(graph: Graph, *arrays: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(x) for x in Interpreted(graph)(arrays)]


def names(graph: Graph) -> list[str]:
    return list(graph.operations())


@pytest.mark.parametrize("name", list(PASSES))
@pytest.mark.parametrize("model", list(MODELS))
def test_every_pass_leaves_a_step_s_results(model: str, name: str) -> None:
    training = Training(MODELS[model], OPTIMIZERS["Adam"])
    graph = traced(training)
    rng = np.random.default_rng(1)
    arrays = [_some(rng, value) for value in graph.inputs]
    after = PASSES[name](graph).verify()
    for found, wanted in zip(ran(after, *arrays), ran(graph, *arrays), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def _some(rng: np.random.Generator, value) -> np.ndarray:
    if value.dtype.kind == "i":
        return rng.integers(1, 5, value.shape).astype(value.dtype)
    return np.abs(rng.standard_normal(value.shape)).astype(value.dtype)


@pytest.mark.parametrize("model", list(MODELS))
def test_graphs_fit_together_after_every_pass(model: str) -> None:
    seen = []
    graph = improved(traced(Training(MODELS[model], OPTIMIZERS["Adam"])), watch=lambda name, g: seen.append(g.verify()))
    assert len(seen) == len(PASSES)
    assert fused(graph).verify()
    assert len(graph.equations) < len(seen[0].equations) or model != "lenet"


# Dead code, constants, common expressions.


def test_what_nobody_reads_is_left_out() -> None:
    graph = graph_of(lambda x: (x.exp(), x * 2)[1], X)
    assert names(graph) == ["exp", "mul"]
    assert names(without_dead_code(graph)) == ["mul"]


def test_a_call_back_into_python_is_not_left_out() -> None:
    with override("tanh", np.tanh):
        graph = graph_of(lambda x: (x.tanh(), x * 2)[1], X)
    assert names(without_dead_code(graph)) == ["callback:tanh", "mul"]


def test_constants_are_computed_once() -> None:
    graph = folded(graph_of(lambda x: x + ops.exp(Tensor([1.0, 2.0])).sum() * 2, X))
    assert names(graph) == ["add"]
    literal = next(x for x in graph.equations[0].inputs if isinstance(x, Literal))
    assert literal.array == pytest.approx(2 * np.exp([1, 2]).sum())


def test_equal_expressions_become_one() -> None:
    graph = merged(graph_of(lambda x: x.exp() * x.exp() + (x + 1) * (x + 1), X))
    assert names(graph) == ["exp", "mul", "add", "mul", "add"]


def test_expressions_with_other_attributes_stay_two() -> None:
    assert names(merged(graph_of(lambda x: x.sum(0).sum() + x.sum(1).sum(), X))).count("sum") == 4


def test_random_draws_are_never_merged() -> None:
    generator = Generator(0)
    seed, counter = generator.seed, generator.counter
    from descend.engine.ops.random import random_uniform

    def twice() -> Tensor:
        return random_uniform(seed, counter, (3,), np.float32) - random_uniform(seed, counter, (3,), np.float32)

    assert names(improved(graph_of(twice))).count("random_uniform") == 2


def test_calls_back_into_python_are_never_merged() -> None:
    with override("tanh", np.tanh):
        graph = graph_of(lambda x: x.tanh() + x.tanh(), X)
    assert names(merged(graph)).count("callback:tanh") == 2


# Rewriting.

FUNCTIONS = {"exp": np.exp, "log": np.log, "log1p": np.log1p, "expm1": np.expm1, "abs": np.abs, "sqrt": np.sqrt}
EXACT = FUNCTIONS | {
    "relu": lambda x: np.maximum(x, 0), "square": np.square, "copy": np.copy, "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "log_softmax": lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True)),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=[old for old, _ in RULES])
def test_both_sides_of_every_rule_are_equal(rule: tuple[str, str]) -> None:
    rng = np.random.default_rng(0)
    scope = EXACT | {name: rng.standard_normal((3, 5)) for name in "xyz"}
    if "log(1 + x)" in rule[0] or "log(x" in rule[0]:
        scope["x"] = np.abs(scope["x"])
    old, new = (eval(side, dict(scope)) for side in rule)
    np.testing.assert_allclose(old, new, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=[old for old, _ in RULES])
def test_every_rule_is_applied(rule: tuple[str, str]) -> None:
    scope = {name: getattr(ops, name) for name in EXACT}
    function: Callable[..., Tensor] = eval(f"lambda x, y, z: {rule[0].replace('--', '- -')}", scope)
    graph = graph_of(function, X, X, X)
    assert names(without_dead_code(rewritten(graph).verify())) != names(without_dead_code(graph))


@pytest.mark.parametrize(
    ("function", "at", "exact"),
    [
        (lambda x: ops.log(1 + ops.exp(x)), 200.0, 200.0), (lambda x: ops.log(ops.sigmoid(x)), -200.0, -200.0),
        (lambda x: ops.log(ops.softmax(x)), np.float32([0, 300]), [-300, 0]), (lambda x: ops.exp(x) - 1, 1e-12, 1e-12),
        (lambda x: ops.sqrt(ops.square(x)), 1e30, 1e30), (lambda x: ops.log(ops.exp(x)), 1000.0, 1000.0),
    ],
)  # fmt: skip
def test_numbers_that_overflowed_are_right_after_rewriting(function, at, exact) -> None:
    x = np.asarray(at, np.float32)
    graph = graph_of(function, x)
    assert not np.allclose(ran(graph, x)[0], exact, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(ran(rewritten(graph), x)[0], exact, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (lambda x: ops.log(1 + ops.exp(x)), special.expit), (lambda x: ops.log1p(ops.exp(x)), special.expit),
        (lambda x: ops.log(ops.sigmoid(x)), lambda x: special.expit(-x)),
        (lambda x: ops.log(ops.softmax(x))[1], lambda x: np.eye(len(x))[1] - special.softmax(x)),
    ],
)  # fmt: skip
def test_gradients_that_were_no_numbers_are_right_after_rewriting(function, exact) -> None:
    x = np.array([-1000.0, -30.0, 0.5, 30.0, 1000.0])
    graph = graph_of(grad(lambda x: function(x).sum()), x)
    assert np.isnan(ran(graph, x)[0]).any()
    np.testing.assert_allclose(ran(rewritten(graph), x)[0], exact(x), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    "function", [lambda x: x / x, lambda x: x - x, lambda x: x * 0, lambda x: ops.exp(ops.log(x)), lambda x: x * 1.5]
)
def test_what_is_not_true_everywhere_is_left_alone(function) -> None:
    graph = graph_of(function, X)
    assert names(rewritten(graph)) == names(graph)


def test_a_product_that_broadcasts_is_not_taken_away() -> None:
    graph = graph_of(lambda x: x * Tensor(np.ones((4, 1), np.float32)), np.ones(3, np.float32))
    assert names(rewritten(graph)) == ["mul"]


def test_movement_is_undone() -> None:
    graph = graph_of(lambda x: [x.T.T, x.reshape(5, 3).reshape(15), x.reshape(3, 5), x.permute(0, 1)], X)
    after = without_dead_code(rewritten(graph))
    assert names(after) == ["reshape"]
    assert after.outputs.count(after.inputs[0]) == 3


def test_a_repeated_variable_is_the_same_value() -> None:
    graph = graph_of(lambda x, y: x * y, X, X)
    assert matched(pattern("x * x"), graph.outputs[0], graph.makers(), {}) is None
    assert matched(pattern("x * y"), graph.outputs[0], graph.makers(), {}) is not None


def test_a_replaced_operation_is_not_rewritten() -> None:
    with override("exp", lambda x: x + 1):
        graph = graph_of(lambda x: ops.log(ops.exp(x)), X)
    assert names(rewritten(graph)) == ["callback:exp", "log"]


# Fusion.


def test_a_chain_becomes_one_loop() -> None:
    graph = fused(graph_of(lambda x, y: (x * y + 1).tanh().sum(0), X, X))
    assert [e.name for e in graph.equations] == ["loop"]


def test_a_group_never_depends_on_itself_by_a_way_around() -> None:
    def f(x: Tensor) -> Tensor:
        a = x * 2
        return a + (a @ a.T).sum() * a  # the matrix product lies between

    graph = fused(graph_of(f, X)).verify()
    assert [e.name for e in graph.equations].count("loop") >= 2
    np.testing.assert_allclose(ran(graph, X)[0], ran(graph_of(f, X), X)[0])


def test_a_transposition_is_read_by_the_product() -> None:
    graph = fused(graph_of(lambda x, y: x.T @ y, X, X))
    assert [e.name for e in graph.equations] == ["product"]


def test_what_is_fused_means_the_same() -> None:
    for model in MODELS:
        graph = traced(Training(MODELS[model], OPTIMIZERS["Adam"]))
        rng = np.random.default_rng(1)
        arrays = [_some(rng, value) for value in graph.inputs]
        for found, wanted in zip(ran(fused(graph), *arrays), ran(graph, *arrays), strict=True):
            assert np.array_equal(found, wanted)


# Memory.


@pytest.mark.parametrize("model", list(MODELS))
def test_values_that_are_alive_together_do_not_overlap(model: str) -> None:
    graph = fused(improved(traced(Training(MODELS[model], OPTIMIZERS["Adam"]))))
    plan = planned(graph, [value for e in graph.equations for value in e.outputs])
    lives: dict = {}
    for i, equation in enumerate(graph.equations):
        for value in (*equation.inputs, *equation.outputs):
            root = plan.root(value)
            if root in plan.offsets:
                lives[root] = (lives.get(root, (i,))[0], i)
    rows = [(plan.offsets[v], plan.offsets[v] + v.size * v.dtype.itemsize, *life) for v, life in lives.items()]
    for i, (start, end, born, dead) in enumerate(rows):
        assert end <= plan.size
        for other_start, other_end, other_born, other_dead in rows[:i]:
            together = born <= other_dead and other_born <= dead
            assert not (together and start < other_end and other_start < end)
    assert plan.size < sum(v.size * v.dtype.itemsize for v in lives)


@pytest.mark.parametrize("model", list(MODELS))
def test_what_is_read_is_what_was_written_there_last(model: str) -> None:
    graph = fused(improved(traced(Training(MODELS[model], OPTIMIZERS["Adam"]))))
    plan = planned(graph, [value for e in graph.equations for value in e.outputs])
    looked = {e.output: e.inputs[0] for e in graph.equations if is_look(e)}
    joined = {plan.root(e.output) for e in graph.equations if e.name == "ravel"}
    holds: dict[Value, Value] = {}
    over = 0
    for equation in (e for e in graph.equations if not is_look(e)):
        for x in equation.inputs:
            if plan.root(x) in plan.offsets and plan.root(x) not in joined:
                while x in looked:
                    x = looked[x]
                assert holds[plan.root(x)] == x
        over += sum(plan.root(value) in holds for value in equation.outputs)
        holds |= {plan.root(value): value for value in equation.outputs}
    assert over or model == "mlp"


SHARING: dict[str, tuple[Callable[..., Tensor], int]] = {
    "two inputs, one of them squared": (lambda y, z, row: y * y + z, 1),
    "two loops": (lambda y, z, row: (y * z).reshape(25) + y.reshape(25), 2),
    "only the row is free": (lambda y, z, row: (y * row) @ y, 0),
    "a row is repeated": (lambda y, z, row: (y * row).sum(0), 0),
    "the result is smaller": (lambda y, z, row: (y * row).sum(1), 0),
    "another type": (lambda y, z, row: (y.to("float64").cumsum(0)).to("float32"), 0),
}


@pytest.mark.parametrize("case", list(SHARING))
def test_a_loop_writes_over_what_nobody_needs_afterwards(case: str) -> None:
    use, wanted = SHARING[case]

    def function(x: Tensor) -> Tensor:
        y = x @ x
        return use(y, y @ x, x[:1] @ x).reshape(-1, 5) @ x

    graph = fused(graph_of(function, np.ones((5, 5), np.float32)))
    plan = planned(graph, [value for e in graph.equations for value in e.outputs])
    loops = [e for e in graph.equations if e.name == "loop"]
    assert sum(plan.root(x) == plan.root(y) for e in loops for x in e.inputs for y in e.outputs) == wanted


def test_gradients_are_made_in_their_vector() -> None:
    graph = fused(improved(traced(Training(MODELS["mlp"], OPTIMIZERS["Adam"]))))
    plan = planned(graph, [value for e in graph.equations for value in e.outputs])
    gradients = next(e for e in graph.equations if e.name == "ravel" and not set(e.inputs) <= set(graph.inputs))
    starts = np.cumsum([0, *(x.size for x in gradients.inputs)])
    places = [plan.place(x) for x in gradients.inputs]
    assert [place.start for place in places] == list(starts[:-1])
    assert {place.root for place in places} == {gradients.output}
