"""One plot over epochs with pyqtgraph, in the theme's colours. Imported late: pyqtgraph takes its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.phase_band import PhaseBand

_AXIS_WIDTH = 56


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points (epoch, value), colour "#rrggbb", dotted for what was seen while learning."""

    points: tuple[tuple[float, float], ...]
    colour: str
    dotted: bool = False
    width: float = 2.0
    faint: bool = False


class EpochPlot(QWidget):
    """Lines over epochs, phases as bands behind them, the best epoch as a dashed line.

    A bare view box with two axes: pyqtgraph's PlotItem would bring menus and dialogs that nobody needs here.
    """

    def __init__(
        self, name: str, *, unit: str = "", show_phases: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._show_phase_titles = show_phases
        self._view = pg.ViewBox(enableMenu=False)
        self._view.setMouseEnabled(x=False, y=False)
        self._view.setDefaultPadding(0.04)
        self._left = pg.AxisItem("left", showValues=True)
        self._bottom = pg.AxisItem("bottom", showValues=True)
        self._unit = unit
        self._items: list[object] = []
        self._bands: tuple[PhaseBand, ...] = ()
        self._epochs = 1
        self._screen = pg.GraphicsView(self, useOpenGL=False, background=None)
        self._arrange()

    def show_lines(self, lines: Sequence[Line], best: int | None) -> None:
        """Draw these lines in place of the former ones, and mark the best epoch."""
        for item in self._items:
            self._view.removeItem(item)
        self._items = []
        self._add_bands()
        for line in lines:
            if line.points:
                self._add_line(line)
        if best is not None:
            self._add_best(best)
        self._fit(lines)

    def set_phases(self, bands: Sequence[PhaseBand], epochs: int) -> None:
        """The phases, and how many epochs there will be at most; seen with the next ``show_lines``."""
        self._bands = tuple(bands)
        self._epochs = max(epochs, 1)

    def _arrange(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 4, 4, 0)
        layout.setSpacing(0)
        layout.addItem(self._left, 0, 0)
        layout.addItem(self._view, 0, 1)
        layout.addItem(self._bottom, 1, 1)
        self._left.linkToView(self._view)
        self._bottom.linkToView(self._view)
        self._left.setWidth(_AXIS_WIDTH)
        self._left.enableAutoSIPrefix(False)
        if self._unit == "%":
            self._left.setScale(100.0)
        self._screen.setCentralItem(layout)
        self._screen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._screen.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._screen)
        self.wear()

    def wear(self) -> None:
        """Put on the theme's colours; the lines are redrawn by whoever owns them."""
        theme = tokens()
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        for axis in (self._left, self._bottom):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(font)
        self._left.setGrid(40)
        self._screen.setBackground(theme.surface)

    def _add_bands(self) -> None:
        theme = tokens()
        for number, band in enumerate(self._bands, 1):
            low = band.first_epoch - 0.5
            fill = QColor(theme.frozen_fill if band.only_head else theme.trained_fill)
            fill.setAlpha(90)
            span = (low, low + band.epochs)
            region = pg.LinearRegionItem(span, movable=False, brush=fill, pen=pg.mkPen(None))
            region.setZValue(-20)
            self._add(region)
            if self._show_phase_titles:
                ink = theme.frozen_text if band.only_head else theme.trained_text
                text = pg.InfLineLabel(
                    region.lines[0], self.tr("phase {0} · {1}").format(number, band.title), position=0.93
                )
                text.setColor(ink)
                text.setAnchor((0, 0.5))
                text.orthoPos = 0.93
                text.anchors = [(0, 0.5), (0, 0.5)]

    def _add_line(self, line: Line) -> None:
        colour = line_colour(line.colour)
        if line.faint:
            colour.setAlpha(110)
        style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
        xs, ys = zip(*line.points, strict=True)
        pen = pg.mkPen(colour, width=line.width, style=style)
        curve = pg.PlotCurveItem(list(xs), list(ys), pen=pen, antialias=True)
        self._add(curve)
        if len(xs) <= 40 and not line.faint:
            dots = pg.ScatterPlotItem(list(xs), list(ys), size=5, pen=None, brush=colour, antialias=True)
            self._add(dots)

    def _add_best(self, best: int) -> None:
        pen = pg.mkPen(tokens().text, width=1.4, style=Qt.PenStyle.DashLine)
        self._add(pg.InfiniteLine(pos=best, angle=90, pen=pen))

    def _add(self, item: object) -> None:
        self._view.addItem(item, ignoreBounds=True)
        self._items.append(item)

    def _fit(self, lines: Sequence[Line]) -> None:
        last = max((point[0] for line in lines for point in line.points), default=1.0)
        high = max(self._epochs, last)
        self._view.setXRange(0.5, high + 0.5, padding=0)
        self._bottom.setTicks([_epoch_ticks(int(high))])
        values = [point[1] for line in lines for point in line.points if point[1] == point[1]]
        if not values:
            self._view.setYRange(0, 1, padding=0)
            return
        low, top = min(values), max(values)
        if self._unit == "%":
            low, top = max(0.0, low - 0.05), min(1.0, top + 0.05)
        room = max((top - low) * 0.12, abs(top) * 0.02, 1e-9)
        floor = max(low - room, 0.0)
        ceiling = min(top + room, 1.02) if self._unit == "%" else top + room * 1.6
        self._view.setYRange(floor, ceiling, padding=0)

    def view_point(self, x: float, y: float) -> QPointF:
        """Where a point of the plot lies in the widget, in pixels (for tests and tips)."""
        return QPointF(self._view.mapViewToScene(QPointF(x, y)))


def _epoch_ticks(last: int) -> list[tuple[float, str]]:
    """At most about ten whole epochs."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**6) if last / step <= 10)
    marks = [1, *range(step, last + 1, step)] if step > 1 else list(range(1, last + 1))
    return [(float(mark), str(mark)) for mark in marks]
