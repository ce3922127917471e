"""``tldesk render``: how a project reads DICOM, 16-bit pictures and stacks."""

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
    """Add the parser: PROJECT, --frame and --window."""
    parser = commands.add_parser(
        "render", help="show or choose how DICOM, 16-bit pictures and stacks are read"
    )
    add_project(parser)
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add --frame and --window."""
    parser.add_argument(
        "--frame",
        metavar="FRAME",
        help="the frame of files with several: first (default), middle, last, or a number from 1",
    )
    parser.add_argument(
        "--window",
        metavar="WINDOW",
        help="the values of DICOM, 16-bit and float pictures that become black and white: file (the file's "
        "own window; default), file:NAME (one of several windows of a DICOM file, by its "
        "explanation), range (each picture's smallest to largest value), percentiles (its 1st to 99th), "
        "LOW..HIGH (written --window=-160..240), or for CT in Hounsfield units brain, stroke, temporal-bone, "
        "lung, soft-tissue, abdomen, liver or bone",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Change the rendering if requested, and print the current one."""
    with open_project(args.project) as project:
        before = project.rendering()
        wanted = as_asked(args, before)
        if wanted != before:
            project.edit.read_pictures(wanted)
        document = _document(project)
        note = frame_note(project, wanted)
    console.say(f"DICOM, 16-bit pictures and stacks are read with: {in_words(wanted)}")
    matters, images = document["images_it_matters_for"], document["images"]
    console.say(f"This applies to {matters:,} of {plural(images, 'image')}")
    if note:
        console.say(note)
    if wanted != before:
        console.say(
            "The next training recomputes its features; earlier runs and models keep their own setting. "
            "Near duplicates and odd images are not searched again."
        )
    console.document(document | {"note": note})
    return 0


def as_asked(args: argparse.Namespace, before: Rendering) -> Rendering:
    """Return the rendering ``before``, changed by the options.

    Raises:
        ProblemError: an option is invalid.
    """
    from dataclasses import replace

    asked = {"frame": args.frame, "window": args.window}
    return replace(before, **{name: value for name, value in asked.items() if value is not None})


def frame_note(project: Project, rendering: Rendering) -> str:
    """Say how many images have fewer frames than the number chosen; "" if none, or if no number is chosen."""
    from tldesk.dataset import Filter

    if not rendering.frame.isdecimal():
        return ""
    wanted = int(rendering.frame)
    images = project.images(project.ids(Filter(rendered=True)))
    frames = [int(image.facts["frames"]) for image in images if "frames" in image.facts]
    fewer = sum(number < wanted for number in frames)
    if not frames:
        return "No image has several frames, so the choice of a frame changes nothing."
    if fewer == len(frames):
        return f"No image has {wanted:,} frames (the most is {max(frames):,}): of each the last one is read."
    if not fewer:
        return ""
    have = "has" if fewer == 1 else "have"
    return (
        f"{fewer:,} of {plural(len(frames), 'image')} with several frames {have} fewer than {wanted:,}: "
        "there the last one is read."
    )


def in_words(rendering: Rendering) -> str:
    """Return ``frame middle, window lung (-1350 to 150 HU)``."""
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
