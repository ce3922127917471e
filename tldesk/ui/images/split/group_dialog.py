"""Asks which pictures of a new project belong together, once they have been read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from tldesk.dataset import NoGroups
from tldesk.ui.images.split.group_words import example_of, is_sure, numbers_of, title_of
from tldesk.ui.theme import make_primary

if TYPE_CHECKING:
    from tldesk.dataset import GroupBy, GroupProposal

_MOST = 5
_INDENT = 26  # px; indents text below a radio button


class GroupDialog(QDialog):
    """One row per suggested rule, the most likely first; "Not now" and Escape change nothing."""

    chosen = Signal(object)  # GroupBy

    def __init__(self, proposals: Sequence[GroupProposal], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("togetherDialog")
        self.setWindowTitle(self.tr("Which images belong together?"))
        self.setMinimumWidth(560)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(24, 20, 24, 16)
        self._layout.setSpacing(4)
        self._rules: list[GroupBy] = []
        self.choices = QButtonGroup(self)
        self._say(
            self.tr(
                "Images of the same patient, plant or scene are similar. If some are used "
                "for training and others for testing, all scores are too good. Choose which "
                "images must stay in the same split; you can change this later with “Split…”."
            )
        )
        self._layout.addSpacing(8)
        for proposal in proposals[:_MOST]:
            words = (numbers_of(proposal.gives), example_of(proposal.gives))
            self._offer(proposal.by, title_of(proposal.by, proposal.gives), words)
        alone = self.tr("No two images show the same patient, plant or scene")
        self._offer(NoGroups(), title_of(NoGroups()), (alone,))
        sure = bool(proposals) and is_sure(proposals[0])
        first = self.choices.button(0 if sure else len(self._rules) - 1)
        first.setChecked(True)
        first.setFocus()
        self._add_buttons()

    def _say(self, text: str, indent: int = 0) -> None:
        words = QLabel(text, self)
        words.setWordWrap(True)
        words.setIndent(indent)
        words.setProperty("role", "muted")
        self._layout.addWidget(words)

    def _offer(self, by: GroupBy, title: str, words: Sequence[str]) -> None:
        button = QRadioButton(title, self)
        button.setAccessibleDescription(". ".join(filter(None, words)))
        self.choices.addButton(button, len(self._rules))
        self._rules.append(by)
        self._layout.addSpacing(8)
        self._layout.addWidget(button)
        self._say("\n".join(filter(None, words)), _INDENT)

    def _add_buttons(self) -> None:
        buttons = QDialogButtonBox(self)
        self.go = buttons.addButton(self.tr("Use this"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Not now"), QDialogButtonBox.ButtonRole.RejectRole)
        make_primary(self.go)
        self.go.setDefault(True)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._layout.addSpacing(12)
        self._layout.addWidget(buttons)

    def _accept(self) -> None:
        self.chosen.emit(self._rules[self.choices.checkedId()])
        self.accept()
