"""Writes the measured numbers of backbones as JSON, one attribute per line, for readable diffs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tldesk.model.cards.outline import Measured


def write_measured(file: Path, networks: Mapping[str, Measured]) -> None:
    """Replace the file; ``tldesk.model.cards.measured`` reads it."""
    entries = ",\n".join(f"  {json.dumps(name)}: {_entry(numbers)}" for name, numbers in networks.items())
    file.write_text(f"{{\n{entries}\n}}\n", encoding="utf-8")


def _entry(numbers: Measured) -> str:
    values = {key: value for key, value in asdict(numbers).items() if value is not None or key != "published"}
    lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in values.items())
    return f"{{\n{lines}\n  }}"
