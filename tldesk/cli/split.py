"""``tldesk split``: split a project's images into training, validation and test, and show the balance."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError
from tldesk.cli.balance_table import show_balance
from tldesk.cli.console import Console
from tldesk.cli.group_options import GROUP_BY, group_rule, open_proposals, show_proposals
from tldesk.cli.open_project import add_project, open_project, read_on

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project, Split, SplitRule


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the rule, the shares, the seed and the lock."""
    parser = commands.add_parser(
        "split", help="split again, lock the test set, show the balance of the split"
    )
    add_project(parser)
    parser.add_argument("--group-by", metavar="RULE", help=GROUP_BY + "; or none: no groups")
    parser.add_argument(
        "--shares",
        metavar="A,B,C",
        help="percentages for training, validation and test, e.g. 70,15,15; by default unchanged",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="random seed; by default unchanged")
    given = parser.add_mutually_exclusive_group()
    given.add_argument(
        "--anew",
        action="store_true",
        help="divide all images, also those that folders (train, val, test) or a table put in a split",
    )
    given.add_argument(
        "--as-given", action="store_true", help="return to the splits that folders or the table give"
    )
    lock = parser.add_mutually_exclusive_group()
    lock.add_argument(
        "--lock-test",
        action="store_true",
        help="keep the test images: later splits divide only the other images and new ones",
    )
    lock.add_argument("--unlock-test", action="store_true", help="allow the test set to change again")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Split or lock as requested, then show the balance."""
    with open_project(args.project) as project:
        read_on(project, console)
        if args.unlock_test and project.splits.locked:
            project.edit.lock_test(False)
        before = _sides(project)
        again = _splits_again(args, project)
        if again:
            _split(args, project)
        moved = sum(before.get(image) != side for image, side in _sides(project).items())
        if args.lock_test and not project.splits.locked:
            project.edit.lock_test()
        if not moved and not (args.lock_test or args.unlock_test):
            console.note(_why_unchanged(project, again))
        show_balance(project.splits.balance(), console)
        show_proposals(open_proposals(project), project.path, console)
        console.document(_document(project, moved))
    return 0


def _sides(project: Project) -> dict[int, Split | None]:
    return {image.id: image.split for image in project.images(project.ids())}


def _splits_again(args: argparse.Namespace, project: Project) -> bool:
    """Return whether to split: if requested, or if that was never done."""
    asked = any(value is not None for value in (args.group_by, args.shares, args.seed))
    return asked or args.anew or args.as_given or project.splits.rule is None


def _split(args: argparse.Namespace, project: Project) -> None:
    before = project.splits.rule
    by_group = group_rule(args.group_by, project)
    seed = args.seed if args.seed is not None else before.seed if before else 0
    shares = _shares(args.shares, before)
    keep_given = not args.anew and (args.as_given or before is None or before.keep_given)
    project.split(by_group=by_group, shares=shares, seed=seed, keep_given=keep_given)


def _why_unchanged(project: Project, again: bool) -> str:
    if not again:
        return "Nothing was changed. To split again: --group-by, --shares or --seed"
    rule, given = project.splits.rule, project.splits.given()
    if rule is not None and rule.keep_given and given:
        counts = ", ".join(f"{name} {count:,}" for name, count in given.items())
        return (
            f"Nothing was changed: the split that folders or the table give is kept ({counts}). "
            "To divide all images anew: tldesk split PROJECT --anew"
        )
    return "Nothing was changed: the same images, shares and seed give the same split"


def _shares(text: str | None, before: SplitRule | None) -> tuple[float, float, float]:
    from tldesk.dataset.splits.split_rule import DEFAULT_SHARES

    if text is None:
        return before.shares if before else DEFAULT_SHARES
    try:
        first, second, third = (float(part.strip().removesuffix("%")) for part in text.split(","))
    except ValueError as error:
        fix = "Give three numbers for training, validation and test, e.g. 70,15,15"
        raise ProblemError(Problem("--shares", f"{text} is not a list of three percentages", fix)) from error
    return first, second, third


def _document(project: Project, moved: int) -> dict[str, Any]:
    from tldesk.dataset import group_by_text

    rule, by_group = project.splits.rule, project.splits.group_by
    return {
        "project": str(project.path),
        "split_anew": moved > 0,
        "moved": moved,
        "given": {str(name): count for name, count in project.splits.given().items()},
        "given_kept": rule is not None and rule.keep_given,
        "group_by": None if by_group is None else group_by_text(by_group),
        "shares": None if rule is None else list(rule.shares),
        "seed": None if rule is None else rule.seed,
        "splits": project.splits.balance().as_dict(),
        "group_proposals": open_proposals(project),
    }
