"""One plot over epochs with pyqtgraph, in the theme's colours. Imported late: pyqtgraph takes its time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.phase_band import PhaseBand

_MOST_PLACES = 12
_AXIS_WIDTH = 60
_DOTS = 40  # more would run into each other


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points (epoch, value), colour "#rrggbb", dotted for what was seen while learning."""

    points: tuple[tuple[float, float], ...]
    colour: str
    dotted: bool = False
    width: float = 2.0
    faint: bool = False


class _Curve:
    """The items of one line, kept and moved as it grows."""

    def __init__(self, view: pg.ViewBox) -> None:
        self._line = pg.PlotCurveItem(antialias=True)
        self._dots = pg.ScatterPlotItem(size=5, pen=None, antialias=True)
        self._shown: Line | None = None
        for item in (self._line, self._dots):
            view.addItem(item, ignoreBounds=True)

    def show(self, line: Line) -> None:
        """Draw this line, dots at its points while they are few."""
        if line == self._shown:
            return
        self._shown = line
        colour = line_colour(line.colour)
        if line.faint:
            colour.setAlpha(110)
        style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
        xs, ys = [point[0] for point in line.points], [point[1] for point in line.points]
        self._line.setData(xs, ys, pen=pg.mkPen(colour, width=line.width, style=style))
        few = len(xs) <= _DOTS and not line.faint
        self._dots.setData(xs if few else [], ys if few else [], brush=colour)

    def forget(self) -> None:
        """Draw anew next time, the line may be the same: the colours of the theme have changed."""
        self._shown = None

    def hide(self) -> None:
        """Draw nothing."""
        self.show(Line((), "#000000"))


class _PlainAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis that writes 0.00005 and not 5e-05."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The numbers beside the axis, all with the places that their distance needs."""
        return tick_texts([value * scale for value in values], spacing * scale)


def tick_texts(values: Sequence[float], spacing: float) -> list[str]:
    """``["0", "0.00005", "0.00010"]`` for ticks 0.00005 apart: in the places they need, never 5e-05."""
    places = max(0, math.ceil(-math.log10(spacing) - 1e-9)) if spacing > 0 else 0
    while places < _MOST_PLACES and abs(round(spacing, places) - spacing) > spacing * 1e-6:
        places += 1
    return [f"{value:.{places}f}" if value else "0" for value in values]


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
        self._left = _PlainAxis("left", showValues=True)
        self._bottom = pg.AxisItem("bottom", showValues=True)
        self._unit = unit
        self._furniture: list[object] = []
        self._drawn: tuple[object, ...] | None = None
        self._best = pg.InfiniteLine(angle=90)
        self._best.setZValue(-30)  # behind the bands, which it shows through, and their titles
        self._curves: list[_Curve] = []
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._bands: tuple[PhaseBand, ...] = ()
        self._epochs = 1
        self._screen = pg.GraphicsView(self, useOpenGL=False, background=None)
        # Painting takes its time: no empty axes before there is something to draw.
        self._screen.setUpdatesEnabled(False)
        self._arrange()

    def show_lines(self, lines: Sequence[Line], best: int | None) -> None:
        """Draw these lines in place of the former ones, and mark the best epoch.

        What is there already is moved rather than made anew: while a network learns, every call into Qt waits
        for the interpreter, and making an item takes dozens of them.
        """
        self._furnish()
        self._mark(best)
        for number, line in enumerate(lines):
            if number == len(self._curves):
                self._curves.append(_Curve(self._view))
            self._curves[number].show(line)
        for curve in self._curves[len(lines) :]:
            curve.hide()
        self._fit(lines)
        self._screen.setUpdatesEnabled(True)

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
        self._view.addItem(self._best, ignoreBounds=True)
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
        self._best.setPen(pg.mkPen(theme.text, width=1.4, style=Qt.PenStyle.DashLine))
        self._left.setGrid(40)
        self._screen.setBackground(theme.surface)
        for curve in self._curves:
            curve.forget()

    def _furnish(self) -> None:
        """The bands, made anew only when they change."""
        wanted = (self._bands, tokens())
        if wanted == self._drawn:
            return
        self._drawn = wanted
        for item in self._furniture:
            self._view.removeItem(item)
        self._furniture = []
        self._add_bands()

    def _mark(self, best: int | None) -> None:
        self._best.setVisible(best is not None)
        if best is not None:
            self._best.setValue(best)

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
                    region.lines[0],
                    self.tr("phase {0} · {1}").format(number, band.title),
                    position=0.93,
                    fill=theme.frozen_fill if band.only_head else theme.trained_fill,
                )
                text.setColor(ink)
                text.setAnchor((0, 0.5))
                text.orthoPos = 0.93
                text.anchors = [(0, 0.5), (0, 0.5)]

    def _add(self, item: object) -> None:
        self._view.addItem(item, ignoreBounds=True)
        self._furniture.append(item)

    def _fit(self, lines: Sequence[Line]) -> None:
        last = max((point[0] for line in lines for point in line.points), default=1.0)
        high = max(self._epochs, last)
        ranges = ((0.5, high + 0.5), self._height(lines))
        if ranges == self._ranges:
            return
        self._ranges = ranges
        self._view.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)
        self._bottom.setTicks([_epoch_ticks(int(high))])

    def _height(self, lines: Sequence[Line]) -> tuple[float, float]:
        """From where to where the values go, with room, in steps: it should not change all the time."""
        values = [point[1] for line in lines for point in line.points if point[1] == point[1]]
        if not values:
            return 0.0, 1.0
        low, top = min(values), max(values)
        if self._unit == "%":
            low, top = max(0.0, low - 0.05), min(1.0, top + 0.05)
        room = max((top - low) * 0.12, abs(top) * 0.02, 1e-9)
        step = 10.0 ** math.floor(math.log10(top - low + 2 * room)) / 2
        floor = max(math.floor((low - room) / step) * step, 0.0)
        ceiling = math.ceil((top + room * 1.6) / step) * step
        return floor, min(ceiling, 1.02) if self._unit == "%" else ceiling

    def view_point(self, x: float, y: float) -> QPointF:
        """Where a point of the plot lies in the widget, in pixels (for tests and tips)."""
        return QPointF(self._view.mapViewToScene(QPointF(x, y)))


def _epoch_ticks(last: int) -> list[tuple[float, str]]:
    """At most about ten whole epochs."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**6) if last / step <= 10)
    marks = [1, *range(step, last + 1, step)] if step > 1 else list(range(1, last + 1))
    return [(float(mark), str(mark)) for mark in marks]
