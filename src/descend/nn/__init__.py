"""Networks: modules, layers, losses and how weights begin. Names and layouts are PyTorch's unless a docstring says `Differs:`."""

from descend.nn import init
from descend.nn.activations import Flatten, ReLU, Sequential, Sigmoid, Softmax, Tanh
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
from descend.nn.summary import Summary, summary
