from __future__ import annotations

from itertools import pairwise

import numpy as np

from descend import nn

X = 7 * np.random.default_rng(0).standard_normal((200, 6)).astype(np.float32) + 1


def deviations(model: nn.Module) -> list[float]:
    found = []
    for module in model:
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda *call: found.append(float(call[2].numpy().std())))
    model(X)
    return found


def test_every_layer_gives_out_variance_1():
    sizes = [6, *[30] * 8, 3]
    model = nn.Sequential(*[part for pair in pairwise(sizes) for part in (nn.Linear(*pair), nn.ReLU())])
    found = nn.calibrate(model, X, tolerance=0.02)
    assert list(found) == [str(2 * i) for i in range(9)]
    assert np.allclose(list(found.values()), 1, atol=0.02)
    assert np.allclose(deviations(model), 1, atol=0.02)


def test_weights_begin_orthogonal_unless_told_otherwise():
    model = nn.Sequential(nn.Linear(6, 6))
    nn.calibrate(model, X)
    w = model[0].weight.numpy()
    assert np.allclose(w @ w.T, (w @ w.T)[0, 0] * np.eye(6), atol=1e-5)
    kept = nn.Linear(6, 4)
    before = kept.weight.numpy()
    nn.calibrate(kept, X, orthogonal=False)
    assert np.allclose(kept.weight.numpy() / before, (kept.weight.numpy() / before)[0, 0], rtol=1e-4)


def test_convolutions_too_and_nothing_else_moves():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 2)).train()
    bias, running = model[3].bias.numpy(), model[1].running_mean.numpy()
    found = nn.calibrate(model, np.random.default_rng(0).standard_normal((50, 1, 6, 6)).astype(np.float32))
    assert np.allclose(list(found.values()), 1, atol=0.05)
    assert np.array_equal(model[3].bias.numpy(), bias)
    assert np.array_equal(model[1].running_mean.numpy(), running)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
