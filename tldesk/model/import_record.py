"""The JSON record next to an imported weight file: its origin, and hashes to verify it."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from tldesk.base import write_atomic

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """The origin of a weight file in the library.

    Attributes:
        backbone: name of the backbone.
        sha256: hash of the original file.
        stored_sha256: hash of the file in the library.
        source: name of the original file.
        imported: time of the import, ISO 8601 in UTC; "" for weights shipped with the program.
        notes: sentences for the user.
        format: version of the record's format.
    """

    backbone: str
    sha256: str
    stored_sha256: str
    source: str
    imported: str
    notes: tuple[str, ...] = ()
    format: int = 1


def read_record(path: Path) -> ImportRecord | None:
    """Return the record next to the weight file ``path``; None if there is none or it cannot be read."""
    beside = _beside(path)
    if path.suffix != ".safetensors" or not beside.is_file():
        return None
    try:
        content = json.loads(beside.read_text(encoding="utf-8"))
        content["notes"] = tuple(content.get("notes", ()))
        return ImportRecord(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("The record %s cannot be read and is left aside: %s", beside, error)
        return None


def write_record(path: Path, record: ImportRecord) -> None:
    """Write the record next to the weight file ``path``.

    Raises:
        ProblemError: the folder cannot be written.
    """
    write_atomic(_beside(path), json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n")


def forget_record(path: Path) -> None:
    """Delete the record next to the weight file ``path``, if there is one."""
    _beside(path).unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_prefix(file_name: str) -> str | None:
    """Return the start of the SHA-256 in a name like ``resnet18-f37072fd.pth``; None if there is none."""
    digits = Path(file_name).stem.rpartition("-")[2]
    return digits if 8 <= len(digits) <= 10 and set(digits) <= set("0123456789abcdef") else None


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")
