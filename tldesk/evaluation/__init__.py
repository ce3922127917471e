"""Pure functions on arrays of logits and labels: metrics with intervals, calibration, thresholds, novelty."""

from __future__ import annotations

from tldesk.evaluation.across_folds import CrossValidationMetrics, FoldSpread, across_folds
from tldesk.evaluation.agreement import Agreement, agreement_of_all, agreements, cohen_kappa, fleiss_kappa
from tldesk.evaluation.calibration import (
    ReliabilityBin,
    fit_temperature,
    reliability,
    softmax,
)
from tldesk.evaluation.evaluation import INTERVAL_METHODS, Evaluation, UnsureAnswers, evaluate
from tldesk.evaluation.intervals import Interval, wilson
from tldesk.evaluation.logme import logme
from tldesk.evaluation.mcnemar import mcnemar
from tldesk.evaluation.metrics import ClassMetrics
from tldesk.evaluation.novelty import knn_distance, kth_distance, novelty_scores
from tldesk.evaluation.pareto import pareto_front
from tldesk.evaluation.thresholds import unsure_threshold

__all__ = [
    "INTERVAL_METHODS",
    "Agreement",
    "ClassMetrics",
    "CrossValidationMetrics",
    "Evaluation",
    "FoldSpread",
    "Interval",
    "ReliabilityBin",
    "UnsureAnswers",
    "across_folds",
    "agreement_of_all",
    "agreements",
    "cohen_kappa",
    "evaluate",
    "fit_temperature",
    "fleiss_kappa",
    "knn_distance",
    "kth_distance",
    "logme",
    "mcnemar",
    "novelty_scores",
    "pareto_front",
    "reliability",
    "softmax",
    "unsure_threshold",
    "wilson",
]
