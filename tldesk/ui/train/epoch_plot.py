"""Lines over epochs, with the phases as bands and the best epoch marked. Imported late, like plot.py."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.phase_band import PhaseBand
from tldesk.ui.widgets.plot import Axis, Line, Plot, fill

_AXIS_WIDTH = 60
_TITLE_HEIGHT = 0.93  # position of the titles, as a share of the plot's height


class EpochPlot(QWidget):
    """Lines over epochs, phases as bands behind them, the best epoch as a dashed line.

    ``percent`` writes values of [0, 1] as percentages.
    """

    def __init__(
        self, name: str, *, percent: bool = False, show_phases: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._percent = percent
        self._show_phase_titles = show_phases
        self._bands: tuple[PhaseBand, ...] = ()
        self._band_items: list[object] = []
        self._drawn_bands: tuple[object, ...] | None = None
        self._epochs = 1
        self.plot = Plot(Axis("left", percent=percent), Axis("bottom", grid=False), points=True)
        self.plot.left.setWidth(_AXIS_WIDTH)
        self.plot.view.setDefaultPadding(0.04)
        self.plot.mark.setZValue(-30)  # behind the translucent bands and their titles
        # Painting takes time, so there are no empty axes before there is something to draw.
        self.plot.canvas.setUpdatesEnabled(False)
        fill(self, self.plot)

    def show_lines(self, lines: Sequence[Line], best: int | None) -> None:
        """Replace the lines, and mark the best epoch."""
        self._show_bands()
        self.plot.show_mark(best)
        self.plot.show_lines(lines)
        self._fit(lines)
        self.plot.canvas.setUpdatesEnabled(True)

    def set_phases(self, bands: Sequence[PhaseBand], epochs: int) -> None:
        """Set the phases and the maximum number of epochs; drawn with the next ``show_lines``."""
        self._bands = tuple(bands)
        self._epochs = max(epochs, 1)

    def apply_theme(self) -> None:
        """Apply the theme's colours; drawn with the next ``show_lines``."""
        self.plot.apply_theme()

    def _show_bands(self) -> None:
        """Redraw the bands, but only if they or the theme have changed."""
        wanted = (self._bands, tokens())
        if wanted == self._drawn_bands:
            return
        self._drawn_bands = wanted
        self.plot.remove(self._band_items)
        self._band_items = [self._add_band(number, band) for number, band in enumerate(self._bands, 1)]

    def _add_band(self, number: int, band: PhaseBand) -> object:
        theme = tokens()
        fill_colour = QColor(theme.frozen_fill if band.only_head else theme.trained_fill)
        fill_colour.setAlpha(90)
        low = band.first_epoch - 0.5
        region = pg.LinearRegionItem(
            (low, low + band.epochs), movable=False, brush=fill_colour, pen=pg.mkPen(None)
        )
        region.setZValue(-20)
        if self._show_phase_titles:
            self._add_title(region, number, band)
        return self.plot.add(region)

    def _add_title(self, region: pg.LinearRegionItem, number: int, band: PhaseBand) -> None:
        theme = tokens()
        text = pg.InfLineLabel(
            region.lines[0],
            self.tr("phase {0} · {1}").format(number, band.title),
            position=_TITLE_HEIGHT,
            fill=theme.frozen_fill if band.only_head else theme.trained_fill,
        )
        text.setColor(theme.frozen_text if band.only_head else theme.trained_text)
        # InfLineLabel swaps its anchor depending on its side; the title must always start at the line.
        text.setAnchor((0, 0.5))
        text.orthoPos = _TITLE_HEIGHT
        text.anchors = [(0, 0.5), (0, 0.5)]

    def _fit(self, lines: Sequence[Line]) -> None:
        last = max((point[0] for line in lines for point in line.points), default=1.0)
        high = max(self._epochs, last)
        if self.plot.show_range((0.5, high + 0.5), self._height(lines)):
            self.plot.bottom.setTicks([_epoch_ticks(int(high))])

    def _height(self, lines: Sequence[Line]) -> tuple[float, float]:
        """Return the range of values with a margin, rounded to steps so that it changes rarely."""
        values = [point[1] for line in lines for point in line.points if math.isfinite(point[1])]
        if not values:
            return 0.0, 1.0
        low, top = min(values), max(values)
        if self._percent:
            low, top = max(0.0, low - 0.05), min(1.0, top + 0.05)
        room = max((top - low) * 0.12, abs(top) * 0.02, 1e-9)
        step = 10.0 ** math.floor(math.log10(top - low + 2 * room)) / 2
        floor = max(math.floor((low - room) / step) * step, 0.0)
        ceiling = math.ceil((top + room * 1.6) / step) * step
        return floor, min(ceiling, 1.02) if self._percent else ceiling


def _epoch_ticks(last: int) -> list[tuple[float, str]]:
    """Return about ten whole epochs at most."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**6) if last / step <= 10)
    marks = [1, *range(step, last + 1, step)] if step > 1 else list(range(1, last + 1))
    return [(float(mark), str(mark)) for mark in marks]
