"""The one number by which a run is known in lists, in the terminal and in the studio alike."""

from __future__ import annotations

from collections.abc import Mapping

_FIRST = ("test_accuracy", "validation_accuracy", "train_accuracy")


def headline(metrics: Mapping[str, float]) -> str | None:
    """The name of the metric to show: test accuracy once it is measured, else validation accuracy.

    Where neither was measured: the last accuracy that was, else the last metric; None where there is none.
    """
    accuracies = [name for name in metrics if name.endswith("accuracy")]
    ranked = [name for name in _FIRST if name in metrics] + accuracies[::-1] + list(metrics)[::-1]
    return ranked[0] if ranked else None
