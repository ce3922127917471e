"""Taking weight files in: what a file is, and many at once, of which each is taken or refused by itself."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.model.card_types import Card
from tldesk.model.cards import CARDS
from tldesk.model.import_record import file_sha256, hash_prefix, read_record
from tldesk.model.read_weights import read_weights
from tldesk.model.recognise import classifier_note, recognise
from tldesk.model.weights_folders import SUFFIXES, weight_files
from tldesk.model.weights_sanity import refuse_lifeless, untrained_note

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry, WeightsLibrary


@dataclass(frozen=True)
class Arrival:
    """A weight file that was read, recognised and tested, and is not kept yet.

    Attributes:
        card: the backbone that it belongs to.
        tensors: under the names of the card's network.
        sha256: of the file as it was published or saved, also if this is a packed copy of it.
        source: the name of that file.
        notes: sentences for the user.
    """

    card: Card
    tensors: Mapping[str, Tensor]
    sha256: str
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        path: the file.
        entry: what the library holds of its backbone now; None if the file was refused.
        refused: why, and what to do; None if it was not.
        left: why it was not needed; "" if it was taken or refused.
        replaced: the earlier file of that backbone, which is gone from the library; "" if there was none.
    """

    path: Path
    entry: WeightsEntry | None = None
    refused: Problem | None = None
    left: str = ""
    replaced: str = ""

    @property
    def state(self) -> str:
        """``taken``, ``left`` or ``refused``."""
        if self.refused is not None:
            return "refused"
        return "left" if self.left else "taken"

    @property
    def why(self) -> str:
        """In words, what there is to know beside the state; "" if there is nothing."""
        if self.refused is not None:
            return f"{_sentence(self.refused.what)}. {self.refused.fix}"
        if self.left:
            return _sentence(self.left)
        replaced = (f"It replaces {self.replaced}",) if self.replaced else ()
        return ". ".join((*replaced, *(self.entry.notes if self.entry is not None else ())))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def arrival(path: Path) -> Arrival:
    """Read a weight file, recognise it by its tensors and send drawn pictures through it.

    Raises:
        ProblemError: the file cannot be read, changed on its way, belongs to no known backbone, or its
            features are dead.
    """
    sha256, source = _origin(path)
    weights = read_weights(path)
    known = recognise(weights.tensors, path, weights.named)
    refuse_lifeless(known, weights.tensors, str(path))
    told = (
        untrained_note(known, weights.tensors),
        classifier_note(known, weights.tensors),
        _published_note(known, source, sha256),
        _timm_note(known, source),
    )
    notes = (*weights.notes, *(note for note in told if note))
    return Arrival(known, weights.tensors, sha256, source, notes)


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files named, and for a folder every weight file in and below it; published files before others.

    Raises:
        ProblemError: a folder cannot be read or has no weight file.
    """
    found = [file for path in paths for file in (_inside(path) if path.is_dir() else (path,))]
    return tuple(sorted(dict.fromkeys(found), key=_rank))


def taking_in(
    library: WeightsLibrary, files: Sequence[Path], stop: threading.Event | None = None
) -> Generator[Progress, None, tuple[Outcome, ...]]:
    """Import each file; one that is refused does not stop the others, and a stop keeps what was taken."""
    meter = ProgressMeter("Taking in weights", len(files))
    outcomes: list[Outcome] = []
    yield meter.at(0)
    for done, file in enumerate(files, start=1):
        if stop is not None and stop.is_set():
            break
        outcomes.append(_outcome(library, file, outcomes))
        yield meter.at(done)
    return tuple(outcomes)


def _outcome(library: WeightsLibrary, file: Path, before: Sequence[Outcome]) -> Outcome:
    try:
        found = arrival(file)
        for one in before:
            if one.entry is not None and one.entry.name == found.card.name:
                why = f"one file of {found.card.title} is enough, and {one.path.name} came first"
                return Outcome(file, one.entry, left=why)
        shipped = library.shipped(found.card.name)
        if shipped is not None and shipped.sha256 == found.sha256 and library.is_whole(shipped):
            return Outcome(file, shipped, left="these very weights come with the program")
        kept = library.kept(found.card.name)
        same = kept is not None and kept.sha256 == found.sha256
        if kept is not None and same and library.is_whole(kept):
            return Outcome(file, kept, left="these very weights are here already")
        replaced = kept.source or "" if kept is not None and not same else ""
        return Outcome(file, library.keep(found), replaced=replaced)
    except ProblemError as error:
        return Outcome(file, refused=error.problems[0])
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        return Outcome(file, refused=Problem(str(file), what, "Check that it is there and may be read"))


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
    """Of two published files of a backbone the one that the card would fetch is taken."""
    return next(
        (card.weight_files.index(path.name) for card in CARDS.values() if path.name in card.weight_files), 99
    )


def _origin(path: Path) -> tuple[str, str]:
    """The original file's hash and name: from the record beside a packed file, otherwise its own."""
    record = read_record(path)
    if record is None:
        return (file_sha256(path), path.name) if path.is_file() else ("", path.name)
    if file_sha256(path) != record.stored_sha256:
        what = "the file is not the one that its record was written for: it changed or was damaged on its way"
        raise ProblemError(Problem(str(path), what, "Copy the folder again from where it was packed"))
    return record.sha256, record.source


def _published_note(card: Card, source: str, sha256: str) -> str | None:
    if source not in card.weight_files or sha256.startswith(hash_prefix(source) or ""):
        return None
    return "Its name is that of a published file, but its contents are not: it was changed or trained further"


def _timm_note(card: Card, source: str) -> str | None:
    """No file tells which of timm's sets it holds."""
    if card.library != "timm" or source in card.weight_files:
        return None
    return (
        f"timm publishes several sets of weights for some networks; pictures are prepared as for {card.tag}, "
        "and if this is another set it may do worse"
    )
