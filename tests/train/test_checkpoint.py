from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from descend.engine.errors import DescendError
from descend.train.checkpoint import KEPT, Checkpoints, load, save
from tests.train.test_journal import FullDisk

DTYPES = st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.int8, np.uint64, np.uint8, np.bool_])
ARRAYS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda name: name != "__metadata__"),
    hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    max_size=4,
)
META = st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False) | st.text(), max_size=4)


def some() -> dict[str, NDArray[Any]]:
    return {"model/w": np.arange(12, dtype=np.float32).reshape(3, 4), "optimizer/t": np.array(3)}


@given(arrays=ARRAYS, meta=META)
def test_round_trip_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    save(path, arrays, meta)
    loaded = load(path)
    assert loaded.meta == meta
    assert loaded.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        found = loaded.arrays[name]
        assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_the_order_is_kept(tmp_path: Path) -> None:
    names = [f"{number:x}" for number in np.random.default_rng(0).permutation(40)]
    save(tmp_path / "a", {name: np.zeros(len(name)) for name in names}, {})
    assert list(load(tmp_path / "a").arrays) == names


def test_arrays_that_are_not_contiguous(tmp_path: Path) -> None:
    x = np.arange(24.0).reshape(4, 6)
    views = {
        "t": x.T,
        "reversed": x[::-1],
        "stepped": x[:, ::2],
        "fortran": np.asfortranarray(x),
        "zero": x[0, 0],
    }
    save(tmp_path / "a", {name: np.asarray(view) for name, view in views.items()}, {})
    for name, array in load(tmp_path / "a").arrays.items():
        np.testing.assert_array_equal(array, views[name], strict=True)


def test_it_is_an_ordinary_safetensors_file(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    save(tmp_path / "a.safetensors", some(), {"epoch": 2})
    np.testing.assert_array_equal(load_file(tmp_path / "a.safetensors")["model/w"], some()["model/w"])


def test_parts(tmp_path: Path) -> None:
    save(tmp_path / "a", some(), {})
    assert list(load(tmp_path / "a").part("model")) == ["w"]
    assert load(tmp_path / "a").part("mod") == {}


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save(path, some(), {"epoch": 2})
    data = path.read_bytes()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        with pytest.raises(DescendError, match=r"a\.safetensors is damaged"):
            load(path)
    path.write_bytes(data + b"x")
    with pytest.raises(DescendError, match="damaged"):
        load(path)


def test_every_changed_byte_is_noticed_or_means_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save(path, some(), {"epoch": 2})
    data, unnoticed = path.read_bytes(), 0
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :])
        try:
            loaded = load(path)
        except DescendError:
            continue
        # A space of the header's padding: nothing that was saved is different.
        unnoticed += 1
        assert loaded.meta == {"epoch": 2}
        np.testing.assert_array_equal(loaded.arrays["model/w"], some()["model/w"], strict=True)
    assert unnoticed <= 8


def test_other_files_and_none(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"w": np.ones(3)}, tmp_path / "foreign.safetensors")
    with pytest.raises(DescendError, match="damaged"):
        load(tmp_path / "foreign.safetensors")
    with pytest.raises(DescendError, match="there is no checkpoint"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(DescendError, match="cannot be read"):
        load(tmp_path)


def test_types_that_cannot_be_saved_are_named(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="cannot be saved") as caught:
        save(tmp_path / "a", {"o": np.array(["text"])}, {})
    assert "<U4" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_newest_two_stay(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    for step in (5, 90, 1000, 1_000_000):
        checkpoints.save(step, {"s": np.array(step)}, {})
    assert [path.stem for path in checkpoints.paths()] == ["step-000001000", "step-001000000"]
    newest, messages = checkpoints.newest()
    assert newest is not None
    assert (newest.arrays["s"], messages) == (1_000_000, [])
    assert KEPT == 2


def test_what_killed_writers_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".step-000000003.safetensors.4711.tmp").write_bytes(b"half")
    Checkpoints(tmp_path).save(4, some(), {})
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000004.safetensors"]


def test_a_damaged_one_is_passed_over_and_set_aside(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"s": np.array(1)}, {})
    damaged = checkpoints.save(2, {"s": np.array(2)}, {})
    damaged.write_bytes(damaged.read_bytes()[:-1])
    newest, messages = checkpoints.newest()
    assert newest is not None
    assert newest.arrays["s"] == 1
    assert len(messages) == 1
    assert damaged.name in messages[0]
    checkpoints.set_aside()
    # Two whole ones stay although a damaged one had the highest number.
    checkpoints.save(3, {"s": np.array(3)}, {})
    assert [path.stem for path in checkpoints.paths()] == ["step-000000001", "step-000000003"]
    assert damaged.with_suffix(".damaged").exists()


def test_nothing_but_damaged_ones_is_an_error_and_none_is_not(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    assert checkpoints.newest() == (None, [])
    checkpoints.save(1, some(), {}).write_bytes(b"")
    with pytest.raises(DescendError, match=r"no checkpoint.*can be read"):
        checkpoints.newest()


def test_a_full_disk_leaves_the_older_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2):
        checkpoints.save(step, {"s": np.array(step)}, {})
    monkeypatch.setattr(os, "write", FullDisk(50))
    with pytest.raises(DescendError, match="the disk is full"):
        checkpoints.save(3, {"s": np.array(3)}, {})
    assert [load(path).arrays["s"] for path in checkpoints.paths()] == [1, 2]
    assert len(list(tmp_path.iterdir())) == 2
