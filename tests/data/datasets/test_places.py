"""Where data are looked for: four places, three outcomes each."""

from __future__ import annotations

from pathlib import Path

import pytest

from descend.data import DataError, DataWarning, DownloadError
from descend.data.datasets import places
from descend.data.datasets.digits import DIGITS
from descend.data.datasets.entry import Entry
from descend.data.datasets.progress import silent


@pytest.fixture(autouse=True)
def no_data_directory(monkeypatch):
    monkeypatch.delenv("DESCEND_DATA", raising=False)


@pytest.fixture
def patient(monkeypatch, brisk):
    monkeypatch.setattr("descend.data.datasets.download.Patience", lambda: brisk)


def put(folder: Path, body: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "tiny.bin").write_bytes(body)
    return folder


def test_home_is_what_descend_home_names(monkeypatch, home):
    assert places.home() == home
    assert places.cache("tiny") == home / "data" / "tiny"
    for unset in ("", None):
        monkeypatch.setenv("DESCEND_HOME", unset) if unset is not None else monkeypatch.delenv("DESCEND_HOME")
        assert places.home() == Path.home() / ".descend"
    monkeypatch.setenv("DESCEND_HOME", "~/elsewhere")
    assert places.home() == Path.home() / "elsewhere"


def test_the_named_directory_comes_first(tiny, site, tmp_path, body, monkeypatch):
    put(tmp_path / "env" / "tiny", body)
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "env"))
    mine = put(tmp_path / "mine" / "tiny", body)
    assert places.locate(tiny, tmp_path / "mine", silent) == mine
    assert places.locate(tiny, str(tmp_path / "mine"), silent) == mine
    assert site.log == []


@pytest.mark.parametrize("lack", ["no directory", "no folder", "no file", "the folder itself"])
def test_a_named_directory_that_lacks_the_set_is_an_error(tiny, site, tmp_path, body, monkeypatch, lack):
    root, reason = {
        "no directory": (tmp_path / "none", "there is no directory"),
        "no folder": (tmp_path, "there is no directory .*/tiny"),
        "no file": (tmp_path / "empty", "lacks tiny.bin"),
        "the folder itself": (put(tmp_path / "x" / "tiny", body), "there is no directory .*/tiny/tiny"),
    }[lack]
    (tmp_path / "empty" / "tiny").mkdir(parents=True)
    put(tmp_path / "env" / "tiny", body)
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "env"))
    with pytest.raises(DataError, match=reason):
        places.locate(tiny, root, silent)
    assert site.log == []


def test_an_embedded_set_is_read_from_the_package_whatever_else_there_is(tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    assert (places.locate(DIGITS, None, silent) / DIGITS.files[0].name).is_file()
    assert places.found(DIGITS) == "inside the package"
    with pytest.raises(DataError, match="lacks train-images"):
        places.locate(DIGITS, tmp_path, silent)


def test_descend_data_comes_before_cache_and_network(tiny, site, tmp_path, body, home, monkeypatch):
    put(home / "data" / "tiny", body)
    # Used as it is: a checksum is for what was downloaded.
    theirs = put(tmp_path / "env" / "tiny", b"packed otherwise")
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "env"))
    assert places.found(tiny) == str(theirs)
    assert places.locate(tiny, None, silent) == theirs
    assert site.log == []


def test_descend_data_without_the_set_says_so_and_goes_on(tiny, site, tmp_path, body, home, monkeypatch, patient):
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "env"))
    with pytest.warns(DataWarning, match=f"'tiny': there is no directory {tmp_path / 'env'}.*{home / 'data'}"):
        assert places.locate(tiny, None, silent) == home / "data" / "tiny"
    assert len(site.log) == 1
    (tmp_path / "env" / "tiny").mkdir(parents=True)
    with pytest.warns(DataWarning, match="env/tiny lacks tiny.bin"):
        assert places.locate(tiny, None, silent) == home / "data" / "tiny"
    assert len(site.log) == 1, "the second time the cache has it"
    assert places.found(tiny) == str(home / "data" / "tiny")


@pytest.mark.parametrize("value", [None, ""])
def test_without_descend_data_the_cache_is_next(tiny: Entry, site, home, body, monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("DESCEND_DATA", value)
    assert places.found(tiny) is None
    put(home / "data" / "tiny", body)
    assert places.found(tiny) == str(home / "data" / "tiny")
    assert places.locate(tiny, None, silent) == home / "data" / "tiny"
    assert site.log == []


def test_last_comes_the_network(tiny, site, home, body, patient):
    assert places.locate(tiny, None, silent) == home / "data" / "tiny"
    assert (home / "data" / "tiny" / "tiny.bin").read_bytes() == body


def test_nowhere_at_all_is_an_error(tiny, site, acts, patient):
    site.habit = acts.status(404)
    with pytest.raises(DownloadError):
        places.locate(tiny, None, silent)
