"""Checking one weight file before it is imported: which backbone it belongs to, and whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from tldesk.base import Problem, ProblemError
from tldesk.model.card_types import Card
from tldesk.model.import_record import file_sha256, hash_prefix, read_record
from tldesk.model.read_weights import read_weights
from tldesk.model.recognise import classifier_note, recognise
from tldesk.model.weights_sanity import refuse_lifeless, untrained_note


@dataclass(frozen=True)
class CheckedWeights:
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


def check_weights(path: Path) -> CheckedWeights:
    """Read a weight file, recognise it by its tensors and run drawn pictures through it.

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
    return CheckedWeights(known, weights.tensors, sha256, source, notes)


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
