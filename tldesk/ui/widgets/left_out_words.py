"""The texts about files that were left out of a folder of pictures."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from tldesk.dataset.left_out import MOST_NAMED, NO_SUFFIX, LeftOut


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("LeftOut", text)


def left_out_words(left_out: LeftOut) -> tuple[str, ...]:
    """Return a sentence each on kinds that are not read, pipes, hidden pictures and folders of systems."""
    found = (_kinds(left_out), _special(left_out), _hidden(left_out), _system(left_out))
    return tuple(filter(None, found))


def _kinds(left_out: LeftOut) -> str:
    if not left_out.kinds:
        return ""
    named = [
        tr("{0} without an extension").format(f"{count:,}") if kind == NO_SUFFIX else f"{count:,} {kind}"
        for kind, count in left_out.named_kinds[:MOST_NAMED]
    ]
    rest = sum(count for _, count in left_out.named_kinds[MOST_NAMED:])
    named += [tr("{0} others").format(f"{rest:,}")] if rest else []
    return tr("Left out, because tldesk does not read these files: {0}.").format(", ".join(named))


def _special(left_out: LeftOut) -> str:
    if not left_out.special:
        return ""
    paths = sorted(left_out.special)
    named = paths[:MOST_NAMED] + (["…"] if len(paths) > MOST_NAMED else [])
    return tr("Never opened, because these are pipes, devices or sockets: {0}.").format(", ".join(named))


def _hidden(left_out: LeftOut) -> str:
    if not left_out.hidden:
        return ""
    return tr("Left out, because a dot before the name hides these pictures: {0}.").format(
        f"{left_out.hidden:,}"
    )


def _system(left_out: LeftOut) -> str:
    if not left_out.system:
        return ""
    named = [f"{count:,} × {name}" for name, count in left_out.system.items()]
    words = tr("Passed over, because systems and devices keep their own files there: {0}.")
    return words.format(", ".join(named))
