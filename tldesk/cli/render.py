"""``tldesk render``: how deep pictures and stacks of a project are read."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tldesk.base import plural
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.imaging import Rendering


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """PROJECT, and what to change."""
    parser = commands.add_parser("render", help="how DICOM, 16-bit pictures and stacks are read")
    add_project(parser)
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """--frame and --window."""
    parser.add_argument(
        "--frame",
        metavar="FRAME",
        help="of files with several: first (unless said otherwise), middle, last, or a number from 1",
    )
    parser.add_argument(
        "--window",
        metavar="WINDOW",
        help="which values of DICOM, 16-bit and float pictures become black and white: file (as the file "
        "says, unless said otherwise), file:NAME (one of several windows of a DICOM file, by its "
        "explanation), range (each picture's smallest to largest value), percentiles (its 1st to 99th), "
        "LOW..HIGH (written --window=-160..240), or for CT in Hounsfield units brain, stroke, temporal-bone, "
        "lung, soft-tissue, abdomen, liver or bone",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Change it where something is asked for, and tell what holds."""
    with open_project(args.project) as project:
        before = project.rendering()
        wanted = as_asked(args, before)
        if wanted != before:
            project.edit.read_pictures(wanted)
        document = _document(project)
    console.say(f"Deep pictures and stacks are read so: {in_words(wanted)}")
    matters, images = document["images_it_matters_for"], document["images"]
    console.say(f"It matters for {matters:,} of {plural(images, 'image')}")
    if wanted != before:
        console.say(
            "The next training computes its features anew; models and runs from before keep their own way. "
            "Near duplicates and odd pictures stay as they were found when the images were read first."
        )
    console.document(document)
    return 0


def as_asked(args: argparse.Namespace, before: Rendering) -> Rendering:
    """What is in force with the options.

    Raises:
        ProblemError: one of them means nothing.
    """
    from dataclasses import replace

    asked = {"frame": args.frame, "window": args.window}
    return replace(before, **{name: value for name, value in asked.items() if value is not None})


def in_words(rendering: Rendering) -> str:
    """For people: "frame middle, window lung (-1350 to 150 HU)"."""
    from tldesk.imaging import CT_WINDOWS

    preset = CT_WINDOWS.get(rendering.window)
    values = f" ({preset.low:g} to {preset.high:g} HU)" if preset else ""
    return f"frame {rendering.frame}, window {rendering.window}{values}"


def _document(project: Project) -> dict[str, Any]:
    from dataclasses import asdict

    from tldesk.dataset import Filter

    return {
        "project": str(project.path),
        **asdict(project.rendering()),
        "images": project.count(),
        "images_it_matters_for": project.count(Filter(rendered=True)),
    }
