"""Architectures, one file each."""

from descend.models.lenet import LeNet
from descend.models.mlp import mlp
from descend.models.sequence_classifier import SequenceClassifier
from descend.models.voting import Voting, of_each

__all__ = ["LeNet", "SequenceClassifier", "Voting", "mlp", "of_each"]
