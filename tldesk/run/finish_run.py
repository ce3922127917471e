"""Finishes a run: makes the calibrated, evaluated model file from the best weights."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError, Progress, derive_seed, write_atomic
from tldesk.dataset import SnapshotItem, Split
from tldesk.engine.caches import tidy
from tldesk.evaluation import (
    Evaluation,
    evaluate,
    fit_temperature,
    knn_distance,
    softmax,
    unsure_threshold,
)
from tldesk.evaluation.novelty import NEIGHBOURS
from tldesk.model.build import Network, build_network
from tldesk.model.model_file import ModelFile, weights_of
from tldesk.run.calibration_file import Calibration, write_calibration
from tldesk.run.checkpoint import read_best
from tldesk.run.predictions import Predictions, write_predictions
from tldesk.run.run_status import read_status, write_status
from tldesk.trainer.data.network_outputs import NetworkOutputs, network_outputs
from tldesk.trainer.data.phase_data import TrainingData
from tldesk.trainer.strategies.best_weights import load_trained_state

if TYPE_CHECKING:
    from tldesk.run.stored_run import StoredRun
    from tldesk.trainer.plan import Plan

MOST_REMEMBERED = 5_000
"""Number of training images stored in a model file, for nearest neighbours and novelty."""

_WHAT = {
    Split.TRAIN: "Remembering training images",
    Split.VALIDATION: "Evaluating on validation images",
    Split.TEST: "Evaluating on test images",
}


def finishing(run: StoredRun, plan: Plan, stop: threading.Event | None) -> Generator[Progress, None, Path]:
    """See ``Run.finish``."""
    with run.hold():
        before = read_status(run.files.status)
        # If the process is killed from here on, the run is shown as interrupted; resuming finishes it.
        write_status(run.files.status, before.but(status="running"))
        try:
            network = _best_network(run, plan)
            return (yield from _finished(run, plan, network, stop))
        finally:
            write_status(run.files.status, before)


def store_split(
    run: StoredRun, plan: Plan, answers: NetworkOutputs, split: Split, calibration: Calibration
) -> Evaluation:
    """Write the predictions and metrics of a split to the run's folder."""
    predictions = _predictions(answers)
    write_predictions(run.files.predictions(split), predictions)
    result = evaluate(
        answers.logits,
        predictions.labels,
        plan.snapshot.classes,
        temperature=calibration.temperature,
        unsure_below=calibration.unsure_below,
    )
    document = {"run": run.name, "split": str(split), **result.as_dict()}
    write_atomic(
        run.files.evaluation(split),
        json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    )
    return result


def _finished(
    run: StoredRun, plan: Plan, network: Network, stop: threading.Event | None
) -> Generator[Progress, None, Path]:
    answers: dict[Split, NetworkOutputs] = {}
    data = TrainingData(plan, network)
    for split in (Split.VALIDATION, Split.TEST, Split.TRAIN):
        items = _items(plan, split)
        found = yield from network_outputs(data, items, _WHAT[split], stop)
        if found is None:
            raise _stopped(run)
        answers[split] = found
    calibration = _calibrated(answers[Split.VALIDATION])
    write_calibration(run.files.calibration, calibration)
    numbers = {
        split: store_split(run, plan, answers[split], split, calibration)
        for split in (Split.VALIDATION, Split.TEST)
        if len(answers[split].items)
    }
    model = _model_file(run, plan, network, answers, calibration=calibration, numbers=numbers)
    model.save(run.files.model)
    tidy(plan.cache_dir)
    return run.files.model


def _best_network(run: StoredRun, plan: Plan) -> Network:
    weights = read_best(run.files.best)
    if weights is None:
        raise ProblemError(
            Problem(
                run.name, "no epoch was finished, so there is nothing to keep", "Train for at least one epoch"
            )
        )
    classes = len(plan.snapshot.classes)
    network = build_network(
        plan.card,
        classes,
        plan.recipe.head,
        weights=plan.weights(),
        seed=plan.recipe.seed,
        table=plan.table,
    )
    load_trained_state(network, weights)
    network.to(memory_format=torch.channels_last)
    return network.to(plan.device.name).eval()


def _items(plan: Plan, split: Split) -> Sequence[SnapshotItem]:
    items = plan.snapshot.of(split)
    if split != Split.TRAIN or len(items) <= MOST_REMEMBERED:
        return items
    chosen = np.random.default_rng(derive_seed(plan.recipe.seed, "remembered"))
    places = np.sort(chosen.permutation(len(items))[:MOST_REMEMBERED])
    return [items[place] for place in places]


def _calibrated(validation: NetworkOutputs) -> Calibration:
    if not len(validation.items):
        return Calibration(1.0, 0.0)
    labels = _labels(validation)
    temperature = fit_temperature(validation.logits, labels)
    return Calibration(temperature, unsure_threshold(softmax(validation.logits, temperature), labels))


def _model_file(
    run: StoredRun,
    plan: Plan,
    network: Network,
    answers: Mapping[Split, NetworkOutputs],
    *,
    calibration: Calibration,
    numbers: Mapping[Split, Evaluation],
) -> ModelFile:
    train = answers[Split.TRAIN]
    remembered = _half(train.embeddings)
    return ModelFile(
        backbone=plan.card.name,
        head=plan.recipe.head,
        classes=plan.snapshot.classes,
        preprocessing=plan.preprocessing,
        weights=weights_of(network),
        embeddings=remembered,
        labels=_labels(train),
        contents=tuple(item.content for item in train.items),
        temperature=calibration.temperature,
        unsure_below=calibration.unsure_below,
        novelty=_novelty(remembered, answers[Split.VALIDATION].embeddings),
        table=plan.table,
        recipe=plan.recipe.model_dump(mode="json"),
        run=run.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        summary={str(split): _summary(one) for split, one in numbers.items()},
    )


def _novelty(train: NDArray[np.float16], validation: NDArray[np.float32]) -> tuple[float, ...]:
    """Return the distances of the validation images to the training images, ascending.

    Without validation images, the distances among the training images are returned.
    """
    if len(validation):
        distances = knn_distance(train, validation)
    else:
        # Every image is its own nearest neighbour, so the next ones count.
        distances = knn_distance(train, train, NEIGHBOURS + 1)
    return tuple(float(distance) for distance in np.sort(distances))


def _half(embeddings: NDArray[np.float32]) -> NDArray[np.float16]:
    largest = float(np.finfo(np.float16).max)
    return embeddings.clip(-largest, largest).astype(np.float16)


def _summary(result: Evaluation) -> dict[str, object]:
    return {
        "n": result.n,
        "accuracy": result.accuracy.as_dict(),
        "balanced_accuracy": result.balanced_accuracy.as_dict(),
    }


def _predictions(answers: NetworkOutputs) -> Predictions:
    return Predictions(
        np.array([item.image_id for item in answers.items], dtype=np.int64),
        tuple(item.content for item in answers.items),
        answers.logits,
        _labels(answers),
    )


def _labels(answers: NetworkOutputs) -> NDArray[np.int64]:
    return np.array([item.label for item in answers.items], dtype=np.int64)


def _stopped(run: StoredRun) -> ProblemError:
    return ProblemError(
        Problem(run.name, "it was stopped before the model file was written", "Finish the run once more")
    )
