from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from descend.engine import ShapeError, Tensor
from descend.nn import binary_cross_entropy_with_logits, mse_loss
from tests.nn.refusal import Mistake, check

F = torch.nn.functional
seeds = st.integers(0, 2**32)
scales = st.sampled_from([0.0, 1.0, 30.0, 1e4])
THREE = np.zeros((4, 3), np.float32)


@pytest.mark.parametrize("loss", [mse_loss, binary_cross_entropy_with_logits])
def test_a_float64_or_integer_target_leaves_the_loss_in_the_networks_type(loss):
    for dtype in (np.float64, np.int64, np.bool_):
        assert loss(Tensor(THREE), np.ones((4, 3), dtype)).dtype == np.float32


@pytest.mark.parametrize("loss", [mse_loss, binary_cross_entropy_with_logits])
@pytest.mark.parametrize(
    ("prediction", "target", "fix"),
    [
        ((5, 1), (5,), "target.reshape(5, 1)"),
        ((5,), (5, 1), "target.reshape(5,)"),
        ((5, 3), (5,), "as many outputs"),
        ((5, 1), (4, 1), "same batch"),
    ],
)
def test_targets_of_another_shape(loss, prediction, target, fix):
    call = lambda: loss(Tensor(np.zeros(prediction)), np.zeros(target))
    given = f"prediction {prediction}, target {target}"
    check(Mistake(call, ShapeError, f"{loss.__name__} compares", given, "equal shapes", fix))
