"""The workloads in JAX: one function each, compiled as a whole step."""
