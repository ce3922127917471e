"""The balance of a project's splits as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tldesk.base import plural
from tldesk.base.wording import first_of
from tldesk.cli.console import Console

if TYPE_CHECKING:
    from tldesk.dataset import Balance, Split, Spread

_MOST_CLASSES = 50
_WORDS = {"none": "! none", "few": "< few", "many": "> many"}


def show_balance(found: Balance, console: Console) -> None:
    """Print one row per class and one column per split; cells far from the shares are marked."""
    from tldesk.dataset import Split

    rows = [_row(one.name, one) for one in found.classes[:_MOST_CLASSES]]
    more = len(found.classes) - _MOST_CLASSES
    if more > 0:
        rows.append([f"and {more:,} more {'class' if more == 1 else 'classes'}", *[""] * (len(Split) + 2)])
    if found.unlabelled.images:
        rows.append(_row("(no label)", found.unlabelled))
    if len(found.classes) > 1:
        rows.append(_row("all labelled", found.all))
    if any(found.groups.values()):
        groups = [f"{found.groups[split]:,}" for split in Split]
        rows.append(["groups", f"{sum(found.groups.values()) - found.torn:,}", *groups, ""])
    heads = ["class", "images", *(str(split) for split in Split), "in no split"]
    if not any(one.without for one in (found.all, found.unlabelled)):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    console.table(heads, rows)
    for line in remarks(found):
        console.say(line)


def remarks(found: Balance) -> list[str]:
    """Return remarks on the table, one sentence each."""
    lines = []
    if found.uneven:
        names = first_of([one.name for one in found.uneven])
        lines.append(f"Marked cells are far from the other classes' shares ({names}).")
    if found.torn:
        lines.append(
            f"{plural(found.torn, 'group')} in more than one split: scores will be too good. Split again "
            "with: tldesk split PROJECT --seed 0"
        )
    if found.locked:
        lines.append("The test set is locked: splitting again or adding images does not change it.")
    return lines


def _row(name: str, one: Spread) -> list[str]:
    from tldesk.dataset import Split

    return [name, f"{one.images:,}", *(_cell(one, split) for split in Split), f"{one.without:,}"]


def _cell(one: Spread, split: Split) -> str:
    counted = f"{one.counts[split]:,} ({one.share(split) * 100:.0f} %)"
    remark = one.remarks.get(split)
    return f"{counted} {_WORDS[remark]}" if remark else counted
