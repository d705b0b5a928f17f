from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import scipy.io

from descend.data import DataError, DataWarning, DownloadError, Progress, info, load, names
from descend.data.datasets import idx, registry
from descend.data.datasets.entry import DataFile
from descend.data.datasets.mnist import MNIST
from descend.data.datasets.olivetti import OLIVETTI
from descend.engine.errors import UsageError


@pytest.fixture(autouse=True)
def no_data_directory(monkeypatch):
    monkeypatch.delenv("DESCEND_DATA", raising=False)


@pytest.fixture
def little_mnist(monkeypatch, site, brisk):
    """The name "mnist" with a few images, kept by the local server."""
    rng = np.random.default_rng(1)
    files = []
    for file in MNIST.files:
        n = 40 if file.name.startswith("train") else 10
        array = rng.integers(0, 256, (n, 28, 28)) if "images" in file.name else rng.integers(0, 10, n)
        data = gzip.compress(idx.encode(array.astype(np.uint8)), mtime=0)
        site.files[f"/m/{file.name}"] = data
        files.append(DataFile(file.name, len(data), "md5:" + hashlib.md5(data).hexdigest()))
    entry = replace(MNIST, files=tuple(files), mirrors=(site.url + "gone/", site.url + "m/"))
    monkeypatch.setitem(registry.CATALOGUE, "mnist", entry)
    monkeypatch.setattr("descend.data.datasets.download.Patience", lambda: brisk)
    return entry


def test_mnist_is_downloaded_once_and_then_found(little_mnist, site, acts, home):
    events: list[Progress] = []
    site.script = [acts.well, acts.drops(500)]
    first = load("mnist", progress=events.append)
    asked = len(site.log)
    assert (len(first.train), len(first.test)) == (40, 10)
    assert first.found == info("mnist").found == str(home / "data" / "mnist")
    assert {event.file for event in events} == {file.name for file in little_mnist.files}
    assert {event.done for event in events if event.file == MNIST.files[3].name} >= {little_mnist.files[3].size}
    again = load("mnist")
    assert again.fingerprint == first.fingerprint
    assert len(site.log) == asked


def test_the_file_names_survive_in_the_cache_and_nothing_else_does(little_mnist, home):
    load("mnist")
    kept = {path.name for path in (home / "data" / "mnist").iterdir()}
    assert kept == {file.name for file in MNIST.files} | {".lock"}


def test_a_copy_of_the_cache_serves_as_a_data_directory(little_mnist, site, home, tmp_path, monkeypatch):
    load("mnist")
    (home / "data").rename(tmp_path / "mirror")
    site.log.clear()
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "mirror"))
    assert load("mnist").found == str(tmp_path / "mirror" / "mnist")
    assert load("mnist", root=tmp_path / "mirror").found == str(tmp_path / "mirror" / "mnist")
    assert site.log == []


def test_damage_where_the_data_are_is_an_error_and_no_reason_to_look_on(little_mnist, site, tmp_path, monkeypatch):
    folder = tmp_path / "mnist"
    folder.mkdir()
    for file in little_mnist.files:
        (folder / file.name).write_bytes(site.files[f"/m/{file.name}"])
    cut = folder / MNIST.files[0].name
    cut.write_bytes(cut.read_bytes()[:1000])
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"{cut} cannot be read: its gzip stream is damaged or cut short"):
        load("mnist")
    assert site.log == []


def test_damage_in_the_cache_is_mended(little_mnist, site, home):
    fingerprint = load("mnist").fingerprint
    (home / "data" / "mnist" / MNIST.files[0].name).write_bytes(b"damaged")
    site.log.clear()
    assert load("mnist").fingerprint == fingerprint
    assert {path for path, _ in site.log} == {f"/{folder}/{MNIST.files[0].name}" for folder in ("gone", "m")}


def test_the_warning_points_at_the_caller(little_mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path / "nowhere"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load("mnist")
    assert [(warning.category, warning.filename) for warning in caught] == [(DataWarning, __file__)]


def test_without_a_network_the_error_says_what_to_do(little_mnist, monkeypatch):
    nowhere = replace(little_mnist, mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setitem(registry.CATALOGUE, "mnist", nowhere)
    with pytest.raises(DownloadError, match="DESCEND_DATA"):
        load("mnist")
    assert info("mnist").found is None


def test_names_and_facts():
    assert names() == ("cifar10", "digits", "fsdd", "mnist", "movie-reviews", "olivetti", "tiny-shakespeare")
    for name in names():
        facts = info(name)
        assert facts.name == name
        assert facts.about
        assert facts.licence
        assert facts.source
    assert info("mnist").licence == info("digits").licence == "CC BY-SA 3.0"
    assert info("digits").found == "inside the package"
    assert load("digits").found == "inside the package"
    assert info("mnist").bytes == 11_594_722


@pytest.mark.parametrize(("word", "hint"), [("minst", "'mnist'"), ("digit", "'digits'"), ("zzz", None)])
def test_an_unknown_name_suggests_the_near_miss(word, hint):
    for ask in (load, info):
        with pytest.raises(UsageError, match=f"no data set '{word}'") as error:
            ask(word)
        assert all(name in error.value.needed for name in names())
        assert (error.value.fix is None) if hint is None else (hint in error.value.fix)


def test_the_embedded_digits_need_no_http_library():
    code = """
import sys
from descend import data
data.load("digits")
print(sorted({"requests", "pooch", "urllib3", "matplotlib", "scipy", "rich"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", [name for name in names() if registry.CATALOGUE[name].mirrors])
def test_every_set_comes_from_safe_addresses_with_a_strong_checksum(name):
    entry = registry.CATALOGUE[name]
    assert all(mirror.startswith("https://") for mirror in entry.mirrors)
    assert all(file.checksum.startswith("sha256:") or name == "mnist" for file in entry.files)
    assert all(mirror.endswith("/") for mirror in entry.mirrors) or len(entry.files) == 1


def test_a_set_of_another_form_is_found_where_it_is(tmp_path, monkeypatch):
    folder = tmp_path / "tiny-shakespeare"
    folder.mkdir()
    (folder / "input.txt").write_text("to be or not to be, " * 9)
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    assert info("tiny-shakespeare").found == str(folder)
    (tmp_path / "fsdd" / "recordings").mkdir(parents=True)
    assert info("fsdd").found == str(tmp_path / "fsdd")


def test_an_empty_directory_names_every_form(tmp_path):
    (tmp_path / "fsdd").mkdir()
    with pytest.raises(DataError, match="fsdd") as error:
        load("fsdd", root=tmp_path)
    assert "v1.0.10.zip or recordings.tar.gz or recordings/" in error.value.needed
    assert "lacks v1.0.10.zip, or recordings.tar.gz, or recordings/" in error.value.given


def test_a_path_is_read_as_ones_own_data(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n" + "".join(f"{i},{i % 2}\n" for i in range(10)))
    assert load(str(tmp_path / "x.csv")).train.x.shape == (8, 1)
    assert load(tmp_path / "x.csv").found == str(tmp_path / "x.csv")
    with pytest.raises(DataError, match="no file or folder"):
        load(tmp_path / "y.csv")


def test_a_file_of_unknown_size_behind_a_bare_address_is_downloaded(site, brisk, home, tmp_path, monkeypatch):
    """Olivetti's faces, made up, as they are published."""
    columns = np.random.default_rng(0).integers(0, 256, (4096, 400), np.uint8)
    scipy.io.savemat(tmp_path / "faces.mat", {"faces": columns})
    site.files["/files/1"] = (tmp_path / "faces.mat").read_bytes()
    checksum = "sha256:" + hashlib.sha256(site.files["/files/1"]).hexdigest()
    file = replace(OLIVETTI.files[0], checksum=checksum)
    entry = replace(OLIVETTI, files=(file,), mirrors=(site.url + "gone/", site.url + "files/1"))
    monkeypatch.setitem(registry.CATALOGUE, "olivetti", entry)
    monkeypatch.setattr("descend.data.datasets.download.Patience", lambda: brisk)
    events: list[Progress] = []
    data = load("olivetti", progress=events.append)
    assert (len(data.train), len(data.test)) == (320, 80)
    assert data.found == info("olivetti").found == str(home / "data" / "olivetti")
    assert events[-1].done == events[-1].total == len(site.files["/files/1"])
    asked = len(site.log)
    assert load("olivetti").fingerprint == data.fingerprint
    assert len(site.log) == asked
