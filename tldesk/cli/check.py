"""``tldesk check``: what may be wrong with the pictures of a project."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tldesk.base import percent, plural
from tldesk.cli.balance_table import show_balance
from tldesk.cli.commands_to_type import TO_GET_WEIGHTS
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project, read_changes, read_on
from tldesk.cli.render import in_words

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import CheckReport, Finding, Project
    from tldesk.dataset.checks.network_inspection import Inspection
    from tldesk.evaluation import Agreement


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, whether to read the folders again first, whether to use a network."""
    parser = commands.add_parser("check", help="quarantine, duplicates, leakage, imbalance")
    add_project(parser)
    parser.add_argument(
        "--rescan", action="store_true", help="look for added, moved, changed and missing pictures first"
    )
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also use a network: labels that may be wrong, pictures that are alike though turned or changed",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Check the project and print what was found."""
    from tldesk.cli.finding_words import show_findings
    from tldesk.dataset import checking
    from tldesk.dataset.checks.findings import findings_of, in_order

    with open_project(args.project) as project:
        before = project.edit.last()
        if args.rescan:
            console.follow(project.scan())
            read_on(project, console)
        else:
            read_changes(project, console)
        project.examine()
        by_scan = [one.verb for one in project.edit.undo_stack() if one.id > before]
        report = console.result_of(checking(project))
        assert report is not None, "nobody stops it"
        pairs = _readers(project)
        found, document = findings_of(report), report.as_dict()
        if args.deep:
            by_network, seen = _inspected(project, console)
            found, document = in_order([*found, *by_network]), {**document, **seen}
    console.say(f"{plural(report.images, 'image')}, {report.labelled:,} with a label{_left_out(report)}")
    show_findings(found, report, console)
    _show_rest(report, console)
    _show_undo(by_scan, console)
    console.some("pair of readers", "pairs of readers", [_agreement(one) for one in pairs])
    document["findings"] = [one.as_dict(report) for one in found]
    console.document({**document, "agreement": [_agreement_dict(one) for one in pairs]})
    return 0


def _inspected(project: Project, console: Console) -> tuple[tuple[Finding, ...], dict[str, Any]]:
    """What a network finds: as findings, and all of it as in the document."""
    from tldesk.dataset import findings_of_inspection
    from tldesk.model.library import WeightsLibrary
    from tldesk.run.network_check import inspecting, recipe_to_look_with

    steps = inspecting(project, recipe_to_look_with(project, WeightsLibrary(project=project.path)))
    seen = console.result_of(steps)
    assert seen is not None, "nobody stops it"
    if seen.caution:
        console.note(f"{seen.caution} {TO_GET_WEIGHTS}")
    return findings_of_inspection(project, seen), _inspection_dict(project, seen)


def _inspection_dict(project: Project, seen: Inspection) -> dict[str, Any]:
    images = {one.id: one for one in project.images(project.ids())}
    return {
        "doubtful_labels": [
            {
                "path": str(images[one.image_id].path),
                "label": one.given,
                "likely": one.likely,
                "probability": one.probability,
            }
            for one in seen.doubts
        ],
        "alike_to_a_network": [
            {
                "paths": [str(image.path) for image in pair],
                "score": one.score,
                "splits": [image.split and str(image.split) for image in pair],
            }
            for one in seen.alike
            for pair in [(images[one.first], images[one.second])]
        ],
    }


def _readers(project: Project) -> tuple[Agreement, ...]:
    from tldesk.evaluation import agreements

    readings = project.readings()
    return agreements(readings, [one.id for one in project.classes]) if readings else ()


def _agreement(one: Agreement) -> str:
    who = f"{one.first or 'the labels'} and {one.second}"
    kappa = one.kappa
    known = f"kappa {kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})"
    if math.isnan(kappa.value):
        known = "only one class, so agreement cannot be told from chance"
    return f"{who}: {percent(one.alike)} of {plural(one.images, 'image')} alike, {known}"


def _agreement_dict(one: Agreement) -> dict[str, object]:
    return {
        "readers": [one.first, one.second],
        "images": one.images,
        "alike": one.alike,
        "kappa": one.kappa.as_dict(),
        "differing": len(one.differing),
    }


def _left_out(report: CheckReport) -> str:
    return f", {report.excluded:,} excluded" if report.excluded else ""


def _show_undo(verbs: Sequence[str], console: Console) -> None:
    if verbs:
        steps = f" --steps {len(verbs)}" if len(verbs) > 1 else ""
        console.say(f"To undo what the scan did ({'; '.join(verbs)}): tldesk undo PROJECT{steps}")


def _show_rest(report: CheckReport, console: Console) -> None:
    """How deep pictures are read, the balance of the splits, the notes of the last scan."""
    from tldesk.imaging import AS_STORED

    if report.rendering != AS_STORED:
        console.say(f"How deep pictures and stacks are read: {in_words(report.rendering)}")
    if report.balance.is_split and report.labelled:
        show_balance(report.balance, console)
    for note in report.notes:
        console.say(note)
