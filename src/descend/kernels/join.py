"""Arrays joined along an axis: each row of the result is made of a row of every part.

Arguments of the kernel: the number of rows; for each part the length of its rows, in elements; the addresses of the
parts, that of the result.
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import Function, Term, whole


@dataclass(frozen=True)
class Join:
    """So many parts, with elements of this type, an integer of their size."""

    parts: int
    kind: str

    def source(self, name: str = "join") -> str:
        """The kernel as a module of LLVM IR."""
        code, n = Function(name), self.parts
        lengths = [code.number(1 + part) for part in range(n)]
        arrays, result = [code.pointer(1 + n + part) for part in range(n)], code.pointer(1 + 2 * n)
        with code.loop(*_share(code, code.number(0))) as row:
            at = code.mul(row, _total(code, lengths))
            for array, length in zip(arrays, lengths, strict=True):
                source, target = (
                    code.address(self.kind, x, i) for x, i in ((array, code.mul(row, length)), (result, at))
                )
                with code.loop(0, length, parallel=True) as i:
                    code.store(code.load(self.kind, source, i), target, i)
                at = code.add(at, length)
        return code.text()


def _share(code: Function, rows: Term) -> tuple[Term, Term]:
    """This thread's rows."""
    thread, threads = code.parameter("thread"), code.parameter("threads")
    first, last = (code.binary("sdiv", code.mul(rows, t), threads) for t in (thread, code.add(thread, 1)))
    return first, last


def _total(code: Function, lengths: list[Term]) -> Term:
    total = whole(0)
    for length in lengths:
        total = code.add(length, total)
    return total
