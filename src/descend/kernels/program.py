"""A flat program: kernels called one after the other without coming back to Python, by one thread or by several.

Arguments of the kernel: the number of calls, the address of a counter that is 0, then for each call the address of a
kernel and that of its arguments. Every thread makes all calls, each with its own number, and after each call waits
until all are through: what one kernel has written the next one reads. A thread that waits for long lets others run.
"""

from __future__ import annotations

import platform
import sys

from descend.kernels.code import INDEX, POINTER, Function, Term, whole

PATIENCE = 4000  # looks at the counter before the processor is left to others
HEAD = 2  # arguments before the first call


def source(name: str = "program") -> str:
    """The loop that makes the calls."""
    code = Function(name)
    arguments, thread, threads = (code.parameter(p) for p in ("arguments", "thread", "threads"))
    counter = code.pointer(1)
    with code.loop(0, code.number(0)) as i:
        place = code.add(code.mul(i, 2), HEAD)
        kernel = code.load(POINTER, arguments, place, plain=True)
        given = code.load(POINTER, arguments, code.add(place, whole(1)), plain=True)
        signature = f"void ({POINTER}, {INDEX}, {INDEX})"
        code.lines.append(f"  call {signature} {kernel.text}({given}, {thread}, {threads})")
        with code.when(code.compare("sgt", threads, whole(1))):
            _wait(code, counter, code.mul(threads, code.add(i, 1)))
    return code.text()


def _wait(code: Function, counter: Term, goal: Term) -> None:
    """Count this thread in, and look at the counter until it has reached the goal."""
    code.define(INDEX, f"atomicrmw add {counter}, {INDEX} 1 seq_cst")
    head = code.fresh("wait")
    looks = code.variable(whole(0))
    code.lines += [f"  br label %{head}", f"{head}:"]
    seen = code.define(INDEX, f"load atomic {INDEX}, {counter} acquire, align 8")
    looks.set(code.add(looks.get(), 1))
    _pause(code)
    if sys.platform != "win32":
        code.externals.add("declare i32 @sched_yield()")
        with code.when(code.compare("sgt", looks.get(), whole(PATIENCE))):
            code.define("i32", "call i32 @sched_yield()")
    code.lines.append(f"  br {code.compare('slt', seen, goal)}, label %{head}, label %{head}.end")
    code.lines.append(f"{head}.end:")


def _pause(code: Function) -> None:
    """Tell the processor that this is a loop of waiting."""
    if platform.machine() in {"x86_64", "AMD64"}:
        code.externals.add("declare void @llvm.x86.sse2.pause()")
        code.lines.append("  call void @llvm.x86.sse2.pause()")
