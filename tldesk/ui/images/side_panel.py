"""The panel left of the grid: classes with their keys, filters, findings of the last check, columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from tldesk.ui.images.choice_list import Choice, ChoiceList
from tldesk.ui.images.image_keys import class_key
from tldesk.ui.images.metadata_column import MetadataColumn
from tldesk.ui.images.work import VIEWS

if TYPE_CHECKING:
    from tldesk.ui.images.work import GridCounts


class SidePanel(QFrame):
    """Lists to select from. It does not access the project; the page fills it and connects to its signals."""

    classPicked = Signal(int)  # position, -1 = all classes
    viewPicked = Signal(int)
    findingPicked = Signal(int)  # -1 = none
    valuePicked = Signal()
    classAdded = Signal(str)
    menuAsked = Signal(int, QPoint)  # position of the class; position on the screen
    moveAsked = Signal(int, int)  # position of the class; up (-1) or down (1)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(216)
        self._area = QScrollArea(self)
        inner = self._inner = QWidget(self._area.viewport())
        self.classes = ChoiceList(self.tr("Classes"), inner, optional=True)
        self.views = ChoiceList(self.tr("Show"), inner)
        self.findings = ChoiceList(self.tr("Findings"), inner, optional=True)
        self.columns = QComboBox(inner)
        self.values = ChoiceList(self.tr("Values"), inner, optional=True)
        self._columns: tuple[MetadataColumn, ...] = ()
        self.new_class = QLineEdit(inner)
        self.no_classes = QLabel(
            self.tr("No classes yet. Add one, then press its key to label images."), inner
        )
        self.findings_heading = _heading(self.tr("Findings"), inner)
        self.columns_heading = _heading(self.tr("Columns"), inner)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.new_class.setPlaceholderText(self.tr("Add a class…"))
        self.new_class.setAccessibleName(self.tr("Name of a new class"))
        self.new_class.setToolTip(self.tr("Type a name and press Enter"))
        self.no_classes.setWordWrap(True)
        self.no_classes.setProperty("role", "muted")
        self.no_classes.setContentsMargins(8, 0, 8, 4)
        inner, area = self._inner, self._area
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(_heading(self.tr("Classes"), inner))
        layout.addWidget(self.classes)
        layout.addWidget(self.no_classes)
        layout.addWidget(self.new_class)
        layout.addSpacing(12)
        layout.addWidget(_heading(self.tr("Show"), inner))
        layout.addWidget(self.views)
        layout.addSpacing(12)
        layout.addWidget(self.findings_heading)
        layout.addWidget(self.findings)
        layout.addSpacing(12)
        layout.addWidget(self.columns_heading)
        layout.addWidget(self.columns)
        layout.addWidget(self.values)
        layout.addStretch(1)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(area)
        self.columns.setAccessibleName(self.tr("Column to filter images by"))
        # Long names are elided in the box; otherwise everything above it would be cut off at the right.
        self.columns.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_findings([])
        self.set_columns(())

    def _connect(self) -> None:
        self.classes.picked.connect(self.classPicked)
        self.views.picked.connect(self.viewPicked)
        self.findings.picked.connect(self.findingPicked)
        self.new_class.returnPressed.connect(self._add)
        self.classes.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.classes.customContextMenuRequested.connect(self._open_menu)
        self.values.picked.connect(self.valuePicked)
        self.columns.activated.connect(self._column_chosen)
        for keys, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self.classes, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(partial(self._move, by))

    def show_counts(self, counts: GridCounts | None) -> None:
        """Show classes and views in their order with their numbers of images; None: not known yet."""
        classes = [] if counts is None else list(zip(counts.classes, counts.of_class, strict=True))
        self.classes.set_choices(
            [
                Choice(each.name, number, each.colour, class_key(place))
                for place, (each, number) in enumerate(classes)
            ]
        )
        self.no_classes.setVisible(not classes)
        numbers = counts.of_view if counts else [None] * len(VIEWS)
        self.views.set_choices(
            [Choice(name, number) for (name, _filter), number in zip(VIEWS, numbers, strict=True)]
        )

    def set_findings(self, findings: list[Choice]) -> None:
        """Show the findings of the last check; the section is hidden if there are none."""
        self.findings.set_choices(findings)
        self.findings.choose(-1)
        self.findings.setVisible(bool(findings))
        self.findings_heading.setVisible(bool(findings))

    def _add(self) -> None:
        name = self.new_class.text().strip()
        if name:
            self.new_class.clear()
            self.classAdded.emit(name)

    def _open_menu(self, place: QPoint) -> None:
        row = self.classes.indexAt(place).row()
        if row < 0:
            return
        self.menuAsked.emit(row, self.classes.viewport().mapToGlobal(place))

    def _move(self, by: int) -> None:
        row = self.classes.currentRow()
        if 0 <= row + by < self.classes.count():
            self.moveAsked.emit(row, by)
            self.classes.setCurrentRow(row + by)

    def set_columns(self, columns: tuple[MetadataColumn, ...]) -> None:
        """Set the columns to filter by, besides class and split; the section is hidden if there are none."""
        before, value = self.columns.currentText(), self.value
        self._columns = columns
        self.columns.clear()
        self.columns.addItems([one.name for one in columns])
        self.columns.setCurrentIndex(max(0, self.columns.findText(before)))
        for widget in (self.columns_heading, self.columns, self.values):
            widget.setVisible(bool(columns))
        self._show_values()
        if value is not None and self.columns.currentText() == value[0]:
            values = [one for one, _ in self._shown_values()]
            self.values.choose(values.index(value[1]) if value[1] in values else -1)

    @property
    def value(self) -> tuple[str, str] | None:
        """Return the selected column and value; None if none is selected."""
        values = self._shown_values()
        chosen = self.values.chosen
        return (self.columns.currentText(), values[chosen][0]) if 0 <= chosen < len(values) else None

    def _shown_values(self) -> tuple[tuple[str, int], ...]:
        place = self.columns.currentIndex()
        return self._columns[place].values if 0 <= place < len(self._columns) else ()

    def _show_values(self) -> None:
        self.values.set_choices([Choice(value, number) for value, number in self._shown_values()])

    def _column_chosen(self) -> None:
        had = self.values.chosen >= 0
        self._show_values()
        self.values.choose(-1)
        if had:
            self.valuePicked.emit()


def _heading(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setProperty("role", "heading")
    label.setContentsMargins(8, 2, 0, 2)
    return label
