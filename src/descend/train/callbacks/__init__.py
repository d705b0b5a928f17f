"""Callbacks: functions of a trainer's events. Any function of an event is one; these are the usual ones."""

from descend.train.callbacks.averaging import Averaging
from descend.train.callbacks.best import BestCheckpoint
from descend.train.callbacks.callback import Callback
from descend.train.callbacks.csv_log import CSVLog
from descend.train.callbacks.history import History
from descend.train.callbacks.rates import EachEpoch, OnPlateau
from descend.train.callbacks.stopping import EarlyStopping, TerminateOnNaN
from descend.train.callbacks.tensorboard import TensorBoard

__all__ = [
    "Averaging", "BestCheckpoint", "CSVLog", "Callback", "EachEpoch", "EarlyStopping", "History", "OnPlateau",
    "TensorBoard", "TerminateOnNaN",
]  # fmt: skip
