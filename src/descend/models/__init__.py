"""Architectures, one file each."""

from descend.models.lenet import LeNet
from descend.models.mlp import mlp
from descend.models.sequence_classifier import SequenceClassifier

__all__ = ["LeNet", "SequenceClassifier", "mlp"]
