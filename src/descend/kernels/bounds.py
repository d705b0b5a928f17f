"""The debug mode: every load and store is checked against the array that its address was made from.

It is on where `DESCEND_BOUNDS` is set. Before the arguments of a kernel lie then, backwards: the address of a report,
and the size in bytes of each argument. A kernel that would leave an array returns instead, and leaves in the report 1,
which argument it was (-1: room on the stack), how many bytes from its beginning, and how many bytes it has.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.kernels.code import Function, Term

VARIABLE = "DESCEND_BOUNDS"
REPORT = 4  # numbers in a report


def wanted() -> bool:
    """Whether kernels are to check."""
    return bool(os.environ.get(VARIABLE))


class Bounds:
    """What is known of the addresses in a function: the array that each lies in, where the mode is on."""

    def __init__(self, code: Function) -> None:
        self.code, self.on = code, wanted()
        self.arrays: dict[str, tuple[Term, Term | None, int]] = {}  # its beginning, its bytes, its number

    def begin(self, address: Term, size: Term | None, number: int) -> Term:
        """An array begins here; a size of None is read before the arguments."""
        self.arrays[address.text] = (address, size, number)
        return address

    def inside(self, address: Term, base: Term) -> Term:
        """The address was made from another one."""
        if base.text in self.arrays:
            self.arrays[address.text] = self.arrays[base.text]
        return address

    def check(self, at: Term, size: Term) -> None:
        """Return from the kernel where the bytes from `at` on are not all inside."""
        if not self.on or at.text not in self.arrays:
            return
        code, (root, extent, number) = self.code, self.arrays[at.text]
        start, here = (code.convert("ptrtoint", x, "i64") for x in (root, at))
        offset = code.binary("sub", here, start)
        extent = extent or code.number(-2 - number)
        zero = code.binary("sub", size, size)
        outside = code.compare("slt", offset, zero), code.compare("sgt", code.add(offset, size), extent)
        read = code.compare("ne", size, zero)  # with an empty mask nothing is
        wrong = code.binary("and", code.binary("or", *outside), read)
        name = code.fresh("bounds")
        code.lines += [f"  br {wrong}, label %{name}.left, label %{name}.kept", f"{name}.left:"]
        self._tell(number, offset, extent)
        code.lines += ["  ret void", f"{name}.kept:"]

    def _tell(self, number: int, offset: Term, extent: Term) -> None:
        report = self.code.pointer(-1)
        for i, text in enumerate(("i64 1", f"i64 {number}", str(offset), str(extent))):
            place = self.code.define("ptr", f"getelementptr i64, {report}, i64 {i}")
            self.code.lines.append(f"  store {text}, {place}")
