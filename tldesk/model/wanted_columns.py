"""Which table columns a model file needs, read without loading its weights or torch."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

_DOCUMENT = "model.json"


def columns_of(file: Path) -> tuple[str, ...]:
    """The names of the columns; empty for a model of pictures alone, and for what is no model file at all.

    What is wrong with a file is told when it is opened to predict.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            document = json.loads(archive.read(_DOCUMENT))
        return tuple(str(column["name"]) for column in document.get("table", {}).get("columns", ()))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError):
        return ()
