"""Kernels: native code for arrays, written as LLVM IR and compiled by llvmlite. They know nothing of tensors.

Every kernel is one function with one signature,

    void name(int64_t *arguments, int64_t thread, int64_t threads)

whose arguments are numbers (lengths) and addresses of C-contiguous arrays, in an order that its module states. It is
made by a description of what to compute (`loop.Loop`, `gemm.Gemm`) with a method `source() -> IR`; `jit.address`
compiles the IR, or finds it compiled on disk. Called by several threads, each does its share; results do not overlap.

To add one: write a module here that makes the IR with `code.Function`, and a row in `compiler/binding.py` that says
which equations it computes and with which arguments. Whatever has no kernel is evaluated by NumPy inside the same
program.
"""
