from __future__ import annotations

import numpy as np
import pytest
import torch

from descend import nn
from tests.nn.peer import close, give_weights

RNG = np.random.default_rng(0)
SRC, TGT = RNG.standard_normal((5, 3, 4)), RNG.standard_normal((4, 3, 4))
SRC_ENDS, TGT_ENDS = np.arange(5) >= np.array([5, 3, 2])[:, None], np.arange(4) >= np.array([1, 4, 3])[:, None]
LATER = np.triu(np.ones((4, 4), bool), 1)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_every_mask_means_what_it_means_in_pytorch():
    ours = nn.Transformer(4, 2, 2, 1, 7, 0.0).double()
    theirs = torch.nn.Transformer(4, 2, 2, 1, 7, 0.0).double()
    give_weights(ours, theirs)
    masks = {
        "src_mask": np.eye(5, k=2, dtype=bool), "tgt_mask": LATER, "memory_mask": np.eye(4, 5, k=1, dtype=bool),
        "src_key_padding_mask": SRC_ENDS, "tgt_key_padding_mask": TGT_ENDS, "memory_key_padding_mask": SRC_ENDS,
    }  # fmt: skip
    for names in ([], *[[name] for name in masks], list(masks)):
        chosen = {name: masks[name] for name in names}
        z = theirs(torch.from_numpy(SRC), torch.from_numpy(TGT), **{k: torch.from_numpy(v) for k, v in chosen.items()})
        close(str(names), ours(SRC, TGT, **chosen).numpy(), z.detach(), 1e-12)


def test_it_begins_with_glorot_s_bound_and_ends_normalised():
    model = nn.Transformer(64, 2, 1, 1, 64, 0.0)
    for name, matrix in model.named_parameters():
        if matrix.ndim > 1:
            bound = (6 / sum(matrix.shape)) ** 0.5
            assert 0.9 * bound < np.abs(matrix.numpy()).max() <= bound, name
    y = model(np.float32(RNG.standard_normal((3, 1, 64))), np.float32(RNG.standard_normal((2, 1, 64)))).numpy()
    assert np.allclose(y.mean(-1), 0, atol=1e-5)
