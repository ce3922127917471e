"""Reads which table columns a model file needs, without loading its weights or torch."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

_DOCUMENT = "model.json"


def columns_of(file: Path) -> tuple[str, ...]:
    """Return the names of the columns; empty for a model without columns, and for an invalid file.

    Errors in the file are reported when it is opened for prediction.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            document = json.loads(archive.read(_DOCUMENT))
        return tuple(str(column["name"]) for column in document.get("table", {}).get("columns", ()))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError):
        return ()
