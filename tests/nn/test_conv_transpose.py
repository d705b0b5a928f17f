from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import Generator, manual_seed
from tests.nn.peer import agree

small = st.integers(1, 3)


@settings(max_examples=40)
@given(small, small, small, st.integers(0, 1), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2**32))
def test_agrees_with_pytorch(kernel, stride, n, padding, dilation, groups, seed):
    manual_seed(seed)
    kernel = max(kernel, 1 + 2 * padding // dilation)
    args, named = (
        (2, 4, kernel, stride, padding),
        {"output_padding": stride - 1, "groups": groups, "dilation": dilation},
    )
    x = np.random.default_rng(seed).standard_normal((2, 2, 3, n + 1)).astype(np.float32)
    agree(nn.ConvTranspose2d(*args, **named), torch.nn.ConvTranspose2d(*args, **named), x, seed=seed)


def test_it_is_the_adjoint_of_the_convolution():
    rng = np.random.default_rng(0)
    down, up = nn.Conv2d(2, 3, 3, 2, 1, bias=False).double(), nn.ConvTranspose2d(3, 2, 3, 2, 1, bias=False).double()
    up.weight.write(down.weight)
    x, y = rng.standard_normal((1, 2, 7, 5)), rng.standard_normal((1, 3, 4, 3))
    assert abs((down(x).numpy() * y).sum() - (x * up(y).numpy()).sum()) < 1e-12


def test_weights_follow_the_generator():
    a, b = (nn.ConvTranspose1d(2, 3, 3, generator=Generator(5)) for _ in range(2))
    assert np.array_equal(a.weight.numpy(), b.weight.numpy())
