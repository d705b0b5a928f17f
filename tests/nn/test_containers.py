from __future__ import annotations

import numpy as np

from descend import nn


def test_a_list_is_a_list_of_its_modules():
    parts = [nn.Linear(2, 2), nn.ReLU(), nn.Tanh()]
    held = nn.ModuleList(parts[:2])
    held.append(parts[2])
    assert list(held) == parts
    assert held[-1] is parts[2]
    assert list(held[1:]) == parts[1:]
    held.insert(0, nn.Sigmoid())
    held[1] = nn.Linear(3, 3)
    del held[-1]
    assert [type(part).__name__ for part in held] == ["Sigmoid", "Linear", "ReLU"]
    assert [name for name, _ in held.named_parameters()] == ["1.weight", "1.bias"]
    assert len(held.extend([nn.ReLU(), nn.ReLU()])) == 5


def test_a_slice_of_a_container_is_a_container_of_its_kind_that_shares_the_modules():
    model = nn.Concat(nn.Linear(2, 1), nn.Linear(2, 3), nn.Linear(2, 2), axis=-1)
    part = model[:2]
    assert isinstance(part, nn.Concat)
    assert part.axis == -1
    assert part[0] is model[0]
    assert part(np.ones((5, 2), np.float32)).shape == (5, 4)
    assert len(model) == 3


def test_a_sequence_can_grow():
    model = nn.Sequential(nn.Linear(2, 3)).append(nn.ReLU()).extend([nn.Linear(3, 1)])
    assert model(np.ones((4, 2), np.float32)).shape == (4, 1)


def test_a_dict_is_a_dict_of_its_modules():
    held = nn.ModuleDict({"a": nn.Linear(2, 2)})
    held["b"] = nn.ReLU()
    held.update([("c", nn.Tanh())])
    assert list(held) == list(held.keys()) == ["a", "b", "c"]
    assert [name for name, _ in held.items()] == ["a", "b", "c"]
    assert "b" in held
    assert isinstance(held.pop("b"), nn.ReLU)
    assert len(held) == 2
    assert [name for name, _ in held.named_parameters()] == ["a.weight", "a.bias"]
    assert held.values()[0] is held["a"]


def test_parameters_in_a_list_are_found():
    held = nn.ParameterList([np.ones(2), nn.Parameter(np.zeros(3))])
    held.append(np.ones((2, 2)))
    assert [parameter.shape for parameter in held] == [(2,), (3,), (2, 2)]
    assert [name for name, _ in held.named_parameters()] == ["0", "1", "2"]
    assert held[2].requires_grad
    assert len(held) == 3
