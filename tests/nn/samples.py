"""Small samples of every module: how it is made, what goes in, what shape comes out, and PyTorch's module of the same.

`test_registry` runs all of them through the same checks; a module without a sample fails it. Lengths are unequal on
purpose, so that a transposed axis cannot hide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from descend import nn
from descend.engine import Tensor, ops

T = torch.nn
_rng = np.random.default_rng(7)


class Sample(NamedTuple):
    """One way to make a module and call it.

    Attributes:
        ours, theirs: make the module, and PyTorch's if it has one.
        inputs: arrays; what is float64 is differentiated.
        shape: of the output, or of the first of several.
        kind: the class that the sample is for.
        still: the inputs for which PyTorch has no gradient.
        tolerance: of the agreement; larger where PyTorch keeps a constant in float32.
    """

    name: str
    ours: Callable[[], nn.Module]
    inputs: tuple[Any, ...]
    shape: tuple[int, ...]
    theirs: Callable[[], torch.nn.Module] | None
    kind: type[nn.Module]
    still: tuple[int, ...] = ()
    tolerance: float = 1e-10


def _drawn(spec: Any) -> Any:
    """A shape stands for normal numbers of that shape."""
    return _rng.standard_normal(spec) if isinstance(spec, tuple) else spec


def both(name: str, args: tuple[Any, ...], inputs: list[Any], shape: tuple[int, ...], **named: Any) -> Sample:
    """A module that is made in the same way here and in PyTorch."""
    kind, theirs = getattr(nn, name), getattr(T, name)
    title = f"{name}({', '.join([*map(str, args), *(f'{k}={v}' for k, v in named.items())])})"
    return Sample(
        title, lambda: kind(*args, **named), tuple(map(_drawn, inputs)), shape, lambda: theirs(*args, **named), kind,
        tolerance=1e-7 if name in ("Hardsigmoid", "CELU") else 1e-10,
    )  # fmt: skip


def own(
    make: Callable[[], nn.Module],
    inputs: list[Any],
    shape: tuple[int, ...],
    theirs: Any = None,
    kind: type[nn.Module] | None = None,
) -> Sample:
    """A module of ours alone, or one that PyTorch makes in another way."""
    made = make()
    return Sample(repr(made).split("\n")[0], make, tuple(map(_drawn, inputs)), shape, theirs, kind or type(made))


# Arguments that are not just normal numbers.

ROWS = _rng.standard_normal((7, 5))
LABELS = np.array([0, 4, 2, 2, 1, 0, 3])
SEVERAL = np.array([[1, 3, -1, 0, 0], [4, 0, 1, 2, -1], [-1, 2, 2, 2, 2], [0, -1, -1, -1, -1], [2, 3, 1, 4, 0],
                    [3, 4, -1, 4, 1], [0, 4, -1, -1, 2]])  # fmt: skip
SIGNS = np.array([1, -1, 1, 1, -1, -1, 1.0])
SHARES = _rng.dirichlet(np.ones(5), 7)
LOGARITHMS = np.log(_rng.dirichlet(np.ones(5), 7))
CHANCES = _rng.uniform(0.05, 0.95, (7, 5))
COUNTS = _rng.integers(2, 8, (7, 5)).astype(np.float64)
WORDS = _rng.integers(0, 6, (4, 3))
IMAGE, VOLUME, SEQUENCE = (2, 3, 6, 7), (2, 3, 4, 5, 3), (2, 3, 9)

ELEMENTWISE = [
    both(name, (), [(3, 5, 2)], (3, 5, 2))
    for name in (
        "ReLU", "ReLU6", "Tanh", "Sigmoid", "LogSigmoid", "SiLU", "Mish", "Softsign", "Tanhshrink", "SELU",
        "Hardsigmoid", "Hardswish", "ELU", "CELU", "GELU", "LeakyReLU", "Hardtanh", "Softplus", "Hardshrink",
        "Softshrink", "RReLU", "PReLU", "Identity",
    )
]  # fmt: skip

ACTIVATIONS = [
    *ELEMENTWISE,
    both("ELU", (0.7,), [(4, 5)], (4, 5)), both("CELU", (1.3,), [(4, 5)], (4, 5)),
    both("GELU", (), [(4, 5)], (4, 5), approximate="tanh"), both("LeakyReLU", (0.2,), [(4, 5)], (4, 5)),
    both("Hardtanh", (-0.3, 0.8), [(4, 5)], (4, 5)), both("Softplus", (1.7,), [(4, 5)], (4, 5)),
    both("Threshold", (0.1, -2.0), [(4, 5)], (4, 5)), both("Hardshrink", (0.3,), [(4, 5)], (4, 5)),
    both("Softshrink", (0.3,), [(4, 5)], (4, 5)), both("PReLU", (3,), [SEQUENCE], SEQUENCE),
    both("Softmax", (1,), [(2, 5, 3)], (2, 5, 3)), both("LogSoftmax", (-1,), [(2, 5, 3)], (2, 5, 3)),
    own(lambda: nn.CReLU(), [(4, 5)], (4, 10)), own(lambda: nn.CReLU(-1), [(2, 3, 4)], (2, 3, 8)),
    both("Softmin", (1,), [(4, 5)], (4, 5)), both("GLU", (1,), [(2, 6, 3)], (2, 3, 3)),
    own(lambda: nn.Maxout(2), [(3, 6, 2)], (3, 3, 2)),
    own(lambda: nn.FeaturePool(3, mode="l2"), [(4, 6)], (4, 2)),
    own(lambda: nn.FeaturePool(2, axis=-1, mode="mean"), [(3, 4)], (3, 2)),
]  # fmt: skip

LINEAR = [
    both("Linear", (3, 5), [(7, 3)], (7, 5)), both("Linear", (3, 5), [(2, 4, 3)], (2, 4, 5), bias=False),
    both("Bilinear", (3, 4, 5), [(7, 3), (7, 4)], (7, 5)),
    both("Bilinear", (3, 4, 2), [(2, 5, 3), (2, 5, 4)], (2, 5, 2), bias=False),
    both("Embedding", (6, 4), [WORDS], (4, 3, 4)), both("Embedding", (6, 4), [WORDS], (4, 3, 4), padding_idx=2),
    *[
        own(
            lambda m=mode, p=row: nn.EmbeddingBag(6, 4, m, p), [WORDS], (4, 4),
            lambda m=mode, p=row: T.EmbeddingBag(6, 4, mode=m, padding_idx=p),
        )
        for mode in ("sum", "mean", "max") for row in (None, 2)
    ],
    own(lambda: nn.LocallyConnected1d(2, 3, 7, 3, stride=2, padding=1), [(2, 2, 7)], (2, 3, 4)),
    own(lambda: nn.LocallyConnected2d(2, 3, (4, 5), (2, 3)), [(2, 2, 4, 5)], (2, 3, 3, 3)),
    both("Flatten", (), [(3, 2, 5)], (3, 10)), both("Flatten", (0, 1), [(3, 2, 5)], (6, 5)),
    both("Unflatten", (1, (2, 3)), [(4, 6)], (4, 2, 3)),
]  # fmt: skip


def loss(name: str, inputs: list[Any], shape: tuple[int, ...] = (), **named: Any) -> Sample:
    """A loss; arrays among the settings become tensors for PyTorch."""
    theirs = {key: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for key, v in named.items()}
    made = getattr(nn, name)
    sample = own(lambda: made(**named), inputs, shape, lambda: getattr(T, name)(**theirs))
    shown = ", ".join(f"{key}={'...' if isinstance(v, np.ndarray) else v}" for key, v in named.items())
    return sample._replace(name=f"{name}({shown})", still=(1,) if name == "SoftMarginLoss" else ())


def classifier(name: str, scores: Any) -> list[Sample]:
    """A loss of class numbers with all its settings."""
    weights = np.array([0.5, 2.0, 1.0, 0.1, 3.0])
    return [
        loss(name, [scores, LABELS], shape, reduction=reduction, **settings)
        for reduction, shape in (("mean", ()), ("sum", ()), ("none", (7,)))
        for settings in ({}, {"weight": weights}, {"ignore_index": 2}, {"weight": weights, "ignore_index": 0})
    ]


class Reading(nn.Module):
    """CTC behind a softmax: PyTorch's gradient is right only there, since it takes it for granted."""

    def __init__(self, loss: nn.Module) -> None:
        self.loss = loss

    def forward(self, scores: Tensor, *more: Any) -> Tensor:
        return self.loss(ops.log_softmax(scores), *more)


class TheirReading(T.Module):
    def __init__(self, loss: T.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, scores: Any, *more: Any) -> Any:
        return self.loss(scores.log_softmax(-1), *more)


SPEECH = [(6, 2, 5), np.array([[1, 4, 4], [3, 1, 0]]), np.array([6, 5]), np.array([3, 2])]

LOSSES = [
    *classifier("CrossEntropyLoss", ROWS), *classifier("NLLLoss", LOGARITHMS),
    loss("CrossEntropyLoss", [ROWS, LABELS], label_smoothing=0.3),
    loss("CrossEntropyLoss", [ROWS, LABELS], label_smoothing=0.3, weight=np.arange(1.0, 6.0), ignore_index=2),
    *[
        loss(name, inputs, shape, reduction=reduction)
        for name, inputs in (
            ("MSELoss", [ROWS, (7, 5)]), ("L1Loss", [ROWS, (7, 5)]), ("HuberLoss", [ROWS, (7, 5)]),
            ("SmoothL1Loss", [ROWS, (7, 5)]), ("PoissonNLLLoss", [ROWS, COUNTS]), ("KLDivLoss", [LOGARITHMS, SHARES]),
            ("BCELoss", [CHANCES, SHARES]), ("BCEWithLogitsLoss", [ROWS, SHARES]),
            ("HingeEmbeddingLoss", [ROWS, SIGNS[:, None] * np.ones(5)]),
            ("SoftMarginLoss", [ROWS, SIGNS[:, None] * np.ones(5)]),
        )
        for reduction, shape in (("mean", ()), ("sum", ()), ("none", (7, 5)))
    ],
    *[
        loss(name, inputs, shape, reduction=reduction)
        for name, inputs in (
            ("MarginRankingLoss", [(7,), (7,), SIGNS]), ("CosineEmbeddingLoss", [ROWS, (7, 5), SIGNS]),
            ("TripletMarginLoss", [ROWS, (7, 5), (7, 5)]), ("MultiMarginLoss", [ROWS, LABELS]),
            ("MultiLabelMarginLoss", [ROWS, SEVERAL]), ("MultiLabelSoftMarginLoss", [ROWS, SHARES]),
        )
        for reduction, shape in (("mean", ()), ("sum", ()), ("none", (7,)))
    ],
    loss("MultiLabelMarginLoss", [ROWS[0], SEVERAL[1]]),
    loss("MultiLabelSoftMarginLoss", [ROWS, SHARES], weight=np.arange(1.0, 6.0)),
    loss("HuberLoss", [ROWS, (7, 5)], delta=0.4), loss("SmoothL1Loss", [ROWS, (7, 5)], beta=0.4),
    loss("SmoothL1Loss", [ROWS, (7, 5)], beta=0.0),
    loss("PoissonNLLLoss", [CHANCES, COUNTS], log_input=False, full=True),
    loss("PoissonNLLLoss", [ROWS, COUNTS], full=True),
    loss("GaussianNLLLoss", [ROWS, (7, 5), CHANCES]), loss("GaussianNLLLoss", [ROWS, (7, 5), CHANCES], full=True),
    loss("KLDivLoss", [LOGARITHMS, SHARES], reduction="batchmean"),
    loss("KLDivLoss", [LOGARITHMS, LOGARITHMS[::-1].copy()], log_target=True),
    loss("BCELoss", [CHANCES, SHARES], weight=np.arange(1.0, 6.0)),
    loss("BCEWithLogitsLoss", [ROWS, SHARES], weight=np.arange(1.0, 6.0), pos_weight=np.arange(2.0, 7.0)),
    loss("MarginRankingLoss", [(7,), (7,), SIGNS], margin=0.5),
    loss("CosineEmbeddingLoss", [ROWS, (7, 5), SIGNS], margin=0.2),
    loss("HingeEmbeddingLoss", [ROWS, SIGNS[:, None] * np.ones(5)], margin=0.3),
    loss("TripletMarginLoss", [ROWS, (7, 5), (7, 5)], margin=3.0, p=3.0, swap=True),
    loss("TripletMarginLoss", [ROWS, (7, 5), (7, 5)], margin=3.0, p=1.0),
    loss("MultiMarginLoss", [ROWS, LABELS], p=2, margin=0.7, weight=np.arange(1.0, 6.0)),
    own(lambda: nn.HingeLoss(0.5), [(7,), SIGNS], ()),
    own(lambda: Reading(nn.CTCLoss()), SPEECH, (), lambda: TheirReading(T.CTCLoss()), nn.CTCLoss),
    own(lambda: Reading(nn.CTCLoss(2, "sum")), SPEECH, (), lambda: TheirReading(T.CTCLoss(2, "sum")), nn.CTCLoss),
    both("CosineSimilarity", (), [(3, 5, 2), (3, 5, 2)], (3, 2)),
    both("CosineSimilarity", (-1,), [(4, 5), (4, 5)], (4,)),
    both("PairwiseDistance", (), [(4, 5), (4, 5)], (4,)), both("PairwiseDistance", (3.0,), [(4, 5), (4, 5)], (4,)),
]  # fmt: skip

NORMS = [
    both("BatchNorm1d", (3,), [(5, 3)], (5, 3)), both("BatchNorm1d", (3,), [SEQUENCE], SEQUENCE),
    both("BatchNorm2d", (3,), [IMAGE], IMAGE), both("BatchNorm3d", (3,), [VOLUME], VOLUME),
    both("BatchNorm2d", (3,), [IMAGE], IMAGE, affine=False, momentum=0.3),
    both("BatchNorm1d", (3,), [(5, 3)], (5, 3), track_running_stats=False, eps=0.01),
    both("LayerNorm", (5,), [(3, 2, 5)], (3, 2, 5)), both("LayerNorm", ((2, 5),), [(3, 2, 5)], (3, 2, 5)),
    both("LayerNorm", (5,), [(3, 5)], (3, 5), elementwise_affine=False),
    both("LayerNorm", (5,), [(3, 5)], (3, 5), bias=False),
    both("RMSNorm", (5,), [(3, 2, 5)], (3, 2, 5)), both("RMSNorm", ((2, 5),), [(3, 2, 5)], (3, 2, 5), eps=0.1),
    both("GroupNorm", (2, 6), [(2, 6, 5)], (2, 6, 5)), both("GroupNorm", (3, 3), [IMAGE], IMAGE, affine=False),
    both("InstanceNorm1d", (3,), [SEQUENCE], SEQUENCE), both("InstanceNorm2d", (3,), [IMAGE], IMAGE, affine=True),
    both("InstanceNorm3d", (3,), [VOLUME], VOLUME),
    both("LocalResponseNorm", (3,), [(2, 5, 4)], (2, 5, 4), alpha=0.5, beta=0.6, k=2.0),
    both("LocalResponseNorm", (2,), [(2, 5, 3, 2)], (2, 5, 3, 2), alpha=0.5),
]  # fmt: skip

NOISE = [
    both("Dropout", (0.4,), [(4, 5)], (4, 5)), both("Dropout1d", (0.4,), [SEQUENCE], SEQUENCE),
    both("Dropout2d", (0.4,), [IMAGE], IMAGE), both("Dropout3d", (0.4,), [VOLUME], VOLUME),
    both("AlphaDropout", (0.4,), [(4, 5)], (4, 5)),
    own(lambda: nn.GaussianNoise(0.5), [(4, 5)], (4, 5)), own(lambda: nn.GaussianDropout(0.4), [(4, 5)], (4, 5)),
]  # fmt: skip

CONVOLUTIONS = [
    both("Conv1d", (3, 4, 3), [SEQUENCE], (2, 4, 7)),
    both("Conv1d", (3, 4, 3, 2, 1), [SEQUENCE], (2, 4, 4), dilation=2, padding_mode="circular"),
    both("Conv2d", (3, 4, (3, 2)), [IMAGE], (2, 4, 4, 6)),
    both("Conv2d", (4, 6, 3, 2, 1), [(2, 4, 6, 7)], (2, 6, 3, 4), groups=2, bias=False),
    both("Conv2d", (3, 4, (3, 2), 1, "same"), [IMAGE], (2, 4, 6, 7), dilation=(1, 2)),
    both("Conv2d", (3, 2, 3, 1, "same"), [IMAGE], (2, 2, 6, 7), padding_mode="reflect"),
    both("Conv2d", (3, 2, 3, 1, (2, 1)), [IMAGE], (2, 2, 8, 7), padding_mode="replicate"),
    both("Conv3d", (3, 2, (2, 3, 2)), [VOLUME], (2, 2, 3, 3, 2)),
    both("Conv3d", (2, 2, 2, 2, 1), [(2, 2, 4, 5, 3)], (2, 2, 3, 3, 2), groups=2),
    both("ConvTranspose1d", (3, 4, 3, 2, 1), [(2, 3, 5)], (2, 4, 10), output_padding=1),
    both("ConvTranspose2d", (3, 4, (3, 2), (2, 1)), [(2, 3, 4, 5)], (2, 4, 9, 6)),
    both("ConvTranspose2d", (4, 6, 3), [(2, 4, 3, 4)], (2, 6, 7, 8), groups=2, bias=False, dilation=2),
    both("ConvTranspose3d", (2, 3, 2, 2), [(2, 2, 2, 3, 2)], (2, 3, 4, 6, 4)),
    own(
        lambda: nn.DepthwiseConv2d(3, 3, padding=1, depth_multiplier=2), [IMAGE], (2, 6, 6, 7),
        lambda: T.Conv2d(3, 6, 3, padding=1, groups=3),
    ),
    own(lambda: nn.SeparableConv2d(3, 4, 3, stride=2), [IMAGE], (2, 4, 2, 3)),
    both("Unfold", ((3, 2),), [IMAGE], (2, 18, 24)), both("Unfold", (3, 2, 1, 2), [IMAGE], (2, 27, 6)),
    both("Fold", ((6, 7), (3, 2)), [(2, 18, 24)], (2, 3, 6, 7)),
]  # fmt: skip

POOLINGS = [
    own(lambda: nn.FractionalMaxPool2d(2, (3, 4)), [(2, 3, 5, 7)], (2, 3, 3, 4)),
    own(lambda: nn.FractionalMaxPool2d((2, 3), output_ratio=0.6), [(2, 3, 7, 9)], (2, 3, 4, 5)),
    own(lambda: nn.FractionalMaxPool3d(2, (3, 2, 1)), [(2, 1, 5, 4, 3)], (2, 1, 3, 2, 1)),
    both("MaxPool1d", (3,), [SEQUENCE], (2, 3, 3)), both("MaxPool2d", ((3, 2), 1, (1, 0)), [IMAGE], (2, 3, 6, 6)),
    both("MaxPool2d", (2,), [(2, 3, 5, 7)], (2, 3, 3, 4), ceil_mode=True),
    both("MaxPool2d", (2, 1, 0, 2), [IMAGE], (2, 3, 4, 5)),
    both("MaxPool2d", (2, 2, 0, 1, True), [IMAGE], (2, 3, 3, 3)), both("MaxPool3d", (2,), [VOLUME], (2, 3, 2, 2, 1)),
    both("AvgPool1d", (3, 2), [SEQUENCE], (2, 3, 4)), both("AvgPool2d", ((3, 2), 2, 1), [IMAGE], (2, 3, 3, 4)),
    both("AvgPool2d", (3, 2, 1, True, False), [IMAGE], (2, 3, 4, 4)),
    both("AvgPool3d", (2, 1), [VOLUME], (2, 3, 3, 4, 2)),
    both("LPPool1d", (2, 3), [SEQUENCE], (2, 3, 3)), both("LPPool2d", (4, 2), [IMAGE], (2, 3, 3, 3)),
    both("LPPool3d", (2, 2), [VOLUME], (2, 3, 2, 2, 1)),
    both("AdaptiveAvgPool1d", (4,), [SEQUENCE], (2, 3, 4)),
    both("AdaptiveAvgPool2d", ((4, None),), [IMAGE], (2, 3, 4, 7)),
    both("AdaptiveAvgPool3d", (2,), [VOLUME], (2, 3, 2, 2, 2)), both("AdaptiveMaxPool1d", (4,), [SEQUENCE], (2, 3, 4)),
    both("AdaptiveMaxPool2d", (3,), [IMAGE], (2, 3, 3, 3)),
    both("AdaptiveMaxPool3d", ((2, 1, 3),), [VOLUME], (2, 3, 2, 1, 3)),
    both("MaxUnpool1d", (2,), [(1, 2, 3), np.array([[[0, 3, 4], [1, 2, 5]]])], (1, 2, 6)),
    both("MaxUnpool2d", (2,), [(1, 1, 2, 2), np.array([[[[0, 3], [9, 14]]]])], (1, 1, 4, 4)),
    both("MaxUnpool3d", (2,), [(1, 1, 1, 1, 2), np.array([[[[[1, 14]]]]])], (1, 1, 2, 2, 4)),
    own(lambda: nn.GlobalPool(), [IMAGE], (2, 3)), own(lambda: nn.GlobalPool("max"), [SEQUENCE], (2, 3)),
    own(lambda: nn.SpatialPyramidPool((1, 2)), [IMAGE], (2, 15)),
    own(lambda: nn.SpatialPyramidPool((2, 3), "mean"), [(2, 2, 5, 4)], (2, 26)),
]  # fmt: skip

PADS = [
    both(name, (padding, *rest), [shape[: d + 2]], tuple(out))
    for d, shape, padding in ((1, SEQUENCE, (2, 1)), (2, IMAGE, (2, 1, 0, 3)), (3, VOLUME, (2, 1, 0, 3, 1, 2)))
    for kind in ("ReflectionPad", "ReplicationPad", "CircularPad", "ZeroPad", "ConstantPad")
    for rest in (((0.7,) if kind == "ConstantPad" else ()),)
    for name in (f"{kind}{d}d",)
    for out in ([*shape[:2], *(n + a + b for n, a, b in zip(shape[2:], padding[-2::-2], padding[::-2], strict=True))],)
]  # fmt: skip

RESIZES = [
    both("Upsample", (), [SEQUENCE], (2, 3, 18), scale_factor=2), both("Upsample", ((4, 9),), [IMAGE], (2, 3, 4, 9)),
    both("Upsample", ((9, 5),), [IMAGE], (2, 3, 9, 5), mode="bilinear", align_corners=False),
    both("Upsample", ((9, 5),), [IMAGE], (2, 3, 9, 5), mode="bilinear", align_corners=True),
    both("PixelShuffle", (2,), [(2, 8, 3, 4)], (2, 2, 6, 8)),
    both("PixelUnshuffle", (2,), [(2, 2, 6, 8)], (2, 8, 3, 4)),
    both("ChannelShuffle", (2,), [(2, 6, 3)], (2, 6, 3)),
]  # fmt: skip


class Doubled(nn.Module):
    """The state of a recurrent layer as one of its inputs."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Any:
        return self.layer(x, (h, c))


class TheirDoubled(T.Module):
    def __init__(self, layer: T.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Any, h: Any, c: Any) -> Any:
        return self.layer(x, (h, c))


RECURRENT = [
    both("RNNCell", (3, 4), [(5, 3)], (5, 4)), both("RNNCell", (3, 4), [(5, 3), (5, 4)], (5, 4), nonlinearity="relu"),
    both("GRUCell", (3, 4), [(5, 3), (5, 4)], (5, 4)), both("GRUCell", (3, 4), [(3,)], (4,), bias=False),
    both("LSTMCell", (3, 4), [(5, 3)], (5, 4)),
    own(
        lambda: Doubled(nn.LSTMCell(3, 4)), [(5, 3), (5, 4), (5, 4)], (5, 4),
        lambda: TheirDoubled(T.LSTMCell(3, 4)), nn.LSTMCell,
    ),
    *[
        both(name, (2, 3, layers), inputs, shape, **settings)
        for name in ("RNN", "GRU", "LSTM")
        for layers, inputs, shape, settings in (
            (1, [(5, 2, 2)], (5, 2, 3), {}),
            (2, [(2, 4, 2)], (2, 4, 3), {"batch_first": True}),
            (2, [(4, 2, 2)], (4, 2, 6), {"bidirectional": True, "bias": False}),
            (1, [(4, 2)], (4, 6), {"bidirectional": True}),
            (2, [(3, 2, 2)], (3, 2, 3), {"dropout": 0.3}),
        )
    ],
    both("RNN", (2, 3), [(4, 2, 2), (1, 2, 3)], (4, 2, 3), nonlinearity="relu"),
    both("GRU", (2, 3), [(4, 2, 2), (1, 2, 3)], (4, 2, 3)),
    own(
        lambda: Doubled(nn.LSTM(2, 3, 2, bidirectional=True)), [(3, 2, 2), (4, 2, 3), (4, 2, 3)], (3, 2, 6),
        lambda: TheirDoubled(T.LSTM(2, 3, 2, bidirectional=True)), nn.LSTM,
    ),
    own(lambda: nn.LSTM(2, 3, peepholes=True), [(4, 2, 2)], (4, 2, 3)),
]  # fmt: skip


def _layer(name: str, **named: Any) -> Sample:
    inputs = [(4, 2, 6)] if "Encoder" in name else [(4, 2, 6), (3, 2, 6)]
    return both(name, (6, 2, 5), inputs, (4, 2, 6), **named)


def _stack(name: str, **named: Any) -> Sample:
    kind, theirs = getattr(nn, f"{name}Layer"), getattr(T, f"{name}Layer")
    inputs = [(3, 2, 4)] if "Encoder" in name else [(3, 2, 4), (2, 2, 4)]
    only = {"enable_nested_tensor": False} if "Encoder" in name else {}
    return own(
        lambda: getattr(nn, name)(kind(4, 2, 3, 0.0, **named), 2, nn.LayerNorm(4)), inputs, (3, 2, 4),
        lambda: getattr(T, name)(theirs(4, 2, 3, 0.0, **named), 2, T.LayerNorm(4), **only),
    )  # fmt: skip


ATTENTION = [
    both("MultiheadAttention", (6, 2), [(4, 2, 6), (3, 2, 6), (3, 2, 6)], (4, 2, 6)),
    both("MultiheadAttention", (4, 2), [(2, 3, 4), (2, 5, 3), (2, 5, 2)], (2, 3, 4), kdim=3, vdim=2, batch_first=True),
    both("MultiheadAttention", (4, 4), [(3, 4), (5, 4), (5, 4)], (3, 4), bias=False),
    _layer("TransformerEncoderLayer"),
    _layer("TransformerEncoderLayer", dropout=0.0, norm_first=True, activation="gelu"),
    _layer("TransformerDecoderLayer"), _layer("TransformerDecoderLayer", dropout=0.0, norm_first=True, bias=False),
    _stack("TransformerEncoder"), _stack("TransformerDecoder", norm_first=True),
    both("Transformer", (4, 2, 1, 2, 3, 0.0), [(3, 2, 4), (2, 2, 4)], (2, 2, 4)),
    both("Transformer", (4, 2, 1, 1, 3), [(2, 3, 4), (2, 2, 4)], (2, 2, 4), batch_first=True, bias=False),
    own(lambda: nn.SinusoidalPositionalEncoding(5), [(4, 2, 5)], (4, 2, 5)),
    own(lambda: nn.SinusoidalPositionalEncoding(4, batch_first=True), [(2, 3, 4)], (2, 3, 4)),
    own(lambda: nn.LearnedPositionalEncoding(6, 5), [(4, 2, 5)], (4, 2, 5)),
    own(lambda: nn.RotaryPositionalEncoding(), [(2, 3, 4, 6)], (2, 3, 4, 6)),
]  # fmt: skip


class Looping(nn.Module):
    """A model that calls the parts in its container itself."""

    def __init__(self, parts: nn.Module) -> None:
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        values = self.parts.values() if isinstance(self.parts, nn.ModuleDict) else self.parts
        for part in values:
            x = part(x) if isinstance(part, nn.Module) else x * part
        return x


class TheirLooping(T.Module):
    def __init__(self, parts: T.Module) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, x: Any) -> Any:
        values = self.parts.values() if isinstance(self.parts, T.ModuleDict) else self.parts
        for part in values:
            x = part(x) if isinstance(part, T.Module) else x * part
        return x


def _localisation(weight: float) -> nn.Module:
    layer = nn.Linear(9, 6)
    layer.weight.write(np.full((6, 9), weight))
    layer.bias.write([0.9, 0.1, 0.05, -0.1, 0.8, 0.03])
    return nn.Sequential(nn.Flatten(), layer)


CONTAINERS = [
    own(
        lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), [(5, 3)], (5, 2),
        lambda: T.Sequential(T.Linear(3, 4), T.Tanh(), T.Linear(4, 2)),
    ),
    own(
        lambda: Looping(nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 2)])), [(5, 3)], (5, 2),
        lambda: TheirLooping(T.ModuleList([T.Linear(3, 4), T.Linear(4, 2)])), nn.ModuleList,
    ),
    own(
        lambda: Looping(nn.ModuleDict({"a": nn.Linear(3, 4), "b": nn.Linear(4, 2)})), [(5, 3)], (5, 2),
        lambda: TheirLooping(T.ModuleDict({"a": T.Linear(3, 4), "b": T.Linear(4, 2)})), nn.ModuleDict,
    ),
    own(
        lambda: Looping(nn.ParameterList([np.ones(3, np.float32), np.arange(3.0, dtype=np.float32)])), [(5, 3)], (5, 3),
        lambda: TheirLooping(T.ParameterList([torch.ones(3), torch.arange(3.0)])), nn.ParameterList,
    ),
    own(lambda: nn.Parallel(nn.Linear(3, 4), nn.Linear(2, 5)), [(5, 3), (5, 2)], (5, 4)),
    own(lambda: nn.Concat(nn.Linear(3, 4), nn.Linear(3, 2)), [(5, 3)], (5, 6)),
    own(lambda: nn.Sum(nn.Linear(3, 2), nn.Linear(3, 2)), [(5, 3)], (5, 2)),
    own(lambda: nn.Residual(nn.Linear(3, 3)), [(5, 3)], (5, 3)),
    own(lambda: nn.Residual(nn.Linear(3, 2), nn.Linear(3, 2, bias=False)), [(5, 3)], (5, 2)),
    own(lambda: nn.SpatialTransformer(_localisation(0.02)), [(2, 1, 3, 3)], (2, 1, 3, 3)),
    own(
        lambda: nn.SpatialTransformer(_localisation(0.02), (4, 5), padding_mode="border"), [(2, 1, 3, 3)],
        (2, 1, 4, 5),
    ),
]  # fmt: skip

SAMPLES = [
    *ACTIVATIONS, *LINEAR, *LOSSES, *NORMS, *NOISE, *CONVOLUTIONS, *POOLINGS, *PADS, *RESIZES, *RECURRENT, *ATTENTION,
    *CONTAINERS,
]  # fmt: skip
