"""``tldesk check``: what may be wrong with the pictures of a project."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import percent, plural
from tldesk.cli.balance_table import show_balance
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project, read_on, typed
from tldesk.cli.render import in_words

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import CheckReport, Project
    from tldesk.dataset.checks.report import PossibleLeak
    from tldesk.dataset.checks.shortcuts import Shortcut
    from tldesk.evaluation import Agreement

_LOPSIDED = 2.0
_ODD = {
    "blank": ("picture that shows nothing but one tone", "pictures that show nothing but one tone"),
    "dark": ("picture far darker than the others", "pictures far darker than the others"),
    "bright": ("picture far brighter than the others", "pictures far brighter than the others"),
    "blurred": (
        "picture far less sharp than the others (look at it in the window; Exclude leaves it out)",
        "pictures far less sharp than the others (look at them in the window; Exclude leaves them out)",
    ),
    "small": ("picture far smaller than the others", "pictures far smaller than the others"),
    "shape": (
        "picture far longer than the others, of which a network sees the middle",
        "pictures far longer than the others, of which a network sees the middle",
    ),
}


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, and whether to look at the folders again."""
    parser = commands.add_parser("check", help="quarantine, duplicates, leakage, imbalance")
    add_project(parser)
    parser.add_argument(
        "--rescan", action="store_true", help="look for added, moved, changed and missing pictures first"
    )
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also let a network look: labels to doubt, pictures that are alike though turned or changed",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Check and tell."""
    from tldesk.dataset import checking

    with open_project(args.project) as project:
        if args.rescan:
            console.follow(project.scan())
        read_on(project, console)
        project.examine()
        report = console.result_of(checking(project))
        assert report is not None, "nobody stops it"
        pairs = _readers(project)
        seen = _inspected(project, console) if args.deep else {}
    _show(report, console)
    _show_inspection(seen, console)
    console.some("pair of readers", "pairs of readers", [_agreement(one) for one in pairs])
    console.document({**report.as_dict(), "agreement": [_agreement_dict(one) for one in pairs], **seen})
    return 0


def _inspected(project: Project, console: Console) -> dict[str, Any]:
    """What a network finds, as in the document."""
    from tldesk.model.library import WeightsLibrary
    from tldesk.run.network_check import inspecting, recipe_to_look_with

    steps = inspecting(project, recipe_to_look_with(project, WeightsLibrary(project=project.path)))
    found = console.result_of(steps)
    assert found is not None, "nobody stops it"
    if found.caution:
        console.note(found.caution)
    images = {one.id: one for one in project.images(project.ids())}
    return {
        "doubtful_labels": [
            {
                "path": str(images[one.image_id].path),
                "label": one.given,
                "likely": one.likely,
                "probability": one.probability,
            }
            for one in found.doubts
        ],
        "alike_to_a_network": [
            {
                "paths": [str(image.path) for image in pair],
                "score": one.score,
                "splits": [image.split and str(image.split) for image in pair],
            }
            for one in found.alike
            for pair in [(images[one.first], images[one.second])]
        ],
    }


def _show_inspection(seen: Mapping[str, Any], console: Console) -> None:
    console.some(
        "label to doubt: a network that did not see the image finds another class",
        "labels to doubt: a network that did not see the image finds another class",
        [f"{one['path']}: {one['label']}, rather {one['likely']}" for one in seen.get("doubtful_labels", ())],
    )
    pairs = seen.get("alike_to_a_network", ())
    torn = [one for one in pairs if len(set(one["splits"])) > 1]
    console.some(
        "pair of pictures that a network finds alike, in different splits",
        "pairs of pictures that a network finds alike, in different splits",
        [f"{' and '.join(one['paths'])} ({one['score']:.2f})" for one in torn],
    )


def _readers(project: Project) -> tuple[Agreement, ...]:
    from tldesk.evaluation import agreements

    readings = project.readings()
    return agreements(readings, [one.id for one in project.classes()]) if readings else ()


def _agreement(one: Agreement) -> str:
    who = f"{one.first or 'the labels'} and {one.second}"
    kappa = one.kappa
    known = f"kappa {kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})"
    if math.isnan(kappa.value):
        known = "one class only, so that nothing tells agreement from chance"
    return f"{who}: {percent(one.alike)} of {plural(one.images, 'image')} alike, {known}"


def _agreement_dict(one: Agreement) -> dict[str, object]:
    return {
        "readers": [one.first, one.second],
        "images": one.images,
        "alike": one.alike,
        "kappa": one.kappa.as_dict(),
        "differing": len(one.differing),
    }


def _show(report: CheckReport, console: Console) -> None:
    console.say(f"{plural(report.images, 'image')}, {report.labelled:,} with a label{_left_out(report)}")
    console.some(
        "image in quarantine",
        "images in quarantine",
        [f"{one.path}: {one.reason}" for one in report.quarantine],
    )
    console.some(
        "image not read yet (tldesk check --rescan reads it)",
        "images not read yet (tldesk check --rescan reads them)",
        list(map(str, report.unread)),
    )
    console.some(
        "set of identical files (the window excludes all but one of each)",
        "sets of identical files (the window excludes all but one of each)",
        [_joined(one.paths) + _contradiction(one.labels) for one in report.duplicates],
    )
    console.some(
        "set of images that look alike (the window puts them in one group, or excludes all but one)",
        "sets of images that look alike (the window puts them in one group, or excludes all but one)",
        [
            f"{_joined(one.paths)} ({one.score:.3f})" + _contradiction(one.labels)
            for one in report.near_duplicates
        ],
    )
    console.some(
        "leak: images that belong together stand in different splits, so measurements flatter; split again",
        "leaks: images that belong together stand in different splits, so measurements flatter; split again",
        [f"{' and '.join(one.splits)}: {_joined(one.paths)}" for one in report.leakage],
    )
    console.some(
        "rule by which images in different splits may belong together (tldesk split --group-by)",
        "rules by which images in different splits may belong together (tldesk split --group-by)",
        [_possible(one) for one in report.possible_leakage],
    )
    for kind, paths in report.odd.items():
        console.some(*_ODD[kind], list(map(str, paths)))
    for one in report.shortcuts:
        console.say(_shortcut(one))
    _show_imbalance(report, console)
    _show_dismissed(report, console)
    _show_identifying(report, console)
    _show_rendering(report, console)
    if report.balance.is_split and report.labelled:
        show_balance(report.balance, console)
    for note in report.notes:
        console.say(note)


def _shortcut(one: Shortcut) -> str:
    told = f"{percent(one.accuracy)} (guessing: {percent(one.chance)})"
    if one.where == "files":
        return (
            f"The facts of the files alone tell the class in {told}, most of all {', '.join(one.telling)}."
            " A network may learn that instead of what the pictures show; get pictures of all classes in the"
            " same way."
        )
    return (
        f"The borders of the pictures alone tell the class in {told}. A frame, a background or a marker may"
        " be learnt instead of what the pictures show; cut it off, or get pictures of all classes in the"
        " same way."
    )


def _show_dismissed(report: CheckReport, console: Console) -> None:
    left = len(report.dismissed) + len(report.dismissed_whole)
    if left:
        console.say(
            f"Not named because somebody left it as it is: {plural(len(report.dismissed), 'image')}, "
            f"{plural(len(report.dismissed_whole), 'other finding')}. The window brings it back."
        )


def _left_out(report: CheckReport) -> str:
    return f", {report.excluded:,} excluded" if report.excluded else ""


def _show_imbalance(report: CheckReport, console: Console) -> None:
    found = report.imbalance
    if found is not None and found.ratio >= _LOPSIDED:
        console.say(
            f"{found.largest} has {found.ratio:.1f} times the images of {found.smallest}; "
            "--set class_balance=weighted makes mistakes on rare classes count more."
        )


def _show_identifying(report: CheckReport, console: Console) -> None:
    kinds = [f"{one.trace}: {_some(one.paths)}" for one in report.identifying]
    console.some(
        "way in which images may identify a person", "ways in which images may identify a person", kinds
    )
    if kinds:
        console.say(
            "The project keeps patient numbers, dates and file names, and reports name files. Before "
            "pictures, reports or the project's folder are handed on, make copies without these data (and "
            "without text in the pictures), and a project of the copies."
        )


def _show_rendering(report: CheckReport, console: Console) -> None:
    from tldesk.imaging import AS_STORED

    if report.rendering != AS_STORED:
        console.say(f"Deep pictures and stacks are read so: {in_words(report.rendering)}")


def _some(paths: Sequence[Path]) -> str:
    return f"{plural(len(paths), 'image')}, such as {paths[0]}"


def _possible(leak: PossibleLeak) -> str:
    from tldesk.dataset import group_by_text

    rule = typed(group_by_text(leak.proposal.by))
    shown = " and ".join(f"{path} ({split})" for split, path in leak.example.items())
    return f"{rule}: {plural(len(leak.paths), 'image')} in {plural(leak.groups, 'group')}, as {shown}"


def _joined(paths: Iterable[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _contradiction(labels: tuple[str, ...]) -> str:
    return f", labelled differently: {', '.join(labels)}" if len(labels) > 1 else ""
