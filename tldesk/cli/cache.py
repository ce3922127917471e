"""``tldesk cache``: show, clear and limit the caches of a project."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, file_size, plural
from tldesk.base.limits import cache_limits, parse_size, set_cache_limits, size_text
from tldesk.cli.console import Console
from tldesk.cli.open_project import add_project, open_project

if TYPE_CHECKING:
    from pathlib import Path

    from tldesk.cli.main import Commands
    from tldesk.engine.caches import CacheUse, ClearedCache

_HEADS = ("kind", "contents", "entries", "size", "limit", "last used", "where")
_KINDS = ("prepared", "features", "engines")  # tldesk.engine.caches.KINDS; help should not load the engine


def add_parser(commands: Commands) -> argparse.ArgumentParser:
    """Add the parser: PROJECT, --clear and --limit."""
    parser = commands.add_parser("cache", help="show, clear and limit the caches")
    add_project(parser)
    parser.add_argument(
        "--clear",
        choices=(*_KINDS, "all"),
        help="delete the caches of one kind; they are recomputed when needed",
    )
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="KIND=SIZE",
        help="the maximum size of one kind of cache, e.g. features=4GiB; applies to all your projects",
    )
    return parser


def run(args: argparse.Namespace, console: Console) -> int:
    """Set the limits, clear caches, and print a table of those that remain."""
    changes = dict(_limit(text) for text in args.limit)
    with open_project(args.project) as project:
        cache_dir = project.cache_dir
    if changes:
        _set(changes, cache_dir, console)
    cleared = {} if args.clear is None else _clear(cache_dir, args.clear)
    _show(cache_dir, cleared, console)
    return 0


def _set(changes: dict[str, int], cache_dir: Path, console: Console) -> None:
    from tldesk.engine.caches import apply_limits

    set_cache_limits(replace(cache_limits(), **changes))
    freed = apply_limits(cache_dir)
    if freed:
        console.note(f"Freed {file_size(freed)} to stay within the limits.")


def _limit(text: str) -> tuple[str, int]:
    """Parse ``features=4GiB`` into the kind and the size in bytes.

    Raises:
        ProblemError: ``text`` is not of this form.
    """
    kind, equals, size = (part.strip() for part in text.partition("="))
    if kind not in _KINDS or not equals:
        raise ProblemError(
            Problem(
                f"--limit {text}",
                "this is not a cache limit",
                f"Write KIND=SIZE with one of {', '.join(_KINDS)}, e.g. features=4GiB",
            )
        )
    return kind, parse_size(size, f"--limit {kind}")


def _clear(cache_dir: Path, which: str) -> dict[str, ClearedCache]:
    from tldesk.engine.caches import KINDS, clear

    return {kind: clear(cache_dir, kind) for kind in KINDS if which in (kind, "all")}


def _show(cache_dir: Path, cleared: dict[str, ClearedCache], console: Console) -> None:
    from tldesk.engine.caches import caches

    uses = caches(cache_dir)
    console.table(_HEADS, [_row(use) for use in uses])
    console.say(f"Total: {file_size(sum(use.bytes for use in uses))}.")
    for line in _report(cleared):
        console.say(line)
    console.document({"caches": [_entry(use) for use in uses], **_outcome(cleared)})


def _row(use: CacheUse) -> list[str]:
    return [
        use.kind,
        use.title,
        f"{use.entries:,}",
        file_size(use.bytes),
        size_text(use.limit),
        _day(use.last_used),
        str(use.path),
    ]


def _report(cleared: dict[str, ClearedCache]) -> list[str]:
    if not cleared:
        return []
    freed, left = (sum(getattr(one, name) for one in cleared.values()) for name in ("freed", "left"))
    lines = [f"Freed {file_size(freed)}. Anything that is needed later is recomputed."]
    if left:
        kept = "was not deleted, because it is" if left == 1 else "were not deleted, because they are"
        lines.append(
            f"{plural(left, 'entry', 'entries')} {kept} in use or write-protected. "
            "Clear again when no training is running and no window has the project open."
        )
    return lines


def _entry(use: CacheUse) -> dict[str, Any]:
    return {**asdict(use), "path": str(use.path)}


def _outcome(cleared: dict[str, ClearedCache]) -> dict[str, Any]:
    if not cleared:
        return {}
    return {"cleared": {kind: {"freed": one.freed, "left": one.left} for kind, one in cleared.items()}}


def _day(used: float | None) -> str:
    return "–" if used is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(used))
