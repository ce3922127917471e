"""A plot of lines and dots over any x with pyqtgraph, in the theme's colours. Imported late, like plot.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tldesk.ui.theme import theme, tokens
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.plot import Line

_ROOM = 0.1
_SMALLEST_PART = 0.02  # of a range that would else have no width


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: x, y, colour "#rrggbb", a name above it, hollow or full, and how sure y is (from, to)."""

    x: float
    y: float
    colour: str
    name: str = ""
    hollow: bool = False
    sure: tuple[float, float] | None = None


class _Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Writes 0.001 where the axis is logarithmic, whole numbers where asked, and percent as people do."""

    def __init__(
        self, side: str, *, logarithmic: bool = False, percent: bool = False, whole: bool = False
    ) -> None:
        super().__init__(side, showValues=True)
        self._whole = whole
        self._logarithmic = logarithmic
        self._percent = percent
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Powers of ten on a logarithmic axis, with 2 and 5 between where there are few."""
        if not self._logarithmic:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            if self._whole:
                return [(step, [one for one in at if one == round(one)]) for step, at in ticks[:2]]
            return ticks[:2]
        steps = (1,) if high - low > 2.5 else (1, 2, 5) if high - low > 0.8 else (1, 1.5, 2, 3, 4, 5, 7)
        powers = range(math.floor(low), math.ceil(high) + 1)
        found = [power + math.log10(step) for power in powers for step in steps]
        return [(1.0, [one for one in found if low <= one <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The numbers beside the axis."""
        if self._logarithmic:
            return [f"{10**value:.12f}".rstrip("0").rstrip(".") for value in values]
        if self._percent:
            return [f"{value * 100:g}" for value in (round(value, 6) for value in values)]
        texts: list[str] = super().tickStrings(values, scale, spacing)
        return texts


class XYPlot(QWidget):
    """Lines, dots with names, and one upright mark that may be dragged (``moved`` brings its x)."""

    moved = Signal(float)

    def __init__(
        self,
        name: str,
        across: str,
        up: str,
        *,
        log_x: bool = False,
        percent: bool = False,
        whole_x: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._log = log_x
        self._titles = (up, across)
        self._view = pg.ViewBox(enableMenu=False)
        self._view.setMouseEnabled(x=False, y=False)
        self._left = _Axis("left", percent=percent)
        self._bottom = _Axis("bottom", logarithmic=log_x, whole=whole_x)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._items: list[object] = []
        self._fixed: tuple[float, float] | None = None
        self._shown: tuple[tuple[Line, ...], tuple[Dot, ...]] = ((), ())
        self._screen = pg.GraphicsView(self, useOpenGL=False, background=None)
        self._arrange()
        self._mark.sigDragged.connect(lambda line: self.moved.emit(self._of(float(line.value()))))
        theme().changed.connect(self._wear)

    def show_all(self, lines: Sequence[Line], dots: Sequence[Dot] = ()) -> None:
        """Draw these in place of the former ones; x in its own unit, also where the axis is logarithmic."""
        self._shown = (tuple(lines), tuple(dots))
        for item in self._items:
            self._view.removeItem(item)
        self._items = []
        for line in lines:
            self._add_line(line)
        for dot in dots:
            self._add_dot(dot)
        self._fit()

    def set_mark(self, x: float | None, *, movable: bool = False) -> None:
        """Put the upright mark there, or take it away."""
        self._mark.setVisible(x is not None)
        self._mark.setMovable(movable)
        if x is not None:
            self._mark.setValue(self._at(x))

    def set_across(self, low: float, high: float) -> None:
        """From where to where x goes, whatever is drawn."""
        self._fixed = (self._at(low), self._at(high))

    @property
    def shown(self) -> tuple[tuple[Line, ...], tuple[Dot, ...]]:
        """What is drawn."""
        return self._shown

    def _arrange(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 4, 8, 0)
        layout.setSpacing(0)
        layout.addItem(self._left, 0, 0)
        layout.addItem(self._view, 0, 1)
        layout.addItem(self._bottom, 1, 1)
        self._left.linkToView(self._view)
        self._bottom.linkToView(self._view)
        self._left.setWidth(64)
        self._bottom.setHeight(50)
        self._view.addItem(self._mark, ignoreBounds=True)
        self._mark.hide()
        self._screen.setCentralItem(layout)
        self._screen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._screen.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._screen)
        self._view.setRange(xRange=(-3, 0) if self._log else (0, 1), yRange=(0, 1), padding=0)
        self._wear()

    def _wear(self) -> None:
        worn = tokens()
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        for axis, title in zip((self._left, self._bottom), self._titles, strict=True):
            axis.setPen(pg.mkPen(worn.border))
            axis.setTextPen(pg.mkPen(worn.muted))
            axis.setTickFont(font)
            axis.setLabel(title, color=worn.muted)
            axis.setGrid(40)
        self._mark.setPen(pg.mkPen(worn.text, width=1.6, style=Qt.PenStyle.DashLine))
        self._mark.setHoverPen(pg.mkPen(worn.accent, width=2.4))
        self._screen.setBackground(worn.surface)
        self.show_all(*self._shown)

    def _add_line(self, line: Line) -> None:
        colour = line_colour(line.colour)
        if line.faint:
            colour.setAlpha(110)
        style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
        xs, ys = [self._at(x) for x, _ in line.points], [y for _, y in line.points]
        self._add(
            pg.PlotCurveItem(xs, ys, pen=pg.mkPen(colour, width=line.width, style=style), antialias=True)
        )

    def _add_dot(self, dot: Dot) -> None:
        colour, ground = line_colour(dot.colour), tokens().surface
        item = pg.ScatterPlotItem(
            [self._at(dot.x)],
            [dot.y],
            size=10,
            pen=pg.mkPen(colour, width=2),
            brush=pg.mkBrush(ground if dot.hollow else colour),
            antialias=True,
        )
        self._add(item)
        if dot.sure is not None:
            x, (low, high) = self._at(dot.x), dot.sure
            self._add(pg.PlotCurveItem([x, x], [low, high], pen=pg.mkPen(colour, width=1.5), antialias=True))
        if dot.name:
            text = pg.TextItem(dot.name, color=tokens().text, anchor=(self._side(dot.x), 1.3))
            text.setPos(QPointF(self._at(dot.x), dot.y))
            self._add(text)

    def _side(self, x: float) -> float:
        """Which part of a name stands at its dot: near an edge it must not go over it."""
        low, high = self._across()
        share = (self._at(x) - low) / (high - low)
        return 0.0 if share < 0.3 else 1.0 if share > 0.7 else 0.5

    def _add(self, item: object) -> None:
        self._view.addItem(item, ignoreBounds=True)
        self._items.append(item)

    def _fit(self) -> None:
        points = self._points()
        # Numbers beside an empty plot would mean nothing.
        for axis in (self._left, self._bottom):
            axis.setStyle(showValues=bool(points))
        if points:
            self._view.setRange(xRange=self._across(), yRange=_range([y for _, y in points]), padding=0)

    def _points(self) -> list[tuple[float, float]]:
        lines, dots = self._shown
        points = [point for line in lines for point in line.points if math.isfinite(point[1])]
        points += [(dot.x, dot.y) for dot in dots]
        return points + [(dot.x, end) for dot in dots if dot.sure is not None for end in dot.sure]

    def _across(self) -> tuple[float, float]:
        return self._fixed or _range([self._at(x) for x, _ in self._points()])

    def _at(self, x: float) -> float:
        return math.log10(max(x, 1e-12)) if self._log else x

    def _of(self, place: float) -> float:
        return 10**place if self._log else place


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * _ROOM, abs(high) * _SMALLEST_PART, 1e-9 if high else _SMALLEST_PART)
    return low - room, high + room
