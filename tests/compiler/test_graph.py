"""Graphs: what is checked, printed and drawn."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from descend.compiler import Equation, Graph, GraphError, Literal, Value
from descend.compiler.kinds import kind_of
from descend.compiler.passes import improved
from descend.compiler.passes.fuse import fused
from descend.engine import PRIMITIVES, DtypeError, ShapeError
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, samples, traced

F = np.dtype(np.float32)


def product() -> tuple[Graph, Value, Value, Value, Value]:
    x, w = Value((2, 3), F, "x"), Value((3, 5), F, "w")
    a, b = Value((2, 5), F), Value((2, 5), F)
    equations = (Equation(PRIMITIVES["matmul"], (x, w), (a,)), Equation(PRIMITIVES["tanh"], (a,), (b,)))
    return Graph((x, w), equations, (b,)), x, w, a, b


def test_a_graph_reads_as_a_program() -> None:
    assert str(product()[0]).splitlines() == [
        "graph(x: float32(2, 3), w: float32(3, 5)):",
        "    a: float32(2, 5) = matmul(x, w)",
        "    b: float32(2, 5) = tanh(a)",
        "    return b",
    ]


def test_names_are_unique_and_literals_are_written_out() -> None:
    x, y = Value((2,), F, "a"), Value((2,), F, "a")
    result = Value((2,), F)
    lines = str(
        Graph((x, y), (Equation(PRIMITIVES["mul"], (x, Literal(np.float32(0.5).reshape(()))), (result,)),), (result,))
    )
    assert "a: float32(2,), a1: float32(2,)" in lines
    assert "b: float32(2,) = mul(a, 0.5)" in lines


def test_what_is_fused_is_printed_inside() -> None:
    step = traced(Training(MODELS["mlp"], OPTIMIZERS["Adam"]))
    text = str(fused(improved(step)))
    assert "= loop(" in text
    assert "        graph(" in text


def test_every_traced_graph_fits_together() -> None:
    for model in MODELS:
        assert traced(Training(MODELS[model], OPTIMIZERS["Adam"])).verify().equations


def test_a_value_used_before_it_is_defined_is_found() -> None:
    graph, *_ = product()
    with pytest.raises(GraphError, match="before it is defined"):
        Graph(graph.inputs, graph.equations[::-1], graph.outputs).verify()
    with pytest.raises(GraphError, match="before it is defined"):
        Graph(graph.inputs, graph.equations[:1], graph.outputs).verify()


def test_a_value_defined_twice_is_found() -> None:
    graph, *_ = product()
    with pytest.raises(GraphError, match="defined twice"):
        Graph(graph.inputs, (*graph.equations, graph.equations[1]), graph.outputs).verify()


@pytest.mark.parametrize("wrong", [Value((2, 3), F), Value((2, 5), np.dtype(np.float64))])
def test_a_result_of_another_kind_is_found(wrong: Value) -> None:
    graph, _, _, a, _ = product()
    with pytest.raises(GraphError, match=r"float32\(2, 5\)"):
        Graph(graph.inputs, (graph.equations[0], Equation(PRIMITIVES["tanh"], (a,), (wrong,))), (wrong,)).verify()


def test_what_is_fused_is_checked_too() -> None:
    graph = fused(improved(traced(Training(MODELS["mlp"], OPTIMIZERS["Adam"]))))
    loop = next(e for e in graph.equations if e.name == "loop" and len(e.body.equations) > 1)
    body = loop.body
    broken = Graph(body.inputs, body.equations[1:], body.outputs)
    with pytest.raises(GraphError):
        broken.verify()


@pytest.mark.parametrize("name", list(PRIMITIVES))
def test_the_kind_of_every_result_is_known_without_computing_it(name: str) -> None:
    for dtype in (np.float32, np.float64):
        for arrays, attributes in samples(name, dtype):
            found = kind_of(PRIMITIVES[name], [Value(x.shape, x.dtype) for x in arrays], attributes)
            wanted = np.asarray(PRIMITIVES[name].evaluate(*arrays, **attributes))
            assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)


def test_operations_that_do_not_fit_are_refused_as_evaluating_would() -> None:
    with pytest.raises(ShapeError, match="matmul: the inner lengths"):
        kind_of(PRIMITIVES["matmul"], [Value((2, 3), F), Value((2, 3), F)], {})
    with pytest.raises(DtypeError, match="neg cannot be computed"):
        kind_of(PRIMITIVES["neg"], [Value((2,), np.dtype(np.bool_))], {})


@pytest.mark.parametrize("model", list(MODELS))
def test_drawings_are_whole_and_boxes_do_not_overlap(model: str) -> None:
    graph = traced(Training(MODELS[model], OPTIMIZERS["Adam"]))
    for drawn in (graph, fused(improved(graph))):
        root = ET.fromstring(drawn.svg())
        boxes = [(int(r.get("x")), int(r.get("y"))) for r in root.iter("{http://www.w3.org/2000/svg}rect")]
        assert len(boxes) == len(drawn.inputs) + len(drawn.equations) == len(set(boxes))


def test_an_edge_leads_downwards() -> None:
    root = ET.fromstring(product()[0].svg())
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        numbers = [int(n) for n in path.get("d").replace("M", "").replace("C", "").split()]
        assert numbers[1] < numbers[-1]


def test_a_drawing_names_values_as_the_text_does() -> None:
    graph = traced(Training(MODELS["lenet"], OPTIMIZERS["Adam"]))
    lines = [line.strip() for line in str(graph).splitlines()[1:-1]]
    titles = {title.text for title in ET.fromstring(graph.svg()).iter("{http://www.w3.org/2000/svg}title")}
    for line in lines:
        result, operation = line.partition(" = ")[::2]
        assert any(title.startswith(f"{result.partition(':')[0]} = {operation.partition('(')[0]}") for title in titles)


def test_what_is_read_late_stands_right_above_its_reader() -> None:
    x, y, z = Value((), F, "x"), Value((), F), Value((), F)
    late = Value((), F, "late")
    equations = (Equation(PRIMITIVES["exp"], (x,), (y,)), Equation(PRIMITIVES["add"], (late, y), (z,)))
    root = ET.fromstring(Graph((x, late), equations, (z,)).svg())
    boxes = {g[1].text.partition(":")[0]: int(g[0].get("y")) for g in root.iter("{http://www.w3.org/2000/svg}g")}
    assert boxes["x"] < boxes["late"] == boxes["a = exp"] < boxes["b = add"]


def test_text_in_a_drawing_is_escaped() -> None:
    x = Value((), F, "<script>&")
    ET.fromstring(Graph((x,), (), (x,)).svg())
