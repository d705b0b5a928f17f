from __future__ import annotations

import json
import sys

import pytest

from descend.data import DataError
from descend.data.formats.parquet import read

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = [{"bytes": b"one", "path": "1.png"}, {"bytes": b"two", "path": None}]


@pytest.mark.parametrize("column", ["img", "image"])
def test_pictures_and_labels_are_read(tmp_path, column):
    pq.write_table(pa.table({"label": [3, 0], column: ROWS}), tmp_path / "x.parquet")
    table = read(tmp_path / "x.parquet")
    assert table.pictures == [b"one", b"two"]
    assert table.labels == [3, 0]
    assert table.classes == ()


def test_bare_bytes_and_tables_without_labels_are_taken(tmp_path):
    pq.write_table(pa.table({"image": [b"one"]}), tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet").pictures == [b"one"]
    assert read(tmp_path / "x.parquet").labels is None


def test_names_of_classes_come_from_hugging_faces_notes(tmp_path):
    notes = {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    table = pa.table({"image": ROWS, "label": [1, 0]}).replace_schema_metadata({"huggingface": json.dumps(notes)})
    pq.write_table(table, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet").classes == ("cat", "dog")
    pq.write_table(
        pa.table({"image": ROWS, "label": [1, 2]}).replace_schema_metadata(table.schema.metadata), tmp_path / "x"
    )
    with pytest.raises(DataError, match="label without a class"):
        read(tmp_path / "x")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"text": ["a"]}, "no column of pictures"),
        ({"image": ["a"]}, "no picture in row 0"),
        ({"image": [b"a", None]}, "no picture in row 1"),
        ({"image": [b"a"], "label": ["cat"]}, "no class number in row 0"),
        ({"image": [b"a"], "label": [-1]}, "no class number in row 0"),
    ],
)
def test_other_tables_are_refused(tmp_path, columns, reason):
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=reason) as error:
        read(tmp_path / "x.parquet")
    assert "x.parquet" in error.value.problem


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_named(tmp_path, part):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"image": ROWS}), path)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(DataError, match="no whole Parquet file"):
        read(path)


def test_without_pyarrow_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match="without pyarrow") as error:
        read(tmp_path / "x.parquet")
    assert "pip install" in error.value.fix
