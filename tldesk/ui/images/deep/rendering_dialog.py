"""Asks how to read deep pictures and stacks, with a live preview of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Filter
from tldesk.imaging import AS_STORED, CT_WINDOWS, Rendering, UnreadableImage
from tldesk.imaging.rendering import FRAMES, OFFERED
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.images.deep import rendering_words as words
from tldesk.ui.images.deep.deep_preview import ValueFacts, read_deep
from tldesk.ui.images.deep.histogram import Histogram
from tldesk.ui.images.deep.image_preview import Preview
from tldesk.ui.images.grid.thumbnail_store import to_qimage
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.theme import make_primary
from tldesk.ui.widgets.number_box import number_box

if TYPE_CHECKING:
    from tldesk.dataset import Project

_NUMBER, _FIXED = "number", "fixed"
_SIDE = 640  # px of the preview, large enough for high-resolution screens


@dataclass(frozen=True, slots=True)
class _Example:
    """The image to preview; read in the background."""

    rendering: Rendering
    path: Path | None  # of the picture shown; None if the rendering affects no picture
    matters: int
    images: int


class RenderingDialog(QDialog):
    """Frame and window on the right, the picture with its histogram on the left."""

    wanted = Signal(object)  # Rendering

    def __init__(
        self, project: Project, tasks: Tasks, image: int | None = None, parent: QWidget | None = None
    ) -> None:
        """Show ``image`` if it is deep or a stack, otherwise the first image that is."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("How images are read"))
        self.setObjectName("renderingDialog")
        self._tasks = tasks
        self._example: _Example | None = None
        self._facts: ValueFacts | None = None
        self._filling = False
        self._look_ticket: Ticket | None = None
        self.preview = Preview(self)
        self.histogram = Histogram(self)
        self.seen = QLabel(self)
        self.frame = QComboBox(self)
        self.number = number_box(self)
        self.window_kind = QComboBox(self)
        self.low = QLineEdit(self)
        self.high = QLineEdit(self)
        self.problem = ProblemLabel(self)
        self.remark = QLabel(self)
        self.effect = QLabel(self)
        self.buttons = QDialogButtonBox(self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(120)
        self._soon.timeout.connect(self._ask_preview)
        self._build()
        self._ticket = tasks.read(lambda: _example(project, image), on_done=self._take_example, priority=5)

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_choices()
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(self._picture_side())
        row.addLayout(self._choice_side(), 1)
        self.apply = self.buttons.addButton(self.tr("Apply to project"), _Role.AcceptRole)
        make_primary(self.apply)
        self.reset = self.buttons.addButton(self.tr("Use file settings"), _Role.ResetRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.apply.setEnabled(False)
        self.reset.clicked.connect(lambda: self.show_rendering(AS_STORED))
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(760)

    def _picture_side(self) -> QVBoxLayout:
        self.preview.setFixedSize(320, 300)
        self.histogram.setFixedWidth(320)
        self.seen.setFixedWidth(320)
        column = QVBoxLayout()
        column.setSpacing(8)
        for widget in (self.preview, self.histogram, self.seen):
            column.addWidget(widget)
        column.addStretch(1)
        return column

    def _choice_side(self) -> QVBoxLayout:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.addRow(self.tr("Frame"), _side_by_side(self, self.frame, self.number))
        form.addRow(self.tr("Window"), self.window_kind)
        form.addRow(self.tr("Black at"), self.low)
        form.addRow(self.tr("White at"), self.high)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(
            self._muted(
                self.tr(
                    "DICOM files, images with more than 8 bits and files with several frames "
                    "contain more than a screen can show. This choice applies to all such "
                    "images in the project; ordinary photos are not affected."
                )
            )
        )
        column.addLayout(form)
        for widget in (self.problem, self.remark, self.effect):
            column.addWidget(widget)
        column.addStretch(1)
        return column

    def _build_choices(self) -> None:
        titles = (self.tr("First"), self.tr("Middle"), self.tr("Last"))
        for name, title in zip(FRAMES, titles, strict=True):
            self.frame.addItem(title, name)
        self.frame.addItem(self.tr("Number"), _NUMBER)
        self.number.setRange(2, 1_000_000)
        self._fill_windows(())
        self.frame.setAccessibleName(self.tr("Frame"))
        self.number.setAccessibleName(self.tr("Frame number"))
        self.window_kind.setAccessibleName(self.tr("Window"))
        self.low.setAccessibleName(self.tr("Value shown as black"))
        self.high.setAccessibleName(self.tr("Value shown as white"))
        self.frame.currentIndexChanged.connect(self._changed)
        self.number.valueChanged.connect(self._changed)
        self.window_kind.currentIndexChanged.connect(self._changed)
        for field in (self.low, self.high):
            field.textEdited.connect(self._typed)
        self.histogram.dragged.connect(self._dragged)
        for label in (self.seen, self.remark, self.effect):
            label.setWordWrap(True)
            label.setProperty("role", "muted")
        self.remark.setProperty("role", "warn")

    def _muted(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setProperty("role", "muted")
        return label

    def _fill_windows(self, offered: tuple[str, ...]) -> None:
        """Fill the list of windows, including those defined in the shown file."""
        self.window_kind.clear()
        self.window_kind.addItem(self.tr("As set in each file"), "file")
        for name in offered:
            self.window_kind.addItem(self.tr("The file's window “{0}”").format(name), f"{OFFERED}{name}")
        self.window_kind.addItem(self.tr("Each image's smallest to largest value"), "range")
        self.window_kind.addItem(self.tr("Each image's 1st to 99th percentile"), "percentiles")
        for name, title in words.presets().items():
            preset = CT_WINDOWS[name]
            values = words.span(preset.low, preset.high, "HU")
            self.window_kind.addItem(self.tr("CT: {0} ({1})").format(title, values), name)
        self.window_kind.addItem(self.tr("Fixed range"), _FIXED)

    # --- selection ------------------------------------------------------------------------------------------

    def rendering(self) -> Rendering:
        """The chosen rendering.

        Raises:
            ProblemError: the fields do not contain a valid window.
        """
        frame, window = self.frame.currentData(), self.window_kind.currentData()
        if window == _FIXED:
            window = f"{_number(self.low.text())}..{_number(self.high.text())}"
        return Rendering(str(self.number.value()) if frame == _NUMBER else frame, window)

    def show_rendering(self, rendering: Rendering) -> None:
        """Show this rendering as the chosen one."""
        self._filling = True
        named = rendering.frame in FRAMES
        self.frame.setCurrentIndex(self.frame.findData(rendering.frame if named else _NUMBER))
        if not named:
            self.number.setValue(int(rendering.frame))
        low, dots, high = rendering.window.partition("..")
        if rendering.offered is None and dots:
            self.window_kind.setCurrentIndex(self.window_kind.findData(_FIXED))
            self.low.setText(low)
            self.high.setText(high)
        else:
            self._choose_window(rendering.window)
        self._filling = False
        self._changed()

    def _choose_window(self, window: str) -> None:
        place = self.window_kind.findData(window)
        if place < 0:  # a window of a file that is not shown
            title = self.tr("The file's window “{0}”").format(window.removeprefix(OFFERED))
            self.window_kind.insertItem(1, title, window)
            place = 1
        self.window_kind.setCurrentIndex(place)

    def _dragged(self, low: float, high: float) -> None:
        self.low.setText(f"{low:.10g}")
        self.high.setText(f"{high:.10g}")
        self._typed()

    def _typed(self) -> None:
        """Select "typed values" as the window, because a value was typed."""
        fixed = self.window_kind.findData(_FIXED)
        if self.window_kind.currentIndex() == fixed:
            self._changed()
        else:
            self.window_kind.setCurrentIndex(fixed)

    def _changed(self) -> None:
        if self._filling:
            return
        self.number.setVisible(self.frame.currentData() == _NUMBER)
        problems = self._problems()
        self.problem.set_problems(problems)
        self.apply.setEnabled(not problems and self._would_change())
        if not problems:
            self._soon.start()

    def _would_change(self) -> bool:
        """Return whether any image is affected: if none is, all features would be recomputed for nothing."""
        example = self._example
        return example is not None and example.path is not None and self.rendering() != example.rendering

    def _problems(self) -> list[Problem]:
        if self.window_kind.currentData() == _FIXED:
            for field, title in ((self.low, self.tr("black")), (self.high, self.tr("white"))):
                if _value(field.text()) is None:
                    what = self.tr("the value shown as {0} is not a number").format(title)
                    return [Problem("window", what, self.tr("Type a number such as -160 or 0.25"))]
        try:
            self.rendering()
        except ProblemError as error:
            return list(error.problems)
        return []

    # --- display --------------------------------------------------------------------------------------------

    def _take_example(self, example: _Example) -> None:
        self._example = example
        matters = self.tr("This affects {0:,} of {1:,} images.").format(example.matters, example.images)
        later = self.tr(
            "The next training run recomputes the features. Earlier models and runs read "
            "images as before, and near duplicates are not searched for again."
        )
        self.effect.setText(f"{matters} {later}")
        if example.path is None:
            self.seen.setText(self.tr("This project has no such images: there is nothing to choose."))
            self.histogram.hide()
        self.show_rendering(example.rendering)

    def _ask_preview(self) -> None:
        if self._example is None or self._example.path is None or self._problems():
            return
        path, rendering = self._example.path, self.rendering()
        if self._look_ticket is not None:
            self._look_ticket.cancel()
        self._look_ticket = self._tasks.read(
            lambda: _read_shown(path, rendering),
            on_done=lambda seen: self._take_preview(path, rendering, *seen),
            priority=5,
        )

    def _take_preview(
        self, path: Path, rendering: Rendering, image: QImage | str, facts: ValueFacts | None
    ) -> None:
        self._facts = facts
        self.preview.show_picture(image)
        self.histogram.show_facts(facts)
        if facts is None:
            self.seen.setText(image if isinstance(image, str) else path.name)
            return
        self.seen.setText(
            "\n".join([path.name, *(f"{name}: {value}" for name, value in words.lines(facts, rendering))])
        )
        self._offer(facts)
        self._show_remark(facts, rendering)
        if self.window_kind.currentData() != _FIXED:
            self.low.setText("" if facts.window is None else f"{facts.window.low:.10g}")
            self.high.setText("" if facts.window is None else f"{facts.window.high:.10g}")

    def _offer(self, facts: ValueFacts) -> None:
        if any(self.window_kind.findData(f"{OFFERED}{name}") < 0 for name in facts.offered):
            window = self.window_kind.currentData()
            self._filling = True
            self._fill_windows(facts.offered)
            self._choose_window(window)
            self._filling = False

    def _show_remark(self, facts: ValueFacts, rendering: Rendering) -> None:
        text = ""
        if words.lacks_hounsfield_units(facts, rendering):
            text = self.tr(
                "This image is not a CT in Hounsfield units, so the settings in its file are used."
            )
        elif words.lacks_offered(facts, rendering):
            text = self.tr("This file does not define this window, so its first window is used.")
        self.remark.setText(text)
        self.remark.setVisible(bool(text))

    def _accept(self) -> None:
        self.wanted.emit(self.rendering())
        self.accept()

    def done(self, result: int) -> None:
        """Cancel reading when the dialog closes."""
        for ticket in (self._ticket, self._look_ticket):
            if ticket is not None:
                ticket.cancel()
        self._soon.stop()
        super().done(result)


_Role = QDialogButtonBox.ButtonRole


def _side_by_side(parent: QWidget, *widgets: QWidget) -> QWidget:
    """Put widgets into one widget, because a form layout squeezes bare layouts."""
    held = QWidget(parent)
    row = QHBoxLayout(held)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, 1)
    return held


def _number(text: str) -> str:
    return text.strip().replace("−", "-").replace(",", ".")


def _value(text: str) -> float | None:
    try:
        return float(_number(text))
    except ValueError:
        return None


def _example(project: Project, image: int | None) -> _Example:
    matters = project.ids(Filter(rendered=True))
    shown = image if image in matters else next(iter(matters), None)
    path = None if shown is None else project.image(shown).path
    return _Example(project.rendering(), path, len(matters), project.count())


def _read_shown(path: Path, rendering: Rendering) -> tuple[QImage | str, ValueFacts | None]:
    try:
        pixels, facts = read_deep(path, rendering, _SIDE)
    except UnreadableImage as error:
        return error.reason, None
    return to_qimage(pixels), facts
