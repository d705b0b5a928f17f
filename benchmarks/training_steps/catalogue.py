"""The eight workloads and a tiny one, at their full size and at one for a quick test."""

from __future__ import annotations

from benchmarks.training_steps import dcgan, lenet, lstm, mlp, resnet, small, transformer, vae, vgg

_ALL = {
    "mlp": mlp, "lenet": lenet, "vgg": vgg, "lstm": lstm, "resnet": resnet, "vae": vae, "dcgan": dcgan,
    "transformer": transformer, "small": small,
}  # fmt: skip

EIGHT = tuple(name for name in _ALL if name != "small")
WORKLOADS = {name: module.FULL for name, module in _ALL.items()}
TINY = {name: module.TINY for name, module in _ALL.items()}
