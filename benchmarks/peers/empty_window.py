"""An empty PySide6 window until it is painted: the fastest that is possible with this library."""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class _Window(QMainWindow):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, self.close)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    window = _Window()
    window.resize(1366, 768)
    window.show()
    app.exec()
    emit()
