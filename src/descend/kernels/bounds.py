"""The debug mode: every load and store is checked against the array that its address was made from.

It is on where `DESCEND_BOUNDS` is set. Before the arguments of a kernel lie then, backwards: the address of a report,
and the size in bytes of each argument. A kernel that would leave an array returns instead, and leaves in the report 1,
which argument it was (-1: room on the stack), how many bytes from its beginning, and how many bytes it has.

With `DESCEND_BOUNDS=record` a kernel also marks what it touches: the fifth number of the report is the address of a
table with the address of every argument's marks, a byte for each of its bytes that is read, and behind them one for
each that is written. So it can be seen whether one thread touches what another one writes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.kernels.code import Function, Term

VARIABLE = "DESCEND_BOUNDS"
RECORD = "record"
REPORT = 5  # numbers in a report
MARKS = 4  # the one that tells where the marks are


def mode() -> str:
    """What kernels are to do besides: nothing, check, or check and record."""
    return os.environ.get(VARIABLE, "")


def wanted() -> bool:
    """Whether kernels are to check."""
    return bool(mode())


class Bounds:
    """What is known of the addresses in a function: the array that each lies in, where the mode is on."""

    def __init__(self, code: Function) -> None:
        self.code, self.on, self.records = code, wanted(), mode() == RECORD
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

    def check(self, at: Term, size: Term, write: bool = False) -> None:
        """Return from the kernel where the bytes from `at` on, to be read or written, are not all inside."""
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
        if self.records and number >= 0:
            self._mark(number, at, size, write)

    def _tell(self, number: int, offset: Term, extent: Term) -> None:
        report = self.code.pointer(-1)
        for i, text in enumerate(("i64 1", f"i64 {number}", str(offset), str(extent))):
            place = self.code.define("ptr", f"getelementptr i64, {report}, i64 {i}")
            self.code.lines.append(f"  store {text}, {place}")

    def _mark(self, number: int, at: Term, size: Term, write: bool) -> None:
        """Mark these bytes of an argument, counted from its beginning: a thread's own room lies behind others'."""
        code = self.code
        report = code.load("ptr", code.parameter("arguments"), -1, plain=True)
        marks = code.load("ptr", code.load("ptr", report, MARKS, plain=True), number, plain=True)
        offset = code.binary("sub", code.convert("ptrtoint", at, "i64"), code.number(number))
        if write:
            offset = code.add(offset, code.number(-2 - number))
        place = code.define("ptr", f"getelementptr i8, {marks}, {offset}")
        code.externals.add("declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        code.lines.append(f"  call void @llvm.memset.p0.i64({place}, i8 1, {size}, i1 false)")
