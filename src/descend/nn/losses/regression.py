"""Losses of measured numbers: how far a prediction is from its target."""

from __future__ import annotations

import math
from typing import Any

from descend.engine import Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import numbers_like


def mse_loss(prediction: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """(prediction - target)², averaged over all elements. Shapes: equal. Raises: ShapeError."""
    prediction = as_tensor(prediction)
    target = numbers_like("mse_loss", prediction, target)
    return reduced("mse_loss", ops.square(prediction - target), reduction)


def l1_loss(prediction: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """|prediction - target|, averaged over all elements: outliers weigh less. Shapes: equal. Raises: ShapeError."""
    prediction = as_tensor(prediction)
    target = numbers_like("l1_loss", prediction, target)
    return reduced("l1_loss", ops.abs(prediction - target), reduction)


def huber_loss(prediction: Tensor, target: Any, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """d² / 2 where |d| < delta, delta (|d| - delta / 2) beyond, for d = prediction - target, averaged.

    Shapes: equal. Raises: ShapeError, UsageError unless delta > 0. Source: Huber 1964.
    """
    return reduced("huber_loss", _huber("huber_loss", prediction, target, delta), reduction)


def smooth_l1_loss(prediction: Tensor, target: Any, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 beyond, averaged: `huber_loss` / beta; beta = 0 is `l1_loss`.

    Shapes: equal. Raises: ShapeError, UsageError for beta < 0. Source: Girshick 2015, arXiv:1504.08083, Eq. 3.
    """
    if beta == 0:
        return l1_loss(prediction, target, reduction)
    return reduced("smooth_l1_loss", _huber("smooth_l1_loss", prediction, target, beta) * (1 / beta), reduction)


def _huber(loss: str, prediction: Any, target: Any, delta: float) -> Tensor:
    checks.positive(loss, "delta" if loss == "huber_loss" else "beta", delta)
    given: Tensor = as_tensor(prediction)
    d = given - numbers_like(loss, given, target)
    near = ops.clip(d, -delta, delta)  # without |d|, whose kink at 0 the curvature would feel
    return near * (d - near * 0.5)


def poisson_nll_loss(
    prediction: Tensor, target: Any, *, log_input: bool = True, full: bool = False, eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The rate minus target log(rate): the negative log-likelihood of Poisson counts up to a constant, averaged.

    `prediction` is the log of the rate, or with `log_input=False` the rate, to which eps is added in the logarithm.
    `full` adds Stirling's approximation of log target! for targets above 1. Shapes: equal. Raises: ShapeError.
    """
    prediction = as_tensor(prediction)
    target = numbers_like("poisson_nll_loss", prediction, target)
    rate, log_rate = (ops.exp(prediction), prediction) if log_input else (prediction, ops.log(prediction + eps))
    values = rate - target * log_rate
    if full:
        n = ops.maximum(target, 1)
        stirling = n * ops.log(n) - n + 0.5 * ops.log(2 * math.pi * n)
        values = values + ops.where(target > 1, stirling, 0)
    return reduced("poisson_nll_loss", values, reduction)


def gaussian_nll_loss(
    prediction: Tensor, target: Any, var: Any, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """(log v + (prediction - target)² / v) / 2 with v = max(var, eps), averaged: the variance is predicted too.

    `full` adds log(2π) / 2. Shapes: prediction and target equal, var broadcast to them. Raises: ShapeError.
    Source: Nix and Weigend 1994. Differs: from PyTorch in giving `var` its gradient where it is below eps: none.
    """
    prediction = as_tensor(prediction)
    target = numbers_like("gaussian_nll_loss", prediction, target)
    v = ops.maximum(as_tensor(var).to(prediction.dtype), eps)
    values = 0.5 * (ops.log(v) + ops.square(prediction - target) / v)
    return reduced("gaussian_nll_loss", values + 0.5 * math.log(2 * math.pi) if full else values, reduction)


class MSELoss(Loss):
    """`mse_loss` as a module."""

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """(prediction - target)², averaged."""
        return mse_loss(prediction, target, self.reduction)


class L1Loss(Loss):
    """`l1_loss` as a module."""

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """|prediction - target|, averaged."""
        return l1_loss(prediction, target, self.reduction)


class HuberLoss(Loss):
    """`huber_loss` as a module. Raises: UsageError unless delta > 0."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = checks.positive("HuberLoss", "delta", delta)

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """Squared near the target, straight beyond delta, averaged."""
        return huber_loss(prediction, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """`smooth_l1_loss` as a module. Raises: UsageError for beta < 0."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = checks.between("SmoothL1Loss", "beta", beta, 0, math.inf)

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """Squared near the target, of slope 1 beyond beta, averaged."""
        return smooth_l1_loss(prediction, target, self.reduction, self.beta)


class PoissonNLLLoss(Loss):
    """`poisson_nll_loss` as a module."""

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input, self.full, self.eps = log_input, full, checks.positive("PoissonNLLLoss", "eps", eps)

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """The rate minus target log(rate), averaged."""
        return poisson_nll_loss(
            prediction, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Loss):
    """`gaussian_nll_loss` as a module."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full, self.eps = full, checks.positive("GaussianNLLLoss", "eps", eps)

    def forward(self, prediction: Tensor, target: Any, var: Any) -> Tensor:
        """(log v + (prediction - target)² / v) / 2, averaged."""
        return gaussian_nll_loss(prediction, target, var, full=self.full, eps=self.eps, reduction=self.reduction)
