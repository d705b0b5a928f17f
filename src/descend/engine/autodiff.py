"""Reverse-mode differentiation: walk the tape backwards and pull cotangents through it.

Every derivative in descend comes out of `pull`. Its gradient rules are framework operations, so with `create_graph`
the walk is itself recorded and can be differentiated: `jvp` and `hessian` are two walks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from descend.engine.errors import GradientError, NonFiniteError, ShapeError, UsageError
from descend.engine.modes import recording, state
from descend.engine.tape import Node, subgraph
from descend.engine.tensor import Tensor, as_tensor, box

Function = Callable[..., Any]
Cotangents = dict[Node, Tensor]


def pull(order: list[Node], cotangents: Cotangents, keep: frozenset[Node] | set[Node], free: bool) -> Cotangents:
    """Pull cotangents back through `order` (latest node first): the cotangents of the nodes in `keep`."""
    kept: Cotangents = {}
    for node in order:
        g = cotangents.pop(node, None)
        if g is None:
            continue
        if node.hooks:
            g = _hooked(node, g)
        if node in keep:
            kept[node] = box(g.value, g.node)  # a box of its own: one cotangent may go to several places
        if node.primitive is not None:
            _through(node, g, cotangents)
            if free:
                node.free()
    return kept


def _through(node: Node, g: Tensor, cotangents: Cotangents) -> None:
    """Add to the cotangent of each parent of `node` what the gradient rule gives for it."""
    _check_alive(node)
    y = box(node.output, node)
    inputs = [box(value, parent) for value, parent in zip(node.values or (), node.parents, strict=True)]
    for x, pullback in zip(inputs, node.primitive.rules(len(inputs)), strict=False):  # type: ignore[union-attr]
        if x.node is None or pullback is None:
            continue
        try:
            part = _sum_to(pullback(g, y, *inputs, **node.attributes), x.value.shape)
        except NonFiniteError as error:  # anomaly mode blames the operation, not a step inside its gradient rule
            raise _not_finite(node, g) from error
        if state.anomaly and not np.isfinite(part.value).all():
            raise _not_finite(node, g)
        before = cotangents.get(x.node)
        cotangents[x.node] = part if before is None else before + part


def _check_alive(node: Node) -> None:
    if node.values is None:
        raise GradientError(
            f"backward has already been through this graph (at {node.name}) and its values were freed",
            given="a second backward",
            needed="one backward for each forward",
            fix="call the first backward with retain_graph=True, or compute the loss again",
        )
    for cell, version in node.cells:
        if cell.version != version:
            raise GradientError(
                f"a cell of shape {cell.shape} was written after {node.name} had read it: its gradient would be wrong",
                given=f"version {cell.version}", needed=f"version {version}",
                fix="call backward before the optimiser's step (or before loading weights), or compute the loss again",
            )  # fmt: skip


def _not_finite(node: Node, g: Tensor) -> NonFiniteError:
    return NonFiniteError(
        f"the gradient of {node.name} is not finite", given=f"cotangent of shape {g.shape}", needed="finite numbers",
        fix="the forward value sits where the slope is infinite (log or sqrt at 0, a division by 0)",
    )  # fmt: skip


def _hooked(node: Node, g: Tensor) -> Tensor:
    for hook in tuple(node.hooks or ()):  # a hook may remove itself
        replaced = hook(g)
        if replaced is not None:
            new = as_tensor(replaced).to(g.dtype)
            if new.shape != g.shape:
                raise ShapeError(
                    "a hook must keep the gradient's shape", given=str(new.shape), needed=str(g.shape),
                    fix="return a tensor of the gradient's shape, or None to leave it as it is",
                )  # fmt: skip
            g = new
    return g


def _sum_to(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Undo broadcasting: the adjoint of repeating along an axis is the sum over it. Here once, for every rule."""
    return g if g.value.shape == shape else ops.sum_to(g, shape)


def backward(root: Tensor, gradient: Any = None, *, retain_graph: bool = False, create_graph: bool = False) -> None:
    """Add the gradient of `root` to the `grad` of every leaf it was made from.

    Args:
        root: a scalar, or any tensor if `gradient` (the cotangent, of its shape) is given.
        retain_graph: keep the saved values, so that backward can be called again.
        create_graph: record the gradients' own computation, for higher derivatives.

    Raises: GradientError, ShapeError.
    """
    node = _node_of(root)
    order = subgraph([node])
    keep = {n for n in order if n.retains}
    with recording(create_graph):
        found = pull(order, {node: _cotangent(root, gradient)}, keep, free=not (retain_graph or create_graph))
        for kept, g in found.items():
            kept.grad = g if kept.grad is None else kept.grad + g


def _node_of(root: Tensor) -> Node:
    if root.node is None:
        raise GradientError(
            "backward() needs a tensor that requires gradients",
            given=f"a tensor of shape {root.shape} without history",
            needed="a result computed from a tensor with requires_grad=True",
            fix="was it computed under no_grad(), from detach(), or from data only?",
        )
    return root.node


def _cotangent(root: Tensor, gradient: Any) -> Tensor:
    if gradient is None:
        if root.size != 1:
            raise GradientError(
                "backward() without a cotangent is for one number", given=f"shape {root.shape}", needed="one element",
                fix="reduce it with .sum() or .mean(), or pass a gradient of its shape",
            )  # fmt: skip
        return box(np.ones(root.shape, root.dtype), None)
    given = as_tensor(gradient).to(root.dtype)
    if given.shape != root.shape:
        raise ShapeError(
            "a cotangent has the shape of its tensor", given=str(given.shape), needed=str(root.shape),
            fix="give one number for each element of the result",
        )  # fmt: skip
    return given


def vjp(f: Function, *inputs: Any) -> tuple[Tensor, Callable[[Any], Any]]:
    """f(*inputs), and the function that maps a cotangent g of the result to g . df/dinputs.

    Each input may be a tensor, an array, or a list, tuple or dict of them; the pullback returns the same structure,
    one for a single input, a tuple for several.
    """
    leaves, rebuild = tree.flatten(inputs)
    with recording(True):
        watched = [ops.copy(x) if x.node is not None else box(x.value, Node()) for x in map(_floating, leaves)]
        y = f(*rebuild(watched))
    for x in watched:  # from here on nobody else waits for the gradient of these leaves
        x.node.retains = False  # type: ignore[union-attr]
    if not isinstance(y, Tensor):
        raise GradientError(
            "only a function that returns one tensor can be differentiated", given=type(y).__name__, needed="a Tensor",
            fix="return the loss alone; compute other things in another call",
        )  # fmt: skip
    nodes = [x.node for x in watched if x.node is not None]
    order, outside = _between(y, nodes)

    def pullback(g: Any) -> Any:
        g = _cotangent(y, g)
        with recording(state.recording and (outside or g.node is not None)):
            found = pull(order, {y.node: g} if y.node else {}, set(nodes), free=False)
            results = [found[n] if n in found else _zeros(x) for n, x in zip(nodes, watched, strict=True)]
        parts = rebuild(results)
        return parts[0] if len(parts) == 1 else parts

    return (y if outside else y.detach()), pullback


def _floating(x: Any) -> Tensor:
    tensor = as_tensor(x)
    if tensor.dtype.kind != "f":
        raise GradientError(
            "only floating-point inputs have gradients", given=str(tensor.dtype), needed="float32 or float64",
            fix="write 3.0 for 3, or convert with .to(np.float32); keep integers out of the differentiated arguments",
        )  # fmt: skip
    return tensor


def _zeros(x: Tensor) -> Tensor:
    return box(np.zeros(x.shape, x.dtype), None)


def _between(y: Tensor, wanted: list[Node]) -> tuple[list[Node], bool]:
    """The nodes on a way from `wanted` to y, latest first, and whether y also depends on leaves beyond them."""
    if y.node is None:
        return [], False
    everything = subgraph([y.node], set(wanted))
    leads = set(wanted)
    for node in reversed(everything):
        if any(parent in leads for parent in node.parents):
            leads.add(node)
    outside = any(n.retains and n not in leads for n in everything) or any(n.primitive for n in wanted)
    return [n for n in everything if n in leads], outside


def value_and_grad(f: Function, wrt: int | tuple[int, ...] = 0) -> Callable[..., tuple[Tensor, Any]]:
    """The function that returns f(...) and its gradient with respect to the arguments numbered `wrt`.

    f must return one number. Raises: GradientError otherwise.
    """

    def both(*inputs: Any) -> tuple[Tensor, Any]:
        chosen = (wrt,) if isinstance(wrt, int) else wrt
        if not all(0 <= i < len(inputs) for i in chosen):
            raise UsageError(
                "wrt numbers the arguments from 0", given=f"wrt={wrt} for {len(inputs)} arguments",
                needed=f"0 to {len(inputs) - 1}", fix="give the function all its arguments in order",
            )  # fmt: skip

        def of_chosen(*parts: Any) -> Any:
            replaced = dict(zip(chosen, parts, strict=True))
            return f(*[replaced.get(i, x) for i, x in enumerate(inputs)])

        value, pullback = vjp(of_chosen, *[inputs[i] for i in chosen])
        gradient = pullback(None)
        return value, (gradient,) if isinstance(wrt, tuple) and len(wrt) == 1 else gradient

    return both


def grad(f: Function, wrt: int | tuple[int, ...] = 0) -> Function:
    """The gradient of a function that returns one number: grad(f)(x) = df/dx, of the shape of x."""
    both = value_and_grad(f, wrt)
    return lambda *inputs: both(*inputs)[1]


def jvp(f: Function, inputs: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
    """f(*inputs) and df . tangents: the directional derivative.

    The pullback g -> g . J is linear in g; its own pullback at the tangents is J . tangents.
    Source: Townsend 2017, "A new trick for calculating Jacobian vector products".
    """
    y, pullback = vjp(f, *inputs)
    points, chosen = ([as_tensor(part) for part in tree.flatten(whole)[0]] for whole in (inputs, tangents))
    if [x.shape for x in points] != [t.shape for t in chosen]:
        raise ShapeError(
            "tangents have the shapes of the inputs", given=", ".join(str(t.shape) for t in chosen),
            needed=", ".join(str(x.shape) for x in points), fix="give one tangent an input: jvp(f, (x,), (t,))",
        )  # fmt: skip

    def paired(g: Tensor) -> Tensor:
        parts, _ = tree.flatten(pullback(g))
        return sum((ops.sum(p * t) for p, t in zip(parts, chosen, strict=True)), start=as_tensor(0.0))

    return y, grad(paired)(_zeros(y))


def jacobian(f: Function) -> Function:
    """All first derivatives of a function of one tensor that returns one tensor: shape y.shape + x.shape.

    One pullback an element of y: its row of the Jacobian.
    """

    def first(x: Any) -> Tensor:
        y, pullback = vjp(f, x)
        basis = np.eye(y.size, dtype=y.dtype).reshape(y.size, *y.shape)
        rows = [pullback(e) for e in basis]
        shape = (*y.shape, *as_tensor(x).shape)
        return ops.reshape(ops.stack(rows), shape) if rows else ops.zeros(shape, y.dtype)

    return first


def hessian(f: Function) -> Function:
    """The second derivatives of a function of one tensor that returns one number: shape x.shape + x.shape."""
    return jacobian(grad(f))


from descend.engine import ops, tree  # noqa: E402  operations are differentiated here and written in terms of tensors
