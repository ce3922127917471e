"""Lines, named dots and a draggable mark over any x. Imported late, like plot.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from tldesk.ui.theme import theme, tokens
from tldesk.ui.widgets.inks import line_colour
from tldesk.ui.widgets.plot import Axis, Line, Plot, fill

_ROOM = 0.1  # margin around the content, as a share of its range
_SMALLEST_PART = 0.02  # smallest margin, as a share of the largest value


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: x, y, colour "#rrggbb", a name above it, hollow or filled, the interval of y (from, to)."""

    x: float
    y: float
    colour: str
    name: str = ""
    hollow: bool = False
    interval: tuple[float, float] | None = None


class XYPlot(QWidget):
    """Lines, dots with names, and one vertical mark that can be dragged (``moved`` passes its x)."""

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
        """``across`` and ``up`` are the titles of the axes; ``percent`` is for values in [0, 1]."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._dot_items: list[object] = []
        self._fixed: tuple[float, float] | None = None
        self._shown: tuple[tuple[Line, ...], tuple[Dot, ...]] = ((), ())
        left = Axis("left", title=up, percent=percent)
        self.plot = Plot(left, Axis("bottom", title=across, logarithmic=log_x, whole=whole_x))
        self.plot.left.setWidth(64)
        self.plot.bottom.setHeight(50)
        for axis in (self.plot.left, self.plot.bottom):
            axis.setStyle(maxTickLevel=1)
        self.plot.show_range((-3, 0) if log_x else (0, 1), (0, 1))
        fill(self, self.plot)
        self.plot.mark.sigDragged.connect(lambda line: self.moved.emit(self.plot.value(float(line.value()))))
        theme().changed.connect(self._apply_theme)
        self._fit()

    def show_all(self, lines: Sequence[Line], dots: Sequence[Dot] = ()) -> None:
        """Replace the content; x in its own unit, even if the axis is logarithmic."""
        self._shown = (tuple(lines), tuple(dots))
        self.plot.remove(self._dot_items)
        self._dot_items = []
        self.plot.show_lines(lines)
        for dot in dots:
            self._add_dot(dot)
        self._fit()

    def set_mark(self, x: float | None, *, movable: bool = False) -> None:
        """Set the position of the vertical mark, or hide it."""
        self.plot.mark.setMovable(movable)
        self.plot.show_mark(x)

    def set_across(self, low: float, high: float) -> None:
        """Fix the range of x regardless of the content."""
        self._fixed = (self.plot.place(low), self.plot.place(high))

    @property
    def shown(self) -> tuple[tuple[Line, ...], tuple[Dot, ...]]:
        """The lines and dots shown."""
        return self._shown

    def _apply_theme(self) -> None:
        self.plot.apply_theme()
        self.show_all(*self._shown)

    def _add_dot(self, dot: Dot) -> None:
        colour, x = line_colour(dot.colour), self.plot.place(dot.x)
        brush = pg.mkBrush(tokens().surface if dot.hollow else colour)
        self._add(
            pg.ScatterPlotItem(
                [x], [dot.y], size=10, pen=pg.mkPen(colour, width=2), brush=brush, antialias=True
            )
        )
        if dot.interval is not None:
            pen = pg.mkPen(colour, width=1.5)
            self._add(pg.PlotCurveItem([x, x], list(dot.interval), pen=pen, antialias=True))
        if dot.name:
            text = pg.TextItem(dot.name, color=tokens().text, anchor=(self._anchor(x), 1.3))
            text.setPos(QPointF(x, dot.y))
            self._add(text)

    def _anchor(self, place: float) -> float:
        """Return the horizontal anchor of a name at its dot, so that names near an edge stay inside."""
        low, high = self._across()
        share = (place - low) / (high - low)
        return 0.0 if share < 0.3 else 1.0 if share > 0.7 else 0.5

    def _add(self, item: object) -> None:
        self._dot_items.append(self.plot.add(item))

    def _fit(self) -> None:
        points = self._points()
        # Numbers on the axes of an empty plot would be meaningless.
        for axis in (self.plot.left, self.plot.bottom):
            axis.setStyle(showValues=bool(points))
        if points:
            self.plot.show_range(self._across(), _range([y for _, y in points]))

    def _points(self) -> list[tuple[float, float]]:
        lines, dots = self._shown
        points = [point for line in lines for point in line.points if math.isfinite(point[1])]
        points += [(dot.x, dot.y) for dot in dots]
        return points + [(dot.x, end) for dot in dots if dot.interval is not None for end in dot.interval]

    def _across(self) -> tuple[float, float]:
        return self._fixed or _range([self.plot.place(x) for x, _ in self._points()])


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * _ROOM, abs(high) * _SMALLEST_PART, 1e-9 if high else _SMALLEST_PART)
    return low - room, high + room
