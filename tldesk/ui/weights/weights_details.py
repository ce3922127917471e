"""The facts of one backbone's weights, or how to get them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from tldesk.base import file_size
from tldesk.model.cards import card
from tldesk.model.missing_weights import steps_for
from tldesk.ui.widgets.panel import label, set_role

if TYPE_CHECKING:
    from tldesk.model.library import WeightsEntry
    from tldesk.model.weights_folders import WeightsOwner


_BYTES = 4  # bytes per parameter in a published file


def whose(place: WeightsOwner | None) -> str:
    """Return in words whose folder a file is in; "" if there is no file."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("WeightsDetails", text)

    if place is None:
        return ""
    return {
        "project": tr("this project"),
        "user": tr("your folder"),
        "given": tr("TLDESK_WEIGHTS"),
        "machine": tr("all users"),
        "program": tr("part of tldesk"),
        "downloads": tr("torch downloads"),
    }[place]


class WeightsDetails(QScrollArea):
    """The facts of the chosen backbone's weights as a form, and how to import weights that are missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Details of the selected weights"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = label(role="title", wrap=True)
        self.state = label(role="muted", wrap=True)
        self.steps = _words(self.tr("How to import weights without internet"), "")
        self._shown: tuple[QLabel | QLineEdit, ...] = ()
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self._form.setColumnStretch(1, 1)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        for widget in (self.title, self.state):
            layout.addWidget(widget)
        layout.addLayout(self._form)
        layout.addWidget(self.steps)
        layout.addStretch(1)
        self.setWidget(inside)
        self.show_nothing()

    @property
    def facts(self) -> dict[str, str]:
        """The facts shown, by heading."""
        return {one.accessibleName(): one.text() for one in self._shown}

    def show_nothing(self) -> None:
        """Show the hint for an empty selection."""
        self.title.setText(self.tr("Select a backbone"))
        words = self.tr("Details of its weights, or how to import them, appear here.")
        self._show_words(words)

    def show_few(self, caution: str) -> None:
        """Show that there are no weights at all, or none without a caution."""
        self.title.setText(
            self.tr("Only the starter is available") if caution else self.tr("No weights on this computer")
        )
        nothing = self.tr(
            "Without pretrained weights, networks are trained from scratch, which needs more "
            "images and time. The starter's weights come with tldesk: reinstall it to "
            "restore them."
        )
        how = self.tr(
            "Select a backbone such as MobileNet v2 to see how to import its weights. Or "
            "drop a folder that was packed on another computer."
        )
        self._show_words(f"{caution or nothing} {how}")

    def _show_words(self, words: str) -> None:
        self._set_state(words, "muted")
        self._fill(())
        self.steps.hide()

    def show_entry(self, entry: WeightsEntry, runs: Sequence[str] | None) -> None:
        """Show a backbone's weights; ``runs`` of the open project use them, None without a project."""
        self.title.setText(entry.title)
        if entry.present:
            self._set_state(self.tr("✓ On this computer"), "good")
            self._fill(self._facts(entry, runs))
            self.steps.hide()
            return
        self._set_state(self.tr("Not on this computer"), "muted")
        known = card(entry.name)
        size = self.tr("about {0}").format(file_size(known.parameters * _BYTES))
        self._fill([_words(self.tr("Licence"), known.licence), _words(self.tr("Size"), size)])
        last = (
            self.tr("Plug in the stick, then drop the folder on this window or choose Import folder")
            if known.ships
            else self.tr("Plug in the stick, then drop the file on this window or choose Import files")
        )
        steps = [f"{number}. {step}." for number, step in enumerate((*steps_for(known), last), start=1)]
        back, bring = self.tr("To restore them:"), self.tr("Without internet, by USB stick:")
        heading = back if known.ships else bring
        self.steps.setText("\n\n".join((heading, *steps)))
        self.steps.show()

    def _facts(self, entry: WeightsEntry, runs: Sequence[str] | None) -> list[QLabel | QLineEdit]:
        """One widget per fact, named by its heading; long paths and hashes can be copied."""
        when = QDateTime.fromString(entry.imported or "", Qt.DateFormat.ISODate).toLocalTime()
        imported = QLocale().toString(when, QLocale.FormatType.ShortFormat) if when.isValid() else ""
        known = card(entry.name)
        facts: list[QLabel | QLineEdit] = [
            _words(self.tr("Location"), whose(entry.place)),
            _copied(self.tr("File"), str(entry.path)),
            _words(self.tr("Size"), file_size(entry.bytes)),
            _words(self.tr("Source"), entry.source or ""),
            _words(self.tr("Imported"), imported),
            _words(self.tr("Licence"), known.licence),
            _words(self.tr("Trained on"), known.trained_on),
            _words(self.tr("Accuracy"), known.transfer),
            _words(self.tr("Caution"), known.caution),
            _copied(self.tr("SHA-256"), entry.sha256 or ""),
        ]
        if runs is not None:
            facts.append(_words(self.tr("Runs"), "\n".join(runs) or self.tr("none in this project")))
        facts += [_words(self.tr("Note"), note) for note in entry.notes]
        return [one for one in facts if one.text()]

    def _set_state(self, words: str, role: str) -> None:
        self.state.setText(words)
        set_role(self.state, role)

    def _fill(self, facts: Sequence[QLabel | QLineEdit]) -> None:
        while (item := self._form.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._shown = tuple(facts)
        for row, fact in enumerate(facts):
            beside = Qt.AlignmentFlag.AlignTop if isinstance(fact, QLabel) else Qt.AlignmentFlag.AlignVCenter
            self._form.addWidget(label(fact.accessibleName(), "muted"), row, 0, beside)
            self._form.addWidget(fact, row, 1)


def _words(heading: str, text: str) -> QLabel:
    made = label(text, wrap=True)
    made.setAccessibleName(heading)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def _copied(heading: str, text: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(heading)
    made.setReadOnly(True)
    made.setToolTip(text)
    made.setCursorPosition(0)
    return made
