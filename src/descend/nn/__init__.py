"""Networks: modules, layers, losses and how weights begin.

Names and layouts are PyTorch's unless a docstring says `Differs:`.
"""

from typing import Any

from descend.engine.errors import unknown_name
from descend.nn import functional, init
from descend.nn.activations import (
    GELU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
    silu,
)
from descend.nn.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    GlobalPool,
    SpatialPyramidPool,
)
from descend.nn.attention import (
    LearnedPositionalEncoding,
    MultiheadAttention,
    RotaryPositionalEncoding,
    SinusoidalPositionalEncoding,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    causal_mask,
    rotary,
    scaled_dot_product_attention,
    sinusoids,
)
from descend.nn.bilinear import Bilinear
from descend.nn.branches import Concat, Parallel, Residual, Sum
from descend.nn.calibration import calibrate
from descend.nn.containers import ModuleDict, ModuleList, ParameterList
from descend.nn.conv import Conv1d, Conv2d, Conv3d
from descend.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from descend.nn.diagram import Diagram, diagram
from descend.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d
from descend.nn.elsewhere import ELSEWHERE
from descend.nn.embedding import Embedding, EmbeddingBag
from descend.nn.feature_pool import GLU, CReLU, FeaturePool, Maxout
from descend.nn.fold import Fold, Unfold
from descend.nn.fractional import FractionalMaxPool2d, FractionalMaxPool3d
from descend.nn.linear import Linear
from descend.nn.local import LocallyConnected1d, LocallyConnected2d
from descend.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    CTCLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    PairwiseDistance,
    PoissonNLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cosine_similarity,
    cross_entropy,
    ctc_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    pairwise_distance,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_cross_entropy,
    soft_margin_loss,
    svm_loss,
    triplet_margin_loss,
)
from descend.nn.module import Buffer, Module, Parameter
from descend.nn.noise import GaussianDropout, GaussianNoise
from descend.nn.norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from descend.nn.padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from descend.nn.pool import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from descend.nn.rectifiers import (
    CELU,
    ELU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from descend.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    PackedSequence,
    RNNCell,
    detached,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    truncated,
    unpack_sequence,
    unpad_sequence,
)
from descend.nn.resize import ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample
from descend.nn.separable import DepthwiseConv2d, SeparableConv2d
from descend.nn.sequential import Sequential
from descend.nn.shapes import Flatten, Identity, Unflatten
from descend.nn.spatial_transformer import SpatialTransformer
from descend.nn.summary import Summary, summary

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BCELoss", "BCEWithLogitsLoss",
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Bilinear", "Buffer", "CELU", "CReLU", "CTCLoss", "ChannelShuffle",
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "Concat", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "CosineEmbeddingLoss",
    "CosineSimilarity", "CrossEntropyLoss", "DepthwiseConv2d", "Diagram", "Dropout", "Dropout1d", "Dropout2d",
    "Dropout3d", "ELU", "Embedding", "EmbeddingBag", "FeaturePool", "Flatten", "Fold", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "GELU", "GLU", "GRU", "GRUCell", "GaussianDropout", "GaussianNLLLoss", "GaussianNoise",
    "GlobalPool", "GroupNorm", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HingeLoss",
    "HuberLoss", "Identity", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "KLDivLoss", "L1Loss", "LPPool1d",
    "LPPool2d", "LPPool3d", "LSTM", "LSTMCell", "LayerNorm", "LeakyReLU", "LearnedPositionalEncoding", "Linear",
    "LocalResponseNorm", "LocallyConnected1d", "LocallyConnected2d", "LogSigmoid", "LogSoftmax", "MSELoss",
    "MarginRankingLoss", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "Maxout",
    "Mish", "Module", "ModuleDict", "ModuleList", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
    "MultiMarginLoss", "MultiheadAttention", "NLLLoss", "PReLU", "PackedSequence", "PairwiseDistance", "Parallel",
    "Parameter", "ParameterList", "PixelShuffle", "PixelUnshuffle", "PoissonNLLLoss", "RMSNorm", "RNN", "RNNCell",
    "RReLU", "ReLU", "ReLU6", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d",
    "ReplicationPad2d", "ReplicationPad3d", "Residual", "RotaryPositionalEncoding", "SELU", "SeparableConv2d",
    "Sequential", "SiLU", "Sigmoid", "SinusoidalPositionalEncoding", "SmoothL1Loss", "SoftMarginLoss", "Softmax",
    "Softmin", "Softplus", "Softshrink", "Softsign", "SpatialPyramidPool", "SpatialTransformer", "Sum", "Summary",
    "Tanh", "Tanhshrink", "Threshold", "Transformer", "TransformerDecoder", "TransformerDecoderLayer",
    "TransformerEncoder", "TransformerEncoderLayer", "TripletMarginLoss", "Unflatten", "Unfold", "Upsample",
    "ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "binary_cross_entropy", "binary_cross_entropy_with_logits", "calibrate",
    "causal_mask", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "detached", "diagram",
    "functional", "gaussian_nll_loss", "hinge_embedding_loss", "hinge_loss", "huber_loss", "init", "kl_div", "l1_loss",
    "margin_ranking_loss", "mse_loss", "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss",
    "nll_loss", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence", "pairwise_distance",
    "poisson_nll_loss", "rotary", "scaled_dot_product_attention", "silu", "sinusoids", "smooth_l1_loss",
    "soft_cross_entropy", "soft_margin_loss", "summary", "svm_loss", "triplet_margin_loss", "truncated",
    "unpack_sequence", "unpad_sequence",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise unknown_name(__name__, name, __all__, ELSEWHERE)
