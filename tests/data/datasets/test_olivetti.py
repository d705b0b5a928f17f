from __future__ import annotations

import numpy as np
import pytest
import scipy.io

from descend.data import DataError, load
from descend.data.datasets.olivetti import OLIVETTI

FACES = np.random.default_rng(0).integers(0, 256, (400, 64, 64), np.uint8)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "olivetti").mkdir()
    return tmp_path / "olivetti"


def matlab(folder, faces=FACES, dtype="uint8"):
    # As it is published: a column for each picture, which is itself in columns.
    columns = faces.transpose(0, 2, 1).reshape(400, -1).T.astype(dtype)
    scipy.io.savemat(folder / "olivettifaces.mat", {"p": np.ones((1, 40)), "faces": columns})


PEOPLE = np.repeat(np.arange(40), 10)


def arrays(folder, images=FACES, person=PEOPLE):
    np.savez(folder / "olivetti.npz", images=images, person=person)


@pytest.mark.parametrize("write", [matlab, arrays, lambda folder: matlab(folder, dtype="float64")])
def test_both_forms_give_the_same_splits(folder, write):
    write(folder)
    data = load("olivetti", root=folder.parent)
    people = FACES.reshape(40, 10, 64, 64)
    order = np.argsort(data.train.y, kind="stable")
    assert {x.tobytes() for x in data.train.x} == {x.tobytes() for x in people[:, :8].reshape(-1, 64, 64)}
    assert all((people[k, :8] == x[0]).all(axis=(1, 2)).any() for x, k in zip(data.train.x, data.train.y))
    assert np.array_equal(data.test.x[:, 0], people[:, 8:].reshape(-1, 64, 64))
    assert data.train.y[order].tolist() == np.repeat(np.arange(40), 8).tolist()
    assert len(set(data.train.y[-80:])) > 25, "the end of the training examples is of most people"
    assert data.test.y.tolist() == np.repeat(np.arange(40), 2).tolist()
    assert data.train.x.dtype == np.uint8


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda f: scipy.io.savemat(f / "olivettifaces.mat", {"faces": np.zeros((9, 9))}), r"shape \(9, 9\)"),
        (lambda f: matlab(f, FACES / 255, "float64"), "does not hold pixels"),
        (lambda f: (f / "olivettifaces.mat").write_bytes(b"cut"), "level 5"),
        (lambda f: arrays(f, FACES[:, :60]), r"shape \(400, 60, 64\)"),
        (lambda f: arrays(f, FACES[:399]), "399 examples and 400 labels"),
        (lambda f: arrays(f, person=np.full(400, 40)), "label 40"),
        (lambda f: np.savez(f / "olivetti.npz", images=FACES), "person"),
        (lambda f: (f / "olivetti.npz").write_bytes(b"cut"), "cannot be read"),
    ],
)
def test_files_that_hold_something_else_are_named(folder, write, reason):
    write(folder)
    with pytest.raises(DataError, match=reason) as error:
        load("olivetti", root=folder.parent)
    assert str(folder) in str(error.value)


def test_the_checksum_is_the_one_that_scikit_learn_has():
    from sklearn.datasets import _olivetti_faces

    theirs = _olivetti_faces.FACES
    assert OLIVETTI.files[0].checksum == f"sha256:{theirs.checksum}"
    assert theirs.url in OLIVETTI.mirrors


@pytest.mark.full
def test_the_whole_set_is_forty_people_with_ten_pictures_each(full_data):
    data = load("olivetti")
    assert (len(data.train), len(data.test), len(data.classes)) == (320, 80, 40)
    # A person's pictures are nearer to each other than to other people's.
    x = np.concatenate([data.train.x, data.test.x]).reshape(400, -1) / 255.0
    y = np.concatenate([data.train.y, data.test.y])
    means = np.stack([x[y == k].mean(axis=0) for k in range(40)])
    nearest = ((means**2).sum(axis=1) - 2 * x @ means.T).argmin(axis=1)
    assert (nearest == y).mean() > 0.9
