from __future__ import annotations

import numpy as np

from descend import nn

X = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
A, B = nn.Linear(3, 2), nn.Linear(3, 2)


def test_side_by_side():
    assert np.array_equal(nn.Concat(A, B)(X).numpy(), np.concatenate([A(X).numpy(), B(X).numpy()], 1))
    assert np.array_equal(nn.Sum(A, B)(X).numpy(), A(X).numpy() + B(X).numpy())
    first, second = nn.Parallel(A, B)(X)
    assert np.array_equal(first.numpy(), A(X).numpy())
    assert np.array_equal(second.numpy(), B(X).numpy())


def test_an_input_for_each():
    for outputs in (nn.Parallel(A, B)(X, 2 * X), nn.Parallel(A, B)((X, 2 * X))):
        assert np.array_equal(outputs[1].numpy(), B(2 * X).numpy())


def test_parallel_parts_follow_each_other_in_a_sequence():
    model = nn.Sequential(nn.Parallel(A, B), nn.Parallel(nn.ReLU(), nn.Tanh()))
    assert np.array_equal(model(X)[1].numpy(), np.tanh(B(X).numpy()))


def test_a_residual_block_that_learned_nothing_is_the_identity():
    body = nn.Linear(3, 3)
    body.weight.write(np.zeros((3, 3)))
    body.bias.write(np.zeros(3))
    assert np.array_equal(nn.Residual(body)(X).numpy(), X)
    assert np.array_equal(nn.Residual(A, B)(X).numpy(), nn.Sum(B, A)(X).numpy())
