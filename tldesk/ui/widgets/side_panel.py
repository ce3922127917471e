"""Left of the grid: classes with their keys, which images to show, and what a check found."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QMenu, QScrollArea, QVBoxLayout, QWidget

from tldesk.ui.widgets.choice_list import Choice, ChoiceList


class SidePanel(QFrame):
    """Three lists. Nothing here knows the project: the page fills it and listens."""

    classPicked = Signal(int)  # position, -1 = all classes
    viewPicked = Signal(int)
    findingPicked = Signal(int)  # -1 = none
    classAdded = Signal(str)
    renameAsked = Signal(int)
    labelAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(216)
        self.classes = ChoiceList(self.tr("Classes"), self, optional=True)
        self.views = ChoiceList(self.tr("Show"), self)
        self.findings = ChoiceList(self.tr("Findings"), self, optional=True)
        self.new_class = QLineEdit(self)
        self.no_classes = QLabel(self.tr("None yet. Add one, then press its key to label images."), self)
        self.findings_heading = _heading(self.tr("Findings"), self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.new_class.setPlaceholderText(self.tr("Add a class…"))
        self.new_class.setAccessibleName(self.tr("Name of a new class"))
        self.new_class.setToolTip(self.tr("Type a name and press Enter"))
        self.no_classes.setWordWrap(True)
        self.no_classes.setProperty("role", "muted")
        self.no_classes.setContentsMargins(8, 0, 8, 4)
        inner = QWidget(self)
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
        layout.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(area)
        self.set_findings([])

    def _connect(self) -> None:
        self.classes.picked.connect(self.classPicked)
        self.views.picked.connect(self.viewPicked)
        self.findings.picked.connect(self.findingPicked)
        self.new_class.returnPressed.connect(self._add)
        self.classes.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.classes.customContextMenuRequested.connect(self._open_menu)

    def set_classes(self, classes: list[Choice]) -> None:
        """The classes in their order."""
        self.classes.set_choices(classes)
        self.no_classes.setVisible(not classes)

    def set_findings(self, findings: list[Choice]) -> None:
        """What the last check found; the section hides while there is nothing."""
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
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Label the selected images so"), lambda: self.labelAsked.emit(row))
        menu.addAction(self.tr("Rename…"), lambda: self.renameAsked.emit(row))
        menu.popup(self.classes.mapToGlobal(place))


def _heading(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setProperty("role", "heading")
    label.setContentsMargins(8, 2, 0, 2)
    return label
