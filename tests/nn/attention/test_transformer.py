from __future__ import annotations

import numpy as np
import pytest
import torch

from descend import nn
from descend.engine import Generator
from tests.nn.peer import close, give_weights

RNG = np.random.default_rng(0)
X, MEMORY = RNG.standard_normal((5, 3, 4)), RNG.standard_normal((6, 3, 4))
OWN = np.arange(5) >= np.array([[5], [3], [1]])
OTHERS = np.arange(6) >= np.array([[2], [6], [4]])
LATER = np.triu(np.ones((5, 5), bool), 1)


def tensors(masks):
    return {name: torch.from_numpy(mask) for name, mask in masks.items()}


@pytest.mark.parametrize("first", [False, True])
def test_masks_of_the_encoder_agree_with_pytorch(first):
    ours = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 7, 0.0, norm_first=first), 2).double()
    layer = torch.nn.TransformerEncoderLayer(4, 2, 7, 0.0, norm_first=first)
    theirs = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).double()
    give_weights(ours, theirs)
    masks = {"mask": LATER, "src_key_padding_mask": OWN}
    close("encoded", ours(X, **masks).numpy(), theirs(torch.from_numpy(X), **tensors(masks)).detach(), 1e-12)


@pytest.mark.parametrize("first", [False, True])
def test_masks_of_the_decoder_agree_with_pytorch(first):
    ours = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 7, 0.0, norm_first=first), 2).double()
    layer = torch.nn.TransformerDecoderLayer(4, 2, 7, 0.0, norm_first=first)
    theirs = torch.nn.TransformerDecoder(layer, 2).double()
    give_weights(ours, theirs)
    masks = {"tgt_mask": LATER, "tgt_key_padding_mask": OWN, "memory_key_padding_mask": OTHERS}
    z = theirs(torch.from_numpy(X), torch.from_numpy(MEMORY), **tensors(masks))
    close("decoded", ours(X, MEMORY, **masks).numpy(), z.detach(), 1e-12)


def test_a_causal_decoder_does_not_see_the_future_and_sees_all_of_the_memory():
    layer = nn.TransformerDecoderLayer(4, 2, 7, norm_first=True).double().eval()
    plain, poisoned, other = layer(X, MEMORY, tgt_is_causal=True).numpy(), X.copy(), MEMORY.copy()
    poisoned[3:] = 1e3
    assert np.array_equal(layer(poisoned, MEMORY, tgt_is_causal=True).numpy()[:3], plain[:3])
    other[5] += 1
    assert np.abs(layer(X, other, tgt_is_causal=True).numpy() - plain).min() > 0


def test_layers_of_a_stack_begin_alike_and_are_learned_apart():
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 7), 2)
    first, second = (layer.linear1.weight for layer in model.layers)
    assert np.array_equal(first.numpy(), second.numpy())
    assert first is not second


def test_layers_of_a_stack_draw_from_one_stream():
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 7, 0.5, generator=Generator(3)), 2)
    streams = {id(part) for module in model.modules() for part in vars(module).values() if isinstance(part, Generator)}
    assert len(streams) == 1, "with streams that are copies all layers would drop the same places"


def test_dropout_is_for_training():
    layer = nn.TransformerEncoderLayer(4, 2, 7, 0.5).double()
    assert not np.array_equal(layer(X).numpy(), layer(X).numpy())
    layer.eval()
    assert np.array_equal(layer(X).numpy(), layer(X).numpy())


def test_an_activation_may_be_a_module():
    layer = nn.TransformerEncoderLayer(4, 2, 7, 0.0, activation=nn.Tanh())
    assert "(activation): Tanh()" in repr(layer)
