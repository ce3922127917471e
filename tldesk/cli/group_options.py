"""The group rule of a project, as an option and as suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base.shell_words import typed
from tldesk.cli.console import Console

if TYPE_CHECKING:
    from tldesk.dataset import Columns, GroupBy, Project

_SHOWN = 3
GROUP_BY = (
    "the rule for groups, which are kept in one split: a regular expression on the file name, e.g. "
    r"plant(\d+); a column of the table or a property of the file, e.g. PatientID; or the word folder, "
    "copies (modified copies with their originals, by name) or burst (taken within a minute of each "
    "other; burst:SECONDS)"
)


def group_rule(text: str | None, project: Project) -> GroupBy | None:
    """Return the rule that ``--group-by`` means in this project, or None if it was not given.

    Raises:
        ProblemError: ``text`` is neither a column or tag nor a regular expression.
    """
    if text is None:
        return None
    from tldesk.dataset import parse_group_by

    return parse_group_by(text, project.grouping.columns())


def refuse_group_rule(
    text: str | None, paths: Iterable[str], images: Path, table: Path | None, columns: Columns | None
) -> None:
    """Refuse a rule that can be none or matches no file name, before the pictures ``paths`` are read.

    Raises:
        ProblemError: ``text`` is neither a column or tag nor a regular expression for one of the names.
    """
    if text is None:
        return
    from tldesk.dataset import parse_group_by, refuse_without_match
    from tldesk.dataset.tables.named_files import FileNames
    from tldesk.dataset.tables.table import read_table

    known = () if table is None else read_table(table, FileNames((), images), columns).headers
    refuse_without_match(parse_group_by(text, known), paths, known)


def rule_of_new_project(text: str | None, project: Project) -> tuple[GroupBy | None, list[str]]:
    """Return the rule of ``--group-by``, else one that certainly holds, with a remark that it was taken.

    Raises:
        ProblemError: ``text`` is neither a column or tag nor a regular expression.
    """
    by_group = group_rule(text, project)
    if by_group is not None or project.splits.group_by is not None:
        return by_group, []
    by_group = project.grouping.sure_rule()
    if by_group is None:
        return None, []
    from tldesk.dataset import group_by_text

    rule = group_by_text(by_group)
    if rule == "folder":
        rule = "folder of a person"
    other = f"tldesk split {typed(project.path)} --group-by RULE"
    return by_group, [f"Images with the same {rule} stay in one split. For another rule, or none: {other}"]


def open_proposals(project: Project) -> list[dict[str, Any]]:
    """Return suggested rules for the JSON document; empty once the project has a rule."""
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


def show_proposals(proposals: Sequence[dict[str, Any]], path: Path, console: Console) -> None:
    """Print suggested rules, and the command that applies one."""
    if not proposals:
        return
    console.say(
        "Some images may show the same patient, plant or scene. If such images are in different splits, the "
        "scores will be too good. If one of these rules is right, apply it (none = unrelated images): "
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
    console.table(("rule", "groups", "images", "example of a group"), rows)


def _example(examples: dict[str, list[str]]) -> str:
    return ", ".join(Path(path).name for path in next(iter(examples.values())))
