"""Imports several weight files into the library; each is imported or refused independently."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.model.cards import CARDS
from tldesk.model.check_weights import check_weights
from tldesk.model.weights_folders import SUFFIXES, weight_files

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry, WeightsLibrary


@dataclass(frozen=True)
class ImportResult:
    """The result of importing one file.

    Attributes:
        path: the file.
        entry: the library's entry for its backbone after the import; None if the file was refused.
        refused: why the file was refused and what to do; None if it was not.
        left: why the file was skipped as not needed; "" if it was imported or refused.
        replaced: name of the earlier file of that backbone that it replaced; "" if there was none.
    """

    path: Path
    entry: WeightsEntry | None = None
    refused: Problem | None = None
    left: str = ""
    replaced: str = ""

    @property
    def state(self) -> str:
        """The outcome: "taken" (imported), "left" (skipped) or "refused"."""
        if self.refused is not None:
            return "refused"
        return "left" if self.left else "taken"

    @property
    def why(self) -> str:
        """Details of the outcome in words; "" if there are none."""
        if self.refused is not None:
            return f"{_sentence(self.refused.what)}. {self.refused.fix}"
        if self.left:
            return _sentence(self.left)
        replaced = (f"It replaces {self.replaced}",) if self.replaced else ()
        return ". ".join((*replaced, *(self.entry.notes if self.entry is not None else ())))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the given files, and for a folder all weight files in and below it; published files come first.

    Raises:
        ProblemError: a folder cannot be read or contains no weight file.
    """
    found = [file for path in paths for file in (_inside(path) if path.is_dir() else (path,))]
    return tuple(sorted(dict.fromkeys(found), key=_rank))


def taking_in(
    library: WeightsLibrary, files: Sequence[Path], stop: threading.Event | None = None
) -> Generator[Progress, None, tuple[ImportResult, ...]]:
    """Import each file. A refused file does not stop the others; after ``stop``, imported files are kept."""
    meter = ProgressMeter("Taking in weights", len(files))
    outcomes: list[ImportResult] = []
    yield meter.at(0)
    for done, file in enumerate(files, start=1):
        if stop is not None and stop.is_set():
            break
        outcomes.append(_outcome(library, file, outcomes))
        yield meter.at(done)
    return tuple(outcomes)


def _outcome(library: WeightsLibrary, file: Path, before: Sequence[ImportResult]) -> ImportResult:
    try:
        found = check_weights(file)
        for one in before:
            if one.entry is not None and one.entry.name == found.card.name:
                why = f"one file of {found.card.title} is enough, and {one.path.name} came first"
                return ImportResult(file, one.entry, left=why)
        shipped = library.shipped(found.card.name)
        if shipped is not None and shipped.sha256 == found.sha256 and library.is_whole(shipped):
            return ImportResult(file, shipped, left="these very weights come with the program")
        kept = library.kept(found.card.name)
        same = kept is not None and kept.sha256 == found.sha256
        if kept is not None and same and library.is_whole(kept):
            return ImportResult(file, kept, left="these very weights are here already")
        replaced = kept.source or "" if kept is not None and not same else ""
        return ImportResult(file, library.keep(found), replaced=replaced)
    except ProblemError as error:
        return ImportResult(file, refused=error.problems[0])
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        return ImportResult(file, refused=Problem(str(file), what, "Check that it is there and may be read"))


def _inside(folder: Path) -> tuple[Path, ...]:
    try:
        found = weight_files(folder)
    except OSError as error:
        what = f"the folder cannot be read ({error.strerror or error})"
        raise ProblemError(Problem(str(folder), what, "Check that you may open it")) from error
    if not found:
        endings = ", ".join(SUFFIXES)
        what = "there is no weight file in this folder, nor in those inside it"
        raise ProblemError(
            Problem(str(folder), what, f"Choose the folder in which the files ({endings}) lie")
        )
    return found


def _rank(path: Path) -> int:
    """Return a sort key: the file that the card would download comes before its other published files."""
    return next(
        (card.weight_files.index(path.name) for card in CARDS.values() if path.name in card.weight_files), 99
    )
