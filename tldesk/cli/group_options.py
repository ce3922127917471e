"""The rule for what belongs together, as the commands take it and propose it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.cli.console import Console
from tldesk.cli.open_project import typed

if TYPE_CHECKING:
    from tldesk.dataset import GroupBy, Project

_SHOWN = 3
GROUP_BY = (
    "images of one group never straddle a split: a regular expression on the file name, e.g. "
    r"plant(\d+); a column of the table or a fact of the file, e.g. PatientID; or the word folder, "
    "copies (changed copies and their originals, by name) or burst (taken within a minute of each "
    "other; burst:SECONDS)"
)


def group_rule(text: str | None, project: Project) -> GroupBy | None:
    """What ``--group-by`` means in this project, None where it was not given.

    Raises:
        ProblemError: it is neither a column nor a regular expression.
    """
    if text is None:
        return None
    from tldesk.dataset import parse_group_by

    return parse_group_by(text, project.grouping.columns())


def open_proposals(project: Project) -> list[dict[str, Any]]:
    """What fits, for the JSON document; empty once somebody has said what belongs together."""
    from tldesk.dataset import group_by_text

    if project.splits.group_by is not None:
        return []
    return [
        {
            "group_by": group_by_text(one.by),
            "groups": one.gives.groups,
            "images_sharing": one.gives.shared,
            "examples": {name: list(paths) for name, paths in one.gives.examples},
        }
        for one in project.grouping.proposals()
    ]


def tell_proposals(proposals: Sequence[dict[str, Any]], path: Path, console: Console) -> None:
    """What may belong together, and the command that keeps it together."""
    if not proposals:
        return
    console.say(
        "Some pictures may show the same patient, plant or scene. On both sides of the split they make every "
        f"number too good. If one of these rules is right, say so (none: every picture by itself): "
        f"tldesk split {typed(path)} --group-by RULE"
    )
    rows = [
        (
            typed(one["group_by"]),
            f"{one['groups']:,}",
            f"{one['images_sharing']:,}",
            _example(one["examples"]),
        )
        for one in proposals[:_SHOWN]
    ]
    console.table(("rule", "groups", "images", "would be together, for example"), rows)


def _example(examples: dict[str, list[str]]) -> str:
    return ", ".join(Path(path).name for path in next(iter(examples.values())))
