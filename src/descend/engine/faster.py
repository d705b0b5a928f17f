"""Something faster than its meaning, for a primitive that NumPy is slow at.

The engine knows no kernels. It knows by name the module that offers some, and asks it at the first evaluation of arrays
so large that it pays, as Python asks `encodings` for a codec. What is offered depends on shapes, types and attributes
alone, never on time: a resumed run is evaluated as an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from descend.engine.modes import state

if TYPE_CHECKING:
    from descend.engine.primitive import Costly

Offer = Callable[["Costly", tuple[Any, ...], dict[str, Any]], Callable[..., Any] | None]


def computed(primitive: Costly, *arrays: Any, **attributes: Any) -> Any:
    """The primitive's value: by what is offered for such arrays, else by its meaning."""
    if max([x.size for x in arrays]) < primitive.large or state.reference:
        return primitive.evaluate(*arrays, **attributes)
    run = _offer()(primitive, arrays, attributes)
    return primitive.evaluate(*arrays, **attributes) if run is None else run(*arrays)


@cache
def _offer() -> Offer:
    found: Offer = import_module("descend.compiler.eager").faster
    return found
