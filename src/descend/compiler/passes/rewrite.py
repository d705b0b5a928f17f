"""Rewriting: an expression becomes one that is cheaper, or right where the first one overflows.

A rule holds for all real numbers, and wherever its left side is finite its right side is the same to rounding. It is
applied only where shape and type stay as they are, so `x * 1` is left alone where it makes x larger by broadcasting.

Not in the table, because they are false: x / x is NaN at 0, x - x and x * 0 are NaN at infinity, exp(log(x)) is NaN
below 0, sqrt(x) ** 2 likewise.
"""

from __future__ import annotations

from collections.abc import Callable

from descend.compiler.graph import Equation, Fused, Graph, Value
from descend.compiler.kinds import kind_of
from descend.compiler.passes.patterns import Application, built, matched, pattern
from descend.engine import PRIMITIVES

Rule = tuple[str, str]

RULES: tuple[Rule, ...] = (
    # what changes nothing
    ("x + 0", "x"),
    ("x - 0", "x"),
    ("x * 1", "x"),
    ("x / 1", "x"),
    ("x ** 1", "x"),
    ("-(-x)", "x"),
    ("abs(abs(x))", "abs(x)"),
    ("relu(relu(x))", "relu(x)"),
    ("copy(x)", "x"),
    ("0 - x", "-x"),
    # signs
    ("x + -y", "x - y"),
    ("x - -y", "x + y"),
    ("-(x - y)", "y - x"),
    ("-x * -y", "x * y"),
    ("x * -1", "-x"),
    # powers
    ("x ** 2", "square(x)"),
    ("x * x", "square(x)"),
    ("square(-x)", "square(x)"),
    ("square(abs(x))", "square(x)"),
    ("sqrt(square(x))", "abs(x)"),
    # exponentials, where the left side loses digits or overflows
    ("log(exp(x))", "x"),
    ("log(softmax(x))", "log_softmax(x)"),
    ("log(1 + exp(x))", "relu(x) + log1p(exp(-abs(x)))"),
    ("log1p(exp(x))", "relu(x) + log1p(exp(-abs(x)))"),
    ("log(sigmoid(x))", "-(relu(-x) + log1p(exp(-abs(x))))"),
    ("log(1 + x)", "log1p(x)"),
    ("exp(x) - 1", "expm1(x)"),
    ("1 / (1 + exp(-x))", "sigmoid(x)"),
    # and their gradients, where a quotient is 0 / 0
    ("y / (1 + exp(x)) * exp(x)", "y * sigmoid(x)"),
    ("y / sigmoid(x) * (sigmoid(x) * (1 - sigmoid(x)))", "y * sigmoid(-x)"),
    ("y / softmax(x) * softmax(x)", "y"),
    ("softmax(x) * (y / softmax(x) - z)", "y - softmax(x) * z"),
)

Makers = dict[Value, Equation]
Replacement = tuple[list[Equation], Value]
Origin = dict[Value, Rule]


def rewritten(graph: Graph) -> Graph:
    """The graph with every rule applied until none fits any more.

    What a rule has made is not rewritten by the same rule: log1p(exp(x)) becomes something with log1p(exp(-abs(x)))
    in it.
    """
    origin: Origin = {}
    while True:
        again = _once(graph, origin)
        if again is None:
            return graph
        graph = again


def _once(graph: Graph, origin: Origin) -> Graph | None:
    """One walk through the equations; None where no rule fits."""
    replaced: dict[Value, Value] = {}
    makers: Makers = {}
    kept: list[Equation] = []
    for given in graph.equations:
        equation = given.with_inputs(tuple(replaced.get(x, x) for x in given.inputs))
        makers |= dict.fromkeys(equation.outputs, equation)
        found = _replacement(equation, makers, origin)
        if found is None:
            kept.append(equation)
            continue
        added, replaced[equation.output] = found
        makers |= {e.output: e for e in added}
        kept += added
    return Graph(graph.inputs, tuple(kept), tuple(replaced.get(x, x) for x in graph.outputs)) if replaced else None


def _replacement(equation: Equation, makers: Makers, origin: Origin) -> Replacement | None:
    if isinstance(equation.operation, Fused) or equation.opaque:
        return None
    moved = MOVEMENT.get(equation.name)
    found = moved(equation, makers.get(equation.inputs[0])) if moved is not None else None
    if found is not None:
        return found
    for rule in RULES:
        if _concerns(rule, equation) and origin.get(equation.output) != rule:
            found = _by(rule, equation, makers)
            if found is not None:
                origin |= dict.fromkeys((e.output for e in found[0]), rule)
                return found
    return None


def _concerns(rule: Rule, equation: Equation) -> bool:
    root = pattern(rule[0])
    return isinstance(root, Application) and root.name == equation.name


def _by(rule: Rule, equation: Equation, makers: Makers) -> Replacement | None:
    old, new = map(pattern, rule)
    bound = matched(old, equation.output, makers, {})
    if bound is None:
        return None
    added: list[Equation] = []
    value = built(new, bound, equation.output, added)
    return (added, value) if value.same_kind(equation.output) else None


# Movement: two in a row are one, and one that moves nothing is none.


def _reshaped(equation: Equation, before: Equation | None) -> Replacement | None:
    (x,) = equation.inputs
    if x.shape == equation.output.shape:
        return [], x
    if before is not None and before.name == "reshape" and not before.opaque:
        return _one(equation, before.inputs, dict(equation.attributes))
    return None


def _permuted(equation: Equation, before: Equation | None) -> Replacement | None:
    (x,), axes = equation.inputs, equation.attributes["axes"]
    if axes == tuple(range(x.ndim)):
        return [], x
    if before is not None and before.name == "permute" and not before.opaque:
        return _one(equation, before.inputs, {"axes": tuple(before.attributes["axes"][a] for a in axes)})
    return None


def _summed(equation: Equation, _: Equation | None) -> Replacement | None:
    (x,) = equation.inputs
    return ([], x) if x.same_kind(equation.output) and not equation.attributes["axes"] else None


def _unmoved(equation: Equation, _: Equation | None) -> Replacement | None:
    return ([], equation.inputs[0]) if equation.inputs[0].same_kind(equation.output) else None


def _one(equation: Equation, inputs: tuple[Value, ...], attributes: dict[str, object]) -> Replacement:
    result = kind_of(PRIMITIVES[equation.name], inputs, attributes)
    return [Equation(PRIMITIVES[equation.name], inputs, (result,), attributes)], result


MOVEMENT: dict[str, Callable[[Equation, Equation | None], Replacement | None]] = {
    "reshape": _reshaped, "permute": _permuted, "sum": _summed, "expand": _unmoved, "cast": _unmoved, "pad": _unmoved,
}  # fmt: skip
