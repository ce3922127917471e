"""The metadata columns that a model needs in addition to the picture, and the table with their values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tldesk.base import Problem
from tldesk.dataset import TABLE_SUFFIXES
from tldesk.ui.errors import ProblemLabel
from tldesk.ui.settings import Settings
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.ask_for_files import ask_for_files
from tldesk.ui.widgets.panel import label


class ColumnsBar(QWidget):
    """Hidden if the model needs only pictures.

    Attributes:
        table: the selected table; None if there is none.
        wanted: the model's columns.
    """

    tableChanged = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.table: Path | None = None
        self.wanted: tuple[str, ...] = ()
        self.button = QPushButton(self)
        set_icon(self.button, "open-project")
        self.drop_button = QPushButton(self.tr("Remove the table"), self)
        self.drop_button.setProperty("role", "link")
        self.words = label(role="muted", wrap=True, parent=self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.problem = ProblemLabel(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.drop_button)
        row.addWidget(self.words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        box.addWidget(self.problem)
        self.button.clicked.connect(self.choose)
        self.drop_button.clicked.connect(lambda: self.set_table(None))
        self._show()

    def set_wanted(self, columns: Sequence[str]) -> None:
        """Set the selected model's columns; a table selected for other columns is dropped."""
        if tuple(columns) != self.wanted:
            self.wanted, self.table = tuple(columns), None
            self.tell("", ())
            self._show()

    def choose(self) -> None:
        """Ask for a table."""
        known = " ".join(f"*{suffix}" for suffix in sorted(TABLE_SUFFIXES))
        kinds = self.tr("Tables ({0});;All files (*)").format(known)
        title = self.tr("Open a table with {0}").format(", ".join(self.wanted))
        ask_for_files(self, self._settings, title, kinds, lambda paths: self.set_table(paths[0]))

    def set_table(self, table: Path | None) -> None:
        """Read the values from this table; None for no table."""
        self.table = table
        self.tell("", ())
        self._show()
        self.tableChanged.emit()

    def tell(self, words: str, problems: Sequence[Problem]) -> None:
        """Show which values are missing, and the problems of the table."""
        self.problem.set_problems(tuple(problems))
        self.words.setText(words or self._rest())

    def _rest(self) -> str:
        names = ", ".join(self.wanted)
        if self.table is not None:
            return self.tr("From {0}: {1}").format(self.table.name, names)
        text = self.tr(
            "This model also uses {0}. For images in the project, the values are filled in automatically."
        )
        return text.format(names)

    def _show(self) -> None:
        self.button.setText(self.tr("Table with {0}…").format(", ".join(self.wanted)))
        self.button.setToolTip(self.tr("A table (CSV, XLSX …) with a column of file names and these columns"))
        self.drop_button.setVisible(self.table is not None)
        self.setVisible(bool(self.wanted))
