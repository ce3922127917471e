"""Backbones compared on the project's images: a growing table, a plot, and a button to use one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QWidget

from tldesk.base import duration, percent, plural
from tldesk.model.card_types import Card
from tldesk.ui.model.tools.progress_line import ProgressLine
from tldesk.ui.model.tools.tool_frame import button_row, lay_out, show_primary, show_words
from tldesk.ui.model.tools.xy_plot import Dot, XYPlot
from tldesk.ui.theme import OKABE_ITO
from tldesk.ui.widgets.backbone_model import millions
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.plain_table import PlainTable
from tldesk.ui.widgets.plot import Line
from tldesk.ui.widgets.select_row import select_row

if TYPE_CHECKING:
    from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking, Unranked

_BLUE, _GREY = OKABE_ITO[0], OKABE_ITO[7]


class RankDialog(QDialog):
    """``wanted`` passes the names to compare, ``chosen`` the selected backbone."""

    wanted = Signal(object)  # tuple of names
    chosen = Signal(str)

    def __init__(self, cards: Sequence[Card], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rankDialog")
        self.setWindowTitle(self.tr("Rank backbones"))
        self._cards: Mapping[str, Card] = {card.name: card for card in cards}
        self._ranking: Ranking | None = None
        self._found: dict[str, RankedBackbone] = {}
        self._failed: dict[str, Unranked] = {}
        self._order: list[str] = list(self._cards)
        self._running = False
        self.line = ProgressLine()
        self.start_button = QPushButton(self.tr("Rank"))
        self.use_button = QPushButton(self.tr("Use this backbone"))
        self._build()
        show_words(self.told, "")
        self._show()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        intro = label(self._intro(), "muted", wrap=True)
        titles = [
            self.tr("Backbone"),
            self.tr("Balanced accuracy"),
            self.tr("LogME"),
            self.tr("Per image"),
            self.tr("Size"),
            self.tr("Time"),
        ]
        self.table = PlainTable(self.tr("Backbones"), titles, numbers=(1, 2, 3, 4, 5))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_choice())
        self.table.activated.connect(lambda _index: self._use())
        self.plot = XYPlot(
            self.tr("Balanced accuracy against time per image"),
            self.tr("time per image (ms), on this computer"),
            self.tr("balanced accuracy (%)"),
            log_x=True,
            percent=True,
        )
        self.plot.setMinimumHeight(190)
        self.told = label(wrap=True)
        left, right = Panel(self.tr("Accuracy with a simple head")), Panel(self.tr("Accuracy and time"))
        left.body.addWidget(self.table)
        right.body.addWidget(self.plot)
        panels = QHBoxLayout()
        panels.setSpacing(12)
        panels.addWidget(left, 6)
        panels.addWidget(right, 5)
        lay_out(self, [intro, panels, self.told, self.line, self._buttons()], panels)
        self.resize(1080, 600)

    def _buttons(self) -> QDialogButtonBox:
        self.start_button.clicked.connect(lambda _checked: self._ask())
        self.use_button.clicked.connect(lambda _checked: self._use())
        return button_row(self, self.start_button, self.use_button)

    def _intro(self) -> str:
        if not self._cards:
            return self.tr(
                "There are no pretrained weights on this computer yet. Import some on the "
                "Model page first, then compare the backbones here."
            )
        return self.tr(
            "Every backbone whose weights are on this computer processes the training and "
            "validation images once; a simple head on its features is then cross-validated. "
            "Groups stay together, and the test images are not used. The features are "
            "cached, so later training with the backbone is faster. Select several rows to "
            "compare only those backbones."
        )

    # --- states ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Show that the comparison is running."""
        self._running = True
        self._ranking, self._found, self._failed = None, {}, {}
        self.table.clearSelection()
        show_words(self.told, "")
        self._show()

    def add(self, one: RankedBackbone | Unranked | Ranking) -> None:
        """Add a backbone that was evaluated or could not be; at the end, the ranking of all."""
        from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking

        if isinstance(one, Ranking):
            self._ranking = one
            return
        if isinstance(one, RankedBackbone):
            self._found[one.name] = one
        else:
            self._failed[one.name] = one
        self._sort()
        self._show()

    def end(self, how: str) -> None:
        """Show how it ended: "done", "stopped" or "failed"."""
        found = self._ranking
        self._running = False
        self._show()
        if found is None:
            return
        done = len(found.backbones) + len(found.unranked)
        lines = []
        if how == "stopped":
            lines.append(self.tr("Stopped after {0} of {1} backbones.").format(done, found.wanted))
        if found.backbones:
            lines.append(self._advice(found))
        lines += [f"{one.title}: {one.why}" for one in found.unranked]
        show_words(self.told, " ".join(lines))
        if found.suggested is not None:
            select_row(self.table, self._order.index(found.suggested.name))
            self.use_button.setFocus()

    def _advice(self, found: Ranking) -> str:
        wanted, best = found.suggested, found.backbones[0]
        judged = self.tr("Cross-validated on {0} in {1} folds.").format(
            plural(found.images, self.tr("image"), self.tr("images")), found.folds
        )
        if wanted is None or len(found.backbones) == 1:
            return judged
        if wanted is best:
            return self.tr("Suggested: {0}. {1}").format(best.title, judged)
        return self.tr(
            "Suggested: {0}. The lead of {1} is not statistically significant, and it is slower. {2}"
        ).format(wanted.title, best.title, judged)

    # --- display --------------------------------------------------------------------------------------------

    def _sort(self) -> None:
        def place(name: str) -> tuple[float, float]:
            one = self._found.get(name)
            return (1.0, 0.0) if one is None else (-one.balanced_accuracy.value, -one.logme)

        self._order.sort(key=place)

    def _show(self) -> None:
        self.table.set_rows([self._row(name) for name in self._order])
        self.table.setEnabled(not self._running)
        self._show_plot()
        self._show_choice()

    def _row(self, name: str) -> tuple[str, ...]:
        card, one = self._cards[name], self._found.get(name)
        size = millions(card.parameters)
        if name in self._failed:
            return (card.title, self.tr("not ranked"), "–", "–", size, "–")
        if one is None:
            return (card.title, "–", "–", "–", size, "–")
        share = one.balanced_accuracy
        words = f"{percent(share.value)} ({share.low * 100:.0f} to {share.high * 100:.0f})"
        pace = f"{one.seconds_a_picture * 1000:.1f} ms"
        return (card.title, words, f"{one.logme:.3f}", pace, size, duration(one.seconds))

    def _show_plot(self) -> None:
        from tldesk.evaluation import pareto_front

        found = sorted(self._found.values(), key=lambda one: one.seconds_a_picture)
        worth = pareto_front(
            [one.seconds_a_picture for one in found], [one.balanced_accuracy.value for one in found]
        )
        points = [(one.seconds_a_picture * 1000, one.balanced_accuracy.value) for one in found]
        dots = [
            Dot(x, y, _BLUE if good else _GREY, one.title, hollow=not good, interval=_bounds(one))
            for one, good, (x, y) in zip(found, worth, points, strict=True)
        ]
        front = tuple(point for point, good in zip(points, worth, strict=True) if good)
        self.plot.show_all([Line(front, _BLUE, dotted=True)] if len(front) > 1 else [], dots)

    def _show_choice(self) -> None:
        rows = self._selected()
        judged = len(rows) == 1 and rows[0] in self._found
        self.start_button.setEnabled(bool(self._cards) and not self._running)
        self.start_button.setText(
            self.tr("Rank {0}").format(len(rows)) if len(rows) > 1 else self.tr("Rank all")
        )
        self.use_button.setEnabled(judged and not self._running)
        primary = self.use_button if self._found and not self._running else self.start_button
        show_primary((self.start_button, self.use_button), primary)

    def _selected(self) -> list[str]:
        return [self._order[index.row()] for index in self.table.selectionModel().selectedRows()]

    # --- requests -------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        rows = self._selected()
        self.wanted.emit(tuple(rows if len(rows) > 1 else self._cards))

    def _use(self) -> None:
        rows = self._selected()
        if self.use_button.isEnabled():
            self.chosen.emit(rows[0])
            self.accept()


def _bounds(one: RankedBackbone) -> tuple[float, float]:
    return one.balanced_accuracy.low, one.balanced_accuracy.high
