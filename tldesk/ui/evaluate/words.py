"""The texts of the Evaluate page: metrics, caveats, captions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from tldesk.base import percent, plural
from tldesk.dataset import Split
from tldesk.evaluation import Evaluation, Interval
from tldesk.ui.evaluate.work import Judged, SplitResult
from tldesk.ui.widgets.probability_bars import percent_words

_FEW_IMAGES = 100
_FEW_OF_A_CLASS = 10


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("EvaluatePage", text)


def split_title(split: Split, count: int) -> str:
    """``test (92 images)``."""
    names = {Split.TEST: tr("test"), Split.VALIDATION: tr("validation"), Split.TRAIN: tr("training")}
    return f"{names[split]} ({plural(count, tr('image'), tr('images'))})"


def heading(result: SplitResult) -> str:
    """Return the heading above the metrics."""
    images = plural(result.numbers.n, tr("image"), tr("images"))
    name = split_title(result.split, result.numbers.n).split(" (")[0]
    if result.groups:
        return tr("{0} on the {1} split: {2} from {3}").format(
            result.run.name.capitalize(), name, images, plural(result.groups, tr("group"), tr("groups"))
        )
    return tr("{0} on the {1} split: {2}").format(result.run.name.capitalize(), name, images)


def state_line(result: SplitResult, changed: str) -> str:
    """``test 92.8 % (88–96)``; if something has changed since, ``changed`` instead of the interval."""
    accuracy = result.numbers.accuracy
    name = split_title(result.split, 0).split(" (")[0]
    interval = f"({accuracy.low * 100:.0f}–{accuracy.high * 100:.0f})"
    return f"{name} {percent(accuracy.value)} {f'· {changed}' if changed else interval}"


def notes(result: SplitResult) -> list[str]:
    """Return the caveats about the metrics."""
    found = []
    if result.split == Split.VALIDATION:
        found.append(
            tr(
                "The validation images were also used to choose the best epoch and to "
                "calibrate the probabilities, so these scores are optimistic"
            )
        )
    if result.split == Split.TRAIN:
        found.append(
            tr("The model was trained on these images, so these scores say nothing about new pictures")
        )
    if result.columns:
        found.append(
            tr("Besides the images, the model uses these columns: {0}").format(", ".join(result.columns))
        )
    if result.numbers.n < _FEW_IMAGES:
        found.append(tr("Few images: rely on the intervals more than on the values"))
    few = [one.name for one in result.numbers.per_class if 0 < one.n < _FEW_OF_A_CLASS]
    none = [one.name for one in result.numbers.per_class if one.n == 0]
    if few:
        found.append(tr("Fewer than {0} images of {1}").format(_FEW_OF_A_CLASS, ", ".join(few)))
    if none:
        found.append(tr("No images of {0} in this split").format(", ".join(none)))
    return found


def range_text(interval: Interval) -> str:
    """``88.1 – 96.0 % (95 % interval)``."""
    return tr("{0} – {1} % (95 % interval)").format(f"{interval.low * 100:.1f}", f"{interval.high * 100:.1f}")


def unsure_words(numbers: Evaluation) -> tuple[str, str]:
    """Return the share of unsure predictions, and the accuracy of the others."""
    if numbers.unsure is None:
        return "–", tr("no threshold available")
    unsure = numbers.unsure
    if unsure.n == 0:
        return percent(0.0), tr("all reach the threshold")
    if unsure.n == numbers.n:
        return percent(1.0), tr("none reaches the threshold")
    return percent(unsure.share), tr("{0} of the others are correct").format(
        percent(unsure.accuracy_when_sure.value)
    )


def caption(one: Judged, classes: tuple[str, ...]) -> tuple[str, str]:
    """Return two lines for an image: predicted class with probability, and true class."""
    said = f"{percent_words(one.probability)}  {classes[one.said]}"
    if one.said == one.truth:
        return said, tr("correct")
    return said, tr("true: {0}").format(classes[one.truth])


def cell_title(result: SplitResult, truth: int, said: int) -> str:
    """Return the title above the images of a cell."""
    classes = result.numbers.classes
    count = plural(result.numbers.confusion[truth][said], tr("image"), tr("images"))
    if truth == said:
        return tr("{0} of {1}, predicted correctly").format(count, classes[truth])
    return tr("{0} of {1}, predicted as {2}").format(count, classes[truth], classes[said])
