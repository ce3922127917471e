"""Heat maps as PNG files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from tldesk.base import write_atomic
from tldesk.prediction import Answer, overlay

if TYPE_CHECKING:
    from tldesk.prediction import Predictor

LONGEST_SIDE = 1024


def overlay_names(answers: Sequence[Answer]) -> list[str]:
    """Return one file name per answer: the picture's own, with a number where two have the same name."""
    taken: set[str] = set()
    names = []
    for stem in (answer.path.stem for answer in answers):
        choices = (stem, *(f"{stem} ({number})" for number in range(2, len(answers) + 1)))
        name = next(choice for choice in choices if choice.casefold() not in taken)
        taken.add(name.casefold())
        names.append(f"{name}.png")
    return names


def write_overlay(predictor: Predictor, answer: Answer, file: Path) -> dict[str, Any]:
    """Write the picture with its heat map as PNG, at most ``LONGEST_SIDE`` px; return its JSON entry."""
    saliency = predictor.explain(
        answer.path, answer.predicted, longest_side=LONGEST_SIDE, values=dict(answer.values)
    )
    buffer = io.BytesIO()
    Image.fromarray(overlay(saliency.pixels, saliency.marks)).save(buffer, "PNG")
    write_atomic(file, buffer.getvalue())
    return {
        "file": str(file),
        "class": saliency.class_name,
        "passed": saliency.check.passed,
        "text": saliency.check.text,
    }
