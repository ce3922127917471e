"""The prediction for one picture: bars, whether it is unsure, whether the picture is novel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tldesk.prediction import Answer
from tldesk.ui.predict import words
from tldesk.ui.predict.values_editor import ValuesEditor
from tldesk.ui.theme import set_icon
from tldesk.ui.widgets.panel import Panel, label, set_role
from tldesk.ui.widgets.probability_bars import ProbabilityBars


class AnswerPanel(Panel):
    """Empty until a picture is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Prediction"))
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget(scroll.viewport())
        self.bars = ProbabilityBars(inner)
        self.sure = _Remark(inner)
        self.novel = _Remark(inner)
        self.values = ValuesEditor(inner)
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.bars)
        box.addWidget(self.sure)
        box.addWidget(self.novel)
        box.addWidget(self.values)
        box.addStretch(1)
        scroll.setWidget(inner)
        self.body.addWidget(scroll)
        self.clear()

    def clear(self) -> None:
        """Show no prediction."""
        self.bars.set_shares(())
        self.sure.hide()
        self.novel.hide()
        self.values.hide()

    def show_none(self) -> None:
        """Show that this picture has no prediction; the reason is shown in place of the picture."""
        self.clear()
        self.sure.tell("bad", "problem", self.tr("No prediction: this picture could not be read."))

    def show_answer(self, answer: Answer, colours: Mapping[str, str], columns: Sequence[str] = ()) -> None:
        """Show the prediction for a picture; ``colours`` by class name, ``columns`` of the model."""
        self.bars.set_shares(words.shares(answer, colours))
        self.sure.setVisible(answer.novelty <= words.UNLIKE)
        if answer.novelty <= words.UNLIKE:
            self.sure.tell(*words.sureness(answer))
        self.novel.tell(*words.novelty(answer))
        self.values.show_values(columns, dict(answer.values), answer.unknown)


class _Remark(QWidget):
    """An icon and a sentence, in a colour that fits the meaning."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = label(wrap=True, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)

    @property
    def text(self) -> str:
        return self._text.text()

    def tell(self, role: str, icon: str, text: str) -> None:
        set_icon(self._icon, icon, role)
        set_role(self._text, role)
        self._text.setText(text)
        self.show()
