"""The nine sections of the guide, in its own order, for the map on the first page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A section: `stars` say how hard it is, 1 to 3; `ready` whether there is something in it to do."""

    id: str
    title: str
    stars: int
    about: str
    ready: bool = False


SECTIONS = (
    Section("prerequisites", "Prerequisites", 1, "Vectors, probabilities, and NumPy to compute with them.", ready=True),
    Section("basics", "Machine learning basics", 1, "Learning from examples, and knowing whether it worked."),
    Section(
        "networks", "Neural networks basics", 1, "Layers, their gradients, and what so few units can do.", ready=True
    ),
    Section("training", "Improving the way networks learn", 2, "Better steps, better beginnings, less overfitting."),
    Section("convolution", "Convolutional neural networks", 2, "Networks that see: the same small filter everywhere."),
    Section("recurrent", "Recurrent neural networks", 2, "Networks that read and write, one symbol at a time."),
    Section("autoencoders", "Autoencoders", 2, "Squeezing data through a bottleneck, and what comes out."),
    Section(
        "probabilistic", "Probabilistic graphical models", 3, "Machines that dream: energies, samples, partitions."
    ),
    Section("papers", "Reading papers", 3, "A way through the literature, from the first papers to this year's."),
)
