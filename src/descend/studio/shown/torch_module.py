"""A `torch.nn.Module` as a network that can be looked into, through forward hooks and autograd.

PyTorch is never imported here: who has a module of it has imported it already.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from descend.engine.errors import UsageError
from descend.studio.shown import picture
from descend.studio.shown.look import Array, Called, Inputs, Look, Loss, Part, as_seen, layers
from descend.studio.shown.outputs import LAST_STEP, MOST_VALUES, PART, first, folded, in_words
from descend.studio.shown.streams import streams_kept

# Wrappers with a life of their own, which is not to be disturbed: synchronisation, compilation.
_INSIDE = {"DistributedDataParallel": "module", "DataParallel": "module", "OptimizedModule": "_orig_mod"}
_MARKED = 1 << 18  # numbers of a parameter from which is told how far it moves
Slopes = dict[int, Any]


def torch() -> Any:
    """PyTorch, if the program has imported it, otherwise None."""
    return sys.modules.get("torch")


def is_torch_module(model: Any) -> bool:
    """Whether it is a network of PyTorch."""
    return torch() is not None and isinstance(model, torch().nn.Module)


def is_torch_tensor(value: Any) -> bool:
    """Whether it is a tensor of PyTorch."""
    return torch() is not None and isinstance(value, torch().Tensor)


class TorchNetwork:
    """See `network.Network`.

    Raises:
        UsageError: its parameters are not there yet (lazy layers).
    """

    framework = "PyTorch"

    def __init__(self, model: Any) -> None:
        while type(model).__name__ in _INSIDE:
            model = getattr(model, _INSIDE[type(model).__name__])
        lazy = [name for name, p in model.named_parameters() if torch().nn.parameter.is_lazy(p)]
        if lazy:
            fix = "run one batch through the network before show()"
            raise UsageError("the network has parameters without a shape yet", given=", ".join(lazy[:3]), fix=fix)
        self.model = model
        self.sight: tuple[int, ...] = ()
        self.title = type(model).__name__
        self.parameters = sum(p.numel() for p in model.parameters())
        self._marked: dict[int, Any] = {}

    def look(self, x: Inputs, y: Array | None, loss: Loss | str | None) -> Look:
        """One pass; another one for gradients where the last step left none."""
        with _kept(self.model):
            inputs = self._tensors(x)
            with torch().no_grad():
                calls, given = self._outputs(inputs)
            output = _numbers(first(given, torch().Tensor))
            slopes, source, trouble = self._slopes(inputs, y, loss)
        told = {id(call.module) for call in calls}
        rest = [
            Called(name or self.title, m, _kind(m), (), None)
            for name, m in self.model.named_modules()
            if id(m) not in told
        ]
        found = layers([*calls, *rest], _own, lambda key, p: self._part(key, p, slopes.get(id(p))))
        self._marked = {}
        return Look(found, output, source, trouble)

    def answer(self, x: Inputs) -> Array:
        """What the model gives out."""
        with _kept(self.model), torch().no_grad():
            return _numbers(first(self.model(*self._tensors(x)), torch().Tensor))

    def mark(self) -> None:
        """A copy of the parameters, of large ones of evenly spaced elements."""
        with torch().no_grad():
            self._marked = {id(p): _spaced(p).clone() for p in self.model.parameters()}

    def _outputs(self, inputs: Inputs) -> tuple[list[Called], Any]:
        calls: list[Called] = []
        with ExitStack() as hooks:
            for name, module in self.model.named_modules():
                if next(module.children(), None) is None or next(_own(module), None):
                    hooks.callback(module.register_forward_hook(_noting(name or self.title, calls)).remove)
            given = self.model(*inputs)
        return calls, given

    def _part(self, name: str, p: Any, slope: Any) -> Part:
        with torch().no_grad():
            seen = as_seen(p, self.sight)
            cuts = picture.thinned(tuple(seen.shape), PART)
            before = self._marked.get(id(p))
            step = math.nan
            if before is not None:
                # Scaled up from the elements that were kept to all of them.
                step = _norm(_spaced(p) - before) * math.sqrt(p.numel() / max(1, before.numel()))
            thin = None if slope is None else _numbers(as_seen(slope, self.sight)[cuts])
            slope_norm = math.nan if slope is None else _norm(slope)
            note = picture.note(tuple(seen.shape), cuts)
            return Part(name, tuple(p.shape), _numbers(seen[cuts]), thin, note, _norm(p), slope_norm, step)

    def _slopes(self, x: Inputs, y: Array | None, loss: Loss | str | None) -> tuple[Slopes, str, str]:
        """A gradient for parameters by their id, what it is the gradient of, and why there is none."""
        left = {id(p): _dense(p.grad) for p in self.model.parameters() if p.grad is not None}
        if any(bool(g.any()) for g in left.values()):
            return left, LAST_STEP, ""
        learned = [p for p in self.model.parameters() if p.requires_grad]
        if y is None or loss is None or not learned:
            return {}, "", ""
        try:
            with torch().inference_mode(False), torch().enable_grad():
                slopes = torch().autograd.grad(self._loss(x, y, loss), learned, allow_unused=True)
        except Exception as error:  # noqa: BLE001 - a loss of the user's; the page says what went wrong
            return {}, "", in_words(error)
        found = {id(p): _dense(g) for p, g in zip(learned, slopes) if g is not None}
        return found, loss if isinstance(loss, str) else "your loss", ""

    def _loss(self, x: Inputs, y: Array, loss: Loss | str) -> Any:
        given = self.model(*x)
        target = torch().as_tensor(np.array(y)).to(self._place()[0])
        if not isinstance(loss, str):
            return loss(given, target)
        output, target = folded(first(given, torch().Tensor), target)
        named = torch().nn.functional
        if loss == "cross-entropy":
            return named.cross_entropy(output, target.long())
        target = target.to(output.dtype)
        if loss == "squared error":
            return named.mse_loss(output, target)
        return named.binary_cross_entropy_with_logits(output, target)

    def _place(self) -> tuple[Any, Any]:
        """Where the model computes, and in which type."""
        held = next((p for p in [*self.model.parameters(), *self.model.buffers()] if p.is_floating_point()), None)
        return (torch().device("cpu"), torch().get_default_dtype()) if held is None else (held.device, held.dtype)

    def _tensors(self, x: Inputs) -> Inputs:
        device, dtype = self._place()
        found = []
        for part in x:
            if is_torch_tensor(part):
                found.append(part.detach().to(device))
            else:
                tensor = torch().as_tensor(np.array(part))
                found.append(tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device))
        return tuple(found)


def _noting(name: str, calls: list[Called]) -> Callable[[Any, Any, Any], None]:
    def note(module: Any, _inputs: Any, given: Any) -> None:
        with torch().no_grad():
            found = [given] if is_torch_tensor(given) else [part for part in _inside(given) if is_torch_tensor(part)]
            if found:
                y = found[0]
                calls.append(Called(name, module, _kind(module), tuple(y.shape), _numbers(_few(y))))

    return note


def _inside(given: Any) -> Any:
    return given.values() if isinstance(given, dict) else given if isinstance(given, list | tuple) else ()


def _few(y: Any) -> Any:
    """The first examples of an output, as many as go into statistics."""
    return y[: max(1, MOST_VALUES // max(1, math.prod(y.shape[1:])))] if y.ndim else y


def _own(module: Any) -> Iterator[tuple[str, Any]]:
    yield from module.named_parameters(recurse=False)


def _kind(module: Any) -> str:
    text = repr(module)
    return text if "\n" not in text else type(module).__name__


def _spaced(p: Any) -> Any:
    flat = p.detach().reshape(-1)
    return flat[:: max(1, -(-flat.numel() // _MARKED))]


def _dense(g: Any) -> Any:
    return g.to_dense() if g.is_sparse else g


def _norm(tensor: Any) -> float:
    return float(torch().linalg.vector_norm(tensor.detach().float()))


def _numbers(tensor: Any) -> Array:
    """The values as an array of NumPy's: of its own types only, and a copy, as the tensor may be written to."""
    plain = tensor.detach().cpu()
    if plain.is_complex():
        plain = plain.abs()
    return np.array((plain.float() if plain.is_floating_point() else plain).numpy())


@contextmanager
def _kept(model: Any) -> Iterator[None]:
    """Evaluation mode inside the block; afterwards modes, buffers and random streams are as they were."""
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(m, name, b, b.detach().clone()) for m in model.modules() for name, b in m.named_buffers(recurse=False)]
    devices = sorted({p.device.index for p in model.parameters() if p.device.type == "cuda"})
    with streams_kept(), torch().random.fork_rng(devices):
        try:
            for module, _ in modes:
                # Not eval(), which a module may have changed.
                module.training = False
            yield
        finally:
            for module, training in modes:
                module.training = training
            with torch().no_grad():
                for holder, name, buffer, copy in buffers:
                    _put_back(holder, name, buffer, copy)


def _put_back(module: Any, name: str, buffer: Any, copy: Any) -> None:
    if module._buffers[name] is not buffer:
        module._buffers[name] = buffer
    if not torch().equal(buffer, copy):
        buffer.copy_(copy)
