"""BatchNorm's running averages taken anew, for weights that no training step has led to."""

from __future__ import annotations

from descend.engine import from_numpy
from descend.nn import Module
from descend.nn.inspection import evaluating
from descend.train import checks
from descend.train.evaluate import Batches


def update_bn(batches: Batches, model: Module) -> None:
    """Pass the batches of an epoch through the model; running averages become the plain means over these batches.

    Source: Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1, last line.
    Differs: from PyTorch in that dropout rests, as it does in use.
    """
    checks.batches(batches)
    layers = [layer for layer in model.modules() if getattr(layer, "running_mean", None) is not None]
    momenta = [layer.momentum for layer in layers]  # type: ignore[attr-defined]
    if not layers:
        return
    try:
        with evaluating(model):
            for k, (x, _) in enumerate(batches.epoch(0), 1):
                for layer in layers:
                    layer.training, layer.momentum = True, 1 / k  # type: ignore[attr-defined]
                model(from_numpy(x))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum  # type: ignore[attr-defined]
