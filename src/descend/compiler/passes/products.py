"""Products with what only moves their operands or their result.

A kernel reads matrices by rows or by columns, wherever in longer rows they lie, and writes them so: transpositions,
slices and reshapes around a product, and numbers that it is multiplied with, are taken into one operation.
"""

from __future__ import annotations

from itertools import product as every

from descend.compiler.graph import Equation, Graph, Literal, Value
from descend.compiler.passes.groups import group_of
from descend.compiler.stacks import Look, Stacks, hidden, shown, stacked, whole

Chain = tuple[Equation, ...]
"""Equations each of which reads what the one before has made."""


def with_products(graph: Graph) -> Graph:
    """The graph with products as single operations."""
    from descend.compiler.passes.dead import without_dead_code

    makers, uses = graph.makers(), graph.uses()
    last: dict[Equation, Equation] = {}  # the last equation of a group -> the group
    for equation in graph.equations:
        if is_product(equation):
            members = _members(equation, makers, _after(equation, uses, set(graph.outputs)))
            if len(members) > 1:
                last[members[-1]] = group_of(members, members[-1].outputs, "product")
    equations = tuple(last.get(equation, equation) for equation in graph.equations)
    return without_dead_code(Graph(graph.inputs, equations, graph.outputs))


def is_product(equation: Equation) -> bool:
    """Whether it is a product of stacks of matrices of floating-point numbers of one type."""
    if equation.name != "matmul":  # an opaque one has another name
        return False
    a, b = equation.inputs
    return min(a.ndim, b.ndim) > 1 and a.dtype == b.dtype and a.dtype.name in {"float32", "float64"}


def _members(equation: Equation, makers: dict[Value, Equation], after: Chain) -> Chain:
    """The equation and as much around it as a kernel can do."""
    a, b = (_before(x, makers) for x in equation.inputs)
    for chain_a, chain_b, later in every(_ends(a), _ends(b), (after, ())):
        if arranged(equation, chain_a, chain_b, later) is not None:
            return (*dict.fromkeys((*chain_a, *chain_b)), equation, *later)
    return (equation,)


def arranged(equation: Equation, a: Chain, b: Chain, after: Chain) -> Stacks | None:
    """How a kernel computes the product with what comes before its operands and after it; None where none can."""
    seen = [_through(chain, x) for chain, x in zip((a, b), equation.inputs, strict=True)]
    result = _inside(after, after[-1].output if after else equation.output)
    if result is None or seen[0] is None or seen[1] is None:
        return None
    return stacked(seen[0], seen[1], result)


def _through(chain: Chain, x: Value) -> Look | None:
    """The operand x as a view of what the chain begins with."""
    look: Look | None = whole(moved(chain[0]).shape if chain else x.shape)
    for equation in chain:
        look = shown(equation, look) if look is not None else None
    return look


def _inside(chain: Chain, result: Value) -> Look | None:
    """The product as a view of what the chain ends with."""
    look: Look | None = whole(result.shape)
    for equation in reversed(chain):
        look = hidden(equation, look) if look is not None else None
    return look


def _ends(chain: Chain) -> list[Chain]:
    """The chain, and all that is left when equations are taken from its beginning."""
    return [chain[i:] for i in range(len(chain) + 1) if i == len(chain) or chain[i].name != "reshape"]


def _before(x: Value, makers: dict[Value, Equation]) -> Chain:
    """What an operand is made by, as long as it is only moved, or multiplied with a number."""
    chain: Chain = ()
    while x in makers and _only_moves(makers[x]) and not isinstance(moved(makers[x]), Literal):
        chain = (makers[x], *chain)
        x = moved(makers[x])
    return chain


def _after(equation: Equation, uses: dict[Value, list[Equation]], outputs: set[Value]) -> Chain:
    """What is made of the product and nothing else, in the same way; at its end something is moved or multiplied."""
    chain, x = [], equation.output
    while x not in outputs and len(uses.get(x, [])) == 1:
        (following,) = uses[x]
        if not _only_moves(following) or following.name == "index" or moved(following) is not x:
            break
        chain.append(following)
        x = following.output
    while chain and chain[-1].name == "reshape":
        chain.pop()
    return tuple(chain)


def _only_moves(equation: Equation) -> bool:
    """Whether elements change their places only, or all are multiplied with the same number."""
    if equation.name == "mul":
        return factor(equation) is not None
    return equation.name in {"permute", "reshape"} or (equation.name == "index" and len(equation.inputs) == 1)


def factor(equation: Equation) -> float | None:
    """The number that a product multiplies everything with; None where there is none."""
    numbers = [x for x in equation.inputs if isinstance(x, Literal) and x.uniform]
    others = [x for x in equation.inputs if x.same_kind(equation.output)]
    if len(numbers) != 1 or not others or isinstance(others[0], Literal):
        return None
    return float(numbers[0].array.reshape(-1)[0])


def moved(equation: Equation) -> Value:
    """What is moved or multiplied."""
    return next((x for x in equation.inputs if not isinstance(x, Literal)), equation.inputs[0])
