from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import DtypeError, Tensor, check_gradients, manual_seed, ops
from descend.nn.recurrent.layers import unstacked
from tests.nn.peer import close, give_weights

EACH = pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])


def states(state) -> list[Tensor]:
    return list(state) if isinstance(state, tuple) else [state]


@settings(max_examples=25)
@given(
    st.sampled_from(["RNN", "GRU", "LSTM"]), st.booleans(), st.booleans(), st.integers(1, 2), st.data(),
    st.integers(0, 2**32),
)  # fmt: skip
def test_sequences_of_several_lengths_agree_with_pytorch_s_packed_ones(name, both, first, layers, data, seed):
    manual_seed(seed)
    rng, lengths = np.random.default_rng(seed), np.array(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    n, t = len(lengths), 6
    x = rng.standard_normal((n, t, 2) if first else (t, n, 2))
    settings_ = {"batch_first": first, "bidirectional": both}
    ours, theirs = (
        getattr(nn, name)(2, 3, layers, **settings_).double(),
        getattr(torch.nn, name)(2, 3, layers, **settings_).double(),
    )
    give_weights(ours, theirs)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.from_numpy(x), torch.from_numpy(lengths), first, enforce_sorted=False
    )
    z, last = theirs(packed)
    z, _ = torch.nn.utils.rnn.pad_packed_sequence(z, first, total_length=t)
    y, ends = ours(x, lengths=lengths)
    close("outputs", y.numpy(), z.detach(), 1e-12)
    for a, b in zip(states(ends), states(last), strict=True):
        close("last state", a.numpy(), b.detach(), 1e-12)
    again, _ = ours(nn.pack_padded_sequence(x, lengths, first))
    assert np.array_equal(again.data.numpy(), y.numpy())


@EACH
def test_what_is_behind_the_end_of_a_sequence_has_no_influence(name):
    rng = np.random.default_rng(0)
    layer, lengths = getattr(nn, name)(2, 3, bidirectional=True), np.array([5, 2, 3])
    x = rng.standard_normal((5, 3, 2)).astype(np.float32)
    poisoned = np.where((np.arange(5)[:, None] < lengths)[..., None], x, np.float32(1e6))
    for a, b in zip(layer(x, lengths=lengths), layer(poisoned, lengths=lengths), strict=True):
        assert all(np.array_equal(p.numpy(), q.numpy()) for p, q in zip(states(a), states(b), strict=True))
    assert not layer(x, lengths=lengths)[0].numpy()[2:, 1].any()


@EACH
def test_gradients_with_several_lengths(name):
    layer = getattr(nn, name)(2, 3, bidirectional=True).double()
    y = lambda x: ops.concat(
        [part.reshape(-1) for part in (layer(x, lengths=[4, 2])[0], *states(layer(x, lengths=[4, 2])[1]))]
    )
    check_gradients(y, np.random.default_rng(0).standard_normal((4, 2, 2)))


@EACH
def test_the_past_does_not_see_the_future(name):
    x = np.random.default_rng(0).standard_normal((6, 2, 3)).astype(np.float32)
    layer = getattr(nn, name)(3, 4, 2)
    before, poisoned = layer(x)[0].numpy(), x.copy()
    poisoned[4:] = np.nan
    after = layer(poisoned)[0].numpy()
    assert np.array_equal(before[:4], after[:4])
    assert np.isnan(after[4:]).all()


@EACH
def test_a_sequence_in_two_parts_is_the_sequence(name):
    x = np.random.default_rng(0).standard_normal((7, 2, 3)).astype(np.float32)
    layer = getattr(nn, name)(3, 4, 2)
    whole, end = layer(x)
    first, state = layer(x[:3])
    second, last = layer(x[3:], state)
    assert np.allclose(np.concatenate([first.numpy(), second.numpy()]), whole.numpy(), atol=1e-6)
    assert all(np.allclose(a.numpy(), b.numpy(), atol=1e-6) for a, b in zip(states(last), states(end), strict=True))


@EACH
def test_it_is_the_cell_step_after_step(name):
    layer, cell = getattr(nn, name)(3, 4), getattr(nn, f"{name}Cell")(3, 4)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
    x, state = np.random.default_rng(0).standard_normal((5, 2, 3)).astype(np.float32), None
    for t, expected in enumerate(layer(x)[0]):
        state = cell(x[t], state)
        assert np.allclose(states(state)[0].numpy(), expected.numpy(), atol=1e-6)


def test_dropout_is_between_the_layers_and_in_training_only():
    x = np.ones((5, 3, 2), np.float32)
    layer = nn.GRU(2, 4, 2, dropout=0.5)
    assert not np.array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    layer.eval()
    assert np.array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    single = nn.GRU(2, 4, 1, dropout=0.5)
    assert np.array_equal(single(x)[0].numpy(), single(x)[0].numpy()), "there is nothing between one layer"


@given(st.integers(1, 80))
def test_unstacking_gives_the_slices_and_their_gradients(n):
    x = Tensor(np.arange(2.0 * n).reshape(n, 2), requires_grad=True)
    parts = unstacked(x)
    assert np.array_equal([part.numpy() for part in parts], x.numpy())
    ops.sum(ops.stack([part * (i + 1) for i, part in enumerate(parts)])).backward()
    assert np.array_equal(x.grad.numpy(), np.repeat(np.arange(1.0, n + 1), 2).reshape(n, 2))


def test_shown():
    assert (
        repr(nn.LSTM(3, 4, 2, bidirectional=True, dropout=0.1))
        == "LSTM(3 -> 4, num_layers=2, bidirectional, dropout=0.1)"
    )
    assert repr(nn.GRUCell(3, 4, False)) == "GRUCell(3 -> 4, no bias)"


def test_an_empty_batch_gives_an_empty_output_whatever_the_layout():
    assert nn.LSTM(2, 3)(np.zeros((4, 0, 2), np.float32))[0].shape == (4, 0, 3)
    assert nn.LSTM(2, 3, batch_first=True)(np.zeros((0, 4, 2), np.float32))[0].shape == (0, 4, 3)


def test_a_state_of_another_width_is_refused():
    layer, state = nn.GRU(2, 3), np.zeros((1, 1, 3))
    for module, before in ((layer, state), (nn.GRUCell(2, 3), state[0])):
        x = np.zeros((4, 1, 2) if module is layer else (1, 2), np.float32)
        with pytest.raises(DtypeError, match="another floating-point type"):
            module(x, before)


def test_whole_numbers_are_read_as_numbers():
    x = np.eye(3, dtype=np.int64)[[0, 2, 1, 0]][:, None]
    for layer in (nn.LSTM(3, 2), nn.RNN(3, 2)):
        assert np.allclose(layer(x)[0].numpy(), layer(np.float32(x))[0].numpy())


def test_gradients_fade_in_a_plain_recurrence_and_live_on_in_an_lstm_that_keeps_its_cell():
    rng = np.random.default_rng(0)
    plain, keeping = nn.RNN(2, 16).double(), nn.LSTM(2, 16).double()
    bias = keeping.bias_ih_l0.numpy()
    bias[16:32] = 6.0  # the forget gate stays open
    keeping.bias_ih_l0.write(bias)
    norms = {}
    for name, layer in (("plain", plain), ("keeping", keeping)):
        x = Tensor(rng.standard_normal((50, 1, 2)), requires_grad=True)
        ops.sum(layer(x)[0][49]).backward()
        norms[name] = np.linalg.norm(x.grad.numpy()[:, 0], axis=1)
    assert norms["plain"][0] < 1e-6 * norms["plain"][49]
    assert norms["keeping"][0] > 1e-2 * norms["keeping"][49]
