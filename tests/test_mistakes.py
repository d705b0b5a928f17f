"""Forty mistakes that people make, across all parts, each with the words that its error must have.

What an error must say: the problem, what was given, what was needed or how to mend it, and the file, shape or name
that it speaks of. None may be a bare exception of Python or NumPy.
"""

from __future__ import annotations

import errno
import gzip
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend import data, nn, optim
from descend.engine import Cell, DescendError, Tensor, detect_anomaly, grad, override
from descend.guide import checker, registry, workspace
from descend.recipes import registry as recipes
from descend.train import Run, RunInfo, Trainer, checkpoint

MISTAKES: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], Any], tuple[str, ...]]] = {}
DIGITS = files("descend.data") / "embedded" / "digits"


def mistake(*words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a mistake under its function's name, with words that its message must contain."""

    def enter(make: Callable[..., Any]) -> Callable[..., Any]:
        MISTAKES[make.__name__] = (make, words)
        return make

    return enter


def image(*shape: int) -> Tensor:
    return Tensor(np.zeros(shape, np.float32))


def parameter() -> nn.Parameter:
    return nn.Parameter(np.ones(3, np.float32))


def mnist_copy(folder: Path) -> Path:
    """A directory of data sets whose MNIST is made of the embedded digits' files."""
    target = folder / "mnist"
    target.mkdir(parents=True)
    for file in DIGITS.iterdir():
        if file.name.endswith(".gz"):
            (target / file.name).write_bytes(file.read_bytes())
    return folder


def small_trainer(x: np.ndarray, lr: float = 0.1) -> Trainer:
    model = nn.Sequential(nn.Linear(2, 3))
    split = data.Split(x, np.arange(len(x)) % 3)
    return Trainer(model, optim.SGD(model.parameters(), lr), nn.cross_entropy, data.Loader(split, 4), epochs=50)


def new_run() -> Run:
    return Run.create(RunInfo.now("digits-mlp", 0, {}))


# fmt: off
@mistake("(2, 3)", "(4,)", "reshape")
def shapes_that_do_not_broadcast(*_): return image(2, 3) + image(4)
@mistake("(2, 3) @ (2, 3)", "transpose")
def inner_lengths_that_differ(*_): return image(2, 3) @ image(2, 3)
@mistake("(2, 3) to (4, 2)")
def a_reshape_of_another_size(*_): return image(2, 3).reshape(4, 2)
@mistake("axis 2", "-2 to 1")
def an_axis_that_is_not_there(*_): return image(2, 3).sum(2)
@mistake("rectangular", "lengths 1, 2", "pad the rows")
def a_ragged_list(*_): return Tensor([[1.0, 2.0], [3.0]])
@mistake("numbers")
def words_as_data(*_): return Tensor(["seven", "eight"])
@mistake("(3,)", ".sum()")
def backward_from_a_vector(*_): return (parameter() * 2).backward()
@mistake("requires_grad=True", "no_grad")
def backward_without_history(*_): return image(1).sum().backward()
@mistake("float32", "int64")
def gradients_of_integers(*_): return Tensor([1, 2], requires_grad=True)
@mistake("already", "retain_graph")
def backward_twice(*_):
    loss = (parameter() * parameter()).sum()
    loss.backward()
    loss.backward()
@mistake("version", "before the optimiser's step")
def backward_after_the_step(*_):
    p = parameter()
    loss = (p * p).sum()
    p.write(np.zeros(3, np.float32))
    loss.backward()
@mistake("log", "infinity", "index (0,)")
def a_logarithm_of_zero_in_anomaly_mode(*_):
    with detect_anomaly():
        Tensor([0.0, 1.0]).log()
@mistake("one number", "(3,)")
def the_gradient_of_a_vector(*_): return grad(lambda x: x * 2)(Tensor([1.0, 2.0, 3.0]))
@mistake("optim.sgd.update")
def a_symbol_with_a_slip(*_):
    with override("optim.sgd.updte", lambda p, g, lr: p):
        pass
@mistake("(2, 28, 28)", "channel")
def an_image_without_its_channel(*_): return nn.Conv2d(1, 4, 3)(image(2, 28, 28))
@mistake("(2, 3, 8, 8)")
def another_number_of_channels(*_): return nn.Conv2d(1, 4, 3)(image(2, 3, 8, 8))
@mistake("larger", "image (2, 2)")
def a_kernel_larger_than_the_image(*_): return nn.Conv2d(1, 4, 3)(image(1, 1, 2, 2))
@mistake("784", "(2, 1, 28, 28)", "latten")
def an_image_that_is_not_flattened(*_): return nn.Linear(784, 10)(image(2, 1, 28, 28))
@mistake("0 to 2", "label 3")
def a_label_out_of_range(*_): return nn.cross_entropy(image(2, 3), Tensor([0, 3]))
@mistake("one-hot", "argmax")
def one_hot_labels(*_): return nn.cross_entropy(image(2, 3), image(2, 3))
@mistake("integers", "float32")
def labels_that_are_floats(*_): return nn.cross_entropy(image(2, 3), Tensor([0.0, 1.0]))
@mistake("(4, 1)", "(4,)", "reshape")
def a_column_against_a_row(*_): return nn.mse_loss(image(4, 1), image(4))
@mistake("eval()")
def batchnorm_of_one_example(*_): return nn.BatchNorm1d(3)(image(1, 3))
@mistake("p=1.5")
def a_probability_above_one(*_): return nn.Dropout(1.5)
@mistake("0.weight", "unknown")
def weights_of_another_network(*_): return nn.Sequential(nn.Linear(2, 2)).load_state_dict({"weight": np.zeros((2, 2))})
@mistake("nn.Parameter", "Tensor")
def a_tensor_given_to_an_optimiser(*_): return optim.SGD([image(3)], 0.1)
@mistake("Sequential", "model.parameters()")
def a_model_given_to_an_optimiser(*_): return optim.SGD(nn.Sequential(nn.Flatten(), nn.Linear(2, 3)), 0.1)
@mistake("Linear", "did you mean")
def a_layer_by_the_name_that_it_has_elsewhere(*_): return nn.Dense(3)
@mistake("lr=-0.1")
def a_negative_learning_rate(*_): return optim.SGD([parameter()], -0.1)
@mistake("backward()", "step()")
def a_step_before_backward(*_): return optim.Adam([parameter()]).step()
@mistake("(2,)", "(3,)")
def another_shape_written_to_a_cell(*_): return Cell(np.zeros(3)).write(np.zeros(2))
@mistake("fmnist", "mnist")
def a_data_set_that_does_not_exist(*_): return data.load("fmnist")
@mistake("nan at index (0, 1)")
def nan_in_the_data(*_): return data.Split(np.array([[1.0, np.nan]], np.float32), np.zeros(1, np.int64))
@mistake("3", "2")
def fewer_labels_than_images(*_): return data.Split(np.zeros((3, 2), np.float32), np.zeros(2, np.int64))
@mistake("x_test, y_test", "x[:-n]")
def arrays_without_a_test_set(*_): return data.from_arrays(np.zeros((3, 2), np.float32), [0, 1, 2])
@mistake("batch_size")
def batches_of_nothing(*_): return data.Loader(data.Split(np.zeros((3, 2), np.float32), np.zeros(3, np.int64)), 0)
@mistake("train-images-idx3-ubyte.gz", "cut short")
def a_truncated_file(tmp_path, _):
    root = mnist_copy(tmp_path)
    file = root / "mnist" / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:1000])
    data.load("mnist", root=root)
@mistake("train-labels-idx1-ubyte.gz", "labels")
def labels_above_nine_in_a_file(tmp_path, _):
    from descend.data.datasets import idx
    root = mnist_copy(tmp_path)
    file = root / "mnist" / "train-labels-idx1-ubyte.gz"
    file.write_bytes(gzip.compress(idx.encode(np.full(5000, 77, np.uint8))))
    data.load("mnist", root=root)
@mistake("t10k-labels-idx1-ubyte")
def a_missing_file(tmp_path, _):
    root = mnist_copy(tmp_path)
    (root / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    data.load("mnist", root=root)
@mistake("learning rate", "lower")
def a_learning_rate_that_explodes(*_):
    for _event in small_trainer(np.full((8, 2), 1e30, np.float32), lr=1e30).events():
        pass
@mistake("step-00000001", "damaged")
def a_damaged_checkpoint(tmp_path, _):
    path = tmp_path / "step-00000001.safetensors"
    checkpoint.save(path, {"w": np.zeros(9)}, {})
    path.write_bytes(path.read_bytes()[:40])
    checkpoint.load(path)
@mistake("disk is full")
def a_full_disk(tmp_path, monkeypatch):
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("os.write", full)
    checkpoint.save(tmp_path / "a.safetensors", {"w": np.zeros(9)}, {})
@mistake("could not be written")
def a_directory_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file where the directory should be")
    monkeypatch.setenv("DESCEND_HOME", str(tmp_path / "home"))
    new_run()
@mistake("in use")
def two_trainings_of_one_run(*_):
    run = new_run()
    with run.writing(), Run.open(run.name).writing():
        pass
@mistake("no run")
def a_run_that_does_not_exist(*_): return Run.open("2026-01-01-mnist-lenet-9")
@mistake("mnist-lenet")
def a_recipe_with_a_slip(*_): return recipes.get("mnist-lenett")
@mistake("batch_size")
def a_setting_with_a_slip(*_): return recipes.get("mnist-lenet").with_settings({"batchsize": "10"})
@mistake("lr=fast", "a number")
def a_setting_of_another_type(*_): return recipes.get("mnist-lenet").with_settings({"lr": "fast"})
@mistake("update")
def an_exercise_with_a_slip(*_): return registry.find("updte")
@mistake("descend init")
def an_answer_that_is_not_there(tmp_path, _): return checker.check_in(tmp_path / "nowhere", registry.find(0))
@mistake("passed")
def training_with_an_unchecked_answer(tmp_path, _):
    workspace.init(tmp_path / "answers")
    workspace.passed_overrides(tmp_path / "answers")
# fmt: on


def error_of(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DescendError:
    with pytest.raises(DescendError) as caught:
        MISTAKES[name][0](tmp_path, monkeypatch)
    monkeypatch.undo()
    return caught.value


def test_there_are_forty():
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize("name", MISTAKES)
def test_the_error_says_what_was_given_and_how_to_mend_it(name, tmp_path, monkeypatch):
    error = error_of(name, tmp_path, monkeypatch)
    text = str(error)
    for word in MISTAKES[name][1]:
        assert word in text, text
    assert error.problem
    assert error.problem == error.problem.strip()
    assert error.needed or error.fix, f"nothing says what would be right:\n{text}"
    assert error.given or any(char.isdigit() or char in "'/(" for char in error.problem), text


def test_nothing_that_was_saved_is_lost_by_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    checkpoint.save(path, {"w": np.arange(9.0)}, {})
    with monkeypatch.context() as patch:
        patch.setattr("os.write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(DescendError):
            checkpoint.save(path, {"w": np.zeros(9)}, {})
    assert checkpoint.load(path).arrays["w"].tolist() == list(range(9))
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]
