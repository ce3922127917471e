"""The weights library: which backbones' weights are available, and importing more.

Searched in this order: the open project's folder ``weights``, the user's own folder, the folders of
``TLDESK_WEIGHTS``, everybody's folder on this computer, the weights that ship with the program, and torch's
download folder; only the user's own is written, or the project's if that is asked for. They keep
``<backbone>.safetensors`` with a record ``<backbone>.json`` beside it; a file that an administrator puts into
a folder needs no record if it is called ``<backbone>.safetensors``, ``<backbone>-anything.pth`` or as
torchvision calls it.

Listing does not load torch.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, Progress, atomic_path, user_weights_dir
from tldesk.model.card_types import Card
from tldesk.model.cards import CARDS, card
from tldesk.model.import_record import (
    ImportRecord,
    file_sha256,
    forget_record,
    hash_prefix,
    read_record,
    write_record,
)
from tldesk.model.missing_weights import not_here, not_published, not_the_shipped, published_url
from tldesk.model.weights_folders import WeightsFolder, WeightsOwner, weights_search_path

if TYPE_CHECKING:
    from torch import Tensor

    from tldesk.model.check_weights import CheckedWeights


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """A backbone in the library, present or not.

    Attributes:
        name, title: of the backbone.
        present: whether its weights are at hand.
        path: the file; None if absent.
        place: whose folder it lies in; None if absent.
        sha256: of the file as it was imported; None if absent or not yet computed (no record).
        source: the imported file's name, or the file's own.
        bytes: its size; 0 if absent.
        imported: when, ISO 8601 in UTC; None without a record, and of what came with the program.
        notes: what a user should know of it, sentences.
    """

    name: str
    title: str
    present: bool
    path: Path | None = None
    sha256: str | None = None
    source: str | None = None
    bytes: int = 0
    imported: str | None = None
    notes: tuple[str, ...] = ()
    place: WeightsOwner | None = None


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The result of verifying one file of the library.

    Attributes:
        ok: True: unchanged; False: damaged or changed; None: nothing is known to compare with.
        what: the finding in words.
        fix: what to do if it is damaged.
    """

    name: str
    path: Path
    ok: bool | None
    what: str
    fix: str = "Import or fetch it again"


class WeightsLibrary:
    """Weights by backbone name.

    Args:
        dirs: folders to search instead of the usual ones; what is imported goes to the first.
        project: a project's folder, whose own weights go before all others.
        into_project: what is imported goes to the project instead of the user's folder.
    """

    def __init__(
        self, dirs: Sequence[Path] | None = None, *, project: Path | None = None, into_project: bool = False
    ) -> None:
        if dirs is None:
            self.places = weights_search_path(project)
            self._target = self.places[0] if into_project else WeightsFolder("user", user_weights_dir())
        else:
            self.places = tuple(WeightsFolder("given", folder) for folder in dirs)
            self._target = self.places[0]

    def entries(self) -> tuple[WeightsEntry, ...]:
        """Every backbone that the cards know, in their order."""
        return tuple(self.entry(name) for name in CARDS)

    def present(self) -> tuple[str, ...]:
        """Names of the backbones whose weights are available."""
        return tuple(entry.name for entry in self.entries() if entry.present)

    def entry(self, name: str) -> WeightsEntry:
        """The library's entry for one backbone.

        Raises:
            ProblemError: no such backbone.
        """
        known = card(name)
        for place in self.places:
            path = place.find(known)
            if path is not None:
                return _entry(known, place, path)
        return WeightsEntry(name, known.title, present=False)

    def kept(self, name: str) -> WeightsEntry | None:
        """The entry in the folder that imports go to; None if it has none for this backbone."""
        known = card(name)
        path = self._target.folder / f"{known.name}.safetensors"
        return _entry(known, self._target, path) if path.is_file() else None

    def shipped(self, name: str) -> WeightsEntry | None:
        """The entry of weights that come with the program; None if there are none for this backbone."""
        known = card(name)
        found = ((place, place.find(known)) for place in self.places if place.name == "program")
        return next((_entry(known, place, path) for place, path in found if path is not None), None)

    def is_whole(self, entry: WeightsEntry) -> bool:
        """Whether a file is unchanged since it was imported; False if no hash is known."""
        return _verified(entry).ok is True if entry.path is not None else False

    def sha256(self, name: str) -> str:
        """The hash of a backbone's imported file, computed now if no record holds it.

        Raises:
            ProblemError: the weights are not here.
        """
        entry = self._needed(name)
        return entry.sha256 or file_sha256(entry.path)

    def load(self, name: str) -> dict[str, Tensor]:
        """All tensors of a backbone's file under its network's names, float32, on the CPU.

        Raises:
            ProblemError: the weights are not here, damaged, or those of another network.
        """
        from tldesk.model.build import refuse_misfit  # torch is loaded when it is needed
        from tldesk.model.read_weights import read_weights

        known, path = card(name), self._needed(name).path
        weights = read_weights(path)
        if known.ships and weights.named != known.name:  # its tensors are those of another network, too
            raise ProblemError(not_the_shipped(known, path))
        tensors = dict(weights.tensors)
        refuse_misfit(known, tensors)
        return tensors

    def import_file(self, path: Path) -> WeightsEntry:
        """Recognise a weight file by its tensors and keep a copy; an older one of that backbone is replaced.

        Raises:
            ProblemError: the file cannot be read, belongs to no known backbone, its features are dead, or
            there is no room for it.
        """
        from tldesk.model.check_weights import check_weights  # torch is loaded when it is needed

        return self.keep(check_weights(path))

    def keep(self, arrived: CheckedWeights) -> WeightsEntry:
        """Write checked weights into the folder for imports, replacing older weights of that backbone.

        Raises:
            ProblemError: the folder cannot be written or the disk is full.
        """
        from tldesk.model.tensor_file import BACKBONE, write_tensors  # torch is loaded when it is needed

        known = arrived.card
        target = self._target.folder / f"{known.name}.safetensors"
        with atomic_path(target) as temporary:
            write_tensors(temporary, arrived.tensors, {BACKBONE: known.name})
            stored = file_sha256(temporary)
            # An old record must not stand beside new weights, not even if the computer stops right now.
            forget_record(target)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = ImportRecord(known.name, arrived.sha256, stored, arrived.source, now, arrived.notes)
        write_record(target, record)
        return _entry(known, self._target, target)

    def fetch(
        self,
        name: str,
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
        url: str | None = None,
    ) -> WeightsEntry:
        """Download a backbone's published weights. The only thing in the program that opens a connection.

        Args:
            name: the backbone.
            progress: told how far it is, in bytes.
            stop: set it to give up; nothing is kept then.
            url: where to load from instead of the card's address.

        Raises:
            ProblemError: there is no connection, what arrived is not the published file, or these weights are
            not published.
        """
        from tldesk.model.download import download  # network code only on request

        known = card(name)
        if known.ships:
            raise ProblemError(not_published(known, present=self.entry(name).present))
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / known.weight_files[0]
            if not download(known, url or published_url(known), target, progress=progress, stop=stop):
                return self.entry(name)
            return self.keep(_expected(known, target))

    def verifying(self) -> Iterator[FileCheck]:
        """Hash one file after the other and compare it with its record, or with the hash in its name."""
        for entry in self.entries():
            if entry.path is not None:
                yield _verified(entry)

    def verify(self) -> list[FileCheck]:
        """All results of ``verifying``."""
        return list(self.verifying())

    def _needed(self, name: str) -> _FoundWeights:
        entry = self.entry(name)
        if entry.path is None:
            raise ProblemError(not_here(card(name)))
        return _FoundWeights(entry.path, entry.sha256)


def _expected(known: Card, path: Path) -> CheckedWeights:
    """What was fetched; where no hash is published, its tensors tell whether it is what was asked for."""
    from tldesk.model.check_weights import check_weights  # torch is loaded when it is needed

    arrived = check_weights(path)
    if arrived.card.name != known.name:
        what = f"the file that arrived holds weights of {arrived.card.title}, so it was thrown away"
        raise ProblemError(Problem(f"weights of {known.title}", what, "Try again later"))
    return arrived


@dataclass(frozen=True, slots=True)
class _FoundWeights:
    path: Path
    sha256: str | None


def _entry(known: Card, place: WeightsFolder, path: Path) -> WeightsEntry:
    record = read_record(path)
    size = path.stat().st_size
    if record is None:
        return WeightsEntry(
            known.name, known.title, True, path, source=path.name, bytes=size, place=place.name
        )
    imported = record.imported or None  # what came with the program was not
    facts = (record.sha256, record.source, size, imported, record.notes, place.name)
    return WeightsEntry(known.name, known.title, True, path, *facts)


def _verified(entry: WeightsEntry) -> FileCheck:
    assert entry.path is not None, "only files that are here are verified"
    name, path, record = entry.name, entry.path, read_record(entry.path)
    found = file_sha256(path)
    if record is not None:
        ok = found == record.stored_sha256
        if entry.place == "program":
            what = (
                "as it came with the program" if ok else "changed or damaged since it came with the program"
            )
            return FileCheck(name, path, ok, what, "Install tldesk again")
        what = "unchanged since it was imported" if ok else "changed or damaged since it was imported"
        return FileCheck(name, path, ok, what)
    prefix = hash_prefix(path.name)
    if prefix is None:
        return FileCheck(name, path, None, "nothing is known to compare it with")
    ok = found.startswith(prefix)
    return FileCheck(
        name, path, ok, "the published file" if ok else "not the published file of this name, or damaged"
    )
