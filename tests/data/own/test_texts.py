from __future__ import annotations

import pytest

from descend.data import DataError, inspect, load, text_files


def test_the_last_tenth_of_a_text_is_for_testing(tmp_path):
    (tmp_path / "book.txt").write_text("abcdefghi" * 10 + "0123456789", encoding="utf-8")
    data = text_files(tmp_path / "book.txt")
    assert data.train.x[0] + data.test.x[0] == "abcdefghi" * 10 + "0123456789"
    assert data.test.x[0] == "0123456789"
    assert inspect(tmp_path / "book.txt").facts["values"] == "19 different characters"


def test_folders_of_texts_are_classes(tmp_path):
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        for i in range(5):
            (tmp_path / name / f"{i}.txt").write_text(f"{name} {i}", encoding="utf-8")
    data = load(tmp_path)
    assert data.classes == ("bad", "good")
    assert sorted([*data.train.x, *data.test.x]) == [f"{name} {i}" for name in ("bad", "good") for i in range(5)]
    assert all(text.startswith(data.classes[y]) for text, y in zip(data.train.x, data.train.y, strict=True))


@pytest.mark.parametrize("name", ["x.txt", "folder"])
def test_another_encoding_is_told_and_can_be_named(tmp_path, name):
    path = tmp_path / name
    files = [path] if name == "x.txt" else [path / f"{i}.txt" for i in range(2)]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes("naïve and more of it".encode("latin-1"))
    with pytest.raises(DataError, match="not utf-8: byte 0xef at 2") as error:
        text_files(path)
    assert "latin-1" in error.value.fix
    assert "ï" in str(text_files(path, encoding="latin-1").train.x)


def test_marks_of_the_order_of_bytes_are_no_characters(tmp_path):
    (tmp_path / "x.txt").write_bytes("more of it".encode("utf-8-sig"))
    assert load(tmp_path / "x.txt").train.x[0] == "more of i"
    (tmp_path / "x.txt").write_bytes("more of it".encode("utf-16"))
    with pytest.raises(DataError, match="not utf-8: byte 0xff at 0") as error:
        load(tmp_path / "x.txt")
    assert 'encoding="utf-16"' in error.value.fix
    assert text_files(tmp_path / "x.txt", encoding="utf-16").train.x[0] == "more of i"


def test_an_empty_text_is_a_problem(tmp_path):
    (tmp_path / "x.txt").touch()
    with pytest.raises(DataError, match=r"x\.txt: it is empty"):
        text_files(tmp_path / "x.txt")
