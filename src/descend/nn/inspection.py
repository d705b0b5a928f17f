"""Looking at a model without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from descend.engine import Generator, default_generator, no_grad
from descend.nn.module import Module


def generators(model: Module) -> Iterator[tuple[str, Generator]]:
    """The random streams that layers have to themselves, with their paths."""
    for path, module in model.named_modules():
        for name, part in vars(module).items():
            if isinstance(part, Generator):
                yield f"{path}.{name}" if path else name, part


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode without recording inside the block; afterwards every layer is in the mode it was in."""
    modes = [(vars(module), vars(module).get("training")) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for attributes, training in modes:
            attributes.pop("training", None)
            if training is not None:
                attributes["training"] = training


@contextmanager
def undisturbed(model: Module) -> Iterator[None]:
    """`evaluating`, and afterwards every random stream that the model draws from is where it was."""
    streams = [default_generator(), *(generator for _, generator in generators(model))]
    before = [(generator, generator.state_dict()) for generator in streams]
    try:
        with evaluating(model):
            yield
    finally:
        for generator, state in before:
            if any(state[name] != now for name, now in generator.state_dict().items()):
                generator.load_state_dict(state)  # not otherwise: a write counts as a change of the cell
