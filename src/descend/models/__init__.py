"""Architectures, one file each."""

from descend.models.lenet import LeNet
from descend.models.mlp import mlp

__all__ = ["LeNet", "mlp"]
