from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from descend import nn
from descend.engine import Tensor
from descend.engine.errors import DescendError, ShapeError, UsageError
from descend.train.weights import load_weights, read_weights, save_weights
from tests.train.small import equal_bits


def network(library: Any, hidden: int = 16) -> Any:
    """A small LeNet with BatchNorm in our layers or in PyTorch's."""
    return library.Sequential(
        library.Conv2d(1, 4, 3, padding=1), library.BatchNorm2d(4), library.ReLU(), library.MaxPool2d(2),
        library.Flatten(), library.Linear(64, hidden), library.BatchNorm1d(hidden), library.Tanh(),
        library.Linear(hidden, 3),
    )  # fmt: skip


X = np.random.default_rng(0).standard_normal((5, 1, 8, 8)).astype(np.float32)


@pytest.fixture
def trained() -> torch.nn.Module:
    """PyTorch's network with weights and running averages that are not those of the beginning."""
    torch.manual_seed(0)
    peer = network(torch.nn)
    for _ in range(3):
        peer(torch.randn(7, 1, 8, 8) * 2 + 1)
    return peer.eval()


def outputs(model: nn.Module) -> Any:
    return model.eval()(Tensor(X)).numpy()


def test_weights_from_pytorch_give_its_outputs(trained: torch.nn.Module, tmp_path: Path) -> None:
    save_file(trained.state_dict(), tmp_path / "w.safetensors")
    model = network(nn)
    left = load_weights(model, tmp_path / "w.safetensors")
    assert (left.missing, left.unexpected) == ([], [])
    assert np.allclose(outputs(model), trained(torch.from_numpy(X)).detach(), atol=1e-5)


def test_weights_for_pytorch_give_our_outputs(tmp_path: Path) -> None:
    model, peer = network(nn), network(torch.nn)
    for _ in range(3):
        model(Tensor(X * 2 + 1))
    save_weights(model, tmp_path / "w.safetensors", {"epoch": 3})
    peer.load_state_dict(load_file(tmp_path / "w.safetensors"))
    assert np.allclose(outputs(model), peer.eval()(torch.from_numpy(X)).detach(), atol=1e-5)


def test_what_is_saved_is_loaded_bit_for_bit(tmp_path: Path) -> None:
    model, again = network(nn), network(nn)
    save_weights(model, tmp_path / "w.safetensors")
    load_weights(again, tmp_path / "w.safetensors")
    assert equal_bits(model.state_dict(), again.state_dict())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_precisions_are_converted(dtype: torch.dtype, tmp_path: Path) -> None:
    peer = torch.nn.Linear(3, 2).to(dtype)
    save_file(peer.state_dict(), tmp_path / "w.safetensors")
    model = nn.Linear(3, 2)
    load_weights(model, tmp_path / "w.safetensors")
    assert model.weight.dtype == np.float32
    assert np.array_equal(model.weight.numpy(), peer.weight.detach().float())


def test_other_names_are_refused_with_the_nearest(tmp_path: Path) -> None:
    model = network(nn)
    before = model.state_dict()
    arrays = {n.replace("5.weight", "5.wieght"): torch.from_numpy(a) for n, a in before.items()}
    save_file(arrays, tmp_path / "w.safetensors")
    with pytest.raises(UsageError, match=r"w\.safetensors") as caught:
        load_weights(model, tmp_path / "w.safetensors")
    assert "5.wieght" in str(caught.value)
    assert "did you mean '5.weight'?" in str(caught.value)
    assert equal_bits(model.state_dict(), before)


def test_a_partial_load_sets_what_both_have_and_lists_the_rest(trained: torch.nn.Module, tmp_path: Path) -> None:
    arrays = {n.replace("5.", "fc."): a for n, a in trained.state_dict().items()}
    save_file(arrays, tmp_path / "w.safetensors")
    model = network(nn)
    before = model.state_dict()
    left = load_weights(model, tmp_path / "w.safetensors", strict=False)
    assert left.missing == ["5.weight", "5.bias"]
    assert sorted(left.unexpected) == ["fc.bias", "fc.weight"]
    assert "missing: 5.weight, 5.bias" in str(left)
    assert "fc.bias (did you mean '5.bias'?)" in str(left)
    now = model.state_dict()
    assert np.array_equal(now["0.weight"], arrays["0.weight"])
    assert np.array_equal(now["5.weight"], before["5.weight"])


def test_another_shape_is_refused_strict_or_not(tmp_path: Path) -> None:
    save_weights(network(nn, hidden=9), tmp_path / "w.safetensors")
    for strict in (True, False):
        model = network(nn)
        before = model.state_dict()
        with pytest.raises(ShapeError, match=r"w.safetensors: 5.weight has another shape"):
            load_weights(model, tmp_path / "w.safetensors", strict)
        assert equal_bits(model.state_dict(), before)


@pytest.mark.parametrize("data", [b"", b"\x10" + bytes(7) + b"not json at all", bytes(100)], ids=["", "text", "zeros"])
def test_what_is_no_safetensors_file_is_named(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(data)
    with pytest.raises(DescendError, match=r"w.safetensors cannot be read"):
        load_weights(network(nn), tmp_path / "w.safetensors")
    with pytest.raises(DescendError, match="absent"):
        read_weights(tmp_path / "absent")


def test_a_type_that_numpy_lacks_is_named(tmp_path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "w").write_bytes(struct.pack("<Q", len(header)) + header + b"ab")
    with pytest.raises(DescendError, match="weights w have a type") as caught:
        read_weights(tmp_path / "w")
    assert "F8_E4M3" in str(caught.value)
