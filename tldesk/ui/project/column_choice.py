"""The columns of a table of labels: a guess and the first rows, to be checked, corrected or chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tldesk.base import Problem
from tldesk.dataset import ColumnGuess, Columns, describe_columns, guess_columns
from tldesk.ui.lane.tasks import Tasks, Ticket

_ROWS = 4
_MOST_CLASSES = 8  # that are named


class ColumnChoice(QWidget):
    """Combo boxes for the uses of the columns, above the first rows and what they give.

    The table is read in the reading pool. ``changed`` follows a reading or a choice; ``failed`` passes the
    error if the table cannot be read.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, images: Path, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._tasks = tasks
        self._table: Path | None = None
        self._ticket: Ticket | None = None
        self._guess: ColumnGuess | None = None
        self.image, self.folder, self.label, self.group, self.split = (QComboBox(self) for _ in range(5))
        self.preview = QTableWidget(self)
        self.matched = QLabel(self)
        self._build()

    def _build(self) -> None:
        titles = {
            self.image: self.tr("Image"),
            self.folder: self.tr("Folder"),
            self.label: self.tr("Class"),
            self.group: self.tr("Group"),
            self.split: self.tr("Split"),
        }
        row = QHBoxLayout()
        for combo, title in titles.items():
            row.addLayout(self._titled(combo, title), 1)
            combo.currentIndexChanged.connect(self._chosen_anew)
        self.label.setPlaceholderText(self.tr("Choose…"))
        self.preview.setAccessibleName(self.tr("First rows of the table"))
        self.preview.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.preview.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.preview.verticalHeader().hide()
        self.preview.setFixedHeight(36 + _ROWS * 30)
        self.preview.horizontalHeader().setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        for widget in (self.preview, self.matched):
            layout.addWidget(widget)
        self.matched.setProperty("role", "muted")
        self.matched.setWordWrap(True)

    def _titled(self, combo: QComboBox, title: str) -> QVBoxLayout:
        label = QLabel(title, self)
        label.setProperty("role", "muted")
        label.setBuddy(combo)
        combo.setAccessibleName(self.tr("Column: {0}").format(title))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(label)
        column.addWidget(combo)
        return column

    # --- reading --------------------------------------------------------------------------------------------

    def set_table(self, table: Path | None) -> None:
        """Read another table; None for none."""
        self.forget()
        self._table, self._guess = table, None
        if table is not None:
            images = self._images
            self._ticket = self._tasks.read(
                lambda: guess_columns(table, images), on_done=self._show_guess, on_failed=self._fail
            )

    def forget(self) -> None:
        """Cancel the reading of the table."""
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None

    def _fail(self, error: Exception) -> None:
        self._guess = None
        self.failed.emit(error)

    def _show_guess(self, guess: ColumnGuess) -> None:
        self._guess = guess
        self._fill_choices(guess)
        self._fill_preview(guess)
        self._show_result(guess)

    def _show_result(self, guess: ColumnGuess) -> None:
        self._guess = guess
        found = self.tr("{0} of {1} rows match a picture").format(f"{guess.matched:,}", f"{guess.total:,}")
        classes = [f"{name} {count:,}" for name, count in guess.classes[:_MOST_CLASSES]]
        more = len(guess.classes) - len(classes)
        listed = ", ".join([*classes, self.tr("{0} more").format(more)] if more else classes)
        self.matched.setText(f"{found}: {listed}" if listed else found)
        self.changed.emit()

    def _fill_choices(self, guess: ColumnGuess) -> None:
        columns, single = guess.columns, [(name, name) for name in guess.headers]
        none = [(self.tr("none"), None)]
        classes = dict.fromkeys([*guess.candidates, *((name,) for name in guess.headers)])
        _fill(self.image, single, columns.image)
        _fill(self.label, [(self._named(one), one) for one in classes], columns.classes or None)
        for combo, name in (
            (self.folder, columns.folder),
            (self.group, columns.group),
            (self.split, columns.split),
        ):
            _fill(combo, [*none, *single], name)

    def _named(self, classes: Sequence[str]) -> str:
        """Return the columns of the class as text."""
        if len(classes) == 1:
            return classes[0]
        return self.tr("{0} (one column each)").format(", ".join(classes))

    def _fill_preview(self, guess: ColumnGuess) -> None:
        self.preview.setColumnCount(len(guess.headers))
        self.preview.setHorizontalHeaderLabels(list(guess.headers))
        self.preview.setRowCount(min(_ROWS, len(guess.rows)))
        for row, cells in enumerate(guess.rows[:_ROWS]):
            for column, cell in enumerate(cells):
                self.preview.setItem(row, column, QTableWidgetItem(cell))

    # --- choosing -------------------------------------------------------------------------------------------

    def _chosen_anew(self) -> None:
        columns, table, images = self.chosen(), self._table, self._images
        if columns is None or table is None or not columns.classes:
            self.changed.emit()
            return
        self.forget()
        self._ticket = self._tasks.read(
            lambda: describe_columns(table, images, columns),
            on_done=self._show_result,
            on_failed=self._fail,
        )
        self.changed.emit()

    def chosen(self) -> Columns | None:
        """Return the columns as they are chosen now; None without a table, or until it has been read."""
        if self._table is None or self._guess is None:
            return None
        columns = Columns(
            image=self.image.currentData(),
            label="",
            group=self.group.currentData(),
            split=self.split.currentData(),
            folder=self.folder.currentData(),
        )
        return columns.with_classes(self.label.currentData() or ())

    def problems(self) -> list[Problem]:
        """Return a problem if a person has to choose the column of the class."""
        columns = self.chosen()
        if columns is None or columns.classes:
            return []
        what = self.tr("it is not clear which column of the table is the class")
        return [Problem("class", what, self.tr("Choose it above the first rows of the table"))]


def _fill(combo: QComboBox, choices: Sequence[tuple[str, object]], chosen: object) -> None:
    """Fill a combo box with (text, value) without telling; nothing is chosen if the value is not there."""
    combo.blockSignals(True)
    combo.clear()
    for text, value in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(next((place for place, (_, value) in enumerate(choices) if value == chosen), -1))
    combo.blockSignals(False)
