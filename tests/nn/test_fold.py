from __future__ import annotations

import numpy as np

from descend import nn

RNG = np.random.default_rng(0)


def test_fold_is_the_adjoint_of_unfold():
    x, y = RNG.standard_normal((1, 2, 6, 5)), RNG.standard_normal((1, 12, 6))
    unfold, fold = (
        nn.Unfold((3, 2), stride=(2, 2), padding=(1, 0)),
        nn.Fold((6, 5), (3, 2), stride=(2, 2), padding=(1, 0)),
    )
    assert abs((unfold(x).numpy() * y).sum() - (x * fold(y).numpy()).sum()) < 1e-12


def test_a_convolution_is_a_product_with_the_unfolded_image():
    layer = nn.Conv2d(2, 3, 3, bias=False)
    x = RNG.standard_normal((4, 2, 6, 5)).astype(np.float32)
    columns = nn.Unfold(3)(x).numpy()
    assert np.allclose((layer.weight.numpy().reshape(3, -1) @ columns).reshape(4, 3, 4, 3), layer(x).numpy(), atol=1e-5)


def test_folding_what_was_unfolded_counts_the_windows_over_each_pixel():
    counts = nn.Fold((4, 4), 2)(nn.Unfold(2)(np.ones((1, 1, 4, 4)))).numpy()[0, 0]
    assert np.array_equal(counts, np.outer([1, 2, 2, 1], [1, 2, 2, 1]))
