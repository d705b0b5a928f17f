"""Every module through the same checks: gradients, PyTorch's numbers, states, types, shapes. See `samples`."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from typing import Any

import numpy as np
import pytest
import torch

from descend import nn
from descend.engine import Cell, DtypeError, Tensor, check_gradients, default_generator, manual_seed, no_grad, ops, tree
from descend.engine.ops import section
from tests.contracts.recorder import Recorder
from tests.nn.peer import close, give_weights
from tests.nn.samples import SAMPLES, Sample

EACH = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
WITH_PEER = [sample for sample in SAMPLES if sample.theirs is not None]
# What other modules are made of; it computes nothing by itself.
ABSTRACT = {"Module", "Numbered", "Elementwise", "Loss"}


def made(sample: Sample, training: bool = True, seed: int = 0) -> nn.Module:
    manual_seed(seed)
    return sample.ours().train(training)


def outputs(y: Any) -> list[Tensor]:
    """The floating-point tensors among what a module returns."""
    return [part for part in tree.flatten(y)[0] if isinstance(part, Tensor) and part.dtype.kind == "f"]


def is_random(model: nn.Module) -> bool:
    """Whether it draws in training."""
    fractional = (nn.FractionalMaxPool2d, nn.FractionalMaxPool3d)
    kinds = (nn.Dropout, nn.RReLU, nn.GaussianNoise, nn.GaussianDropout, *fractional)
    drawing = [module for module in model.modules() if isinstance(module, kinds) and getattr(module, "p", 1)]
    return bool(drawing) or any(isinstance(p := getattr(m, "dropout", 0), float) and p > 0 for m in model.modules())


def modes(samples: list[Sample]) -> list[Any]:
    """Each sample in training, and also in use where that is something else."""
    found = []
    for sample in samples:
        model = made(sample)
        both = is_random(model) or any(True for _ in model.named_buffers())
        found += [
            pytest.param(sample, mode, id=f"{sample.name}-{'train' if mode else 'eval'}")
            for mode in ((True, False) if both else (True,))
        ]
    return found


# Nothing is left out.


def public_modules() -> dict[str, type[nn.Module]]:
    found: dict[str, Any] = {}
    for info in pkgutil.walk_packages(nn.__path__, "descend.nn."):
        found |= vars(importlib.import_module(info.name))
    kinds = {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, nn.Module)}
    return {name: kind for name, kind in kinds.items() if not name.startswith("_") and name not in ABSTRACT}


def test_every_module_has_a_sample():
    sampled = {sample.kind for sample in SAMPLES}
    assert sorted(name for name, kind in public_modules().items() if kind not in sampled) == []


def test_every_module_is_exported():
    assert sorted(name for name in public_modules() if name not in nn.__all__) == []


def test_a_sample_is_of_its_kind():
    assert [s.name for s in SAMPLES if not any(type(module) is s.kind for module in made(s).modules())] == []


# Gradients, of all inputs and all parameters, along a random cotangent.


@pytest.mark.parametrize(("sample", "training"), modes(SAMPLES))
def test_gradients(sample, training):
    model = made(sample, training).double()
    if getattr(model, "padding_idx", None) is not None:
        pytest.skip("the row of the padding has no gradient on purpose")
    cells = [
        (module, name)
        for module in model.modules()
        for name, part in vars(module).items()
        if isinstance(part, nn.Parameter)
    ]
    floats = [i for i, x in enumerate(sample.inputs) if np.asarray(x).dtype == np.float64]
    points = [sample.inputs[i] for i in floats] + [getattr(*cell).numpy() for cell in cells]
    starts = np.cumsum([0, *(p.size for p in points)])

    def function(v: Tensor) -> Tensor:
        parts = [section(v, int(start), p.shape) for start, p in zip(starts, points, strict=False)]
        inputs = list(sample.inputs)
        for i, part in zip(floats, parts, strict=False):
            inputs[i] = part
        for cell, part in zip(cells, parts[len(floats) :], strict=True):
            setattr(*cell, part)
        manual_seed(3)  # the same masks every time
        return ops.ravel(outputs(model(*inputs)))

    if points:
        check_gradients(function, np.concatenate([p.reshape(-1) for p in points]))


# PyTorch's numbers.


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides", "ignore:enable_nested_tensor")
@pytest.mark.parametrize(("sample", "training"), modes(WITH_PEER))
def test_agrees_with_pytorch(sample, training):
    ours, theirs = made(sample, training).double(), sample.theirs().double().train(training)
    if training and is_random(ours):
        ours.eval()
        theirs.eval()
    give_weights(ours, theirs)
    theirs.zero_grad()
    mine = [Tensor(x, requires_grad=x.dtype == np.float64) for x in map(np.asarray, sample.inputs)]
    yours = [torch.from_numpy(np.array(x)) for x in sample.inputs]
    for i, x in enumerate(yours):
        x.requires_grad_(x.dtype == torch.float64 and i not in sample.still)
    y, z = outputs(ours(*mine)), [part for part in flat(theirs(*yours)) if part.is_floating_point()]
    assert len(y) == len(z)
    rng = np.random.default_rng(0)
    cotangents = [np.asarray(rng.standard_normal(part.shape)) for part in y]
    for part, peer in zip(y, z, strict=True):
        close("output", part.numpy(), peer.detach(), sample.tolerance)
    sum((ops.sum(part * g) for part, g in zip(y, cotangents, strict=True)), start=Tensor(0.0, np.float64)).backward()
    sum((part * torch.from_numpy(g)).sum() for part, g in zip(z, cotangents, strict=True)).backward()
    for i, (a, b) in enumerate(zip(mine, yours, strict=True)):
        if b.grad is not None:
            close(f"gradient of input {i}", a.grad, b.grad, sample.tolerance)
    expected = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        close(f"gradient of {name}", parameter.grad, expected[name].grad, sample.tolerance)
    kept = dict(theirs.named_buffers())
    for name, buffer in ours.named_buffers():
        close(f"buffer {name}", buffer.numpy(), kept[name], sample.tolerance)


def flat(y: Any) -> list[torch.Tensor]:
    if isinstance(y, (tuple, list)):
        return [leaf for part in y for leaf in flat(part)]
    return [] if y is None else [y]


# States.


@EACH
def test_a_state_goes_into_another_of_its_kind(sample):
    a, b = made(sample, training=False), made(sample, training=False, seed=1)
    b.load_state_dict(a.state_dict())
    inputs = in_single(sample)
    for other in (b, copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
        for x, y in zip(outputs(a(*inputs)), outputs(other(*inputs)), strict=True):
            assert np.array_equal(x.numpy(), y.numpy())


def in_single(sample: Sample) -> list[Any]:
    return [np.float32(x) if np.asarray(x).dtype == np.float64 else x for x in sample.inputs]


# Shapes, types, modes.


@EACH
def test_shape_and_type(sample):
    y = outputs(made(sample)(*[Tensor(x) for x in in_single(sample)]))
    assert y[0].shape == sample.shape
    assert {part.dtype for part in y} == {np.dtype(np.float32)}


def meets_a_weight(sample: Sample) -> bool:
    names = [name.rpartition(".")[2] for name, _ in made(sample).named_parameters()]
    drawn = np.asarray(sample.inputs[0]).dtype == np.float64 and sample.kind is not nn.SpatialTransformer
    return drawn and any(name.startswith(("weight", "in_proj", "q_proj")) for name in names)


@pytest.mark.parametrize("sample", list(filter(meets_a_weight, SAMPLES)), ids=lambda sample: sample.name)
def test_input_of_another_width_than_the_weights_is_refused(sample):
    with pytest.raises(DtypeError) as caught:
        made(sample)(*sample.inputs)
    assert "input float64, weights float32" in caught.value.given
    assert "np.float32" in caught.value.fix
    assert "model.double()" in caught.value.fix


@EACH
def test_cells_stay_the_same_objects_in_another_type(sample):
    model = made(sample)
    before = [cell for _, cell in model.named_cells()]
    assert [id(cell) for _, cell in model.double().named_cells()] == list(map(id, before))
    assert all(cell.dtype == np.float64 for cell in before)
    assert {cell.dtype for _, cell in model.float().named_cells()} <= {np.dtype(np.float32)}


@EACH
def test_in_use_nothing_is_drawn_and_nothing_moves(sample):
    model = made(sample, training=False)
    state, counter = model.state_dict(), default_generator().counter.item()
    first, second = (outputs(model(*in_single(sample))) for _ in range(2))
    assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in zip(first, second, strict=True))
    assert default_generator().counter.item() == counter
    assert all(np.array_equal(state[name], now) for name, now in model.state_dict().items())


@EACH
def test_it_is_shown_by_its_name_and_its_numbers_are_cells(sample):
    model = made(sample)
    shown = repr(model)
    assert shown.startswith(type(model).__name__ + "(")
    assert "object at" not in shown
    assert max(map(len, shown.splitlines())) <= 120
    assert all(isinstance(cell, Cell) for _, cell in model.named_cells())


@EACH
def test_what_was_recorded_once_runs_on_other_numbers(sample):
    """Nothing that depends on the numbers in a tensor is decided by Python: a compiler can take over."""
    model, inputs = made(sample, training=False), [Cell(x) for x in in_single(sample)]
    results = [Cell(np.zeros(part.shape, np.float32)) for part in outputs(model(*inputs))]

    def step() -> None:
        given = [x * 1.0 if x.dtype == np.float32 else x for x in inputs]
        for result, part in zip(results, outputs(model(*given)), strict=True):
            result.write(part)

    recorder = Recorder()
    with no_grad():
        recorder.record(step)
        for cell in inputs:
            if cell.dtype == np.float32:
                cell.write(cell.numpy() * np.float32(0.7))
        recorder.replay()
        expected = [part.numpy() for part in outputs(model(*inputs))]
    for result, y in zip(results, expected, strict=True):
        close("replayed", result.numpy(), y, 1e-6)
