"""What is exported is run by ONNX Runtime and must give our numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from descend import nn
from descend.engine import PRIMITIVES, DtypeError, ShapeError, Tensor, UsageError, bind, ops
from descend.engine.errors import TraceError
from descend.models import LeNet
from descend.train.onnx import export_onnx
from descend.train.onnx.graph import type_number
from descend.train.onnx.operators import exported
from tests.train.small import equal_bits

Array = Any


def run(path: Path, x: Array) -> Array:
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(["output"], {"input": x})[0]


def samples(name: str) -> list[Any]:
    """The samples of a primitive that have a first axis and are not empty: ONNX Runtime has no kernels for those."""
    primitive = PRIMITIVES[name]
    found = [(i, a) for i, a in primitive.samples(np.random.default_rng(0)) if all(x.size for x in i) and i[0].ndim]
    return [pytest.param(primitive, inputs, at, id=f"{name}-{n}") for n, (inputs, at) in enumerate(found)]


# An index tensor beside others is refused; see below.
CASES = [case for name in exported() if name != "index" for case in samples(name)]


@pytest.mark.parametrize(("primitive", "inputs", "at"), CASES)
def test_every_exported_primitive_computes_the_same(primitive: Any, inputs: Any, at: Any, tmp_path: Path) -> None:
    first, *others = (x.astype(np.float32) if x.dtype == np.float64 else x for x in inputs)
    rest = [Tensor(x) for x in others]

    def model(x: Tensor) -> Tensor:
        return bind(primitive, x, *rest, **at)

    export_onnx(model, first, tmp_path / "m.onnx", any_batch=False)
    ours = model(Tensor(first)).numpy()
    theirs = run(tmp_path / "m.onnx", first)
    assert theirs.shape == ours.shape
    assert theirs.dtype == ours.dtype or primitive.name == "cast"
    assert np.allclose(theirs, ours, rtol=1e-5, atol=1e-5, equal_nan=True)


def test_a_model_that_hands_its_input_on(tmp_path: Path) -> None:
    x = np.ones((2, 3), np.float32)
    export_onnx(nn.Sequential(nn.Dropout(0.5), nn.GaussianNoise(0.1)), x, tmp_path / "m.onnx")
    assert np.array_equal(run(tmp_path / "m.onnx", np.vstack([x, 2 * x])), np.vstack([x, 2 * x]))


KEYS: list[Any] = [
    2, -1, slice(1, 4), slice(None, None, -1), slice(4, None, -2), (..., 0), (None, 1), (slice(None), None, 2),
    (0, ..., slice(1, None)), (np.array([2, 0, 2]),), (slice(None), np.array([[1, 0]])), (..., None),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_keys(key: Any, tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((5, 3, 4)).astype(np.float32)
    export_onnx(lambda t: t[key] * 1, x, tmp_path / "m.onnx", any_batch=False)
    assert np.array_equal(run(tmp_path / "m.onnx", x), x[key])


class Last(nn.Module):
    """What a recurrent network of (t, n, d) gives out for sequences (n, t, d)."""

    def __init__(self, inside: nn.Module) -> None:
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.inside(x.transpose(0, 1))
        return y.transpose(0, 1)


def networks() -> dict[str, tuple[Any, Array]]:
    rng = np.random.default_rng(0)
    images = rng.standard_normal((4, 1, 28, 28)).astype(np.float32)
    rows = rng.standard_normal((4, 6)).astype(np.float32)
    return {
        "lenet": (LeNet(dropout=0.3), images),
        "batchnorm": (
            nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 3)), rows,
        ),
        "pools": (
            nn.Sequential(
                nn.Conv2d(1, 3, 5, stride=2, padding=1), nn.ReLU(), nn.AvgPool2d(3, 2, 1), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(27, 4), nn.Softmax(),
            ), images,
        ),
        "lstm": (Last(nn.LSTM(6, 5, num_layers=2, bidirectional=True)), rows.reshape(2, 2, 6)),
        "gru": (Last(nn.GRU(6, 5)), rows.reshape(2, 2, 6)),
        "transformer": (nn.TransformerEncoderLayer(6, 2, 16), rng.standard_normal((3, 7, 6)).astype(np.float32)),
        "words": (nn.Sequential(nn.Embedding(9, 6), nn.GELU(), nn.LayerNorm(6)), rng.integers(0, 9, (4, 5))),
        "upwards": (nn.ConvTranspose2d(1, 2, 3, stride=2, padding=1, output_padding=1), images[:, :, :9, :7]),
        "sigmoid of sequences": (nn.Sequential(nn.Linear(6, 5), nn.Sigmoid(), nn.Linear(5, 2)), rows.reshape(2, 2, 6)),
    }  # fmt: skip


@pytest.mark.parametrize("name", networks())
def test_networks_for_batches_of_any_length(name: str, tmp_path: Path) -> None:
    model, x = networks()[name]
    model.train()
    model(Tensor(x * 2 + 1 if x.dtype.kind == "f" else x))  # running averages that are not 0 and 1
    before = model.state_dict()
    export_onnx(model, x, tmp_path / "m.onnx")
    assert equal_bits(model.state_dict(), before)
    assert model.training
    model.eval()
    for batch in (x, x[:1], np.concatenate([x, x, x])):
        assert np.allclose(run(tmp_path / "m.onnx", batch), model(Tensor(batch)).numpy(), atol=1e-5)


def test_weights_keep_their_names_and_the_batch_is_open(tmp_path: Path) -> None:
    model, x = networks()["batchnorm"]
    export_onnx(model, x, tmp_path / "m.onnx", name="logits")
    graph = onnx.load(tmp_path / "m.onnx").graph
    names = {part.name: onnx.numpy_helper.to_array(part) for part in graph.initializer}
    for name, array in model.state_dict().items():
        assert np.array_equal(names[name], array)
    assert graph.output[0].name == "logits"
    lengths = [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    assert lengths == ["batch", 6]
    export_onnx(lambda t: t[:, None] * Tensor(np.ones((2, 1), np.float32)), x, tmp_path / "t.onnx")
    lengths = onnx.load(tmp_path / "t.onnx").graph.output[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in lengths] == ["batch", 2, 6]
    export_onnx(lambda t: t.transpose(0, 1) * 2, np.ones((2, 3), np.float32), tmp_path / "t.onnx")
    lengths = onnx.load(tmp_path / "t.onnx").graph.output[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in lengths] == [3, "batch"]
    export_onnx(model, x, tmp_path / "f.onnx", any_batch=False)
    fixed = onnx.load(tmp_path / "f.onnx").graph.input[0].type.tensor_type.shape.dim
    assert [d.dim_value for d in fixed] == [4, 6]


X = np.ones((4, 3), np.float32)


def _crossed(t: Tensor) -> Tensor:
    """The same operations for every batch, but not on the same values."""
    twice = t * 2
    return twice + t if len(t) == 2 else twice + twice


@pytest.mark.parametrize(
    "model",
    [
        lambda t: ops.expand(t.sum(0, keepdims=True), (len(t), 3)) + t,
        lambda t: t + Tensor(np.full((len(t), 1), 5.0, np.float32)),
        lambda t: ops.reshape(ops.concat([t, t]), (2, len(t), 3)) * 2,
        lambda t: ops.reshape(ops.expand(t[None], (2, len(t), 3)), (2 * len(t), 3)) * 1,
    ],
)
def test_lengths_may_be_multiples_of_the_batch(model: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    export_onnx(model, X, tmp_path / "m.onnx")
    for n in (1, 2, 5):
        x = rng.standard_normal((n, 3)).astype(np.float32)
        assert np.allclose(run(tmp_path / "m.onnx", x), model(Tensor(x)).numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        (lambda t: t.mean(), TraceError, "depends on the length of the batch"),
        (lambda t: t + Tensor(np.arange(len(t))[:, None]), TraceError, "depends on the length"),
        (lambda t: ops.reshape(t.sum(0), (1, 3)) * Tensor(np.ones(len(t) + 1))[:, None], TraceError, "no multiple"),
        (lambda t: ops.reshape(ops.matmul(t, t.T), (len(t) * len(t),)) * 2, TraceError, "no multiple"),
        (lambda t: t * 2 if len(t) == 2 else t + 2, TraceError, "different things"),
        (_crossed, TraceError, "different things"),
        (lambda t: t[: len(t) - 1] * 1, TraceError, "index does"),
        (lambda t: (t, t), TraceError, "one tensor"),
        (lambda _: Tensor([1.0]) * 2, TraceError, "computed from its input"),
        (lambda _: Tensor([1.0]), TraceError, "computed from its input"),
        (lambda t: t * 2 if t.sum().item() > 0 else t, TraceError, "looked at"),
        (lambda t: t / t.numpy().max(), TraceError, "looked at"),
        (lambda t: Tensor(t * 2) + t, TraceError, "looked at"),
        (lambda t: t * 2 if (t > 0).all() else t, TraceError, "looked at"),
        (lambda t: ops.one_hot((t[:, 0] > 0).to(np.int64), 2) * 1, (UsageError, TraceError), ""),
        (lambda t: ops.index(t, (np.array([0, 1]), np.array([1, 0]))) * 1, UsageError, "several index tensors"),
    ],
)
def test_what_cannot_be_exported_is_refused(model: Any, kind: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(kind) as caught:
        export_onnx(model, X, tmp_path / "m.onnx")
    assert words in str(caught.value)
    assert not (tmp_path / "m.onnx").exists()


def test_a_model_that_writes_in_use_is_refused(tmp_path: Path) -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            self.calls = nn.Buffer(np.zeros((), np.float32))

        def forward(self, x: Tensor) -> Tensor:
            self.calls.write(self.calls + 1)
            return x * 2

    with pytest.raises(TraceError, match="writes to a cell"):
        export_onnx(Counting(), X, tmp_path / "m.onnx")


def test_an_example_has_a_batch_axis(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="batch axis"):
        export_onnx(lambda t: t * 2, np.float32(3), tmp_path / "m.onnx")


def test_the_example_comes_before_the_path(tmp_path: Path) -> None:
    with pytest.raises(DtypeError, match=r"second argument(?s:.*)export_onnx\(model, x, path\)"):
        export_onnx(lambda t: t * 2, str(tmp_path / "m.onnx"), X)  # type: ignore[arg-type]


def test_types_have_onnxs_numbers() -> None:
    for name in ("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "uint32", "bool"):
        assert type_number(np.dtype(name)) == onnx.helper.np_dtype_to_tensor_dtype(np.dtype(name))
    with pytest.raises(DtypeError, match="no such type"):
        type_number(np.dtype("complex64"))
