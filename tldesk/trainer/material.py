"""What a phase learns from and is checked with: chosen, read and computed before its first epoch."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from tldesk.base import Problem, ProblemError, Progress, plural
from tldesk.dataset import Item, Split
from tldesk.engine.features import FeatureBank
from tldesk.engine.prepared import LeftOut, PreparedPictures
from tldesk.model import LINE_ALL
from tldesk.model.build import Network
from tldesk.recipe import Augmentation
from tldesk.trainer.events import Event, Notice, Preparing
from tldesk.trainer.plan import Plan
from tldesk.trainer.sources import FromPictures, KeptFeatures, Source

# Maps of all images together may be this large; beyond it they are computed anew in every epoch.
MAPS_BUDGET = 1.5 * 2**30
_NAMED = 3


@dataclass(frozen=True)
class PhaseMaterial:
    """The sources of one phase; ``validation`` is None where there are no validation images."""

    train: Source
    validation: Source | None


class Material:
    """Makes sources for a network and a plan.

    Attributes:
        pictures: the prepared pictures, and which images were left out.
    """

    def __init__(self, plan: Plan, network: Network) -> None:
        self._plan = plan
        self._network = network
        self._told: set[str] = set()
        self.pictures = PreparedPictures(plan.cache_dir, plan.preprocessing)

    def phase(self, index: int, stop: threading.Event | None) -> Generator[Event, None, PhaseMaterial | None]:
        """The sources of a phase; None when ``stop`` was set.

        Raises:
            ProblemError: no training image can be read, or the disk is full.
        """
        snapshot, line = self._plan.snapshot, self._plan.recipe.phases[index].freeze
        augmentation = self._augmentation(line)
        if augmentation is None and self._plan.recipe.augmentation.active:
            yield Notice(
                f"In phase {index + 1} nothing but the head is trained, so the pictures are used as they are "
                "and augmentation is left out."
            )
        train = yield from self.source(snapshot.of(Split.TRAIN), line, stop, augmentation)
        validation = yield from self.source(snapshot.of(Split.VALIDATION), line, stop)
        yield from self._tell_left_out()
        if train is None or validation is None:
            return None
        if not train.items:
            raise _no_picture(next(iter(self.pictures.left_out.values()), None))
        return PhaseMaterial(train, validation if validation.items else None)

    def vectors(
        self, split: Split, stop: threading.Event | None
    ) -> Generator[Event, None, KeptFeatures | None]:
        """Pooled vectors at the network's end as it is now; None when ``stop`` was set."""
        items = self._plan.snapshot.of(split)
        return (yield from self._kept(self._bank(LINE_ALL), items, stop))

    def source(
        self,
        items: Sequence[Item],
        line: str,
        stop: threading.Event | None,
        augmentation: Augmentation | None = None,
    ) -> Generator[Event, None, Source | None]:
        """Features that are kept where they can be, else pictures; None when ``stop`` was set."""
        if augmentation is None and self._plan.card.position(line) > 0:
            bank = self._bank(line)
            if line == LINE_ALL or bank.row_bytes * len(self._plan.snapshot.items) <= MAPS_BUDGET:
                return (yield from self._kept(bank, items, stop))
        yield from _told(self.pictures.fill(items, stop))
        if _stopped(stop):
            return None
        trunk = self._network.trunk(line)
        usable = self.pictures.usable(items)
        return FromPictures(
            self.pictures,
            usable,
            trunk,
            self._plan.device,
            augmentation=augmentation,
            seed=self._plan.recipe.seed,
        )

    def _kept(
        self, bank: FeatureBank, items: Sequence[Item], stop: threading.Event | None
    ) -> Generator[Event, None, KeptFeatures | None]:
        yield from _told(bank.fill(items, stop))
        if _stopped(stop):
            return None
        return KeptFeatures(bank, self.pictures.usable(items), self._plan.device)

    def _bank(self, line: str) -> FeatureBank:
        self._network.eval()
        return FeatureBank(
            self._network, line, self.pictures, self._plan.device, cache_dir=self._plan.cache_dir
        )

    def _augmentation(self, line: str) -> Augmentation | None:
        chosen = self._plan.recipe.augmentation
        return chosen if chosen.active and line != LINE_ALL else None

    def _tell_left_out(self) -> Iterator[Notice]:
        new = [one for content, one in self.pictures.left_out.items() if content not in self._told]
        self._told.update(one.content for one in new)
        if new:
            named = " ".join(f"{one.path.name}: {one.reason}" for one in new[:_NAMED])
            more = f" And {plural(len(new) - _NAMED, 'more')}." if len(new) > _NAMED else ""
            yield Notice(f"{plural(len(new), 'image')} could not be read and is left out. {named}{more}")


def _told(steps: Iterator[Progress | LeftOut]) -> Iterator[Preparing]:
    for step in steps:
        if isinstance(step, Progress):
            yield Preparing(step.what, step.done, step.total, step.seconds_left)


def _stopped(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _no_picture(example: LeftOut | None) -> ProblemError:
    why = f" ({example.path.name}: {example.reason})" if example else ""
    return ProblemError(
        Problem(
            "images",
            f"none of the training images can be read{why}",
            "Check that the folder of pictures is where it was, and scan it again",
        )
    )
