"""Predicts with a model file: probabilities, novelty, neighbours and saliency maps."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from tldesk.base import Problem, ProblemError
from tldesk.base.throttle import Throttle
from tldesk.engine import Device, best_device, input_region, read_input
from tldesk.engine.choose_engine import engine_for, evaluator_for, trunk_name
from tldesk.engine.preprocess import Box
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator
from tldesk.evaluation import kth_distance, novelty_scores, softmax
from tldesk.imaging import Rendering, read_picture
from tldesk.model import LINE_ALL, Preprocessing
from tldesk.model.heads import Head
from tldesk.model.model_file import ModelFile
from tldesk.prediction.answers import Answer, Failure, Neighbour
from tldesk.prediction.explainer import Explainer
from tldesk.prediction.read_ahead import Input, InputFeed, read_ahead
from tldesk.prediction.saliency import Saliency, normalised, spread
from tldesk.prediction.table_values import Values, row_of
from tldesk.run.checked_model import open_model

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.run import Run

NEIGHBOURS = 6
NOTHING: Values = MappingProxyType({})
"""No column values for a picture."""
_AT_ONCE = 64  # predictions at a time, so that the stored training images are not read once for each of them


class Predictor:
    """Predicts pictures with one model file on one device.

    Args:
        model: the model file's content.
        device: device to compute on; None for the best one.
        classes: names of the model's classes to answer with; None for those in the model file.

    Attributes:
        model: the model file's content.
        classes: class names in their order.
        preprocessing: how pictures are turned into the network's input.
        device: device to compute on.
    """

    def __init__(
        self, model: ModelFile, device: Device | None = None, classes: Sequence[str] | None = None
    ) -> None:
        self.model = model
        self.device = device or best_device()
        self.classes = model.classes if classes is None else tuple(classes)
        self.preprocessing = model.preprocessing
        self._network = model.network().to(self.device.name)
        self._network.to(memory_format=torch.channels_last)
        self._network.freeze(LINE_ALL)
        self._head = cast(Head, self._network.head)
        self._embedding = nn.Sequential(self._network.trunk(LINE_ALL), self._head.pool)
        self._embed: TrunkEvaluator = TorchTrunk(self._embedding, self.preprocessing, self.device)
        self._known = torch.from_numpy(_unit(np.asarray(model.embeddings, np.float32)))

    @classmethod
    def open(cls, source: Path | str | Run | Project, device: Device | None = None) -> Predictor:
        """Return a predictor for a model file, a run, or a project's latest run with a model.

        A model file answers with the class names it was made with; a run or a project with the present ones.

        Raises:
            ProblemError: there is no model, or it is damaged or was written by a newer version.
        """
        if isinstance(source, Path | str):
            return cls(open_model(Path(source)), device)
        from tldesk.run import names_of_run

        run = _run_of(source)
        names = names_of_run(run, run.project.current_classes())
        return cls(open_model(run.files.model), device, names.today if names is not None else None)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that the model uses as extra inputs; empty if it uses pictures only."""
        return self.model.table.names

    def predict(self, path: Path | str, values: Values = NOTHING) -> Answer:
        """Predict one picture.

        Args:
            path: the picture.
            values: the picture's column values, column -> text. Columns that the model does not use are
                ignored; missing values are allowed.

        Raises:
            UnreadableImage: with the reason.
        """
        vectors = self._embed(read_input(Path(path), self.preprocessing)[None])
        (answer,) = self._answers([Path(path)], vectors, {Path(path): values})
        return answer

    def predict_many(
        self,
        paths: Sequence[Path | str],
        stop: threading.Event | None = None,
        values: Mapping[Path, Values] = MappingProxyType({}),
    ) -> Generator[Answer | Failure, None, None]:
        """Yield a prediction or a failure for each picture, in order; end early when ``stop`` is set.

        ``values`` contains the column values by picture, as for ``predict``; pictures without values may be
        omitted.
        """
        wanted = [Path(path) for path in paths]
        with closing(read_ahead(wanted, self.preprocessing, stop)) as pictures:
            # Taking the first picture starts the decoding threads, which then run while the engine loads.
            coming = itertools.chain(list(itertools.islice(pictures, 1)), pictures)
            evaluator = self._evaluator(len(wanted))
            feed, pace = InputFeed(coming, evaluator.batch), Throttle()
            entries: list[tuple[Path, Input | str]] = []
            seen: list[NDArray[np.float32]] = []
            for vectors in evaluator.stream(feed):
                entries += feed.under_way.popleft()
                seen.append(vectors)
                if len(entries) >= _AT_ONCE or pace.due():
                    yield from self._entries(entries, np.concatenate(seen), values)
                    entries, seen = [], []
            if entries:
                yield from self._entries(entries, np.concatenate(seen), values)
            for path, reason in feed.rest:
                assert isinstance(reason, str)  # only unreadable pictures follow the last batch
                yield Failure(path, reason)

    def explain(
        self,
        path: Path | str,
        class_name: str | None = None,
        *,
        longest_side: int | None = None,
        values: Values = NOTHING,
    ) -> Saliency:
        """Return the saliency map of a picture for a class, and its check.

        Args:
            path: the picture.
            class_name: one of the model's classes; None for the predicted one.
            longest_side: maximum side of the returned picture and map, in px; None for full size.
            values: as for ``predict``; unchanged while parts of the picture are hidden.

        Raises:
            UnreadableImage: with the reason.
            ProblemError: the model has no such class.
        """
        path = Path(path)
        pixels = np.ascontiguousarray(_picture(path, longest_side, self.preprocessing.rendering))
        seen = read_input(path, self.preprocessing)[None]
        wanted = self._index(class_name) if class_name is not None else None
        row = self._rows([values]) if self.columns else None
        marks, index, check = self._explainer.explain(seen, self.classes, wanted, row)
        height, width = pixels.shape[:2]
        whole = spread(normalised(marks), _box(width, height, self.preprocessing), height, width)
        return Saliency(pixels, whole, self.classes[index], check)

    @functools.cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._network, self.preprocessing, self.device, temperature=self.model.temperature)

    def _evaluator(self, pictures: int) -> TrunkEvaluator:
        """Return the engine for this number of pictures; it is reused for later calls."""
        if isinstance(self._embed, TorchTrunk):
            name = trunk_name(self._network, LINE_ALL)
            engine = engine_for(self._network.card, self.preprocessing, self.device, pictures)
            self._embed = evaluator_for(self._embedding, name, self.preprocessing, self.device, engine)
        return self._embed

    def _entries(
        self,
        batch: Sequence[tuple[Path, Input | str]],
        vectors: NDArray[np.float32],
        values: Mapping[Path, Values],
    ) -> Iterator[Answer | Failure]:
        readable = [path for path, found in batch if not isinstance(found, str)]
        answers = iter(self._answers(readable, vectors, values))
        for path, found in batch:
            yield Failure(path, found) if isinstance(found, str) else next(answers)

    def _answers(
        self, paths: Sequence[Path], vectors: NDArray[np.float32], values: Mapping[Path, Values]
    ) -> list[Answer]:
        known = [values.get(path, NOTHING) for path in paths]
        probabilities = self._probabilities(vectors, self._rows(known))
        similarity = self._similarity(vectors)
        novelty = self._novelty(similarity)
        neighbours = self._neighbours(similarity)
        return [
            self._answer(path, probabilities[place], float(novelty[place]), neighbours[place], known[place])
            for place, path in enumerate(paths)
        ]

    def _answer(
        self,
        path: Path,
        probabilities: NDArray[np.float64],
        novelty: float,
        near: tuple[Neighbour, ...],
        values: Values,
    ) -> Answer:
        best = int(probabilities.argmax())
        probability = float(probabilities[best])
        unsure = probability < self.model.unsure_below
        shares = tuple(float(share) for share in probabilities)
        return Answer(
            path=path,
            classes=self.classes,
            predicted=self.classes[best],
            probability=probability,
            probabilities=shares,
            novelty=novelty,
            unsure=unsure,
            neighbours=near,
            rendering=self.preprocessing.rendering,
            values=tuple((name, values[name]) for name in self.columns if values.get(name)),
            unknown=self.model.table.unknown(row_of(self.model.table, values)),
        )

    def _rows(self, values: Sequence[Values]) -> Tensor:
        """Return the pictures' encoded table rows, (n, width) float32, on the device."""
        code = self.model.table
        return torch.from_numpy(code.encode([row_of(code, one) for one in values])).to(self.device.name)

    def _probabilities(self, vectors: NDArray[np.float32], rows: Tensor) -> NDArray[np.float64]:
        with torch.inference_mode():
            logits = self._head.classify(torch.from_numpy(vectors).to(self.device.name), rows)
        return softmax(logits.float().cpu().numpy(), self.model.temperature)

    def _similarity(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each vector with each stored training image, (n, stored)."""
        if not len(self._known):
            return np.empty((len(vectors), 0), np.float32)
        # Not numpy's product: its threads keep spinning afterwards, and decoding needs the cores.
        return (torch.from_numpy(_unit(vectors)) @ self._known.T).numpy()

    def _novelty(self, similarity: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n,) novelty scores; zeros if the model contains no data for comparison."""
        if not len(self._known) or not len(self.model.novelty):
            return np.zeros(len(similarity))
        return novelty_scores(kth_distance(similarity), self.model.novelty)

    def _neighbours(self, similarity: NDArray[np.float32]) -> list[tuple[Neighbour, ...]]:
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBOURS]
        return [
            tuple(self._neighbour(int(known), float(row[known])) for known in places)
            for row, places in zip(similarity, nearest, strict=True)
        ]

    def _neighbour(self, known: int, similarity: float) -> Neighbour:
        label = self.classes[int(self.model.labels[known])]
        return Neighbour(self.model.contents[known], label, similarity)

    def _index(self, class_name: str) -> int:
        if class_name not in self.classes:
            have = ", ".join(self.classes)
            raise ProblemError(Problem(class_name, "the model has no such class", f"Choose one of {have}"))
        return self.classes.index(class_name)


def _run_of(source: Run | Project) -> Run:
    from tldesk.run import Run

    runs = [source] if isinstance(source, Run) else Run.with_model(source)
    for run in runs:
        if run.model is not None:
            return run
    raise ProblemError(Problem(source.name, "it has no model yet", "Train first, then predict"))


def _picture(path: Path, longest_side: int | None, rendering: Rendering) -> NDArray[np.uint8]:
    """Return the upright picture (H, W, 3) uint8, at full size or reduced to ``longest_side``."""
    if longest_side is None:
        return read_picture(path, rendering=rendering).pixels
    picture = Image.fromarray(read_picture(path, min_side=longest_side, rendering=rendering).pixels)
    picture.thumbnail((longest_side, longest_side), Image.Resampling.BOX)
    return np.asarray(picture)


def _box(width: int, height: int, preprocessing: Preprocessing) -> Box:
    """Return the network's input square, including padding, in picture coordinates (px)."""
    sight = input_region(width, height, preprocessing)
    left, top, right, bottom = sight.target
    across = (sight.source[2] - sight.source[0]) / (right - left)
    down = (sight.source[3] - sight.source[1]) / (bottom - top)
    x, y = sight.source[0] - left * across, sight.source[1] - top * down
    return x, y, x + sight.size * across, y + sight.size * down


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalise rows to length 1; rows of zeros are unchanged."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.where(length > 0, length, 1.0)).astype(np.float32)
    return unit
