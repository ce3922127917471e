"""The data of a phase: selected, read and computed before its first epoch."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tldesk.base import Problem, ProblemError, Progress, plural
from tldesk.dataset import SnapshotItem, Split
from tldesk.engine.cache_misses import CacheMisses
from tldesk.engine.feature_bank import PLAIN, FeatureBank, View
from tldesk.engine.picture_batches import PreprocessedPictures, UnusableImage
from tldesk.model import LINE_ALL
from tldesk.model.build import Network
from tldesk.recipe import Augmentation, Phase
from tldesk.trainer.data.batches import AllViews, BatchSource, CachedFeatures, PictureSource, RotatingViews
from tldesk.trainer.data.view_budget import count_of_views, takes_plain_pictures, views_that_fit
from tldesk.trainer.data.views import views_of
from tldesk.trainer.events import Event, Notice, Preparing
from tldesk.trainer.plan import Plan

_NAMED = 3


@dataclass(frozen=True)
class PhaseData:
    """The training and validation data of one phase; ``validation`` is None without validation images."""

    train: BatchSource
    validation: BatchSource | None


class TrainingData:
    """Makes the batch sources for a network and a plan, and caches what the frozen stages compute.

    Attributes:
        plan, network: the plan and network that the data is for.
        pictures: the network's inputs, and which images were left out.
        work: counts what was not cached and had to be computed.
    """

    def __init__(self, plan: Plan, network: Network) -> None:
        self.plan = plan
        self.network = network
        self._told: set[str] = set()
        self._told_unconverted = False
        self._banks: dict[tuple[str, str], FeatureBank] = {}
        self.work = CacheMisses()
        self.pictures = PreprocessedPictures(plan.cache_dir, plan.preprocessing, self.work)

    def phase(self, index: int, stop: threading.Event | None) -> Generator[Event, None, PhaseData | None]:
        """Prepare the data of a phase; None when ``stop`` was set.

        Raises:
            ProblemError: no training image can be read, or the disk is full.
        """
        snapshot, phase = self.plan.snapshot, self.plan.recipe.phases[index]
        train = yield from self._training_source(snapshot.of(Split.TRAIN), phase, stop)
        validation = yield from self.source(snapshot.of(Split.VALIDATION), phase.freeze, stop)
        yield from self._tell_left_out()
        if train is None or validation is None:
            return None
        if not train.items:
            raise _no_picture(next(iter(self.pictures.left_out.values()), None))
        return PhaseData(train, validation if validation.items else None)

    def vectors(
        self, items: Sequence[SnapshotItem], stop: threading.Event | None, view: View = PLAIN
    ) -> Generator[Event, None, CachedFeatures | None]:
        """Return pooled vectors of the network's last stage as it is now; None when ``stop`` was set."""
        return (yield from self._kept(self._bank(LINE_ALL, view), items, stop))

    def source(
        self, items: Sequence[SnapshotItem], line: str, stop: threading.Event | None
    ) -> Generator[Event, None, BatchSource | None]:
        """Return cached features where possible, else pictures; None when ``stop`` was set."""
        if self.plan.card.position(line) > 0 and (line == LINE_ALL or self._views_that_fit(line) > 0):
            return (yield from self._kept(self._bank(line), items, stop))
        return (yield from self._from_pictures(items, line, stop))

    def _training_source(
        self, items: Sequence[SnapshotItem], phase: Phase, stop: threading.Event | None
    ) -> Generator[Event, None, BatchSource | None]:
        """Return the source of training images, augmented as the recipe says."""
        augmentation, line = self.plan.recipe.augmentation, phase.freeze
        if takes_plain_pictures(self.plan.recipe, phase, self.plan.card):
            return (yield from self.source(items, line, stop))
        fit = partial(self._views_that_fit, phase.freeze)
        count = count_of_views(self.plan.recipe, phase, self.plan.card, fit)
        if count < 2:
            return (yield from self._from_pictures(items, line, stop, augmentation))
        kept: list[CachedFeatures] = []
        for view in views_of(augmentation, self.plan.recipe.seed, count):
            features = yield from self._kept(self._bank(line, view), items, stop)
            if features is None:
                return None
            kept.append(features)
        if line == LINE_ALL:
            return AllViews(kept)
        # Epochs that train stages take long, so each epoch uses only one view of each image.
        return RotatingViews(kept)

    def _views_that_fit(self, line: str) -> int:
        return views_that_fit(self._bank(line).row_bytes, len(self.plan.snapshot.items))

    def _from_pictures(
        self,
        items: Sequence[SnapshotItem],
        line: str,
        stop: threading.Event | None,
        augmentation: Augmentation | None = None,
    ) -> Generator[Event, None, BatchSource | None]:
        yield from _told(self.pictures.fill(items, stop))
        if _stopped(stop):
            return None
        return PictureSource(
            self.pictures,
            self.pictures.usable(items),
            self.network.trunk(line),
            self.plan.device,
            augmentation=augmentation,
            seed=self.plan.recipe.seed,
            code=self.plan.table,
        )

    def _kept(
        self, bank: FeatureBank, items: Sequence[SnapshotItem], stop: threading.Event | None
    ) -> Generator[Event, None, CachedFeatures | None]:
        yield from _told(bank.fill(items, stop))
        if bank.unconverted and not self._told_unconverted:
            self._told_unconverted = True
            yield Notice("OpenVINO cannot compute the frozen stages, so torch does: that takes longer.")
        if _stopped(stop):
            return None
        return CachedFeatures(bank, self.pictures.usable(items), self.plan.device, self.plan.table)

    def _bank(self, line: str, view: View = PLAIN) -> FeatureBank:
        """Return the feature bank of the trunk in its current state.

        A trunk that stays frozen is hashed, and its bank opened, only once.
        """
        known = self._banks.get((line, view.name))
        if known is not None:
            return known
        self.network.eval()
        bank = FeatureBank(
            self.network,
            line,
            self.pictures,
            self.plan.device,
            cache_dir=self.plan.cache_dir,
            view=view,
            count=len(self.plan.snapshot.items),
        )
        if self.plan.card.position(line) <= self.plan.card.position(self.plan.lowest_line):
            self._banks[line, view.name] = bank
        return bank

    def _tell_left_out(self) -> Iterator[Notice]:
        new = [one for content, one in self.pictures.left_out.items() if content not in self._told]
        self._told.update(one.content for one in new)
        if new:
            named = " ".join(f"{one.path.name}: {one.reason}" for one in new[:_NAMED])
            more = f" And {len(new) - _NAMED:,} more." if len(new) > _NAMED else ""
            are = "is" if len(new) == 1 else "are"
            yield Notice(f"{plural(len(new), 'image')} could not be read and {are} left out. {named}{more}")


def _told(steps: Iterator[Progress | UnusableImage]) -> Iterator[Preparing]:
    for step in steps:
        if isinstance(step, Progress):
            yield Preparing(step.what, step.done, step.total, step.seconds_left)


def _stopped(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _no_picture(example: UnusableImage | None) -> ProblemError:
    why = f" ({example.path.name}: {example.reason})" if example else ""
    return ProblemError(
        Problem(
            "images",
            f"none of the training images can be read{why}",
            "Check that the folder of pictures is where it was, and scan it again",
        )
    )
