from __future__ import annotations

import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError
from descend.data.formats import mat

rng = np.random.default_rng(0)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_matrices_are_read_as_scipy_wrote_them(tmp_path, dtype, packed):
    faces = rng.integers(0, 100, (7, 5)).astype(dtype)
    held = {"p": np.ones((1, 3)), "faces": faces, "name": "text", "v": rng.random((2, 2, 2))}
    scipy.io.savemat(tmp_path / "x.mat", held, do_compression=packed)
    made = mat.read(tmp_path / "x.mat", "faces")
    assert made.dtype == faces.dtype
    assert np.array_equal(made, faces)
    assert np.array_equal(mat.read(tmp_path / "x.mat", "v"), held["v"])
    assert np.array_equal(mat.read(tmp_path / "x.mat", "p"), held["p"])


@given(st.integers(1, 5), st.integers(1, 5))
def test_small_matrices_in_the_small_form_too(rows, columns):
    import io

    file = io.BytesIO()
    values = rng.integers(0, 256, (rows, columns), np.uint8)
    scipy.io.savemat(file, {"a": values, "bb": values.T})

    class Held:
        def read_bytes(self) -> bytes:
            return file.getvalue()

    assert np.array_equal(mat.read(Held(), "bb"), values.T)  # type: ignore[arg-type]


def test_a_matrix_that_is_not_there_is_named(tmp_path):
    scipy.io.savemat(tmp_path / "x.mat", {"a": np.ones(3)})
    with pytest.raises(DataError, match="no matrix 'faces'"):
        mat.read(tmp_path / "x.mat", "faces")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.5, 0.98])
def test_a_file_that_is_cut_short_is_named(tmp_path, part, packed):
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"faces": rng.random((40, 40))}, do_compression=packed)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(DataError, match=r"x\.mat"):
        mat.read(path, "faces")


def test_other_files_are_refused(tmp_path):
    (tmp_path / "x.mat").write_bytes(b"no matrix" * 50)
    with pytest.raises(DataError, match="level 5"):
        mat.read(tmp_path / "x.mat", "faces")
