"""The texts of the Train page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from tldesk.base import duration, percent
from tldesk.run import RunSummary
from tldesk.trainer.events import EpochFinished
from tldesk.ui.session.stale_run_words import changed_sentence, changed_words, renamed_sentence
from tldesk.ui.session.stale_runs import Changed
from tldesk.ui.theme import okabe_ito
from tldesk.ui.train.run_list import RunRow
from tldesk.ui.train.work import RunInfo
from tldesk.ui.widgets.freeze_line_words import short_line


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("TrainPage", text)


def colour_of(number: int) -> str:
    """Return a run's colour in list and curves."""
    return okabe_ito(number - 1)


def run_row(info: RunInfo, changed: Changed | None = None) -> RunRow:
    """Return a run as a row of the list."""
    summary = info.summary
    title = summary.recipe or tr("unreadable")
    if summary.fold:
        title = tr("Fold {0}, {1}").format(summary.fold, title)
    below, tip = _below(summary), _tip(summary)
    if changed is not None:
        below = " · ".join((changed_words(changed), *below.split(" · ")[1:]))
        whole, name = changed.whole, summary.name
        tip = "\n".join(filter(None, (tip, changed_sentence(whole, name), renamed_sentence(whole, name))))
    return RunRow(
        summary.number,
        title,
        below,
        summary.status,
        colour_of(summary.number),
        tip,
        changed is not None,
    )


def table_row(info: RunInfo, changed: Changed | None = None) -> tuple[str, ...]:
    """Return a run as a row of the table that compares runs."""
    summary = info.summary
    return (
        str(summary.number),
        tr("{0}, fold {1}").format(summary.recipe, summary.fold) if summary.fold else summary.recipe,
        summary.backbone,
        short_line(summary.freeze) if summary.freeze else "",
        share(summary.validation_balanced_accuracy),
        share(summary.validation_accuracy),
        share(summary.test_accuracy),
        duration(summary.seconds) if summary.seconds else "–",
        state_words(summary) if changed is None else f"{state_words(summary)}, {changed_words(changed)}",
    )


def table_titles() -> tuple[str, ...]:
    """Return the headings of that table. The first two accuracies are for the validation images."""
    return (
        tr("Run"),
        tr("Recipe"),
        tr("Backbone"),
        tr("Trained"),
        tr("Bal. acc."),
        tr("Accuracy"),
        tr("Test acc."),
        tr("Time"),
        tr("State"),
    )


def state_words(summary: RunSummary) -> str:
    """Return a run's state in words."""
    return {
        "running": tr("running"),
        "finished": tr("finished"),
        "stopped": tr("stopped, best kept") if summary.model else tr("stopped"),
        "interrupted": tr("interrupted"),
        "failed": tr("failed"),
        "damaged": tr("damaged"),
    }[summary.status]


def share(value: float | None) -> str:
    """``94.1 %`` or a dash."""
    return "–" if value is None else percent(value)


def after_epoch(event: EpochFinished, history: Sequence[EpochFinished], epochs: int) -> str:
    """Return a sentence about the epoch that has just finished."""
    best = next((one for one in reversed(history) if one.best), None)
    start = tr("Epoch {0} of {1}").format(event.epoch, epochs)
    if best is None:
        return start
    since = event.epoch - best.epoch
    going = tr("still improving") if since == 0 else tr("no improvement for {0} epochs").format(since)
    if since == 1:
        going = tr("no improvement in the last epoch")
    return f"{start} · {going} · {best_words(best)}"


def best_words(best: EpochFinished) -> str:
    """Return the best epoch so far with its metric."""
    value = best.validation_balanced_accuracy
    if value is None:
        return tr("best so far: epoch {0}").format(best.epoch)
    return tr("best so far: epoch {0}, {1} on validation").format(best.epoch, unbroken(percent(value)))


def unbroken(number: str) -> str:
    """Keep a number and its unit on the same line."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


def ended(info: RunSummary) -> str:
    """Return the result of a run that has ended."""
    if info.status == "failed":
        return tr("Run {0} failed: {1}").format(info.number, info.message or tr("reason unknown"))
    if info.status == "damaged":
        return tr("Run {0} is damaged: {1}").format(info.number, info.message)
    if info.status == "interrupted":
        return tr("Run {0} was interrupted after epoch {1}; you can resume it from there").format(
            info.number, info.epochs_done
        )
    value = share(info.validation_balanced_accuracy)
    if info.status == "stopped" and not info.best_epoch:
        return tr("Run {0} was stopped before its first epoch ended; nothing was kept").format(info.number)
    if info.status == "stopped":
        return tr(
            "Run {0} was stopped; its best epoch {1} is kept: balanced accuracy {2} on validation"
        ).format(info.number, info.best_epoch, value)
    return tr("Run {0} finished in {3}: best epoch {1}, balanced accuracy {2} on validation").format(
        info.number, info.best_epoch, value, duration(info.seconds)
    )


def _below(summary: RunSummary) -> str:
    parts = [summary.backbone]
    if summary.validation_balanced_accuracy is not None and summary.status != "running":
        parts.append(percent(summary.validation_balanced_accuracy))
    if summary.status == "finished":
        parts.append(_short(summary.seconds))
    else:
        parts.append(state_words(summary))
    return " · ".join(part for part in parts if part)


def _short(seconds: float) -> str:
    """Format a duration; from one minute on in whole minutes, to save space."""
    return duration(seconds) if seconds < 60 or seconds >= 3600 else tr("{0} min").format(round(seconds / 60))


def _tip(summary: RunSummary) -> str:
    lines = [
        summary.name,
        tr("State: {0}").format(state_words(summary)),
        tr("Started: {0}").format(summary.started.replace("T", " ")),
        tr("Device: {0}").format(summary.device),
        tr("Epochs: {0} of {1}").format(summary.epochs_done, summary.epochs),
    ]
    return "\n".join([*lines, *([summary.message] if summary.message else [])])
