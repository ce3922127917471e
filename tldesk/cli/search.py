"""``tldesk search``: try many recipes in short trainings and save the best one as a file."""

from __future__ import annotations

import argparse
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, Progress, duration, percent, plural
from tldesk.base.shell_words import typed
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project, read_changes
from tldesk.cli.stop_on_signal import stop_on_signal
from tldesk.cli.train import add_recipe_options, plan_of

if TYPE_CHECKING:
    from tldesk.cli.main import Commands
    from tldesk.dataset import Project
    from tldesk.run.series.search_record import Search, Try

_STOPPING = "Stopping; finished tries are kept. Press Ctrl-C again to abort."
_NOTHING = 130
_TRIES = 20
_GIVEN = ("recipe", "preset", "backbone", "freeze", "seed")
FLATTERED = (
    "The validation score of the best try is too good, because the try was chosen by that score. The test "
    "images were not used: train with the recipe and evaluate it to get a reliable score."
)


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, the recipe options of ``train``, and what to search."""
    parser = commands.add_parser("search", help="search for a better recipe")
    add_project(parser)
    add_recipe_options(parser)
    parser.add_argument("--trials", type=int, metavar="N", help=f"the number of recipes to try ({_TRIES})")
    parser.add_argument(
        "--over", metavar="LIST", help="settings to vary: rate,batch,line,augmentation; by default all"
    )
    parser.add_argument(
        "--resume", action="store_true", help="resume the last search, up to a total of --trials"
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Search and print the tries."""
    _refuse_mixture(args)
    with open_project(args.project) as project, stop_on_signal(_STOPPING, console) as stop:
        search = _resumed(args, project, console) if args.resume else _new(args, project, console)
        _follow(search, args, console, stop)
        _report(search, args, console)
        console.document(document(search))
        return 0 if search.best is not None else _NOTHING


def _refuse_mixture(args: argparse.Namespace) -> None:
    given = [name for name in (*_GIVEN, "over") if getattr(args, name) is not None]
    given += ["set"] if args.set else []
    if args.resume and given:
        what = f"a resumed search keeps its own recipe, so --{given[0]} cannot be given"
        raise ProblemError(Problem("--resume", what, "Omit one of the two"))
    if args.recipe and args.preset:
        raise ProblemError(Problem("--preset", "--recipe already selects a recipe", "Omit one of the two"))


def _new(args: argparse.Namespace, project: Project, console: Console) -> Search:
    from tldesk.recipe.search_space import OVER
    from tldesk.run.series.search_record import Search

    over = OVER if args.over is None else tuple(part.strip() for part in args.over.split(","))
    tries = _TRIES if args.trials is None else args.trials
    return Search.create(project, plan_of(args, project, console), tries, over)


def _resumed(args: argparse.Namespace, project: Project, console: Console) -> Search:
    from tldesk.run.series.search_record import Search

    read_changes(project, console)
    search = Search.last(project)
    if search is None:
        fix = f"Start one with: tldesk search {typed(project.path)} --trials {_TRIES}"
        raise ProblemError(Problem("--resume", "the project has no search yet", fix))
    if args.trials is not None:
        search.want(args.trials)
    done = len(search.tries)
    console.note(f"Resuming search {search.number}: {done} of {plural(search.wanted, 'try', 'tries')} done.")
    return search


def _follow(search: Search, args: argparse.Namespace, console: Console, stop: threading.Event) -> None:
    from tldesk.engine import device_named
    from tldesk.run.series.search_loop import TryDone, searching

    steps = searching(search, device_named(args.device), None, stop)
    with closing(steps), console.bar() as bar:
        for step in steps:
            if isinstance(step, Progress):
                bar.show(step)
            elif isinstance(step, TryDone):
                console.note(_line(step.one) + ("  best so far" if step.best else ""))


def _line(one: Try) -> str:
    settings = ", ".join(f"{name} {_value(value)}" for name, value in one.settings.items())
    state = {"finished": "", "pruned": " (given up)", "failed": " (failed)"}[one.state]
    return f"Try {one.number}: {_share(one)}{state}, {settings}, {duration(one.seconds)}"


def _report(search: Search, args: argparse.Namespace, console: Console) -> None:
    tries, best = search.tries, search.best
    if len(tries) < search.wanted:
        again = f"tldesk search {typed(args.project)} --resume"
        done = f"{len(tries)} of {plural(search.wanted, 'try', 'tries')}"
        console.say(f"Stopped: {done} done. To resume: {again}")
    if best is None:
        return
    names = list(dict.fromkeys(name for one in tries for name in one.settings))
    heads = ("try", "balanced accuracy", "loss", *names, "epochs", "time", "")
    ordered = sorted(tries, key=lambda one: (one.state != "finished", -(one.score or -1e9), one.loss or 0.0))
    console.table(heads, [_row(one, names, is_best=one == best) for one in ordered])
    first = tries[0]
    console.say(f"Best: try {best.number} with {_share(best)} (starting recipe: {_share(first)}).")
    console.say(FLATTERED)
    file = typed(search.folder / "best.toml")
    console.say(f"To train with it: tldesk train {typed(args.project)} --recipe {file}")


def _row(one: Try, names: list[str], *, is_best: bool) -> list[str]:
    settings = [_value(one.settings[name]) if name in one.settings else "–" for name in names]
    loss = "–" if one.loss is None else f"{one.loss:.4f}"
    note = "best" if is_best else {"finished": "", "pruned": "given up", "failed": "failed"}[one.state]
    return [str(one.number), _share(one), loss, *settings, str(one.epochs), duration(one.seconds), note]


def _share(one: Try) -> str:
    return "–" if one.balanced_accuracy is None else percent(one.balanced_accuracy)


def _value(value: str | int | float) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def document(search: Search) -> dict[str, Any]:
    """Return the JSON document of a search."""
    tries, best = search.tries, search.best
    return {
        "search": search.number,
        "folder": str(search.folder),
        "wanted": search.wanted,
        "done": len(tries),
        "best": None if best is None else best.number,
        "best_recipe": None if best is None else str(search.folder / "best.toml"),
        "warning": FLATTERED,
        "tries": [
            {
                "try": one.number,
                "state": one.state,
                "settings": dict(one.settings),
                "validation": {"balanced_accuracy": one.balanced_accuracy, "loss": one.loss},
                "epochs": one.epochs,
                "best_epoch": one.best_epoch,
                "seconds": one.seconds,
                "message": one.message,
            }
            for one in tries
        ],
    }
