from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import DtypeError, ShapeError, Tensor, UsageError, ops
from descend.nn import Buffer, Module, Parameter
from descend.nn.elsewhere import HABITS
from tests.nn.refusal import Mistake, check

X = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)


class Scale(Module):
    """A module with a parameter, and a setting that is shown."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = Parameter(np.full(1, factor, np.float32))

    def forward(self, x: Any) -> Tensor:
        return self.factor * x

    def described(self) -> str:
        return "one factor"


class Parts(Module):
    """Modules, parameters and buffers in every place where they may be."""

    def __init__(self) -> None:
        self.width = 3
        self.bias = Parameter(np.zeros(2, np.float32))
        self.layers = [nn.Linear(3, 2), (nn.ReLU(), nn.Linear(2, 1, bias=False))]
        self.heads = {"left": nn.Linear(1, 1), "right": [nn.BatchNorm1d(4)]}
        self.steps = Buffer(np.array(0, np.int64))
        self.tables = [Parameter(np.ones((2, 2), np.float32)), None, "text"]


def values(model: Module) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in model.state_dict().items()}


# What is inside.


def test_paths_are_those_of_pytorch():
    def build(library):
        inner = library.Sequential(library.Conv2d(2, 3, 3, bias=False), library.BatchNorm2d(3), library.ReLU())
        return library.Sequential(inner, library.Flatten(), library.Sequential(library.Linear(3, 2)), library.Dropout())

    ours, theirs = build(nn), build(torch.nn)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    expected = {name: value.shape for name, value in theirs.state_dict().items() if "num_batches" not in name}
    assert {name: value.shape for name, value in ours.state_dict().items()} == expected


def test_lists_tuples_and_dicts_are_walked():
    model = Parts()
    assert list(model.state_dict()) == [
        "bias", "steps", "tables.0", "layers.0.weight", "layers.0.bias", "layers.1.1.weight", "heads.left.weight",
        "heads.left.bias", "heads.right.0.weight", "heads.right.0.bias", "heads.right.0.running_mean",
        "heads.right.0.running_var",
    ]  # fmt: skip
    assert [name for name, _ in model.named_modules()] == [
        "", "layers.0", "layers.1.0", "layers.1.1", "heads.left", "heads.right.0",
    ]  # fmt: skip
    assert {name for name, _ in model.named_buffers()} == {
        "steps", "heads.right.0.running_mean", "heads.right.0.running_var",
    }  # fmt: skip
    assert len(list(model.parameters())) == len(model.state_dict()) - 3
    assert {name for name, _ in model.named_modules("model")} >= {"model", "model.layers.0"}


def test_shared_parts_and_cycles_come_once():
    model, layer = Module(), nn.Linear(3, 3)
    model.first, model.second, model.third = layer, nn.Sequential(layer), nn.Linear(3, 3)
    model.third.weight = layer.weight
    model.itself = [model]
    assert [name for name, _ in model.named_parameters()] == ["first.weight", "first.bias", "third.bias"]
    assert [name for name, _ in model.named_modules()] == ["", "first", "second", "third"]
    assert "..." in repr(model)


def test_a_module_needs_a_forward():
    check_text = "Empty(): Empty defines no forward()"

    class Empty(Module):
        pass

    with pytest.raises(UsageError) as caught:
        Empty()(1)
    assert caught.value.problem == check_text
    assert "def forward(self, x)" in caught.value.fix


def test_train_and_eval_reach_every_part_and_return_the_model():
    model = Parts()
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert all(module.training for module in Parts().modules()), "another model is not reached"
    assert model.train() is model
    assert all(module.training for module in model.modules())


def test_zero_grad_forgets_all_gradients():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    ops.sum(model(X)).backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


# Saving and loading.


def test_a_round_trip_gives_the_same_outputs():
    def build():
        return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 2))

    a, b = build(), build()
    a(X)
    assert values(a) != values(b)
    b.load_state_dict(a.state_dict())
    assert values(a) == values(b)
    assert np.array_equal(a.eval()(X).numpy(), b.eval()(X).numpy())


def test_weights_of_pytorch_can_be_loaded():
    ours, theirs = (
        nn.Sequential(nn.Linear(3, 2), nn.ReLU()),
        torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()),
    )
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert np.allclose(ours(X).numpy(), theirs(torch.from_numpy(X)).detach().numpy())


def test_what_pytorch_s_batchnorm_counts_is_left_out():
    ours, theirs = nn.Sequential(nn.BatchNorm1d(3)), torch.nn.Sequential(torch.nn.BatchNorm1d(3))
    theirs(torch.from_numpy(X))
    assert "0.num_batches_tracked" in theirs.state_dict()
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert np.allclose(ours.eval()(X).numpy(), theirs.eval()(torch.from_numpy(X)).detach().numpy())


def test_a_parameter_may_begin_frozen():
    assert nn.Parameter(np.ones(2)).requires_grad
    assert not nn.Parameter(np.ones(2), requires_grad=False).requires_grad


@pytest.mark.parametrize("name", HABITS)
def test_pytorch_s_ways_are_answered_with_ours(name):
    model = nn.Sequential(nn.Linear(3, 2))
    with pytest.raises(AttributeError) as told:
        getattr(model, name)
    assert told.value.fix == HABITS[name]
    assert not hasattr(model, name)
    if "model." in HABITS[name] or HABITS[name].startswith("set"):
        exec(
            HABITS[name].partition(":")[0],
            {"model": model, "name": "0", "module": nn.ReLU(), "values": np.ones(2), "nn": nn},
        )


def test_other_names_are_answered_as_usual():
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'wieght'"):
        nn.Linear(3, 2).wieght  # noqa: B018


def test_a_buffer_is_registered_under_its_name():
    model = nn.Linear(3, 2)
    model.register_buffer("scale", np.ones(2, np.float32))
    assert isinstance(model.scale, Buffer)
    assert sorted(model.state_dict()) == ["bias", "scale", "weight"]
    assert not model.scale.requires_grad


def test_a_state_is_a_copy():
    model = nn.Linear(3, 2)
    state = model.state_dict()
    before = {name: array.copy() for name, array in state.items()}
    model.weight.write(np.zeros((2, 3)))
    assert np.array_equal(state["weight"], before["weight"])
    model.load_state_dict(state)
    state["weight"][:] = 7
    assert np.array_equal(model.weight.numpy(), before["weight"])
    model.state_dict()["weight"][:] = 7
    assert np.array_equal(model.weight.numpy(), before["weight"])


def test_values_are_converted_to_each_cells_type():
    model = nn.Linear(3, 2)
    model.load_state_dict({"weight": np.ones((2, 3), np.float64), "bias": [0, 1]})
    assert model.weight.dtype == model.bias.dtype == np.float32
    assert model.bias.tolist() == [0, 1]


def without(state: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: array for name, array in state.items() if name not in names}


WRONG_STATES = {
    "missing": lambda s: (without(s, "1.bias"), UsageError, "5 arrays", "missing: 1.bias", "settings"),
    "unknown": lambda s: ({**s, "2.bias": s["1.bias"]}, UsageError, "unknown: 2.bias", "6 arrays", ""),
    "near miss": lambda s: (
        {**without(s, "1.running_mean"), "1.runing_mean": s["1.bias"]}, UsageError, "unknown: 1.runing_mean",
        "missing: 1.running_mean", "did you mean '1.running_mean'?",
    ),
    "another prefix": lambda s: (
        {f"module.{name}": array for name, array in s.items()}, UsageError, "unknown: module.0.weight",
        "missing: 0.weight", "without 'module.'",
    ),
    "a longer path": lambda s: (
        {name.removeprefix("0."): s[name] for name in s if name.startswith("0.")}, UsageError, "weight, bias",
        "0.weight", "",
    ),
    "quite another": lambda s: ({"a": 1, "b": 2}, UsageError, "unknown: a, b", "0.weight, 0.bias, ", "settings"),
    "shape": lambda s: ({**s, "1.running_var": np.ones(3)}, ShapeError, "(3,)", "(2,)", "settings"),
    "transposed": lambda s: ({**s, "0.weight": s["0.weight"].T}, ShapeError, "(3, 2)", "(2, 3)", "settings"),
    "would broadcast": lambda s: ({**s, "1.bias": np.ones(1)}, ShapeError, "(1,)", "(2,)", "settings"),
    "no numbers": lambda s: ({**s, "1.running_var": np.array(["a", "b"])}, DtypeError, "<U1", "numbers", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_STATES)
def test_a_wrong_state_is_refused_and_nothing_of_it_is_loaded(case):
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    before = values(model)
    state = {name: array + 1 for name, array in model.state_dict().items()}
    wrong, kind, given, needed, fix = WRONG_STATES[case](state)
    problem = (
        "another network" if kind is UsageError else next(name for name in wrong if wrong[name] is not state[name])
    )
    check(Mistake(lambda: model.load_state_dict(wrong), kind, problem, given, needed, fix))
    assert values(model) == before


def test_a_long_list_of_names_is_cut():
    state = {f"layer{i}": 0 for i in range(100)}
    with pytest.raises(UsageError, match="layer4 and 95 more"):
        nn.Linear(2, 2).load_state_dict(state)


def test_copies_are_independent():
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    ops.sum(model(X)).backward()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert values(other) == values(model)
        assert not other.training
        kept = model[0].bias.grad.numpy().copy()
        other[0].weight.write(np.zeros((2, 3)))
        ops.sum(other(X)).backward()
        assert model[0].weight.numpy().all()
        assert np.array_equal(model[0].bias.grad.numpy(), kept)


# How it is shown.


def test_shown_as_a_tree():
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.ReLU(), nn.Dropout(0.1)))
    assert repr(model) == (
        "Sequential(\n  (0): Linear(3 -> 2)\n  (1): Sequential(\n    (0): ReLU()\n    (1): Dropout(p=0.1)\n  )\n)"
    )


def test_parts_in_lists_and_own_settings_are_shown():
    model = Scale()
    model.layers = [nn.ReLU(), {"a": Scale()}]
    assert repr(model) == "Scale(\n  one factor\n  (layers.0): ReLU()\n  (layers.1.a): Scale(one factor)\n)"
    assert repr(nn.Sequential()) == "Sequential()"


# Hooks.


def test_a_hook_sees_the_module_its_inputs_and_its_output_after_every_call():
    layer, seen = nn.Linear(3, 2), []
    layer.register_forward_hook(lambda *call: seen.append(call))
    outputs = [layer(X), layer(2 * X)]
    assert [module for module, _, _ in seen] == [layer, layer]
    assert [inputs[0] is x for (_, inputs, _), x in zip(seen, (X, None), strict=True)] == [True, False]
    assert all(y is shown for y, (_, _, shown) in zip(outputs, seen, strict=True))


def test_what_a_hook_returns_is_the_output_and_has_gradients():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    plain = model(X).numpy()
    model[1].register_forward_hook(lambda module, inputs, y: 2 * y)
    model[1].register_forward_hook(lambda module, inputs, y: y + 1)
    y = model(X)
    assert np.allclose(y.numpy(), 2 * plain + 1), "in the order in which they were added"
    ops.sum(y).backward()
    assert np.allclose(model[1].bias.grad.numpy(), 2 * len(X))


def test_a_removed_hook_is_not_called_any_more():
    layer, calls = Scale(), []
    remove_first, remove_second = (layer.register_forward_hook(lambda *_, n=n: calls.append(n)) for n in (1, 2))
    layer(X)
    remove_first()
    remove_first()
    layer(X)
    assert calls == [1, 2, 2]
    remove_second()
    layer(X)
    assert calls == [1, 2, 2]


def test_the_same_hook_may_be_added_twice_and_removed_once():
    layer, calls = Scale(), []
    hook = lambda *_: calls.append(1)
    layer.register_forward_hook(hook)
    layer.register_forward_hook(hook)()
    layer(X)
    assert calls == [1]


def test_a_hook_may_remove_itself():
    layer, calls = Scale(), []

    def once(*_: Any) -> None:
        calls.append("once")
        remove()

    remove = layer.register_forward_hook(once)
    layer.register_forward_hook(lambda *_: calls.append("always"))
    layer(X)
    layer(X)
    assert calls == ["once", "always", "always"]


def test_hooks_belong_to_one_module_and_are_no_part_of_the_network():
    a, b, listener = Scale(), Scale(), Module()
    listener.forward = lambda module, inputs, y: y
    before = list(a.state_dict()), [name for name, _ in a.named_modules()], repr(a)
    a.register_forward_hook(listener)
    a.register_forward_hook(lambda *_: pytest.fail("not this one"))()
    assert (list(a.state_dict()), [name for name, _ in a.named_modules()], repr(a)) == before
    assert not b._forward_hooks
    a(X)
    b(X)


def test_hooks_may_be_added_while_another_thread_runs_the_model():
    model, stop = nn.Sequential(*[Scale() for _ in range(3)]), threading.Event()
    failed: list[Exception] = []

    def runs() -> None:
        try:
            while not stop.is_set():
                model(X)
        except Exception as error:  # noqa: BLE001  whatever it is
            failed.append(error)

    thread = threading.Thread(target=runs)
    thread.start()
    for _ in range(300):
        remove = [layer.register_forward_hook(lambda *_: None) for layer in model]
        model.train()
        for take_away in remove:
            take_away()
    stop.set()
    thread.join()
    assert not failed


# Errors on the way.


def test_an_error_in_a_forward_is_told_with_the_module_it_happened_in():
    class Net(Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(3, 2)

        def forward(self, x: Any) -> Tensor:
            return self.layer(x) + x

    with pytest.raises(ShapeError) as caught:
        nn.Sequential(Net())(X)
    assert caught.value.problem.startswith("Net: ")
    assert caught.value.problem.count("Net") == 1
    assert "Sequential" not in caught.value.problem
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_a_forgotten_return_is_told_where_it_was_forgotten():
    class Net(Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(3, 2)

        def forward(self, x: Any) -> None:
            self.layer(x)

    model = nn.Sequential(Net(), nn.ReLU())
    check(Mistake(lambda: model(X), UsageError, "Net: forward() gave nothing back", "None", "an output", "return"))


@given(st.sampled_from([ValueError, KeyError, RuntimeError]))
def test_other_errors_pass_unchanged(kind):
    class Net(Module):
        def forward(self, x: Any) -> Any:
            raise kind("as it was")

    with pytest.raises(kind) as caught:
        Net()(X)
    assert caught.value.args == ("as it was",)


def test_parameters_require_gradients_and_buffers_do_not():
    assert Parameter([1.0]).requires_grad
    assert Parameter(np.ones(2), np.float32).dtype == np.float32
    assert not Buffer([1.0]).requires_grad


# Calling, and reaching parts.


def test_arguments_may_be_given_by_name():
    class Masked(Module):
        def forward(self, x: Any, *, mask: Any = None) -> Any:
            return x if mask is None else x * mask

    layer, seen = Masked(), []
    layer.register_forward_hook(lambda *call: seen.append(call))
    assert layer(Tensor(X), mask=0).numpy().any() == 0
    assert seen[0][1][0].shape == X.shape, "a hook sees what was given by position"
    assert len(seen[0][1]) == 1


def test_children_are_the_parts_held_by_a_module_itself():
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.ReLU()))
    assert [name for name, _ in model.named_children()] == ["0", "1"]
    assert list(model.children()) == list(model)
    model.again = model[0]
    assert len(list(model.children())) == 2, "one that is shared comes once"


def test_a_function_is_applied_to_the_inside_first():
    model, seen = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.ReLU())), []
    assert model.apply(lambda module: seen.append(type(module).__name__)) is model
    assert seen[-1] == "Sequential"
    assert sorted(seen) == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_frozen_parameters_get_no_gradients():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    ops.sum(model(X)).backward()
    assert [p.grad is None for p in model.parameters()] == [True, True, False, False]
    model.requires_grad_()
    ops.sum(model(X)).backward()
    assert all(p.grad is not None for p in model.parameters())
