"""Normalisation: over the batch, over each example's features, over groups of channels, over neighbouring channels."""

from descend.nn.norm.batch import BatchNorm1d, BatchNorm2d, BatchNorm3d
from descend.nn.norm.group import GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from descend.nn.norm.layer import LayerNorm, RMSNorm
from descend.nn.norm.response import LocalResponseNorm

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
    "LayerNorm", "LocalResponseNorm", "RMSNorm",
]  # fmt: skip
