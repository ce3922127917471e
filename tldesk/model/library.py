"""The weights library: lists the backbones with available weights, and imports more.

The folders are searched in this order: the open project's folder ``weights``, the user's own folder, the
folders of ``TLDESK_WEIGHTS``, the folder shared by all users of this computer, the weights shipped with the
program, and torch's download folder. Only the user's folder is written to, or the project's on request.
Imported weights are stored as ``<backbone>.safetensors`` with a record ``<backbone>.json``. A file put into a
folder by an administrator needs no record if its name is ``<backbone>.safetensors``,
``<backbone>-anything.pth`` or torchvision's name.

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
    """A backbone in the library, with or without weights.

    Attributes:
        name, title: name and title of the backbone.
        present: whether its weights are available.
        path: the weight file; None if absent.
        sha256: hash of the original file; None if absent or if there is no record (then it is computed when
            needed).
        source: name of the original file, or of the file itself if there is no record; None if absent.
        bytes: size of the file; 0 if absent.
        imported: time of the import, ISO 8601 in UTC; None without a record and for shipped weights.
        notes: sentences for the user.
        place: owner of the folder with the file; None if absent.
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
        ok: True if unchanged, False if damaged or changed, None if there is no hash to compare with.
        what: the result in words.
        fix: what to do if the file is damaged.
    """

    name: str
    path: Path
    ok: bool | None
    what: str
    fix: str = "Import or fetch it again"


class WeightsLibrary:
    """The weights available on this computer, by backbone name.

    Args:
        dirs: folders to search instead of the default ones; imports are stored in the first.
        project: a project's folder; its own weights take precedence over all others.
        into_project: store imports in the project instead of the user's folder.
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
        """Return the entries of all backbones, in the order of the cards."""
        return tuple(self.entry(name) for name in CARDS)

    def present(self) -> tuple[str, ...]:
        """Return the names of the backbones with available weights."""
        return tuple(entry.name for entry in self.entries() if entry.present)

    def entry(self, name: str) -> WeightsEntry:
        """Return the library's entry for one backbone.

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
        """Return the entry in the folder for imports; None if there is none for this backbone."""
        known = card(name)
        path = self._target.folder / f"{known.name}.safetensors"
        return _entry(known, self._target, path) if path.is_file() else None

    def shipped(self, name: str) -> WeightsEntry | None:
        """Return the entry of the weights shipped with the program; None if there are none."""
        known = card(name)
        found = ((place, place.find(known)) for place in self.places if place.name == "program")
        return next((_entry(known, place, path) for place, path in found if path is not None), None)

    def is_whole(self, entry: WeightsEntry) -> bool:
        """Return whether the file is unchanged since its import; False if no hash is known."""
        return _verified(entry).ok is True if entry.path is not None else False

    def sha256(self, name: str) -> str:
        """Return the hash of a backbone's original file, computed from the file if there is no record.

        Raises:
            ProblemError: the weights are not on this computer.
        """
        entry = self._needed(name)
        return entry.sha256 or file_sha256(entry.path)

    def load(self, name: str) -> dict[str, Tensor]:
        """Return all tensors of a backbone's file under its network's names, float32, on the CPU.

        Raises:
            ProblemError: the weights are not on this computer, are damaged, or belong to another network.
        """
        from tldesk.model.build import refuse_misfit  # torch is loaded when it is needed
        from tldesk.model.read_weights import read_weights

        known, path = card(name), self._needed(name).path
        weights = read_weights(path)
        if known.ships and weights.named != known.name:  # names and shapes alone cannot tell it from resnet18
            raise ProblemError(not_the_shipped(known, path))
        tensors = dict(weights.tensors)
        refuse_misfit(known, tensors)
        return tensors

    def import_file(self, path: Path) -> WeightsEntry:
        """Recognise a weight file by its tensors and store a copy, replacing earlier weights of the backbone.

        Raises:
            ProblemError: the file cannot be read, belongs to no known backbone or gives the same features for
                all pictures, or the disk is full.
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
            # Delete the old record first: even after a crash here it must not describe the new weights.
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
        """Download a backbone's published weights. Nothing else in the program opens a network connection.

        Args:
            name: the backbone.
            progress: called with the progress in bytes.
            stop: set it to cancel; nothing is stored then.
            url: the URL to use instead of the card's.

        Raises:
            ProblemError: there is no connection, the downloaded file is not the published one, or these
                weights are not published.
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
        """Hash each file and compare it with its record, or with the hash in its name; yield the results."""
        for entry in self.entries():
            if entry.path is not None:
                yield _verified(entry)

    def verify(self) -> list[FileCheck]:
        """Return all results of ``verifying``."""
        return list(self.verifying())

    def _needed(self, name: str) -> _FoundWeights:
        entry = self.entry(name)
        if entry.path is None:
            raise ProblemError(not_here(card(name)))
        return _FoundWeights(entry.path, entry.sha256)


def _expected(known: Card, path: Path) -> CheckedWeights:
    """Check that a downloaded file belongs to this backbone by its tensors: not all have a published hash."""
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
    imported = record.imported or None  # empty for weights shipped with the program
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
