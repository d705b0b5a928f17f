"""The engine: tensors, primitives and their derivatives, in NumPy. Read `primitive`, `ops`, `tensor`, `autodiff`."""

import warnings as _warnings

from descend.engine import ops
from descend.engine.autodiff import backward, grad, hessian, jacobian, jvp, value_and_grad, vjp
from descend.engine.cond import cond
from descend.engine.errors import (
    DescendError,
    DtypeError,
    GradientError,
    NonFiniteError,
    ShapeError,
    SingularError,
    TraceError,
    UsageError,
    near_miss,
)
from descend.engine.gradcheck import check_gradients
from descend.engine.modes import Interpreter, detect_anomaly, interpreting, no_grad, reference
from descend.engine.override import overridable, override, override_calls, symbols
from descend.engine.primitive import PRIMITIVES, Costly, Elementwise, Primitive, bind
from descend.engine.random import Generator, default_generator, manual_seed
from descend.engine.scan import scan
from descend.engine.tensor import Cell, Tensor, as_tensor, from_numpy

__all__ = [
    "Cell", "Costly", "DescendError", "DtypeError", "Elementwise", "Generator", "GradientError", "Interpreter",
    "NonFiniteError", "Primitive", "PRIMITIVES", "ShapeError", "SingularError", "Tensor", "TraceError",
    "UsageError", "as_tensor", "backward", "bind", "check_gradients", "cond", "default_generator",
    "detect_anomaly", "from_numpy", "grad", "hessian", "interpreting", "jacobian", "jvp", "manual_seed",
    "near_miss", "no_grad", "ops", "overridable", "override", "override_calls", "reference", "scan",
    "symbols", "value_and_grad", "vjp",
]  # fmt: skip

# Overflow gives an infinity and 0/0 a NaN, as the mathematics of floats has it; `detect_anomaly` finds where. The
# filter is limited to this package's own frames: NumPy goes on warning about the user's own arithmetic.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"descend\.engine\.")
