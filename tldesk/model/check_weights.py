"""Checks a weight file before it is imported: which backbone it belongs to, and whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from tldesk.base import Problem, ProblemError
from tldesk.base.regular_files import must_be_file
from tldesk.model.card_types import Card
from tldesk.model.import_record import file_sha256, hash_prefix, read_record
from tldesk.model.read_weights import read_weights
from tldesk.model.recognise import classifier_note, recognise
from tldesk.model.weights_sanity import refuse_lifeless, untrained_note


@dataclass(frozen=True)
class CheckedWeights:
    """A weight file that has been read, recognised and tested, but not yet stored in the library.

    Attributes:
        card: the backbone that it belongs to.
        tensors: the tensors under the names of the card's network.
        sha256: hash of the original file; for a file packed by ``bundle``, the hash in its record.
        source: name of the original file.
        notes: sentences for the user.
    """

    card: Card
    tensors: Mapping[str, Tensor]
    sha256: str
    source: str
    notes: tuple[str, ...]


def check_weights(path: Path) -> CheckedWeights:
    """Read a weight file, recognise it by its tensors and test it on synthetic pictures.

    Raises:
        ProblemError: the file cannot be read, differs from its record, belongs to no known backbone, or gives
            the same features for all pictures.
    """
    must_be_file(path)
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
    """Return the original file's hash and name: from the record if there is one, otherwise the file's own."""
    record = read_record(path)
    if record is None:
        return file_sha256(path), path.name
    if file_sha256(path) != record.stored_sha256:
        what = "the file is not the one that its record was written for: it changed or was damaged on its way"
        raise ProblemError(Problem(str(path), what, "Copy the folder again from where it was packed"))
    return record.sha256, record.source


def _published_note(card: Card, source: str, sha256: str) -> str | None:
    if source not in card.weight_files or sha256.startswith(hash_prefix(source) or ""):
        return None
    return "Its name is that of a published file, but its contents are not: it was changed or trained further"


def _timm_note(card: Card, source: str) -> str | None:
    """Return a note for timm's networks: a file does not say which of timm's sets of weights it contains."""
    if card.library != "timm" or source in card.weight_files:
        return None
    return (
        f"timm publishes several sets of weights for some networks; pictures are prepared as for {card.tag}, "
        "and if this is another set it may do worse"
    )
