"""The picture with the heat map of where the network looked, and the controls for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QWidget

from tldesk.ui.predict.work import Explained
from tldesk.ui.widgets.field_editors import QuietComboBox
from tldesk.ui.widgets.panel import Panel, label, set_role
from tldesk.ui.widgets.picture_view import PictureView, image_of

_STRENGTH = 65


class SaliencyPanel(Panel):
    """Emits a signal when a heat map is wanted; the receiver computes it and calls ``show_map``."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Picture"))
        self.view = PictureView(self)
        self.on = QCheckBox(self.tr("Where it looked"), self)
        self.on.setChecked(True)
        self.on.setToolTip(self.tr("Show a heat map over the picture (Grad-CAM)"))
        self.classes = QuietComboBox(self)
        self.classes.setMinimumContentsLength(12)
        self.classes.setAccessibleName(self.tr("Class to explain"))
        self.classes.setToolTip(self.tr("Show what supports this class"))
        self.strength = QSlider(Qt.Orientation.Horizontal, self)
        self.strength.setRange(0, 100)
        self.strength.setValue(_STRENGTH)
        self.strength.setMaximumWidth(160)
        self.strength.setAccessibleName(self.tr("Opacity of the heat map"))
        self.check = label(wrap=True, parent=self)
        self.body.addWidget(self.view, 1)
        self.body.addLayout(self._controls())
        self.body.addWidget(self.check)
        hint = self.tr("A heat map shows what mattered to the model, not what causes the condition.")
        self.body.addWidget(label(hint, "muted", wrap=True, parent=self))
        self._connect()

    def set_classes(self, classes: Sequence[str], chosen: str) -> None:
        """Set the classes that can be explained."""
        if [self.classes.itemText(at) for at in range(self.classes.count())] != list(classes):
            self.classes.clear()
            self.classes.addItems(list(classes))
        self.classes.setCurrentText(chosen)

    def show_words(self, words: str) -> None:
        """Show text instead of a picture."""
        self.view.set_words(words)
        self._enable()
        self.check.setText("")

    def show_map(self, found: Explained) -> None:
        """Show a heat map over the picture, and whether it can be trusted."""
        self.view.set_overlay(image_of(found.overlay))
        set_role(self.check, "good" if found.passed else "warn")
        words = (
            found.words if found.passed else self.tr("Do not trust this heat map. {0}").format(found.words)
        )
        self.check.setText(words)

    def say(self, words: str, role: str = "muted") -> None:
        """Show a line below the picture in place of the result of the map's check."""
        set_role(self.check, role)
        self.check.setText(words)

    def set_ready(self) -> None:
        """Enable the controls, because a picture is shown."""
        self._enable()

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        strength = label(self.tr("Opacity"), "muted", parent=self)
        strength.setBuddy(self.strength)
        row.addWidget(self.on)
        row.addWidget(self.classes)
        row.addSpacing(8)
        row.addWidget(strength)
        row.addWidget(self.strength, 1)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self.on.toggled.connect(self._switched)
        self.classes.activated.connect(lambda _index: self.wanted.emit())
        self.strength.valueChanged.connect(lambda value: self.view.set_strength(value / 100))
        self.view.set_strength(_STRENGTH / 100)
        self._enable()

    def _switched(self, on: bool) -> None:
        self.view.set_overlay_shown(on)
        self._enable()
        if on and not self.view.has_overlay:
            self.wanted.emit()

    def _enable(self) -> None:
        shown = self.view.has_picture
        self.on.setEnabled(shown)
        for control in (self.classes, self.strength):
            control.setEnabled(shown and self.on.isChecked())
