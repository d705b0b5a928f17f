"""Costs, the roofline, profiles, and what is shown of a compiled step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from descend.compiler.compile import Compiled
from descend.compiler.cost import Cost, cost
from descend.compiler.explain import Explanation, explained, innermost
from descend.compiler.passes import PASSES
from descend.compiler.passes.fuse import fused
from descend.compiler.roofline import Roofline, best
from descend.compiler.roofline_picture import drawn
from descend.compiler.text import label
from descend.engine import Tensor, UsageError, from_numpy, grad, ops
from descend.engine.ops import Window
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, batches, graph_of


def costs(function, *arrays: np.ndarray) -> list[Cost]:
    return [cost(equation) for equation in graph_of(function, *arrays).equations]


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def test_operations_and_bytes_are_counted() -> None:
    assert costs(lambda a, b: a @ b, ones(2, 3), ones(3, 5)) == [Cost(2 * 2 * 3 * 5, 4 * (6 + 15 + 10))]
    assert costs(ops.affine, ones(2, 3), ones(5, 3), ones(5)) == [Cost(60 + 10, 4 * (6 + 15 + 5 + 10))]
    assert costs(lambda x: x * x, ones(7)) == [Cost(7, 4 * 14)]
    assert costs(lambda x: x.reshape(6), ones(2, 3)) == [Cost(0, 0)]
    assert costs(lambda x: x.sum(0), ones(3, 5)) == [Cost(15, 4 * 20)]
    (found,) = costs(ops.conv2d, ones(2, 3, 8, 8), ones(5, 3, 3, 3))
    assert found.flops == 2 * (2 * 5 * 6 * 6) * (3 * 3 * 3)
    halves = Window((2, 2))
    assert costs(lambda x: ops.max_pool(x, (2, 2), halves), ones(1, 3, 6, 6)) == [Cost(3 * 6 * 6, 4 * 3 * (36 + 9))]
    found, *_ = costs(lambda x: ops.avg_pool(x, (2, 2), halves), ones(1, 3, 6, 6))
    assert found.flops == 3 * 6 * 6
    assert [c.bytes for c in costs(lambda x: x[2:4], ones(9, 5))] == [2 * 4 * 10]
    way_back = costs(grad(lambda x: ops.max_pool(x, (3, 2), Window((3, 2))).sum()), ones(1, 3, 6, 6))
    assert way_back[-1].flops == 3 * 2 * 3


def test_the_three_convolutions_of_a_layer_cost_the_same() -> None:
    def gradients(x: Tensor, w: Tensor) -> list[Tensor]:
        x, w = ops.copy(x).detach().requires_grad_(), ops.copy(w).detach().requires_grad_()
        ops.conv2d(x, w).sum().backward()
        return [x.grad, w.grad]

    graph = graph_of(gradients, ones(2, 3, 8, 8), ones(5, 3, 3, 3))
    assert len({cost(e).flops for e in graph.equations if e.name.startswith("conv2d")}) == 1


def test_fusion_saves_bytes_and_no_operations() -> None:
    graph = graph_of(lambda x, y: (x * y + x).tanh(), ones(7, 3), ones(7, 3))
    single, (whole,) = [cost(e) for e in graph.equations], [cost(e) for e in fused(graph).equations]
    assert whole.flops == sum(c.flops for c in single)
    assert whole.bytes < sum(c.bytes for c in single)


def test_a_product_reads_no_more_than_the_part_of_its_operand() -> None:
    (product,) = fused(graph_of(lambda x, w: x[:, 1].T @ w, ones(4, 6, 3), ones(4, 5))).equations
    assert product.name == "product"
    assert cost(product) == Cost(2 * 3 * 4 * 5, 4 * (12 + 20 + 15))


def test_a_kernel_is_limited_by_the_slower_of_the_two() -> None:
    machine = Roofline(flops=1e9, bytes=1e8)
    assert machine.least(Cost(1000, 1)) == pytest.approx(1e-6)
    assert machine.least(Cost(1, 1000)) == pytest.approx(1e-5)
    assert Cost(10, 5).intensity == 2


@pytest.fixture
def explanation() -> Explanation:
    training = Training(MODELS["mlp"], OPTIMIZERS["Adam"])
    return explained(Compiled(training.step, "native"), *map(from_numpy, batches(1)[0]))


def test_every_kernel_and_every_evaluation_is_timed(explanation: Explanation) -> None:
    kernels = {row.equation for row in explanation.rows if row.by == "kernel"}
    assert kernels == set(explanation.native.calls)
    assert all(row.seconds > 0 for row in explanation.rows)
    assert explanation.hottest.equation in kernels


def test_profiling_leaves_the_results_as_they_are(explanation: Explanation) -> None:
    before = [np.array(x) for x in explanation.native(explanation.arrays)]
    assert explanation.rows
    for found, wanted in zip(explanation.native(explanation.arrays), before, strict=True):
        assert np.array_equal(found, wanted)


def test_graphs_and_code_are_written(explanation: Explanation, tmp_path: Path) -> None:
    files = {file.name: file.read_text() for file in explanation.save(tmp_path / "new")}
    assert files["graph-0-traced.txt"].startswith("graph(")
    assert "loop(" in files[f"graph-{len(PASSES) + 1}-fusion.txt"]
    assert files["graph-0-traced.svg"].startswith("<svg")
    assert any(name.endswith(".ll") and "define void" in text for name, text in files.items())
    assert any(name.endswith(".s") and "ret" in text for name, text in files.items())


def test_every_pass_is_shown_and_fusion_leaves_the_fewest_equations(explanation: Explanation) -> None:
    sizes = [len(graph.equations) for graph in explanation.stages.values()]
    assert list(explanation.stages) == ["traced", *PASSES, "fusion"]
    assert sizes[-1] == min(sizes) < sizes[0]


def test_the_picture_has_the_roof_and_a_dot_for_each_equation_that_calculates(explanation: Explanation) -> None:
    machine = Roofline(flops=1e11, bytes=1e10)
    (axes,) = drawn(explanation.rows, machine).axes
    x, y = axes.lines[0].get_data()
    assert y.max() == pytest.approx(100)
    np.testing.assert_allclose(y[x < 5], 10 * x[x < 5])
    assert len(axes.collections) == sum(row.cost.flops > 0 for row in explanation.rows)


def test_the_best_time_is_of_as_many_runs_as_are_asked_for_and_as_long() -> None:
    runs: list[int] = []
    assert best(lambda: runs.append(1), repeats=5) >= 0
    assert len(runs) == 5
    best(lambda: runs.append(1), repeats=1, seconds=1e-3)
    assert len(runs) > 6


def test_a_label_says_what_is_fused() -> None:
    (equation,) = fused(graph_of(lambda x: (x * 2 + 1).tanh(), ones(3))).equations
    assert label(equation) == "loop: mul add tanh"


def test_the_innermost_loop_is_the_one_with_the_arithmetic(explanation: Explanation) -> None:
    source = (
        "entry:\n  br label %a\na:\n  %x = fadd float %y, %z\n  %u = call float @llvm.fma.f32(float %x)\nend:\n  ret"
    )
    assert innermost(source).splitlines()[0] == "a:"
    assembly = ".L1:\n\tmovq\t%rax, %rbx\n.L2:\n\tvfmadd231ps\t%zmm1, %zmm2, %zmm3\n.L3:\n\tretq"
    assert innermost(assembly).splitlines()[0] == ".L2:"


def test_what_a_loop_repeats_counts_for_more_than_what_stands_behind_it() -> None:
    add, condition = "  %x = fadd float %y, %z\n", "  br i1 %c, label %a.turn, label %a.end\n"
    source = f"a:\n{condition}a.turn:\n{add}  br label %a\na.end:\n{add * 5}  ret void"
    assert innermost(source).splitlines()[0] == "a.turn:"
    for jump in ("jne\t.L2", "b.ne\t.L2", "cbnz\tx0, .L2"):
        add = "\tvaddps\t%zmm1, %zmm2, %zmm3\n"
        assert innermost(f".L2:\n{add}\t{jump}\n.L3:\n{add * 5}\tretq").splitlines()[0] == ".L2:"


def test_only_native_code_can_be_explained() -> None:
    with pytest.raises(UsageError, match="only native code"):
        explained(Compiled(lambda x: x * 2, "interpret"), Tensor([1.0]))
