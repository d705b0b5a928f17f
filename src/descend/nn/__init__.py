"""Networks: modules, layers, losses and how weights begin.

Names and layouts are PyTorch's unless a docstring says `Differs:`.
"""

from descend.nn import init
from descend.nn.activations import Flatten, ReLU, Sigmoid, Softmax, Tanh
from descend.nn.conv import Conv2d
from descend.nn.dropout import Dropout
from descend.nn.linear import Linear
from descend.nn.losses import (
    CrossEntropyLoss,
    MSELoss,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from descend.nn.module import Buffer, Module, Parameter
from descend.nn.norm import BatchNorm1d, BatchNorm2d
from descend.nn.pool import AvgPool2d, MaxPool2d
from descend.nn.sequential import Sequential
from descend.nn.summary import Summary, summary

__all__ = [
    "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Buffer", "Conv2d", "CrossEntropyLoss", "Dropout", "Flatten", "Linear",
    "MSELoss", "MaxPool2d", "Module", "Parameter", "ReLU", "Sequential", "Sigmoid", "Softmax", "Summary", "Tanh",
    "binary_cross_entropy_with_logits", "cross_entropy", "init", "mse_loss", "nll_loss", "summary",
]  # fmt: skip
