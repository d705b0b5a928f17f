"""From LLVM IR to machine code, once: compiled objects are kept on disk.

An object's file is named by the hash of everything it depends on: the IR, the processor and its features, the versions
of LLVM and llvmlite, the passes. It is written under another name and then renamed, so processes may compile the same
thing at the same time; what it holds is checked when it is read, so what belongs to a file that is damaged, or has got
another one's name, is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from descend.kernels.code import PARALLEL

PORTABLE = "DESCEND_PORTABLE"  # set: no instructions but those that every processor of this kind has
CACHE = "DESCEND_KERNELS"  # the folder of compiled kernels
SHORT = ("sroa", "simplify_cfg", "instruction_combine", "new_gvn", "simplify_cfg", "instruction_combine")

_lock = threading.Lock()
_engines: list[Any] = []  # machine code lives as long as the process
_addresses: dict[str, int] = {}


@cache
def available() -> bool:
    """Whether kernels can be compiled here: llvmlite is installed."""
    return find_spec("llvmlite") is not None


@dataclass(frozen=True)
class Target:
    """What code is compiled for."""

    cpu: str
    features: str
    version: str

    @property
    def vector_bytes(self) -> int:
        """The width of a vector register."""
        present = set(self.features.split(","))
        return 64 if "+avx512f" in present else 32 if "+avx2" in present else 16


@cache
def target() -> Target:
    """This processor, or the plainest of its kind where `DESCEND_PORTABLE` is set."""
    llvm = _llvm()
    version = f"llvmlite {import_module('llvmlite').__version__}, LLVM {'.'.join(map(str, llvm.llvm_version_info))}"
    if os.environ.get(PORTABLE):
        return Target("", "", version)
    return Target(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), version)


@cache
def _llvm() -> Any:
    llvm = import_module("llvmlite.binding")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def _machine(at: Target) -> Any:
    triple = _llvm().Target.from_default_triple()
    return triple.create_target_machine(cpu=at.cpu, features=at.features, opt=3, jit=True)


_compiler = cache(_machine)


def address(name: str, source: str) -> int:
    """The address of the function `name` in a module of LLVM IR, compiled or found on disk."""
    key = _key(source)
    with _lock:
        if key not in _addresses:
            _addresses[key] = _loaded(name, _stored(key) or _kept(key, _compiled(source)))
        return _addresses[key]


def assembly(source: str) -> str:
    """What the processor executes for this IR, as text."""
    machine = _compiler(target())
    return str(machine.emit_assembly(_optimised(source, machine)))


def _key(source: str) -> str:
    at = target()
    return hashlib.sha256(f"{source}\n{SHORT}\n{at.cpu}\n{at.features}\n{at.version}".encode()).hexdigest()


def _optimised(source: str, machine: Any) -> Any:
    """The module, improved: with all that LLVM can do only where it is to make vectors of loops.

    Kernels that are written in vectors gain nothing from the rest, which takes a third of the time.
    """
    llvm = _llvm()
    module = llvm.parse_assembly(source)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization, options.slp_vectorization = True, False
    builder = llvm.create_pass_builder(machine, options)
    if PARALLEL in source:
        builder.getModulePassManager().run(module, builder)
        return module
    passes = llvm.create_new_function_pass_manager()
    for name in SHORT:
        getattr(passes, f"add_{name}_pass")()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)
    return module


def _compiled(source: str) -> bytes:
    machine = _compiler(target())
    return bytes(machine.emit_object(_optimised(source, machine)))


def _loaded(name: str, code: bytes) -> int:
    llvm = _llvm()
    machine = _machine(target())  # one for each engine: it owns it
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address(name))


# On disk: the code behind its seal.


def folder() -> Path:
    """Where compiled kernels are kept."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "descend" / "kernels"


def _stored(key: str) -> bytes | None:
    try:
        data = (folder() / key).read_bytes()
    except OSError:
        return None
    code = data[32:]
    return code if _seal(key, code) == data[:32] else None


def _kept(key: str, code: bytes) -> bytes:
    with suppress(OSError):  # a cache that cannot be written is no reason to stop
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as file:
            written = Path(file.name)
        try:
            written.write_bytes(_seal(key, code) + code)
            written.replace(folder() / key)
        finally:
            written.unlink(missing_ok=True)  # where the disk is full
    return code


def _seal(key: str, code: bytes) -> bytes:
    """What tells that this code is whole, and belongs to this key."""
    return hashlib.sha256(key.encode() + code).digest()
