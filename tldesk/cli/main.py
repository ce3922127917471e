"""The ``tldesk`` command: parses the arguments, runs the subcommand and returns its exit code."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import io
import logging
import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias, cast

from tldesk import __version__
from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import WRITTEN_OUT
from tldesk.base.printable import printable
from tldesk.cli.commands_to_type import for_project, with_commands
from tldesk.cli.console import Console
from tldesk.cli.open_window import open_window, project_to_open
from tldesk.cli.stop_on_signal import Ended, ending_is_told, status_of

COMMANDS = (
    "demo", "new", "folders", "classes", "undo", "history", "check", "split", "render", "rank",
    "find-rate", "search", "estimate", "train", "compare", "runs", "repeat", "evaluate", "predict", "cache",
    "weights", "doctor",
)  # fmt: skip

BAD_INPUT = 2
BROKEN_PIPE = 141
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))

_DESCRIPTION = """\
Train an image classifier on your own computer. Your pictures never leave it.

  tldesk                 opens the window
  tldesk PROJECT         opens it with that project
"""

if TYPE_CHECKING:
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # argparse has no public name for it


class Command(Protocol):
    """The interface of every command module in this package."""

    def add_parser(self, commands: Commands) -> argparse.ArgumentParser:
        """Add the command's parser, with its arguments."""

    def run(self, args: argparse.Namespace, console: Console) -> int:
        """Run the command and return its exit code."""


class Parser(argparse.ArgumentParser):
    """An argument parser that reports usage errors as a ``Problem``, in one line like all other errors."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage (argparse's documented hook)."""
        where = self.prog.removeprefix("tldesk ") if " " in self.prog else "arguments"
        plain = message.replace("invalid int value:", "must be a whole number, not")
        raise ProblemError(Problem(where, plain, f"See: {self.prog} --help"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``tldesk ARGUMENTS`` and return its exit code.

    0 = done, 2 = bad input (one line on stderr says where, what and how to fix it); 130 = stopped by Ctrl-C,
    143 and 129 by the signals TERM and HUP: what was done by then is kept, and the JSON document says so.
    """
    if argv is None:
        multiprocessing.freeze_support()  # a frozen program starts itself as the child that tests a GPU
        _calm_libraries()
    _never_fail_on_characters()
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ProblemError as error:
        return _complain(with_commands(error))
    except KeyboardInterrupt as end:
        sys.stderr.write("tldesk: stopped.\n")
        return status_of(_signal_of(end))
    except BrokenPipeError:
        _let_the_pipe_go()
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is None and error.errno in _FULL:
            _let_the_pipe_go()
            return _complain(
                f"The output could not be written: {error.strerror}. Make room, or send the output elsewhere."
            )
        if error.filename is None:
            raise  # not about a file that the user named
        return _complain(f"{error.filename}: {error.strerror}.")
    return code


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        return open_window()
    if len(arguments) == 1 and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        return open_window(project_to_open(arguments[0], COMMANDS))
    try:
        args = parser().parse_args(arguments)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    if args.command is None:
        return open_window()
    project: Path | None = getattr(args, "project", None)
    try:
        return _run(args, Console(as_json=args.json, quiet=args.quiet, project=project))
    except ProblemError as error:
        return _complain(for_project(with_commands(error), project))


def _run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; if a signal stopped it, the JSON document and the exit status tell."""
    try:
        with ending_is_told():
            code = _command(args.command).run(args, console)
    except KeyboardInterrupt as end:
        console.stopped_by = _signal_of(end)
        if not console.documented:
            console.document({})
        raise
    if not console.stopped_by:
        return code
    if not console.documented:
        console.document({})
    return status_of(console.stopped_by)


def _signal_of(end: KeyboardInterrupt) -> int:
    return end.number if isinstance(end, Ended) else signal.SIGINT


def parser() -> argparse.ArgumentParser:
    """Build the parser with all commands."""
    top = Parser(
        prog="tldesk", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"tldesk {__version__}")
    _add_common(top, json=False, quiet=False)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in COMMANDS:
        # Suppressed unless given, so that "tldesk --json runs P" and "tldesk runs P --json" both work.
        _add_common(_command(name).add_parser(commands), json=argparse.SUPPRESS, quiet=argparse.SUPPRESS)
    return top


def _add_common(target: argparse.ArgumentParser, *, json: object, quiet: object) -> None:
    target.add_argument(
        "--json",
        action="store_true",
        default=json,
        help="print one JSON document on stdout, progress on stderr",
    )
    target.add_argument(
        "--quiet", action="store_true", default=quiet, help="print only the result, no progress or remarks"
    )


def _command(name: str) -> Command:
    return cast(Command, importlib.import_module(f"tldesk.cli.{name.replace('-', '_')}"))


def _complain(text: str) -> int:
    sys.stderr.write("tldesk: " + printable(" ".join(text.split())) + "\n")
    return BAD_INPUT


def _calm_libraries() -> None:
    """Hide the libraries' warnings, which are for developers; ``python -W default -m tldesk`` shows them."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    # Unreadable pictures are reported with their reason; pydicom would log whole tracebacks as well.
    handler.addFilter(lambda record: record.name.startswith("tldesk"))
    logging.getLogger().addHandler(handler)


def _never_fail_on_characters() -> None:
    """Escape characters that the terminal's encoding lacks instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=WRITTEN_OUT)


def _let_the_pipe_go() -> None:
    """Discard the rest of the output after its reader has gone (``tldesk runs P | head``)."""
    with contextlib.suppress(OSError, io.UnsupportedOperation):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
