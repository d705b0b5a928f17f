"""Losses: how wrong an output is, as one number to descend on. Each is a function, and a module of the same settings.

With `reduction="mean"` (the default) a loss is the mean over what it compares, with "sum" the sum; "none" leaves
one number for each.
"""

from descend.nn.losses.binary import (
    BCELoss,
    BCEWithLogitsLoss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from descend.nn.losses.classification import (
    CrossEntropyLoss,
    NLLLoss,
    cross_entropy,
    nll_loss,
    soft_cross_entropy,
)
from descend.nn.losses.ctc import CTCLoss, ctc_loss
from descend.nn.losses.distances import (
    CosineEmbeddingLoss,
    CosineSimilarity,
    PairwiseDistance,
    TripletMarginLoss,
    cosine_embedding_loss,
    cosine_similarity,
    pairwise_distance,
    triplet_margin_loss,
)
from descend.nn.losses.divergence import KLDivLoss, kl_div
from descend.nn.losses.margins import (
    HingeEmbeddingLoss,
    HingeLoss,
    MarginRankingLoss,
    MultiMarginLoss,
    SoftMarginLoss,
    hinge_embedding_loss,
    hinge_loss,
    margin_ranking_loss,
    multi_margin_loss,
    soft_margin_loss,
    svm_loss,
)
from descend.nn.losses.multilabel import (
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
)
from descend.nn.losses.regression import (
    GaussianNLLLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    PoissonNLLLoss,
    SmoothL1Loss,
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss",
    "GaussianNLLLoss", "HingeEmbeddingLoss", "HingeLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss",
    "MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss",
    "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cosine_similarity",
    "cross_entropy", "ctc_loss", "gaussian_nll_loss", "hinge_embedding_loss", "hinge_loss", "huber_loss", "kl_div",
    "l1_loss", "margin_ranking_loss", "mse_loss", "multi_margin_loss", "multilabel_margin_loss",
    "multilabel_soft_margin_loss", "nll_loss", "pairwise_distance", "poisson_nll_loss", "smooth_l1_loss",
    "soft_cross_entropy", "soft_margin_loss", "svm_loss", "triplet_margin_loss",
]  # fmt: skip
