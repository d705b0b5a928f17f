from __future__ import annotations

import numpy as np
import pytest

from descend.data import DataError, inspect, load, numpy_arrays

X, Y = np.arange(40, dtype=np.float32).reshape(20, 2), np.arange(20) % 2


@pytest.mark.parametrize(
    "names", [("x", "y"), ("X", "Y"), ("images", "labels"), ("data", "target"), ("images", "person")]
)
def test_one_pair_is_divided(tmp_path, names):
    np.savez(tmp_path / "a.npz", **dict(zip(names, (X, Y), strict=True)))
    data = numpy_arrays(tmp_path / "a.npz")
    assert (len(data.train), len(data.test)) == (16, 4)
    assert sorted(np.concatenate([data.train.x, data.test.x]).tolist()) == X.tolist()
    assert (data.train.x[:, 0] / 2 % 2 == data.train.y).all()


@pytest.mark.parametrize("names", ["{part}_x {part}_y", "x_{part} y_{part}", "{part}_images {part}_labels"])
def test_pairs_of_train_and_test_are_taken_as_they_are(tmp_path, names):
    held = {}
    for part, rows in (("train", slice(0, 15)), ("test", slice(15, 20))):
        x, y = names.format(part=part).split()
        held |= {x: X[rows], y: Y[rows]}
    np.savez(tmp_path / "a.npz", **held)
    data = numpy_arrays(tmp_path / "a.npz")
    assert sorted(data.train.x.tolist()) == X[:15].tolist()
    assert (data.train.x[:, 0] / 2 % 2 == data.train.y).all()
    assert np.array_equal(data.test.y, Y[15:])


def test_a_folder_of_single_arrays_is_the_same(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    assert len(numpy_arrays(tmp_path).train) == 16


def test_one_array_is_unlabelled_and_real_numbers_are_amounts(tmp_path):
    np.save(tmp_path / "a.npy", X)
    assert numpy_arrays(tmp_path / "a.npy").train.y.shape == (16, 0)
    np.savez(tmp_path / "b.npz", x=X, y=Y + 0.5)
    assert numpy_arrays(tmp_path / "b.npz").train.y.shape == (16, 1)
    assert inspect(tmp_path / "b.npz").facts["to predict"].startswith("1 number")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"x": X, "y": Y[:19]}, "differ in length"),
        ({"x": X * np.nan, "y": Y}, "not a number"),
        ({"x": X, "y": Y - 1}, "out of range"),
        ({"p": X, "q": X}, "cannot be told"),
        ({"x": X, "z": Y}, "cannot be told"),
        ({"x_train": X, "y_train": Y, "x_test": X.astype(float), "y_test": Y}, "two kinds"),
        ({"x": np.array([{}] * 20), "y": Y}, "cannot be read"),
    ],
)
def test_what_cannot_be_trained_on_is_named(tmp_path, held, reason):
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(DataError, match=reason) as error:
        numpy_arrays(tmp_path / "a.npz")
    assert "a.npz" in error.value.problem


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.95])
def test_a_file_that_is_cut_short_is_named(tmp_path, name, part):
    np.savez(tmp_path / "a.npz", x=X, y=Y)
    np.save(tmp_path / "a.npy", X)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(DataError, match="cannot be read"):
        numpy_arrays(path)


@pytest.mark.parametrize("lone", ["x_test", "y_test", "test_labels"])
def test_half_of_the_test_data_is_refused(tmp_path, lone):
    x, y = np.ones((6, 2)), np.arange(6) % 2
    np.savez(tmp_path / "x.npz", **{"x_train": x, "y_train": y, lone: x if "x" in lone else y})
    with pytest.raises(DataError, match=f"has {lone} alone of its test data"):
        load(tmp_path / "x.npz")
