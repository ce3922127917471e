"""``tldesk predict``: predictions for many pictures, as a table and as heat maps."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, ProgressMeter, plural
from tldesk.base.files import refuse_to_replace_special
from tldesk.base.spreadsheet import refuse_kind
from tldesk.cli.console import Console
from tldesk.cli.given_columns import known_values
from tldesk.cli.open_project import finished_run, open_project, with_suffix
from tldesk.cli.render import in_words
from tldesk.cli.stop_on_signal import stop_on_signal

if TYPE_CHECKING:
    from tldesk.base.spreadsheet import CsvStyle
    from tldesk.cli.main import Commands
    from tldesk.prediction import Answer, Failure, Predictor
    from tldesk.prediction.table_values import Values
    from tldesk.run import Run

STOPPING = "Stopping; finished predictions are kept. Press Ctrl-C again to abort."
STOPPING_MAPS = "Stopping; the table and finished heat maps are kept. Press Ctrl-C again to abort."


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: the model, the pictures and the output files."""
    parser = commands.add_parser("predict", help="predict the classes of new pictures")
    parser.add_argument(
        "model",
        metavar="MODEL|PROJECT",
        type=Path,
        help="a model file, or a project (its last finished run is used)",
    )
    parser.add_argument("images", metavar="IMAGES", type=Path, nargs="+", help="pictures, or folders of them")
    parser.add_argument(
        "--columns",
        metavar="FILE.csv",
        type=Path,
        help="a table with a column of file names and the columns that the model was trained with "
        "(CSV, TSV, XLSX, ODS)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="the table to write: an Excel workbook if FILE ends in .xlsx, else CSV for scripts (commas, "
        "decimal points); by default on stdout",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="write CSV for a spreadsheet program with this computer's settings: a UTF-8 mark, and "
        "semicolons between cells where the decimal mark is a comma",
    )
    parser.add_argument(
        "--decimal",
        choices=("point", "comma"),
        help="like --excel, for a spreadsheet program with this decimal mark",
    )
    parser.add_argument(
        "--saliency", metavar="DIR", type=Path, help="folder for heat maps of where the network looked"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="cpu, cuda:0, mps or auto")
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Predict, write the files and print the result."""
    from tldesk.prediction import table_text, write_table
    from tldesk.prediction.find_pictures import find_pictures

    _refuse_table(args.out)
    found = find_pictures(args.images)
    paths = found.paths
    for note in found.left_out.notes():
        console.note(f"{note}.")
    predictor = opened(args.model, args.device, console)
    _report_rendering(predictor, console)
    values = known_values(predictor, args.model, args.columns, paths, console)
    rows = answers(predictor, paths, console, values)
    # The table first: heat maps take far longer, and may be stopped or fill the disk.
    if args.out is not None:
        write_table(rows, predictor.classes, args.out, _style(args))
    elif not console.as_json:
        console.say_lines(table_text(rows, predictor.classes, _style(args)).rstrip("\n"))
    _refuse_if_nothing_was_read(rows)
    _report(rows, len(paths), args.out, console)
    looks = overlays(predictor, rows, args.saliency, console) if args.saliency else {}
    described = document(args.model, args.out, predictor.classes, rows, looks)
    counts = {"pictures": len(paths), "columns": list(predictor.columns)}
    console.document(described | counts | found.left_out.as_dict())
    return 0


def _report_rendering(predictor: Predictor, console: Console) -> None:
    from tldesk.imaging import AS_STORED

    if predictor.preprocessing.rendering != AS_STORED:
        how = in_words(predictor.preprocessing.rendering)
        console.note(f"The model reads 16-bit pictures and stacks with: {how}")


def _style(args: argparse.Namespace) -> CsvStyle:
    """Return how a CSV file is written: for scripts, unless a spreadsheet program is to read it."""
    from tldesk.base.number_settings import decimal_mark
    from tldesk.base.spreadsheet import FOR_PROGRAMS, CsvStyle

    if args.decimal is not None:
        return CsvStyle.for_reader("," if args.decimal == "comma" else ".")
    return CsvStyle.for_reader(decimal_mark()) if args.excel else FOR_PROGRAMS


def _refuse_table(out: Path | None) -> None:
    """Check ``--out`` before predicting, rather than fail afterwards."""
    if out is not None:
        refuse_kind(out)
        refuse_to_replace_special(out)
    if out is not None and out.is_dir():
        fix = f"Give a file in it, for example {out / 'answers.csv'}"
        raise ProblemError(Problem(f"--out {out}", "this is a folder, not a file", fix))


def opened(path: Path, device: str, console: Console) -> Predictor:
    """Open the predictor of a model file, or of a project's last finished run with today's class names.

    Raises:
        ProblemError: ``path`` is neither of them, or the model cannot be used.
    """
    from tldesk.engine import device_named
    from tldesk.prediction import Predictor

    path = with_suffix(path)
    if not path.exists():
        raise ProblemError(Problem(str(path), "no such model file or project", "Check the spelling"))
    if path.is_dir():
        with open_project(path) as project:
            run = finished_run(project, None)
            _report_names(run, console)
            return Predictor.open(run, device_named(device))
    return Predictor.open(path, device_named(device))


def _report_names(run: Run, console: Console) -> None:
    from tldesk.cli.metrics_text import gone_since
    from tldesk.run import names_of_run

    names = names_of_run(run, run.project.current_classes())
    if names is not None and names.words:
        console.note(f"Classes were renamed since {run.name}: {names.words}. The answers use today's names.")
    gone = gone_since(names, run.name)
    if gone:
        console.note(gone)


def answers(
    predictor: Predictor, paths: Sequence[Path], console: Console, values: Mapping[Path, Values]
) -> list[Answer | Failure]:
    """Return one answer per picture, in order, using its column ``values``; fewer after Ctrl-C."""
    meter = ProgressMeter("Predicting", len(paths))
    rows: list[Answer | Failure] = []
    with (
        stop_on_signal(STOPPING, console) as stop,
        closing(predictor.predict_many(paths, stop, values)) as stream,
        console.bar() as bar,
    ):
        for entry in stream:
            rows.append(entry)
            bar.show(meter.at(len(rows)))
    return rows


def overlays(
    predictor: Predictor, rows: Iterable[Answer | Failure], folder: Path, console: Console
) -> dict[Path, dict[str, Any]]:
    """Write a heat map for each answer until stopped; return their JSON entries by the picture's path."""
    from tldesk.cli.overlay_files import overlay_names, write_overlay
    from tldesk.prediction import Answer

    known = [row for row in rows if isinstance(row, Answer)]
    meter, names = ProgressMeter("Computing heat maps", len(known)), overlay_names(known)
    looks: dict[Path, dict[str, Any]] = {}
    if console.stopped_by:
        return looks
    with stop_on_signal(STOPPING_MAPS, console) as stop, console.bar() as bar:
        for done, (answer, name) in enumerate(zip(known, names, strict=True), start=1):
            looks[answer.path] = write_overlay(predictor, answer, folder / name)
            bar.show(meter.at(done))
            if stop.is_set():
                break
    console.note(f"Heat maps of where the network looked: {folder} ({len(looks):,} of {len(known):,})")
    return looks


def document(
    model: Path,
    table: Path | None,
    classes: Sequence[str],
    rows: Iterable[Answer | Failure],
    looks: dict[Path, dict[str, Any]],
) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "model": str(model),
        "table": None if table is None else str(table),
        "classes": list(classes),
        "rows": [_entry(row) | ({"saliency": looks[row.path]} if row.path in looks else {}) for row in rows],
    }


def _entry(row: Answer | Failure) -> dict[str, Any]:
    from tldesk.prediction import Failure

    if isinstance(row, Failure):
        return {"path": str(row.path), "predicted": None, "error": row.error}
    return {
        "path": str(row.path),
        "predicted": row.predicted,
        "probability": row.probability,
        "probabilities": dict(zip(row.classes, row.probabilities, strict=True)),
        "novelty": row.novelty,
        "unsure": row.unsure,
        "values": dict(row.values),
        "error": None,
    }


def _refuse_if_nothing_was_read(rows: Sequence[Answer | Failure]) -> None:
    """Fail if no picture could be read; a few unreadable pictures are rows of the table."""
    from tldesk.prediction import Failure

    failures = [row for row in rows if isinstance(row, Failure)]
    if not failures or len(failures) < len(rows):
        return
    more = f" (and {len(rows) - 1:,} more like it)" if len(rows) > 1 else ""
    what = failures[0].error.rstrip(".").split(". ")
    raise ProblemError(
        Problem(
            f"{failures[0].path}{more}", ". ".join(what[:-1]) or what[0], what[-1] if len(what) > 1 else ""
        )
    )


def _report(rows: Sequence[Answer | Failure], asked: int, out: Path | None, console: Console) -> None:
    from tldesk.prediction import Answer

    known = [row for row in rows if isinstance(row, Answer)]
    unsure = sum(row.unsure for row in known)
    if out is not None:
        console.say(f"Predicted {plural(len(known), 'picture')} ({unsure:,} unsure): {out}")
    if len(known) < len(rows):
        console.note(f"{plural(len(rows) - len(known), 'picture')} could not be read; see the column error.")
    if len(rows) < asked:
        console.note(f"Stopped: {len(rows):,} of {plural(asked, 'picture')} were looked at.")
