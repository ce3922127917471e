"""Predicts in the background and reads the data for the Predict page. No Qt in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError
from tldesk.imaging import fit_within, read_picture
from tldesk.prediction import Answer, Failure
from tldesk.prediction.overlay import COLOURS

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.prediction import Predictor, Saliency
    from tldesk.prediction.find_pictures import PicturesToPredict
    from tldesk.prediction.table_values import Values
    from tldesk.run import RunSummary
    from tldesk.run.names_today import ClassNames

SHOWN_SIDE = 1400  # px; larger than any space on the page
_GREY = "#8b8b8b"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model file to predict with, and its description.

    Attributes:
        file: the model file.
        title: the run and its recipe.
        run: the name of the run, "run 1".
        names: its classes then and today; None if that is not known.
    """

    file: Path
    title: str
    run: str = ""
    names: ClassNames | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A heat map of where the network looked, ready to be drawn.

    Attributes:
        overlay: (H, W, 4) uint8 RGBA; higher values are more opaque.
        class_name: the class that is explained.
        passed: whether the check found the map meaningful.
        words: result of the check in words.
    """

    overlay: NDArray[np.uint8]
    class_name: str
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class ColumnsNote:
    """Messages about the columns for the user: pictures without values, problems of the table."""

    words: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnSources:
    """Sources of column values: the project's own images, and a table that takes precedence."""

    project: Project | None = None
    table: Path | None = None


class Model:
    """The open predictor of one model file; a file is loaded again only if it has changed.

    Use it only from the compute lane, which runs one task at a time.
    """

    def __init__(self, project: Callable[[], Project | None] = lambda: None) -> None:
        self._project = project  # the open project: its runs answer with today's class names
        self._key: tuple[object, ...] | None = None
        self._predictor: Predictor | None = None

    def open(self, file: Path, device: Device | None) -> Predictor:
        """Return the predictor of ``file``. Loads torch.

        Raises:
            ProblemError: the file is damaged or of a newer version.
        """
        from tldesk.prediction.predictor import Predictor
        from tldesk.run.checked_model import open_model

        names = _names_today(self._project(), file)
        key = (file, file.stat().st_mtime_ns if file.exists() else 0, device.name if device else "", names)
        if self._predictor is None or key != self._key:
            self._predictor = Predictor(open_model(file), device, names)
            self._key = key
        return self._predictor


def _names_today(project: Project | None, file: Path) -> tuple[str, ...] | None:
    """Return today's names of the classes of a project's run; None for any other model file."""
    from tldesk.run import Run, names_of_run

    if project is None or not file.is_relative_to(project.runs_dir):
        return None
    run = next((one for one in Run.with_model(project) if one.model == file), None)
    names = None if run is None else names_of_run(run, project.current_classes())
    return None if names is None else names.today


def answers(
    model: Model,
    file: Path,
    device: Device | None,
    paths: Sequence[Path],
    stop: threading.Event,
    *,
    sources: ColumnSources,
) -> Iterator[PicturesToPredict | ColumnsNote | Answer | Failure]:
    """Yield first the pictures, then a prediction or failure for each; folders are searched.

    A model trained on columns gets the pictures' values; missing values are reported. If a table does not
    fit, that is reported too, and the pictures are predicted without it.

    Raises:
        ProblemError: the model file is damaged, or a folder contains no pictures.
    """
    from tldesk.prediction.find_pictures import find_pictures

    pictures = find_pictures(paths)
    found = pictures.paths
    yield pictures
    predictor = model.open(file, device)
    values: dict[Path, Values] = {}
    if predictor.columns:
        values, known = _values(predictor, found, sources)
        yield known
    yield from predictor.predict_many(found, stop, values)


def _values(
    predictor: Predictor, paths: Sequence[Path], sources: ColumnSources
) -> tuple[dict[Path, Values], ColumnsNote]:
    from tldesk.prediction.table_values import missing_words, values_of_table

    values: dict[Path, Values] = {}
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    if sources.project is not None:
        values |= sources.project.values.of(paths, predictor.columns)
    if sources.table is not None:
        try:
            said = values_of_table(sources.table, paths, predictor.columns)
        except ProblemError as error:
            problems = error.problems
        else:
            values |= said.values
            notes = said.notes
    missing = missing_words(predictor.model.table, [values.get(path, {}) for path in paths])
    return values, ColumnsNote(" ".join(filter(None, (*notes, missing))), problems)


def explain(model: Model, file: Path, device: Device | None, entry: Answer, class_name: str) -> Explained:
    """Return a heat map of where the network looked for a class. Loads torch.

    Raises:
        UnreadableImage: the picture cannot be read.
    """
    predictor = model.open(file, device)
    name = predictor.classes[entry.classes.index(class_name)]  # renamed, perhaps, since the prediction
    saliency = predictor.explain(entry.path, name, longest_side=SHOWN_SIDE, values=dict(entry.values))
    return Explained(coloured(saliency), saliency.class_name, saliency.check.passed, saliency.check.text)


def coloured(saliency: Saliency) -> NDArray[np.uint8]:
    """Return (H, W, 4) uint8: the map's colours, transparent where it is 0; a slider fades the whole map."""
    strength = np.clip(saliency.marks, 0.0, 1.0)
    levels = np.rint(strength * 255).astype(np.uint8)
    colours = np.rint(COLOURS[levels]).astype(np.uint8)
    return np.concatenate([colours, levels[..., None]], axis=2)


def picture(answer: Answer) -> NDArray[np.uint8]:
    """Return the picture as the model read it: upright, (H, W, 3) uint8, no larger than the page needs.

    Raises:
        UnreadableImage: with the reason.
    """
    read = read_picture(answer.path, min_side=SHOWN_SIDE // 2, rendering=answer.rendering)
    return fit_within(read.pixels, SHOWN_SIDE)


def model_choices(project: Project) -> list[ModelChoice]:
    """Return the models of the project's runs, the default one first."""
    from tldesk.run import Run, names_of_run

    now = project.current_classes()
    return [
        ModelChoice(run.files.model, _title(run.summary), run.name, names_of_run(run, now))
        for run in Run.with_model(project)
    ]


def _title(summary: RunSummary) -> str:
    title = f"{summary.name} · {summary.recipe}"
    return f"{title} · fold {summary.fold}" if summary.fold else title


def colours_of(project: Project | None) -> Mapping[str, str]:
    """Return "#rrggbb" per class name."""
    return {} if project is None else {one.name: one.colour for one in project.classes}


def places(project: Project | None, contents: Sequence[str]) -> list[Path | None]:
    """Return the files of images with these content hashes; None if the project has no such image."""
    return [None if project is None else project.path_of(content) for content in contents]
