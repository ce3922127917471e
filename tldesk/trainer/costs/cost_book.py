"""The cost book: training costs on this computer, measured per backbone and corrected by real trainings.

Loads no torch; the measuring is done by ``measure_stages``.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tldesk.base import write_atomic
from tldesk.base.paths import user_dir
from tldesk.engine.device import Device
from tldesk.model import Card
from tldesk.recipe import Recipe

_VERSION = 1
_FILE = "costs.json"
# Limits of the factor: other work on the computer says nothing about the next training
_SLOWEST, _QUICKEST = 8.0, 0.125
_WEIGHT = 0.5  # weight of the newest training against all earlier ones

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StageCost:
    """The costs of one stage per image.

    Attributes:
        forward: seconds of the forward pass in a training step.
        backward: seconds of the backward pass.
        look: seconds of the forward pass without training.
        kept: bytes that the forward pass keeps for the backward pass.
        outputs: number of values the stage outputs.
    """

    forward: float
    backward: float
    look: float
    kept: int
    outputs: int


@dataclass(frozen=True, slots=True)
class BackboneCosts:
    """The costs of one backbone at one input size on one device.

    Attributes:
        stages: in the card's order, without the head.
        picture: seconds to turn a cached picture into the network's input, with augmentation.
        update: seconds of an optimiser step per trainable parameter.
        factor: real time of trainings divided by the estimated time; 1 before the first training.
        trainings: number of trainings that have updated ``factor``.
    """

    stages: tuple[StageCost, ...]
    picture: float
    update: float
    factor: float = 1.0
    trainings: int = 0


def costs_key(card: Card, recipe: Recipe, device: Device) -> str:
    """Return the key under which the costs are stored; it contains everything they depend on."""
    size = recipe.input_size or card.input_size
    return " ".join((device.kind, device.title, card.name, str(size), recipe.batch_norm))


class CostBook:
    """A small file of costs in the user's folder; a damaged one is replaced."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_dir() / _FILE

    def get(self, key: str) -> BackboneCosts | None:
        """Return the stored costs; None if there are none."""
        found = self._read().get(key)
        try:
            if found is None:
                return None
            stages = tuple(StageCost(**one) for one in found["stages"])
            return BackboneCosts(stages, **{name: value for name, value in found.items() if name != "stages"})
        except (KeyError, TypeError) as error:
            log.warning("Discarded the damaged costs of %s: %s", key, error)
            return None

    def put(self, key: str, costs: BackboneCosts) -> None:
        """Store costs.

        If the disk is full or read-only, this is only logged, and the costs are measured again later.
        """
        book = {**self._read(), key: asdict(costs)}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, json.dumps({"version": _VERSION, "costs": book}, indent=1) + "\n")
        except OSError as error:
            log.warning("Costs cannot be kept: %s", error)

    def tell(self, key: str, said: float, took: float) -> None:
        """Correct the factor after a training: its epochs took ``took`` seconds, ``said`` were estimated."""
        costs = self.get(key)
        if costs is None or said <= 0 or took <= 0:
            return
        now = min(_SLOWEST, max(_QUICKEST, costs.factor * took / said))
        weight = _WEIGHT if costs.trainings else 1.0
        factor = costs.factor ** (1 - weight) * now**weight
        self.put(key, replace(costs, factor=factor, trainings=costs.trainings + 1))

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            whole = json.loads(self._file.read_text(encoding="utf-8"))
            costs: dict[str, dict[str, Any]] = whole["costs"] if whole["version"] == _VERSION else {}
        except FileNotFoundError:
            costs = {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is damaged and was replaced: %s", self._file, error)
            costs = {}
        return costs
