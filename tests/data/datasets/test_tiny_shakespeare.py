from __future__ import annotations

import hashlib

import pytest

from descend.data import DataError, load
from descend.data.datasets.tiny_shakespeare import TINY_SHAKESPEARE


@pytest.fixture
def file(tmp_path):
    (tmp_path / "tiny-shakespeare").mkdir()
    return tmp_path / "tiny-shakespeare" / "input.txt"


def test_the_last_twentieth_is_for_testing(file):
    file.write_text("x" * 950 + "é" * 50)
    data = load("tiny-shakespeare", root=file.parents[1])
    assert data.train.x.tolist() == ["x" * 950]
    assert data.test.x.tolist() == ["é" * 50]
    assert data.train.y.shape == (1, 0)
    assert data.classes == ()


@pytest.mark.parametrize(("content", "reason"), [(b"", "cut short"), (b"\xff\xfe\xfa" * 50, "UTF-8")])
def test_what_is_no_text_is_named(file, content, reason):
    file.write_bytes(content)
    with pytest.raises(DataError, match=reason) as error:
        load("tiny-shakespeare", root=file.parents[1])
    assert str(file) in error.value.problem


@pytest.mark.full
def test_the_whole_text_is_the_published_one(full_data):
    data = load("tiny-shakespeare")
    text = data.train.x[0] + data.test.x[0]
    assert len(text) == 1_115_394
    assert len(set(text)) == 65
    assert text.startswith("First Citizen:\nBefore we proceed")
    checksum = TINY_SHAKESPEARE.files[0].checksum
    assert checksum == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
