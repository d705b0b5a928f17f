"""Wrong calls, and the words that their errors must hold: what was given, what was needed, how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from descend import nn
from descend.engine import DescendError, DtypeError, ShapeError, Tensor, UsageError
from descend.nn import init


def f(*shape: int) -> Any:
    """Zeros of float32."""
    return np.zeros(shape, np.float32)


def i(*numbers: int | list[int]) -> Any:
    return np.array(numbers)


U, S, D = UsageError, ShapeError, DtypeError
Call = Callable[[], Any]

# fmt: off
MISTAKES: list[tuple[Call, type[DescendError], str]] = [
    # Shapes that are none.
    (lambda: nn.summary(nn.Linear(2, 3), 2), U, "shape 2 (1, 28, 28)"),
    (lambda: nn.summary(nn.Linear(2, 3), (1, -2)), U, "shape (1, -2) batch axis"),
    (lambda: nn.diagram(nn.Linear(2, 3), "12"), U, "shape '12'"),
    (lambda: nn.summary(nn.Bilinear(2, 2, 3), [(1, 2), (1, 2)], ["float32"]), U, "1 types for 2 inputs"),
    # Sizes that are no counts.
    (lambda: nn.Linear(0, 3), U, "Linear in_features=0 1, 2, 3"),
    (lambda: nn.Linear(3, 2.0), U, "out_features=2.0 //"),
    (lambda: nn.Linear(3, True), U, "out_features=True"),
    (lambda: nn.Bilinear(2, 0, 3), U, "Bilinear in2_features=0"),
    (lambda: nn.Embedding(0, 3), U, "Embedding num_embeddings=0"),
    (lambda: nn.Embedding(5, -1), U, "embedding_dim=-1"),
    (lambda: nn.Embedding(5, 3, padding_idx=5), U, "padding_idx=5 -5 to 4"),
    (lambda: nn.EmbeddingBag(5, 3, mode="avg"), U, "mode='avg' 'sum' 'mean' 'max'"),
    (lambda: nn.Conv2d(3, 0, 3), U, "Conv2d out_channels=0"),
    (lambda: nn.Conv1d(3, 4, (3, 3)), U, "Conv1d one whole number kernel_size=(3, 3) like 3"),
    (lambda: nn.Conv3d(3, 4, (3, 3)), U, "Conv3d one or three kernel_size=(3, 3) (3, 5, 5)"),
    (lambda: nn.Conv2d(3, 4, 3, dilation=0), U, "dilation=0 numbers from 1 up"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), U, "2 groups of 3 channels in divides both"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), U, "2 groups of 4 channels in and 3 out"),
    (lambda: nn.Conv2d(3, 4, 3, 2, "same"), U, "stride 2 stride 1"),
    (lambda: nn.Conv2d(3, 4, 3, padding="smae"), U, "padding='smae' padding=\"same\""),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), U, "padding_mode='mirror' 'reflect'"),
    (lambda: nn.Conv2d(3, 4, 3, dilatation=2), U, "no setting 'dilatation' did you mean 'dilation'?"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=-1), U, "output_padding=-1 numbers from 0 up"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, outputpadding=1), U, "no setting did you mean 'output_padding'?"),
    (lambda: nn.DepthwiseConv2d(3, 3, groups=3), U, "DepthwiseConv2d has no setting 'groups'"),
    (lambda: nn.SeparableConv2d(3, 4, 3, multiplier=2), U, "no setting 'multiplier' depth_multiplier"),
    (lambda: nn.LocallyConnected2d(3, 4, 5, 7), S, "window is larger image (5, 5)"),
    (lambda: nn.LocallyConnected1d(3, 4, (5, 5), 3), U, "LocallyConnected1d input_size=(5, 5)"),
    (lambda: nn.MaxPool2d(3, padding=2), U, "wholly in the padding at most half the kernel"),
    (lambda: nn.MaxPool2d((2, 2, 2)), U, "MaxPool2d kernel_size=(2, 2, 2)"),
    (lambda: nn.LPPool2d(0, 2), U, "norm_type=0 norm_type > 0"),
    (lambda: nn.AdaptiveAvgPool2d((2, 3, 4)), U, "output_size=(2, 3, 4) 1 or 2 numbers"),
    (lambda: nn.AdaptiveAvgPool2d(0), U, "output_size[0]=0"),
    (lambda: nn.GlobalPool("average"), U, "mode='average' 'mean'"),
    (lambda: nn.SpatialPyramidPool((1, 0)), U, "levels=(1, 0)"),
    (lambda: nn.Upsample(), U, "size=None, scale_factor=None one of the two"),
    (lambda: nn.Upsample((2, 2), 2.0), U, "one of the two Upsample(scale_factor=2)"),
    (lambda: nn.Upsample(scale_factor=2, mode="cubic"), U, "mode='cubic' 'nearest'"),
    (lambda: nn.PixelShuffle(0), U, "upscale_factor=0"),
    (lambda: nn.ReflectionPad2d((1, 2, 3)), U, "padding=(1, 2, 3) 4 whole numbers (left, right, top, bottom)"),
    (lambda: nn.ZeroPad1d(-1), U, "padding=-1 from 0 up"),
    (lambda: nn.SpatialTransformer("net"), U, "str a module"),
    (lambda: nn.LayerNorm(0), U, "normalized_shape=0"),
    (lambda: nn.LayerNorm((2, 3.0)), U, "normalized_shape=(2, 3.0) (2, 3)"),
    (lambda: nn.RMSNorm(3, eps=-1.0), U, "eps=-1.0 0 <= eps"),
    (lambda: nn.GroupNorm(4, 6), U, "4 groups of 6 channels divides GroupNorm(1, c)"),
    (lambda: nn.LocalResponseNorm(0), U, "size=0"),
    (lambda: nn.BatchNorm3d(3, momentum=None), U, "BatchNorm3d momentum=None"),
    (lambda: nn.Dropout2d(1.0), U, "Dropout2d p=1.0 0 <= p < 1"),
    (lambda: nn.AlphaDropout(30), U, "AlphaDropout p=30 for 20 % write p=0.2"),
    (lambda: nn.GaussianNoise(-0.1), U, "std=-0.1"),
    (lambda: nn.LSTM(3, 0), U, "LSTM hidden_size=0"),
    (lambda: nn.LSTM(3, 4, batchfirst=True), U, "LSTM has no setting 'batchfirst' did you mean 'batch_first'?"),
    (lambda: nn.GRU(3, 4, dropout=1.5), U, "GRU dropout=1.5"),
    (lambda: nn.GRU(3, 4, peepholes=True), U, "GRU has no setting 'peepholes'"),
    (lambda: nn.RNN(3, 4, nonlinearity="sigmoid"), U, "nonlinearity='sigmoid' 'tanh' or 'relu'"),
    (lambda: nn.RNNCell(3, 4, nonlinearity="tahn"), U, "did you mean 'tanh'?"),
    (lambda: nn.MultiheadAttention(6, 4), U, "4 heads of 6 features a multiple of 4"),
    (lambda: nn.MultiheadAttention(6, 2, add_bias_kv=True), U, "no setting 'add_bias_kv'"),
    (lambda: nn.TransformerEncoderLayer(6, 2, activation="swish"), U, "activation='swish' 'relu' or 'gelu'"),
    (lambda: nn.TransformerEncoderLayer(6, 2, normfirst=True), U, "did you mean 'norm_first'?"),
    (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer, 2), U, "type a module make one first"),
    (lambda: nn.RotaryPositionalEncoding(1.0), U, "base=1.0 base > 1"),
    # Settings of activations.
    (lambda: nn.LeakyReLU("0.1"), U, "negative_slope='0.1' a finite number"),
    (lambda: nn.CELU(0), U, "alpha=0 alpha > 0"),
    (lambda: nn.Hardtanh(1, -1), U, "min_val=1, max_val=-1 min_val < max_val"),
    (lambda: nn.RReLU(0.5, 0.1), U, "lower=0.5, upper=0.1 lower <= upper"),
    (lambda: nn.Softplus(-1), U, "beta=-1 beta > 0"),
    (lambda: nn.GELU("erf"), U, "approximate='erf' 'none' or 'tanh'"),
    (lambda: nn.Softmax("last"), U, "axis='last' -1 is the last axis"),
    (lambda: nn.Hardshrink(-0.1), U, "lambd=-0.1"),
    (lambda: nn.PReLU(init="a"), U, "init='a'"),
    (lambda: nn.FeaturePool(2, mode="min"), U, "mode='min' 'max'"),
    (lambda: nn.Unflatten(1, 6), U, "unflattened_size=6 (2, 3)"),
    # Containers.
    (lambda: nn.Sequential(nn.Linear), U, "layer 0 of a Sequential the class Linear Linear()"),
    (lambda: nn.Sequential({"a": nn.ReLU()}), U, "layer 0 of a Sequential a dict Sequential(*layers.values())"),
    (lambda: nn.Concat([nn.ReLU()]), U, "layer 0 of a Concat a list Concat(*layers)"),
    (lambda: nn.ModuleList([nn.ReLU(), 3]), U, "layer 1 of a ModuleList a int"),
    (lambda: nn.ModuleDict({"a.b": nn.ReLU()}), U, "'a.b': ReLU a name without dots"),
    (lambda: nn.ModuleDict({"keys": nn.ReLU()}), U, "'keys' such as keys_"),
    (lambda: nn.ModuleDict({"a": np.tanh}), U, "ufunc a module"),
    (lambda: nn.ModuleDict({"left": nn.ReLU()})["lift"], U, "no module 'lift' did you mean 'left'?"),
    (lambda: nn.Residual([nn.ReLU()]), U, "the body of a Residual list Sequential"),
    (lambda: nn.Residual(nn.ReLU(), 1), U, "the shortcut of a Residual int"),
    (lambda: nn.Residual(nn.Linear(3, 2))(f(4, 3)), S, "(4, 3) and (4, 2) equal shapes"),
    (lambda: nn.Sum(nn.Linear(3, 2), nn.Linear(3, 1))(f(4, 3)), S, "(4, 2) and (4, 1)"),
    (lambda: nn.Concat(nn.ReLU(), nn.MaxPool2d(2))(f(1, 2, 4, 4)), S, "cannot be joined along axis 1"),
    (lambda: nn.Parallel(nn.ReLU(), nn.ReLU())(f(1), f(1), f(1)), U, "3 inputs 2, or 1"),
    # Inputs that do not fit.
    (lambda: nn.Linear(3, 2)(f(4, 5)), S, "Linear(3 -> 2) x (4, 5) x (..., 3)"),
    (lambda: nn.Linear(3, 2)(np.zeros((4, 3))), D,
      "input float64, weights float32 x.astype(np.float32) model.double()"),
    (lambda: nn.Linear(3, 2).double()(f(4, 3)), D, "input float32, weights float64 model.float()"),
    (lambda: nn.Bilinear(2, 3, 4)(f(5, 2), f(5, 2)), S, "(5, 2) and (5, 2) (..., 2) and (..., 3)"),
    (lambda: nn.Bilinear(2, 3, 4)(f(5, 2), f(4, 3)), S, "the same batch"),
    (lambda: nn.Embedding(5, 3)(f(2)), D, "float32 int64 np.int64"),
    (lambda: nn.Embedding(5, 3)(i(0, 5)), S, "indices from 0 to 5 0 to 4 as long as the vocabulary"),
    (lambda: nn.Embedding(5, 3)(i(-1)), S, "indices from -1 to -1 0 to 4"),
    (lambda: nn.Embedding.from_pretrained(f(5)), S, "(5,) (num_embeddings, embedding_dim) one a row"),
    (lambda: nn.EmbeddingBag(5, 3)(i(0, 1)), S, "(2,) (n, t) x[None]"),
    (lambda: nn.Conv2d(3, 4, 3)(f(2, 1, 8, 8)), S, "x (2, 1, 8, 8) x (n, 3, h, w)"),
    (lambda: nn.Conv2d(3, 4, 3)(f(3, 8, 8)), S, "x (3, 8, 8) x[None] one image"),
    (lambda: nn.Conv2d(1, 4, 3)(f(5, 8, 8)), S, "x (5, 8, 8) x[:, None]"),
    (lambda: nn.Conv2d(3, 4, 3)(f(2, 8, 8, 3)), S, "x (2, 8, 8, 3) x.moveaxis(-1, 1)"),
    (lambda: nn.Conv1d(3, 4, 3)(f(2, 8, 3)), S, "x (2, 8, 3) x.moveaxis(-1, 1)"),
    (lambda: nn.Conv2d(1, 4, 3)(f(2, 784)), S, "x (2, 784) x.reshape(-1, 1, 28, 28)"),
    (lambda: nn.Conv2d(5, 4, 3)(f(2, 8, 8, 3)), S, "x (2, 8, 8, 3) the number of channels"),
    (lambda: nn.MaxPool2d(2)(f(1, 4, 4)), S, "(1, 4, 4) (n, c, h, w) x[None] one image"),
    (lambda: nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 2))(f(5, 2, 3)), U, "Linear(4 -> 2) a tuple of 2 y, state ="),
    (lambda: nn.BatchNorm1d(3)(nn.MultiheadAttention(3, 1)(*[f(5, 2, 3)] * 3)), U, "tuple BatchNorm1d(3)"),
    (lambda: nn.Linear(3, 2).to("cuda"), D, "'cuda' the CPU leave .to(device) out"),
    (lambda: Tensor([1.0]).to("cpu"), D, "'cpu' leave .to(device) out"),
    (lambda: nn.Linear(3, 2).load_state_dict([1, 2]), U, "list a dict of arrays state_dict()"),
    (lambda: nn.Conv2d(3, 4, 9)(f(1, 3, 8, 8)), S, "image (8, 8), window (9, 9) smaller kernel"),
    (lambda: nn.Conv1d(3, 4, 3)(f(2, 3, 8, 8)), S, "x (2, 3, 8, 8)"),
    (lambda: nn.ConvTranspose2d(3, 4, 3)(f(1, 2, 4, 4)), S, "x (1, 2, 4, 4)"),
    (lambda: nn.Conv2d(1, 1, 3, padding=4, padding_mode="reflect")(f(1, 1, 3, 3)), S, "padding 4 of axis 2 up to 2"),
    (lambda: nn.LocallyConnected2d(1, 2, 5, 3)(f(1, 1, 6, 5)), S, "(1, 1, 6, 5) (n, 1, 5, 5) built for one size"),
    (lambda: nn.MaxPool2d(2)(f(3, 4, 4)), S, "(3, 4, 4) (n, c, h, w) x[:, None]"),
    (lambda: nn.FractionalMaxPool2d(2), U, "output_size=None, output_ratio=None one of the two output_ratio=0.7"),
    (lambda: nn.FractionalMaxPool2d(2, output_ratio=2.0), U, "output_ratio=2.0 0 < ratio < 1"),
    (lambda: nn.FractionalMaxPool2d(3, 4)(f(1, 2, 5, 9)), S, "(1, 2, 5, 9) windows (3, 3) result (4, 4)"),
    (lambda: nn.FractionalMaxPool2d(3, output_ratio=0.5)(f(2, 9, 9)), S, "(2, 9, 9) (n, c, ...)"),
    (lambda: nn.MaxPool1d(9)(f(1, 1, 4)), S, "larger than the image"),
    (lambda: nn.AdaptiveMaxPool2d(2)(f(1, 2, 3)), S, "(1, 2, 3) 4 axes"),
    (lambda: nn.GlobalPool()(f(3, 4)), S, "(3, 4) (n, c, ...) before flattening"),
    (lambda: nn.SpatialPyramidPool()(f(3, 4, 4)), S, "(3, 4, 4) (n, c, h, w)"),
    (lambda: nn.PixelShuffle(2)(f(1, 3, 2, 2)), S, "(1, 3, 2, 2) (n, c * 4, h, w)"),
    (lambda: nn.PixelUnshuffle(2)(f(1, 3, 3, 2)), S, "(1, 3, 3, 2) multiples of 2"),
    (lambda: nn.ChannelShuffle(2)(f(1, 3, 2)), S, "(1, 3, 2) a multiple of 2"),
    (lambda: nn.ReflectionPad1d(3)(f(1, 1, 3)), S, "padding 3 of axis 2 up to 2"),
    (lambda: nn.ZeroPad2d(1)(f(3, 3)), S, "(3, 3) channels and 2 axes"),
    (lambda: nn.SpatialTransformer(nn.Flatten())(f(2, 1, 2, 2)), S, "(2, 4) (n, 6) Linear(d, 6)"),
    (lambda: nn.Fold(4, 2)(f(1, 4, 5)), S, "(1, 4, 5) (n, c * 4, 9)"),
    (lambda: nn.Maxout(2)(f(3, 5)), S, "5 in (3, 5) a multiple of 2"),
    (lambda: nn.Maxout(2)(f(4)), S, "no axis 1 (4,)"),
    (lambda: nn.GLU()(f(2, 3)), S, "3 in (2, 3) a multiple of 2"),
    (lambda: nn.PReLU(3)(f(2, 4)), S, "input (2, 4), 3 slopes (n, 3, ...)"),
    (lambda: nn.Flatten(2, 1)(f(2, 3, 4)), S, "axes 2 to 1"),
    (lambda: nn.Flatten()(f(3)), S, "(3,) (n, ...) x[None]"),
    (lambda: nn.Unflatten(1, (2, 2))(f(3, 6)), S, "reshape keeps the number (3, 6)"),
    (lambda: nn.Unflatten(2, (2, 2))(f(3, 4)), S, "no axis 2 (3, 4) from -2 to 1"),
    (lambda: nn.LayerNorm(5)(f(3, 4)), S, "(3, 4) (..., 5) last axes"),
    (lambda: nn.GroupNorm(2, 4)(f(3, 6, 2)), S, "(3, 6, 2) (n, 4, ...)"),
    (lambda: nn.InstanceNorm2d(3)(f(2, 3, 1, 1)), S, "(2, 3, 1, 1) two places"),
    (lambda: nn.InstanceNorm1d(3)(f(2, 3)), S, "(2, 3) (n, 3, t)"),
    (lambda: nn.LocalResponseNorm(3)(f(2, 3)), S, "(2, 3) (n, c, ...) x[..., None]"),
    (lambda: nn.Dropout2d()(f(2, 3)), S, "(2, 3) four axes Dropout drops single"),
    # Sequences.
    (lambda: nn.LSTM(3, 4)(f(5, 2, 4)), S, "LSTM(3 -> 4) (5, 2, 4) (t, n, 3)"),
    (lambda: nn.LSTM(3, 4, batch_first=True)(f(5, 2)), S, "(5, 2) (n, t, 3) x[..., None]"),
    (lambda: nn.LSTM(3, 4)(f(0, 2, 3)), S, "(0, 2, 3)"),
    (lambda: nn.LSTM(3, 4)(f(5, 2, 3), f(1, 2, 4)), U, "ndarray (h, c)"),
    (lambda: nn.LSTM(3, 4)(f(5, 2, 3), (f(1, 2, 4), f(1, 2, 5))), S, "(1, 2, 4), (1, 2, 5)"),
    (lambda: nn.GRU(3, 4, 2)(f(5, 2, 3), f(1, 2, 4)), S, "(1, 2, 4) (2, 2, 4) layers * directions"),
    (lambda: nn.GRU(3, 4)(f(5, 2, 3), (f(1, 2, 4), f(1, 2, 4))), U, "GRU tuple one tensor LSTM"),
    (lambda: nn.GRU(3, 4)(f(5, 2, 3), lengths=[5, 6]), S, "[5, 6] 2 numbers from 1 to 5"),
    (lambda: nn.GRU(3, 4)(f(5, 2, 3), lengths=[5, 0]), S, "[5, 0] leave empty sequences out"),
    (lambda: nn.GRU(3, 4)(f(5, 2, 3), lengths=[5.0, 2.0]), D, "float64 integers"),
    (lambda: nn.GRUCell(3, 4)(f(5, 2, 3)), S, "(5, 2, 3) (n, 3) x[t]"),
    (lambda: nn.GRUCell(3, 4)(f(5, 3), f(4, 4)), S, "state (4, 4), input (5, 3) state (5, 4)"),
    (lambda: nn.pad_sequence([f(3, 2), f(2, 3)]), S, "(3, 2) and (2, 3) (t_i, ...)"),
    (lambda: nn.pad_sequence([]), S, "nothing one or more tensors"),
    (lambda: nn.pack_padded_sequence(f(5), [5]), S, "(5,) (t, n, ...)"),
    (lambda: next(nn.truncated(nn.RNN(2, 3), f(4, 1, 2), 0)), U, "steps=0"),
    # Attention.
    (lambda: nn.MultiheadAttention(6, 2)(f(5, 3, 6), f(4, 2, 6), f(4, 2, 6)), S, "(5, 3, 6) and (4, 2, 6) (t, n, 6)"),
    (lambda: nn.MultiheadAttention(6, 2)(f(5, 3, 6), f(4, 3, 5), f(4, 3, 6)), S, "(s, n, 6)"),
    (lambda: nn.MultiheadAttention(6, 2)(*[f(5, 3, 6)] * 3, attn_mask=f(5, 4)), S,
      "attn_mask (5, 4) (5, 5) or (6, 5, 5)"),
    (lambda: nn.MultiheadAttention(6, 2)(*[f(5, 3, 6)] * 3, key_padding_mask=np.zeros((5, 3), bool)), S,
     "bool(5, 3) bool(3, 5) lengths[:, None]"),
    (lambda: nn.MultiheadAttention(6, 2)(*[f(5, 3, 6)] * 3, key_padding_mask=f(3, 5)), S, "float32(3, 5) bool(3, 5)"),
    (lambda: nn.scaled_dot_product_attention(f(4, 3), f(5, 2), f(5, 2)), S, "query (4, 3), key (5, 2)"),
    (lambda: nn.scaled_dot_product_attention(*[f(4, 3)] * 3, np.ones((4, 4), bool), is_causal=True), U,
      "one mask at a time"),
    (lambda: nn.scaled_dot_product_attention(*[f(4, 3)] * 3, f(3, 3)), S, "mask (3, 3), scores (4, 4) mask[:, None]"),
    (lambda: nn.SinusoidalPositionalEncoding(4)(f(3, 2, 5)), S, "(3, 2, 5) (t, n, 4) batch_first=True"),
    (lambda: nn.LearnedPositionalEncoding(3, 4)(f(5, 2, 4)), S, "(5, 2, 4) t up to 3"),
    (lambda: nn.rotary(f(4, 3)), S, "(4, 3) even d"),
    # Losses.
    (lambda: nn.cross_entropy(f(4, 3), i(0, 1, 2, 3)), S, "label 3 at index 3 0 to 2"),
    (lambda: nn.cross_entropy(f(4, 3), i(0, 1, 2, 1), np.ones(4)), S, "weight (4,), 3 classes (3,) reduction='none'"),
    (lambda: nn.cross_entropy(f(4, 3), i(0, 1, 2, 1), label_smoothing=2), U,
      "label_smoothing=2 0 <= label_smoothing <= 1"),
    (lambda: nn.cross_entropy(f(4, 3), i(0, 1, 2, 1), reduction="avg"), U, "reduction='avg' 'mean'"),
    (lambda: nn.CrossEntropyLoss(reduction="men"), U, "CrossEntropyLoss did you mean 'mean'?"),
    (lambda: nn.l1_loss(f(4, 1), f(4)), S, "l1_loss prediction (4, 1), target (4,) target.reshape(4, 1)"),
    (lambda: nn.huber_loss(f(4), f(4), delta=0), U, "delta=0 delta > 0"),
    (lambda: nn.SmoothL1Loss(beta=-1), U, "beta=-1"),
    (lambda: nn.binary_cross_entropy(f(3) + 2, f(3)), U, "numbers from 2 to 2 0 to 1 binary_cross_entropy_with_logits"),
    (lambda: nn.multi_margin_loss(f(4, 3), i(0, 1, 2, 1), p=3), U, "p=3 p=1 or p=2"),
    (lambda: nn.svm_loss(f(4, 3), i(0, 1)), S, "scores (4, 3), labels (2,)"),
    (lambda: nn.multilabel_margin_loss(f(4, 3), f(4, 3)), D, "float32 integers multilabel_soft_margin_loss"),
    (lambda: nn.multilabel_margin_loss(f(4, 3), i(0, 1, 2, 1)), S, "scores (4, 3), target (4,)"),
    (lambda: nn.Transformer(4, 2, 1, 1, batchfirst=True), U, "Transformer has no setting 'batch_first'?"),
    (lambda: nn.Transformer(4, 2, 1, 1)(f(2, 1, 4), f(2, 1, 4), mask=f(2, 2)), U, "Transformer mask did you mean"),
    (lambda: nn.kl_div(f(4, 3), f(4, 3), "batch_mean"), U, "did you mean 'batchmean'?"),
    (lambda: nn.margin_ranking_loss(f(4), f(3), f(4)), S, "x1 (4,), x2 (3,)"),
    (lambda: nn.triplet_margin_loss(f(4, 2), f(4, 2), f(3, 2)), S, "anchor (4, 2), positive (4, 2), negative (3, 2)"),
    (lambda: nn.TripletMarginLoss(margin=0), U, "margin=0 margin > 0"),
    (lambda: nn.CosineEmbeddingLoss(margin=2), U, "margin=2 -1 <= margin <= 1"),
    (lambda: nn.soft_cross_entropy(f(4, 3), f(4)), S, "prediction (4, 3), target (4,)"),
    (lambda: nn.ctc_loss(f(5, 3), [[1]], [5], [1]), S, "log_probs (5, 3) (t, n, k) log_probs[:, None]"),
    (lambda: nn.ctc_loss(f(2, 5, 3), [[1], [1]], [5, 5], [1, 1]), S, "input_lengths [5, 5] time first moveaxis(1, 0)"),
    (lambda: nn.hinge_loss(f(3), [0, 1, 1]), U, "hinge_loss numbers from 0 to 1 -1 and 1 2 * target - 1"),
    (lambda: nn.soft_margin_loss(f(3), [0, 1, 1]), U, "soft_margin_loss 2 * target - 1"),
    (lambda: nn.hinge_embedding_loss(f(3), [0, 1, 1]), U, "hinge_embedding_loss 2 * target - 1"),
    (lambda: nn.margin_ranking_loss(f(3), f(3), [0, 1, 1]), U, "margin_ranking_loss 2 * target - 1"),
    (lambda: nn.cosine_embedding_loss(f(3, 2), f(3, 2), [0, 1, 1]), U, "cosine_embedding_loss 2 * target - 1"),
    (lambda: nn.binary_cross_entropy_with_logits(f(3), [-1, 1, 1]), U, "from -1 to 1 0 to 1 (target > 0)"),
    (lambda: nn.binary_cross_entropy(f(3), [0, 1, 2]), U, "from 0 to 2 0 to 1 cross_entropy"),
    (lambda: nn.ctc_loss(f(5, 1, 3), [[1]], [6], [1]), S, "input_lengths [6] 1 numbers from 1 to 5"),
    (lambda: nn.ctc_loss(f(5, 1, 3), [[1, 2]], [5], [3]), S, "target_lengths [3] from 0 to 2"),
    (lambda: nn.ctc_loss(f(5, 1, 3), [[0]], [5], [1]), U, "labels [0] without 0 number the symbols from 1"),
    (lambda: nn.ctc_loss(f(5, 1, 3), [[1]], [5], [1], blank=3), U, "blank=3, 3 classes 0 to 2"),
    (lambda: nn.ctc_loss(f(5, 2, 3), [1, 2, 1], [5, 5], [1, 1]), S, "targets (3,), target_lengths [1, 1] row of 2"),
    (lambda: nn.ctc_loss(f(5, 1, 3), [[1.5]], [5], [1]), D, "targets float64 integers"),
    # Initial values, and the whole network.
    (lambda: init.fans((3,)), S, "(3,) (out, in, ...)"),
    (lambda: init.gain("swish"), U, "nonlinearity='swish' 'relu'"),
    (lambda: init.he_normal((3, 3), mode="fan_avg"), U, "mode='fan_avg' 'fan_in'"),
    (lambda: init.truncated_normal((3,), low=5, high=6), U, "low=5, high=6 low=-2, high=2"),
    (lambda: init.sparse((3,), 0.5), S, "(3,) (out, in)"),
    (lambda: init.sparse((3, 3), 1.5), U, "sparsity=1.5"),
    (lambda: init.eye((3,)), S, "(3,) dirac"),
    (lambda: init.dirac((3, 3)), S, "(3, 3) eye"),
    (lambda: init.orthogonal((3,)), S, "(3,)"),
    (lambda: nn.Linear(3, 2).to(np.int64), D, "int64 float32, float64 convert the data"),
    (lambda: nn.calibrate(nn.Linear(3, 2, bias=False), f(4, 3)), U, "standard deviation 0 a batch that varies"),
    (lambda: nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 2))(f(4, 3)), S, "Linear(3 -> 2): the input x (4, 2)"),
    # Masks that could mean either.
    (lambda: nn.scaled_dot_product_attention(f(2, 3), f(2, 3), f(2, 3), i([1, 0], [1, 1])), D, "int64(2, 2) bools"),
    (lambda: nn.MultiheadAttention(2, 1)(f(2, 1, 2), f(2, 1, 2), f(2, 1, 2), attn_mask=i([0, 1], [0, 0])), D,
     "int64(2, 2) bools"),
]
# fmt: on


def test_there_are_more_than_a_hundred():
    assert len(MISTAKES) > 150


@pytest.mark.parametrize(("call", "kind", "words"), MISTAKES, ids=[words for *_, words in MISTAKES])
def test_the_error_says_what_was_given_what_was_needed_and_how_to_mend_it(call, kind, words):
    with pytest.raises(DescendError) as caught:
        call()
    assert type(caught.value) is kind
    told = str(caught.value)
    for phrase in pieces(words):
        assert phrase in told, told
    assert caught.value.given
    assert caught.value.needed
    assert max(map(len, told.splitlines())) <= 140, told


def pieces(words: str) -> list[str]:
    """The words of a row; what is in brackets or quotes stays together."""
    found, depth, quoted = [""], 0, False
    for letter in words:
        quoted ^= letter in "'\""
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and not depth and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return [piece for piece in found if piece]
