"""The lock of the test set: its state, its purpose, and the button that changes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from tldesk.base import plural


class LockRow(QWidget):
    """Shows the state; ``wanted`` requests locking (True) or unlocking the test set."""

    wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked = False
        self.state = QLabel(self)
        self.button = QPushButton(self)
        self.button.setAutoDefault(False)
        self.button.setEnabled(False)
        self.button.clicked.connect(self._pressed)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self.state, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.words)
        self.show_state(locked=False, images=0)

    @property
    def locked(self) -> bool:
        """Whether the test set is locked, as last set."""
        return self._locked

    def show_state(self, *, locked: bool, images: int) -> None:
        """Show whether it is locked, and how many test images there are."""
        self._locked = locked
        many = plural(images, self.tr("test image"), self.tr("test images"))
        self.state.setText(
            self.tr("Locked: {0}").format(many) if locked else self.tr("Not locked: {0}").format(many)
        )
        self.button.setText(self.tr("Unlock…") if locked else self.tr("Lock"))
        self.button.setAccessibleName(
            self.tr("Unlock the test set") if locked else self.tr("Lock the test set")
        )
        self.button.setEnabled(locked or images > 0)
        self.words.setText(
            self.tr(
                "These images remain the test images. Splitting again distributes only the "
                "others; new images join training or validation, unless their group is in "
                "the test set."
            )
            if locked
            else self.tr(
                "Lock it once you start testing: scores are optimistic if the test set "
                "changes, or is looked at repeatedly until they are good."
            )
        )

    def _pressed(self) -> None:
        if not self._locked:
            self.wanted.emit(True)
            return
        box = QMessageBox(self)
        box.setObjectName("unlockBox")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Unlock the test set"))
        box.setText(self.tr("Allow the test images to change?"))
        box.setInformativeText(
            self.tr(
                "The next split then mixes them with the other images. A model trained on "
                "some of them can no longer be tested on them, and scores of earlier runs "
                "cannot be compared with later ones. Undo locks the test set again."
            )
        )
        unlock = box.addButton(self.tr("Unlock"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        unlock.clicked.connect(lambda: self.wanted.emit(False))
        box.open()
