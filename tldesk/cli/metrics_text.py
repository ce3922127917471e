"""Metrics as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tldesk.base import percent, plural

if TYPE_CHECKING:
    from tldesk.run import Staleness
    from tldesk.run.names_today import ClassNames

Document = Mapping[str, Any]


def headline(evaluation: Document) -> str:
    """Return ``accuracy 91.2 % (84.1 to 95.3), balanced accuracy …, 40 images``."""
    parts = [f"accuracy {interval(evaluation['accuracy'])}"]
    if evaluation.get("balanced_accuracy") is not None:
        parts.append(f"balanced accuracy {interval(evaluation['balanced_accuracy'])}")
    return ", ".join([*parts, plural(int(evaluation["n"]), "image")])


def interval(value: Document | float | None) -> str:
    """Return ``91.2 % (84.1 to 95.3)``, or a dash if there is no value."""
    if value is None:
        return "–"
    if not isinstance(value, Mapping):
        return percent(float(value))
    if value.get("value") is None:
        return "–"
    low, high = value.get("low"), value.get("high")
    if low is None or high is None:
        return percent(value["value"])
    return f"{percent(value['value'])} ({low * 100:.1f} to {high * 100:.1f})"


def class_rows(evaluation: Document) -> list[list[str]]:
    """Return one row per class: name, images, precision and recall with their intervals."""
    return [
        [str(row["class"]), str(row["n"]), interval(row["precision"]), interval(row["recall"])]
        for row in evaluation["per_class"]
    ]


def confusion_rows(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return one row per true class, with one column per predicted class."""
    return [
        [name, *(str(count) for count in counts)] for name, counts in zip(classes, confusion, strict=True)
    ]


def changed_since(found: Staleness, run: str) -> str:
    """Return ``run 3: 7 images changed since (5 with another label, 2 excluded)``."""
    counts = (
        (found.relabelled, "with another label"),
        (found.excluded, "excluded"),
        (found.redrawn, "with a changed file"),
        (found.moved, "in another split"),
    )
    parts = ", ".join(f"{len(ids):,} {words}" for ids, words in counts if ids)
    return f"{run}: {plural(len(found.ids), 'image')} changed since ({parts})"


def renamed_since(found: Staleness, run: str) -> str:
    """Return ``Classes were renamed since run 3: ant is now bee``; "" if none was."""
    pairs = ", ".join(f'"{then}" is now "{today}"' for then, today in found.renamed)
    return f"Classes were renamed since {run}: {pairs}" if pairs else ""


def gone_since(names: ClassNames | None, run: str) -> str:
    """Return ``Since run 3, "ant" was merged into "bee". The run still …``; "" if all classes are there."""
    if names is None or not names.gone:
        return ""
    classes = "this class" if len(names.gone) == 1 else "these classes"
    return f"Since {run}, {names.gone_words}. The run still answers with {classes}; train again to mend that."
