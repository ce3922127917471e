"""A line plot with pyqtgraph, in the theme's colours. Imported late, because pyqtgraph takes long to load."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.inks import line_colour

_MOST_PLACES = 12
_MOST_POINTS = 40  # with more, the points would overlap
_FAINT_ALPHA = 110
_GRID_ALPHA = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points (x, y), colour "#rrggbb", width in pixels, solid or dotted, full or faint."""

    points: tuple[tuple[float, float], ...]
    colour: str
    dotted: bool = False
    width: float = 2.0
    faint: bool = False


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis that shows 0.00005 instead of 5e-05, even if it is logarithmic.

    ``percent`` shows fractions as percentages, ``whole`` only whole numbers. The values of a logarithmic axis
    are decimal logarithms, as returned by ``Plot.place``.
    """

    def __init__(
        self,
        side: str,
        *,
        title: str = "",
        logarithmic: bool = False,
        percent: bool = False,
        whole: bool = False,
        grid: bool = True,
    ) -> None:
        super().__init__(side, showValues=True)
        self._title = title
        self._whole = whole
        self._grid = grid
        self.logarithmic = logarithmic
        self.enableAutoSIPrefix(False)
        if percent:
            self.setScale(100.0)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return powers of ten for a logarithmic axis, with values between them if there are few."""
        if self.logarithmic:
            steps = (1,) if high - low > 2.5 else (1, 2, 5) if high - low > 0.8 else (1, 1.5, 2, 3, 4, 5, 7)
            powers = range(math.floor(low), math.ceil(high) + 1)
            found = [power + math.log10(step) for power in powers for step in steps]
            return [(1.0, [one for one in found if low <= one <= high])]
        ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
        if self._whole:
            return [(step, [one for one in at if one == round(one)]) for step, at in ticks]
        return ticks

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the tick labels, all with the number of decimals that their distance requires."""
        if self.logarithmic:
            return [f"{10**value:.12f}".rstrip("0").rstrip(".") for value in values]
        return tick_texts([value * scale for value in values], spacing * scale)

    def apply_theme(self, font: QFont) -> None:
        """Apply the theme's colours and this font."""
        theme = tokens()
        self.setPen(pg.mkPen(theme.border))
        self.setTextPen(pg.mkPen(theme.muted))
        self.setTickFont(font)
        if self._title:
            self.setLabel(self._title, color=theme.muted)
        if self._grid:
            self.setGrid(_GRID_ALPHA)


def tick_texts(values: Sequence[float], spacing: float) -> list[str]:
    """``["0", "0.00005", "0.00010"]`` for ticks 0.00005 apart: as many decimals as needed, never 5e-05."""
    places = max(0, math.ceil(-math.log10(spacing) - 1e-9)) if spacing > 0 else 0
    while places < _MOST_PLACES and abs(round(spacing, places) - spacing) > spacing * 1e-6:
        places += 1
    return [f"{value:.{places}f}" if value else "0" for value in values]


class _Curve:
    """The graphics items of one line, updated as it grows."""

    def __init__(self, plot: Plot, *, points: bool) -> None:
        self._place = plot.place
        self._line = plot.add(pg.PlotCurveItem(antialias=True))
        self._points = plot.add(pg.ScatterPlotItem(size=5, pen=None, antialias=True)) if points else None
        self._shown: Line | None = None

    def show(self, line: Line) -> None:
        """Draw this line, with its points if there are few."""
        if line == self._shown:
            return
        self._shown = line
        colour = line_colour(line.colour)
        if line.faint:
            colour.setAlpha(_FAINT_ALPHA)
        style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
        xs, ys = [self._place(x) for x, _ in line.points], [y for _, y in line.points]
        self._line.setData(xs, ys, pen=pg.mkPen(colour, width=line.width, style=style))
        if self._points is not None:
            few = len(xs) <= _MOST_POINTS and not line.faint
            self._points.setData(xs if few else [], ys if few else [], brush=colour)

    def forget(self) -> None:
        """Redraw next time even if the line is the same, because the theme's colours have changed."""
        self._shown = None

    def hide(self) -> None:
        """Hide the line."""
        self.show(Line((), "#000000"))


class Plot(QWidget):
    """Two axes, lines, and one vertical mark; with ``points``, lines with few points also show them.

    A bare view box with two axes: pyqtgraph's PlotItem would add menus and dialogs that are not needed.
    ``EpochPlot`` and ``XYPlot`` use it and add their own items.
    """

    def __init__(self, left: Axis, bottom: Axis, *, points: bool = False) -> None:
        super().__init__()
        self.left, self.bottom = left, bottom
        self.view = pg.ViewBox(enableMenu=False)
        self.view.setMouseEnabled(x=False, y=False)
        self.mark = pg.InfiniteLine(angle=90, movable=False)
        self.mark.hide()
        self.canvas = pg.GraphicsView(self, useOpenGL=False, background=None)
        self._with_points = points
        self._curves: list[_Curve] = []
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._arrange()
        self.apply_theme()

    def place(self, x: float) -> float:
        """Return the view coordinate of ``x``: its decimal logarithm if the bottom axis is logarithmic."""
        return math.log10(max(x, 1e-12)) if self.bottom.logarithmic else x

    def value(self, place: float) -> float:
        """Return the x for a view coordinate."""
        return float(10**place) if self.bottom.logarithmic else place

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Replace the lines.

        Items are updated rather than recreated: during training every call into Qt waits for the interpreter
        lock, and creating an item takes dozens of calls.
        """
        for number, line in enumerate(lines):
            if number == len(self._curves):
                self._curves.append(_Curve(self, points=self._with_points))
            self._curves[number].show(line)
        for curve in self._curves[len(lines) :]:
            curve.hide()

    def show_mark(self, x: float | None) -> None:
        """Set the position of the vertical mark, or hide it."""
        self.mark.setVisible(x is not None)
        if x is not None:
            self.mark.setValue(self.place(x))

    def show_range(self, across: tuple[float, float], up: tuple[float, float]) -> bool:
        """Show this range in view coordinates; return whether it differs from the previous one."""
        if (across, up) == self._ranges:
            return False
        self._ranges = (across, up)
        self.view.setRange(xRange=across, yRange=up, padding=0)
        return True

    def add(self, item: Any) -> Any:  # noqa: ANN401 - pyqtgraph has no types
        """Add a pyqtgraph item without changing the visible range."""
        self.view.addItem(item, ignoreBounds=True)
        return item

    def remove(self, items: Sequence[object]) -> None:
        """Remove what ``add`` added."""
        for item in items:
            self.view.removeItem(item)

    def apply_theme(self) -> None:
        """Apply the theme's colours; lines are redrawn with the next ``show_lines``."""
        theme = tokens()
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        for axis in (self.left, self.bottom):
            axis.apply_theme(font)
        self.mark.setPen(pg.mkPen(theme.text, width=1.5, style=Qt.PenStyle.DashLine))
        self.mark.setHoverPen(pg.mkPen(theme.accent, width=2.4))
        self.canvas.setBackground(theme.surface)
        for curve in self._curves:
            curve.forget()

    def _arrange(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 4, 8, 0)
        layout.setSpacing(0)
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.view, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.left.linkToView(self.view)
        self.bottom.linkToView(self.view)
        self.add(self.mark)
        self.canvas.setCentralItem(layout)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        fill(self, self.canvas)


def fill(outer: QWidget, inner: QWidget) -> None:
    """Let ``inner`` fill all of ``outer``."""
    box = QVBoxLayout(outer)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(inner)
