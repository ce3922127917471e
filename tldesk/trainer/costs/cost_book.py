"""The cost book: what training costs on this machine, measured per backbone and corrected by real epochs.

Loads no torch; ``measuring`` measures.
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
_SLOWEST, _QUICKEST = 8.0, 0.125  # a training beside other work tells nothing of the next one
_WEIGHT = 0.5  # of the newest training, against all before

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StageCost:
    """Of one image in one stage.

    Attributes:
        forward: seconds, as part of a learning step.
        backward: seconds.
        look: seconds, where nothing is learned.
        kept: bytes that the forward pass keeps for the backward pass.
        outputs: numbers that the stage gives.
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
        stages: in the card's order, the head apart.
        picture: seconds to turn a kept picture into the network's input, changed at random.
        update: seconds an optimiser's step takes for each trained number.
        factor: what trainings really took, divided by what was said; 1 before the first.
        trainings: how many have told.
    """

    stages: tuple[StageCost, ...]
    picture: float
    update: float
    factor: float = 1.0
    trainings: int = 0


def costs_key(card: Card, recipe: Recipe, device: Device) -> str:
    """Under which the costs are kept: what they depend on."""
    size = recipe.input_size or card.input_size
    return " ".join((device.kind, device.title, card.name, str(size), recipe.batch_norm))


class CostBook:
    """A small file of costs in the user's folder; a damaged one is replaced."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_dir() / _FILE

    def get(self, key: str) -> BackboneCosts | None:
        """What is known under a key."""
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
        """Keep costs; a disk that is full or read-only costs the next program a measurement, no more."""
        book = {**self._read(), key: asdict(costs)}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, json.dumps({"version": _VERSION, "costs": book}, indent=1) + "\n")
        except OSError as error:
            log.warning("Costs cannot be kept: %s", error)

    def tell(self, key: str, said: float, took: float) -> None:
        """A training's epochs took ``took`` seconds where ``said`` were said, by the factor of that time."""
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
