"""Training: a trainer that yields events, runs that survive a crash, and ways to look at them.

Names are imported when they are first used. Functions that bear the name of their file (`diff`, `evaluate`,
`follow`, `probe`, `runs`) are imported from it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descend.train.batchnorm import update_bn
    from descend.train.callbacks import (
        Averaging,
        BestCheckpoint,
        CSVLog,
        EachEpoch,
        EarlyStopping,
        History,
        OnPlateau,
        TensorBoard,
        TerminateOnNaN,
    )
    from descend.train.catalogue import Catalogue
    from descend.train.evaluate import Batches, Evaluation, predictions
    from descend.train.onnx import export_onnx
    from descend.train.recording import Saving
    from descend.train.render import show
    from descend.train.runs import Run, RunInfo
    from descend.train.trainer import Trainer
    from descend.train.weights import load_weights, save_weights

_HOMES = {
    "Averaging": "callbacks",
    "Batches": "evaluate",
    "BestCheckpoint": "callbacks",
    "CSVLog": "callbacks",
    "Catalogue": "catalogue",
    "EachEpoch": "callbacks",
    "EarlyStopping": "callbacks",
    "Evaluation": "evaluate",
    "History": "callbacks",
    "OnPlateau": "callbacks",
    "Run": "runs",
    "RunInfo": "runs",
    "Saving": "recording",
    "TensorBoard": "callbacks",
    "TerminateOnNaN": "callbacks",
    "Trainer": "trainer",
    "export_onnx": "onnx",
    "load_weights": "weights",
    "predictions": "evaluate",
    "save_weights": "weights",
    "show": "render",
    "update_bn": "batchnorm",
}
_ELSEWHERE = {
    "BackupAndRestore": "trainer.fit(run=Run.create(...)) saves checkpoints and goes on from the newest",
    "CSVLogger": "CSVLog",
    "Doctor": "from descend.train.doctor import Doctor",
    "LearningRateScheduler": "EachEpoch",
    "ModelCheckpoint": "BestCheckpoint",
    "ReduceLROnPlateau": "OnPlateau",
    "SwapEMAWeights": "Averaging",
}

__all__ = [
    "Averaging",
    "Batches",
    "BestCheckpoint",
    "CSVLog",
    "Catalogue",
    "EachEpoch",
    "EarlyStopping",
    "Evaluation",
    "History",
    "OnPlateau",
    "Run",
    "RunInfo",
    "Saving",
    "TensorBoard",
    "TerminateOnNaN",
    "Trainer",
    "export_onnx",
    "load_weights",
    "predictions",
    "save_weights",
    "show",
    "update_bn",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        from descend.engine.errors import unknown_name

        raise unknown_name(__name__, name, __all__, _ELSEWHERE)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
