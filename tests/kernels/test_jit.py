"""Compiled kernels on disk: found again, whatever happens to the files."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from descend.kernels import jit
from descend.kernels.code import FLOAT, Function, real


def source(number: float) -> str:
    code = Function("fill")
    code.store(real(number), code.pointer(0))
    return code.text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(jit.CACHE, str(tmp_path / "kernels"))
    monkeypatch.setattr(jit, "_addresses", {})
    return tmp_path / "kernels"


def filled(run, number: float) -> float:
    found = np.zeros(1, np.float32)
    run("fill", source(number), found)
    return float(found[0])


def test_what_was_compiled_is_found_on_disk(folder: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled(run, 1.5) == 1.5
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(jit, "_addresses", {})
    monkeypatch.setattr(jit, "_compiled", lambda _: pytest.fail("compiled again"))
    assert filled(run, 1.5) == 1.5


@pytest.mark.parametrize("damage", [b"", b"half", b"x" * 5000])
def test_a_damaged_file_is_compiled_anew(folder: Path, run, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    filled(run, 2.5)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage or whole[:-7])
    monkeypatch.setattr(jit, "_addresses", {})
    assert filled(run, 2.5) == 2.5
    assert file.read_bytes() == whole


def test_a_file_with_another_one_s_name_is_compiled_anew(folder: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(run, 2.5)
    (right,) = folder.iterdir()
    filled(run, 7.5)
    (other,) = set(folder.iterdir()) - {right}
    right.write_bytes(other.read_bytes())
    monkeypatch.setattr(jit, "_addresses", {})
    assert filled(run, 2.5) == 2.5


def test_another_processor_has_files_of_its_own(folder: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(run, 3.5)
    at = jit.target()
    monkeypatch.setattr(jit, "target", lambda: jit.Target("generic", "", at.version))
    monkeypatch.setattr(jit, "_addresses", {})
    assert filled(run, 3.5) == 3.5
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_no_obstacle(folder: Path, run) -> None:
    folder.write_text("a file, no folder")
    assert filled(run, 4.5) == 4.5


def test_what_could_not_be_written_leaves_nothing_behind(folder: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert filled(run, 6.5) == 6.5
    assert not list(folder.iterdir())


def test_processes_compile_the_same_kernel_at_the_same_time(folder: Path) -> None:
    program = (
        "import numpy as np, ctypes; from descend.kernels import jit; from tests.kernels.test_jit import source\n"
        "x = np.zeros(1, np.float32); table = np.array([x.ctypes.data])\n"
        "kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)\n"
        "kernel(jit.address('fill', source(5.5)))(table.ctypes.data, 0, 1); print(x[0])"
    )
    children = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [child.communicate()[0].strip() for child in children] == ["5.5"] * 2
    assert len(list(folder.iterdir())) == 1


def test_the_portable_target_uses_no_wide_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jit.PORTABLE, "1")
    jit.target.cache_clear()
    try:
        assert jit.target().vector_bytes == 16
        code = Function("twice")
        with code.loop(0, code.number(0), parallel=True) as i:
            x = code.load(FLOAT, code.pointer(1), i)
            code.store(code.binary("fadd", x, x), code.pointer(1), i)
        assert "ymm" not in jit.assembly(code.text())
    finally:
        jit.target.cache_clear()
