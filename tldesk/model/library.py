"""The weights library: which backbones' weights are at hand, and bringing in more.

Searched in this order: the user's own folder, the folders of ``TLDESK_WEIGHTS``, the weights that ship with
the program, and torch's download folder (read only). The user's folder keeps ``<backbone>.safetensors`` with
a record ``<backbone>.json`` beside it; a file that an administrator puts into a folder needs no record if it
is called ``<backbone>.safetensors``, ``<backbone>-anything.pth`` or as torchvision calls it.

Listing does not load torch.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, Progress, atomic_path, resource, user_weights_dir
from tldesk.model.cards import CARDS, card
from tldesk.model.cardtypes import Card
from tldesk.model.records import Record, file_sha256, forget_record, read_record, write_record

if TYPE_CHECKING:
    from torch import Tensor

_SUFFIXES = (".safetensors", ".pth", ".pt")


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """A backbone in the library, present or not.

    Attributes:
        name, title: of the backbone.
        present: whether its weights are at hand.
        path: the file; None if absent.
        sha256: of the file as it was imported; None if absent or not yet computed (no record).
        source: the imported file's name, or the file's own.
        bytes: its size; 0 if absent.
        imported: when, ISO 8601 in UTC; None without a record.
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


@dataclass(frozen=True, slots=True)
class Verified:
    """One file of the library, compared with what is known of it.

    Attributes:
        ok: True: unchanged; False: damaged or changed; None: nothing is known to compare with.
        what: the finding in words.
    """

    name: str
    path: Path
    ok: bool | None
    what: str


class WeightsLibrary:
    """Weights by backbone name.

    Args:
        dirs: folders to search instead of the usual ones; what is imported goes to the first.
    """

    def __init__(self, dirs: Sequence[Path] | None = None) -> None:
        self._dirs = tuple(dirs) if dirs is not None else _usual_dirs()
        self._downloads = _torch_downloads() if dirs is None else None

    def entries(self) -> tuple[WeightsEntry, ...]:
        """Every backbone that the cards know, in their order."""
        return tuple(self.entry(name) for name in CARDS)

    def present(self) -> tuple[str, ...]:
        """Names of the backbones whose weights are at hand."""
        return tuple(entry.name for entry in self.entries() if entry.present)

    def entry(self, name: str) -> WeightsEntry:
        """What is known of one backbone's weights.

        Raises:
            ProblemError: no such backbone.
        """
        known = card(name)
        path = self._find(known)
        if path is None:
            return WeightsEntry(name, known.title, present=False)
        record = read_record(path)
        size = path.stat().st_size
        if record is None:
            return WeightsEntry(name, known.title, True, path, source=path.name, bytes=size)
        kept = (record.sha256, record.source, size, record.imported, record.notes)
        return WeightsEntry(name, known.title, True, path, *kept)

    def sha256(self, name: str) -> str:
        """The hash of a backbone's imported file, computed now if no record holds it.

        Raises:
            ProblemError: the weights are not here.
        """
        entry = self._needed(name)
        return entry.sha256 or file_sha256(entry.path)

    def load(self, name: str) -> dict[str, Tensor]:
        """All tensors of the file under torchvision's names, float32, on the CPU.

        Raises:
            ProblemError: the weights are not here, damaged, or those of another network.
        """
        from tldesk.model.build import refuse_misfit  # torch is loaded when it is needed
        from tldesk.model.convert import read_weights

        tensors = dict(read_weights(self._needed(name).path).tensors)
        refuse_misfit(card(name), tensors)
        return tensors

    def import_file(self, path: Path) -> WeightsEntry:
        """Recognise a weight file by its tensors and keep a copy; an older one of that backbone is replaced.

        Raises:
            ProblemError: the file cannot be read or belongs to no known backbone, or there is no room for it.
        """
        from tldesk.model.convert import read_weights  # torch is loaded when it is needed
        from tldesk.model.recognise import classifier_note, recognise

        weights = read_weights(path)
        known = recognise(weights.tensors, path)
        note = classifier_note(known, weights.tensors)
        notes = (*weights.notes, *((note,) if note else ()))
        self._keep(known, weights.tensors, path, notes)
        return self.entry(known.name)

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
            url: where to load from instead of torchvision's address.

        Raises:
            ProblemError: there is no connection, or what arrived is not the published file.
        """
        from tldesk.model.fetch import download, published_url  # network code only on request

        known = card(name)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / known.weight_files[0]
            if not download(known, url or published_url(known), target, progress=progress, stop=stop):
                return self.entry(name)
            return self.import_file(target)

    def verify(self) -> list[Verified]:
        """Compute the hash of every file and compare it with its record, or with the hash in its name."""
        return [_verified(entry.name, entry.path) for entry in self.entries() if entry.path is not None]

    def _needed(self, name: str) -> _Present:
        entry = self.entry(name)
        if entry.path is None:
            what = f"the weights of {entry.title} are not on this computer"
            file = card(name).weight_files[0]
            fix = f"Import a file such as {file}, or choose a backbone whose weights are here"
            raise ProblemError(Problem(name, what, fix))
        return _Present(entry.path, entry.sha256)

    def _find(self, known: Card) -> Path | None:
        for folder in self._dirs:
            found = _file_in(folder, known)
            if found is not None:
                return found
        if self._downloads is None:
            return None
        candidates = (self._downloads / name for name in known.weight_files)
        return next((path for path in candidates if path.is_file()), None)

    def _keep(self, known: Card, tensors: Mapping[str, Tensor], source: Path, notes: tuple[str, ...]) -> None:
        from tldesk.model.tensorfile import write_tensors  # torch is loaded when it is needed

        target = self._dirs[0] / f"{known.name}.safetensors"
        with atomic_path(target) as temporary:
            write_tensors(temporary, tensors)
            stored = file_sha256(temporary)
            # An old record must not stand beside new weights, not even if the computer stops right now.
            forget_record(target)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_record(target, Record(known.name, file_sha256(source), stored, source.name, now, notes))


@dataclass(frozen=True, slots=True)
class _Present:
    path: Path
    sha256: str | None


def _usual_dirs() -> tuple[Path, ...]:
    given = os.environ.get("TLDESK_WEIGHTS", "")
    folders = [Path(part) for part in given.split(os.pathsep) if part]
    return (user_weights_dir(), *folders, resource("weights"))


def _torch_downloads() -> Path:
    """Where torch keeps what it downloaded (torch.hub.get_dir, without importing torch)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"


def _file_in(folder: Path, known: Card) -> Path | None:
    """Our own file before others, otherwise the first by name."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return None
    fitting = [name for name in names if _is_called_after(known, name)]
    own = f"{known.name}.safetensors"
    chosen = own if own in fitting else next(iter(fitting), None)
    return folder / chosen if chosen else None


def _is_called_after(known: Card, name: str) -> bool:
    if name in known.weight_files:
        return True
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    return suffix.lower() in _SUFFIXES and (stem == known.name or stem.startswith(f"{known.name}-"))


def _verified(name: str, path: Path) -> Verified:
    from tldesk.model.fetch import hash_prefix  # network code only on request

    record = read_record(path)
    found = file_sha256(path)
    if record is not None:
        ok = found == record.stored_sha256
        what = (
            "unchanged since it was imported"
            if ok
            else "changed or damaged since it was imported: import it again"
        )
        return Verified(name, path, ok, what)
    prefix = hash_prefix(path.name)
    if prefix is None:
        return Verified(name, path, None, "nothing is known to compare it with")
    ok = found.startswith(prefix)
    return Verified(
        name, path, ok, "the published file" if ok else "not the published file of this name, or damaged"
    )
