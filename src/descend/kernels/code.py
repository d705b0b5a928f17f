"""A small builder of LLVM IR: expressions, loops and variables as text.

    code = Function("axpy")
    n, x, y = code.number(0), code.pointer(1), code.pointer(2)
    with code.loop(0, n) as i:
        code.store(code.fma(TWO, code.load(FLOAT, x, i), code.load(FLOAT, y, i)), y, i)

Variables are places on the stack, which LLVM turns into registers. Every function has the one signature of all kernels,

    void name(int64_t *arguments, int64_t thread, int64_t threads)

where an argument is a number or the address of an array.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from descend.kernels.bounds import Bounds

INDEX, POINTER, BIT, BYTE = "i64", "ptr", "i1", "i8"
FLOAT, DOUBLE = "float", "double"
LARGEST = 3.4028234663852886e38  # the largest float
PARALLEL = "llvm.loop.parallel_accesses"  # what LLVM may make vectors of
LEFT_AS_IT_IS = ('!"llvm.loop.unroll.disable"', '!"llvm.loop.vectorize.enable", i1 false')


@dataclass(frozen=True, slots=True)
class Term:
    """A typed operand: a register or a constant."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"


def whole(number: int, kind: str = INDEX) -> Term:
    """An integer constant."""
    return Term(kind, str(int(number)))


def real(number: float, kind: str = FLOAT) -> Term:
    """A floating-point constant, exact: LLVM writes floats as the bits of the double of the same value."""
    if kind == FLOAT and math.isfinite(number):  # one too large stands for the largest
        number = struct.unpack("f", struct.pack("f", max(-LARGEST, min(LARGEST, number))))[0]
    return Term(kind, f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}")


def vector(kind: str, lanes: int) -> str:
    """The type of `lanes` numbers in one register."""
    return f"<{lanes} x {kind}>"


def lane_kind(kind: str) -> str:
    """The type of one number in a vector type; the type itself where it is none."""
    return kind.rpartition(" x ")[2].rstrip(">") if kind.startswith("<") else kind


class Function:
    """The body of one function, written from top to bottom.

    Args:
        name: the symbol.
        parameters: names and types; by default those of a kernel.
        fast: the liberties that arithmetic may take: "contract" fuses a product and a sum into one rounding.
    """

    def __init__(self, name: str, parameters: Sequence[tuple[str, str]] | None = None, fast: str = "contract") -> None:
        self.name, self.fast = name, fast
        self.parameters = parameters or (("arguments", POINTER), ("thread", INDEX), ("threads", INDEX))
        self.lines: list[str] = []
        self.constants: list[str] = []
        self.entry: list[str] = []  # places on the stack: made once, at the beginning
        self.externals: set[str] = set()
        self.count = 0
        self.groups: list[int] = []  # the access groups of the parallel loops that are open
        self.metadata: list[str] = []
        self.bounds = Bounds(self)

    def parameter(self, name: str) -> Term:
        """A parameter by its name."""
        return Term(dict(self.parameters)[name], f"%{name}")

    # Values.

    def fresh(self, stem: str = "") -> str:
        """A name that is not taken."""
        self.count += 1
        return f"{stem or 'v'}{self.count}"

    def define(self, kind: str, text: str) -> Term:
        """A new register of this type with the value of the instruction."""
        name = f"%{self.fresh()}"
        self.lines.append(f"  {name} = {text}")
        return Term(kind, name)

    def binary(self, operation: str, a: Term, b: Term) -> Term:
        """An arithmetic instruction on two operands of one type."""
        flags = f" {self.fast}" if operation in {"fadd", "fsub", "fmul", "fdiv", "frem", "fneg"} and self.fast else ""
        return self.define(a.kind, f"{operation}{flags} {a}, {b.text}")

    def add(self, a: Term, b: Term | int) -> Term:
        """a + b for indices."""
        return self.binary("add", a, b if isinstance(b, Term) else whole(b, a.kind))

    def mul(self, a: Term, b: Term | int) -> Term:
        """a b for indices."""
        return self.binary("mul", a, b if isinstance(b, Term) else whole(b, a.kind))

    def compare(self, condition: str, a: Term, b: Term) -> Term:
        """A comparison: "slt", "eq" ... for integers, "olt", "oeq", ... for floats."""
        instruction = "fcmp" if lane_kind(a.kind) in (FLOAT, DOUBLE) else "icmp"
        kind = a.kind.replace(lane_kind(a.kind), BIT)
        return self.define(kind, f"{instruction} {condition} {a}, {b.text}")

    def select(self, condition: Term, a: Term, b: Term) -> Term:
        """a where the condition holds, b elsewhere."""
        return self.define(a.kind, f"select {condition}, {a}, {b}")

    def convert(self, instruction: str, a: Term, kind: str) -> Term:
        """A conversion: "sitofp", "fpext", "bitcast", "zext", ..."""
        return self.define(kind, f"{instruction} {a} to {kind}")

    def call(self, name: str, *arguments: Term, kind: str | None = None) -> Term:
        """A call of an external function or of an LLVM intrinsic ("llvm.fma" gets its type suffix)."""
        result = kind or arguments[0].kind
        symbol = f"{name}.{_suffix(arguments[0].kind)}" if name.startswith("llvm.") else name
        self.externals.add(f"declare {result} @{symbol}({', '.join(a.kind for a in arguments)})")
        return self.define(result, f"call {result} @{symbol}({', '.join(map(str, arguments))})")

    def fma(self, a: Term, b: Term, c: Term) -> Term:
        """a b + c, rounded once."""
        return self.call("llvm.fma", a, b, c)

    def splat(self, number: Term, lanes: int) -> Term:
        """The number in every lane of a vector."""
        kind = vector(number.kind, lanes)
        one = self.define(kind, f"insertelement {kind} poison, {number}, i64 0")
        return self.define(kind, f"shufflevector {one}, {kind} poison, <{lanes} x i32> zeroinitializer")

    def shuffle(self, a: Term, b: Term, lanes: Sequence[int]) -> Term:
        """The lanes of a and b, numbered through, in another order."""
        order = ", ".join(f"i32 {lane}" for lane in lanes)
        kind = vector(lane_kind(a.kind), len(lanes))
        return self.define(kind, f"shufflevector {a}, {b}, <{len(lanes)} x i32> <{order}>")

    # Memory.

    def number(self, place: int) -> Term:
        """A kernel's argument as a number."""
        return self.load(INDEX, self.parameter("arguments"), whole(place), plain=True)

    def pointer(self, place: int) -> Term:
        """A kernel's argument as an address."""
        found = self.load(POINTER, self.parameter("arguments"), whole(place), plain=True)
        return self.bounds.begin(found, None, place)

    def address(self, kind: str, base: Term, index: Term | int) -> Term:
        """The address of element `index` of an array of this type."""
        offset = index if isinstance(index, Term) else whole(index)
        return self.bounds.inside(self.define(POINTER, f"getelementptr {kind}, {base}, {offset}"), base)

    def load(self, kind: str, base: Term, index: Term | int = 0, plain: bool = False) -> Term:
        """Element `index` of the array at `base`; a vector begins at its lane's element."""
        at = self.address(lane_kind(kind), base, index)
        self.bounds.check(at, whole(_bytes(kind)))
        return self.define(kind, f"load {kind}, {at}, align {_alignment(kind)}{'' if plain else self._group()}")

    def store(self, value: Term, base: Term, index: Term | int = 0) -> None:
        """Put the value at element `index` of the array at `base`."""
        at = self.address(lane_kind(value.kind), base, index)
        self.bounds.check(at, whole(_bytes(value.kind)), write=True)
        self.lines.append(f"  store {value}, {at}, align {_alignment(value.kind)}{self._group()}")

    def clear(self, kind: str, base: Term, n: Term | int) -> None:
        """Zeros at the first n elements of the array at `base`."""
        self._all("memset.p0", kind, n, base, whole(0, BYTE))

    def copy(self, kind: str, target: Term, source: Term, n: Term | int) -> None:
        """Put the first n elements of the array at `source` at those of another one at `target`."""
        self._all("memcpy.p0.p0", kind, n, target, source)

    def _all(self, what: str, kind: str, n: Term | int, *operands: Term) -> None:
        size = self.mul(n if isinstance(n, Term) else whole(n), _bytes(kind))
        for at in operands:
            self.bounds.check(at, size, write=at is operands[0])
        name = f"@llvm.{what}.{INDEX}"
        self.externals.add(f"declare void {name}({', '.join(x.kind for x in operands)}, {INDEX}, {BIT})")
        self.lines.append(f"  call void {name}({', '.join(map(str, operands))}, {size}, {BIT} false)")

    def variable(self, start: Term) -> Variable:
        """A place that holds a value of this type, at first `start`."""
        name = f"%{self.fresh('place')}"
        self.entry.append(f"  {name} = alloca {start.kind}")
        place = Variable(self, start.kind, Term(POINTER, name))
        place.set(start)
        return place

    def room(self, kind: str, n: int) -> Term:
        """An array of n numbers on the stack."""
        name = f"%{self.fresh('room')}"
        self.entry.append(f"  {name} = alloca [{n} x {kind}], align 64")
        return self.bounds.begin(Term(POINTER, name), whole(n * _bytes(kind)), -1)

    def table(self, numbers: Sequence[int]) -> Term:
        """An array of whole numbers that are known now."""
        name = f"@table{len(self.constants)}"
        kind = f"[{len(numbers)} x {INDEX}]"
        self.constants.append(f"{name} = private constant {kind} [{', '.join(f'{INDEX} {n}' for n in numbers)}]")
        return self.bounds.begin(Term(POINTER, name), whole(8 * len(numbers)), -1)

    # Control.

    @contextmanager
    def loop(self, start: Term | int, stop: Term | int, step: int = 1, parallel: bool = False) -> Iterator[Term]:
        """Count from `start` up to `stop`.

        `parallel` says that no turn reads what another turn writes, so that several may be computed at once.
        """
        first, last = (x if isinstance(x, Term) else whole(x) for x in (start, stop))
        counter, head = self.variable(first), self.fresh("loop")
        self.lines += [f"  br label %{head}", f"{head}:"]
        i = counter.get()
        self.lines.append(f"  br {self.compare('slt', i, last)}, label %{head}.turn, label %{head}.end")
        self.lines.append(f"{head}.turn:")
        if parallel:
            self.groups.append(self._metadata("distinct !{}"))
        yield i
        counter.set(self.add(i, step))
        mark = self._parallel_mark() if parallel else self._plain_mark()
        self.lines += [f"  br label %{head}, !llvm.loop !{mark}", f"{head}.end:"]

    @contextmanager
    def when(self, condition: Term) -> Iterator[None]:
        """Do what follows only where the condition holds."""
        name = self.fresh("when")
        self.lines += [f"  br {condition}, label %{name}.then, label %{name}.end", f"{name}.then:"]
        yield
        self.lines += [f"  br label %{name}.end", f"{name}.end:"]

    def _parallel_mark(self) -> int:
        accesses = self._metadata(f'!{{!"{PARALLEL}", !{self.groups.pop()}}}')
        return self._loop_mark(accesses)

    def _plain_mark(self) -> int:
        """A loop that is as it should be: LLVM need not spend time on making more of it."""
        return self._loop_mark(*(self._metadata(f"!{{{text}}}") for text in LEFT_AS_IT_IS))

    def _loop_mark(self, *properties: int) -> int:
        number = len(self.metadata)
        return self._metadata(f"distinct !{{{', '.join(f'!{n}' for n in (number, *properties))}}}")

    def _group(self) -> str:
        return f", !llvm.access.group !{self.groups[-1]}" if self.groups else ""

    def _metadata(self, text: str) -> int:
        self.metadata.append(text)
        return len(self.metadata) - 1

    def text(self) -> str:
        """The module with this function in it."""
        parameters = ", ".join(f"{kind} %{name}" for name, kind in self.parameters)
        return "\n".join([
            *sorted(self.externals), *self.constants, "", f"define void @{self.name}({parameters}) {{", "entry:",
            *self.entry, *self.lines, "  ret void", "}", "",
            *(f"!{i} = {text}" for i, text in enumerate(self.metadata)), "",
        ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """A place on the stack."""

    code: Function
    kind: str
    place: Term

    def get(self) -> Term:
        """What it holds."""
        return self.code.define(self.kind, f"load {self.kind}, {self.place}")

    def set(self, value: Term) -> None:
        """Let it hold another value."""
        self.code.lines.append(f"  store {value}, {self.place}")


def _suffix(kind: str) -> str:
    """The type in the name of an intrinsic: f32, f64, v16f32, i64."""
    one = {FLOAT: "f32", DOUBLE: "f64"}.get(lane_kind(kind), lane_kind(kind))
    return f"v{kind[1:].partition(' ')[0]}{one}" if kind.startswith("<") else one


def _bytes(kind: str) -> int:
    """Bytes of a number or of a vector."""
    lanes = int(kind[1:].partition(" ")[0]) if kind.startswith("<") else 1
    return lanes * _alignment(kind)


def _alignment(kind: str) -> int:
    """Bytes of one number: a vector may begin at any of them."""
    one = lane_kind(kind)
    return {FLOAT: 4, DOUBLE: 8, POINTER: 8, BIT: 1}.get(one) or int(one[1:]) // 8
