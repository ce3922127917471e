"""Packs weights into a folder for import on an offline computer, with records, hashes, licences and steps."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import (
    Problem,
    ProblemError,
    Progress,
    ProgressMeter,
    atomic_path,
    file_size,
    machine_weights_dir,
    write_atomic,
)
from tldesk.model.cards import card
from tldesk.model.import_record import ImportRecord, file_sha256, forget_record, read_record, write_record
from tldesk.model.missing_weights import steps_for_bundle

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry, WeightsLibrary

README, LICENCES, HASHES = "README.txt", "LICENCES.txt", "SHA256SUMS"


def bundling(
    library: WeightsLibrary,
    names: Sequence[str],
    folder: Path,
    stop: threading.Event | None = None,
) -> Generator[Progress, None, tuple[Path, ...]]:
    """Copy weights into a folder for another computer; yield progress, return the paths of the weight files.

    Args:
        library: the library with the weights.
        names: backbone names; if empty, all available weights except those shipped with the program.
        folder: the target folder; files of the same name are replaced, other files are ignored.
        stop: set it to stop after the current file; the files packed so far are kept and listed.

    Raises:
        ProblemError: a backbone is unknown, its weights are missing or damaged, or the folder cannot be
            written.
    """
    entries = _chosen(library, names)
    meter = ProgressMeter("Packing weights", len(entries))
    yield meter.at(0)
    packed = []
    for done, entry in enumerate(entries, start=1):
        if stop is not None and stop.is_set():
            break
        packed.append(_pack(library, entry, folder))
        yield meter.at(done)
    _describe(entries[: len(packed)], packed, folder)
    return tuple(packed)


def _chosen(library: WeightsLibrary, names: Sequence[str]) -> list[WeightsEntry]:
    here = (entry.name for entry in library.entries() if entry.present and entry.place != "program")
    entries = [library.entry(name) for name in dict.fromkeys(names or here)]
    if not entries:
        what = "there are no weights to pack, except those that come with tldesk"
        fix = "Import or download weights first"
        raise ProblemError(Problem("weights", what, fix, command="tldesk weights import FILE"))
    absent = [one for one in entries if not one.present]
    if absent:
        what = "the weights of {} are not on this computer, so they cannot be packed"
        fix = "Import or download them first, or leave them out"
        raise ProblemError(*(Problem(one.name, what.format(one.title), fix) for one in absent))
    return entries


def _pack(library: WeightsLibrary, entry: WeightsEntry, folder: Path) -> Path:
    """Copy a file with a record unchanged; convert a file without one (put there by hand) to our format."""
    assert entry.path is not None, "only weights that are here are packed"
    record = read_record(entry.path)
    target = folder / f"{entry.name}.safetensors"
    if target.exists() and target.samefile(entry.path):
        fix = "Choose another folder"
        raise ProblemError(
            Problem(str(folder), "this is the folder that the library keeps its files in", fix)
        )
    if record is None:
        return _converted(library, entry, target)
    with atomic_path(target) as temporary:
        shutil.copyfile(entry.path, temporary)
        if file_sha256(temporary) != record.stored_sha256:
            what = "the file is changed or damaged since it was imported"
            raise ProblemError(Problem(str(entry.path), what, "Import it again, then pack it"))
        forget_record(target)  # never leave an old record next to a new file
    write_record(target, record)
    return target


def _converted(library: WeightsLibrary, entry: WeightsEntry, target: Path) -> Path:
    from tldesk.model.tensor_file import BACKBONE, write_tensors  # torch is loaded when it is needed

    assert entry.path is not None, "only weights that are here are packed"
    tensors = library.load(entry.name)
    sha256 = file_sha256(entry.path)
    with atomic_path(target) as temporary:
        write_tensors(temporary, tensors, {BACKBONE: entry.name})
        stored = file_sha256(temporary)
        forget_record(target)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_record(target, ImportRecord(entry.name, sha256, stored, entry.path.name, now))
    return target


def _describe(entries: Sequence[WeightsEntry], packed: Sequence[Path], folder: Path) -> None:
    listed = [file for path in packed for file in (path, path.with_suffix(".json"))]
    hashes = "".join(f"{file_sha256(path)}  {path.name}\n" for path in listed)
    write_atomic(folder / HASHES, hashes)
    licences = "".join(
        f"{card(one.name).title} ({card(one.name).paper}), from {one.source}:\n  {card(one.name).licence}\n"
        for one in entries
    )
    write_atomic(folder / LICENCES, f"Licences of the weights in this folder\n\n{licences}")
    write_atomic(folder / README, _readme(entries, packed, folder.absolute().name))


def _readme(entries: Sequence[WeightsEntry], packed: Sequence[Path], name: str) -> str:
    files = "".join(
        f"  {path.name}  {one.title}, {file_size(path.stat().st_size)}, from {one.source}\n"
        for one, path in zip(entries, packed, strict=True)
    )
    told = steps_for_bundle(name, command=f"tldesk weights import PATH/TO/{name}")
    steps = "".join(f"{number}. {step}.\n" for number, step in enumerate(told, start=1))
    return (
        "Weights of pretrained networks for tldesk\n\n"
        "With these files tldesk teaches a picture classifier on a computer that has no network.\n\n"
        f"What to do\n\n{steps}\n"
        "To share them with all users of a computer, an administrator copies the files into the folder of\n"
        f"weights for all users. On the computer that packed them, it is {machine_weights_dir()}\n\n"
        f"What is in it\n\n{files}\n"
        f"Each .json says where its file came from; leave it beside the file. {HASHES} lists the hashes\n"
        f"(to compare by hand: sha256sum -c {HASHES}), {LICENCES} the licences.\n"
    )
