"""What the learner's code has to look like, and where in the framework it goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interface:
    """The function that an exercise asks for.

    Args:
        function: the name of the function to write.
        parameters: its parameters in order.
        symbol: the part of the framework that the function can take the place of.
        library: the module in which the framework does the same: the solution to read after one's own.
        imports: the modules that may be imported beside Python's own.
    """

    function: str
    parameters: tuple[str, ...]
    symbol: str
    library: str
    imports: tuple[str, ...]

    @property
    def signature(self) -> str:
        """The function with its parameters: "update(p, g, lr)"."""
        return f"{self.function}({', '.join(self.parameters)})"
