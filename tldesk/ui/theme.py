"""Colours, stylesheet and icons.

There is one set of colour tokens for light and one for dark; all text meets WCAG AA contrast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from tldesk.base import resource

GRID = 8  # px; gaps and margins are multiples of it
CHOICES = ("system", "light", "dark")

# Okabe & Ito (2008): distinguishable with all common kinds of colour blindness. Projects store a colour per
# class; this cycle is for curves and everything else that needs its own colours.
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#8b8b8b")


def okabe_ito(position: int) -> str:
    """Return the colour at a position of the cycle, as ``#rrggbb``."""
    return OKABE_ITO[position % len(OKABE_ITO)]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours by purpose, as ``#rrggbb``."""

    dark: bool
    window: str  # behind the panels
    chrome: str  # menu, rail, status bar
    surface: str  # panels
    field: str
    border: str
    field_border: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_text: str
    selection: str  # background of selected rows and cells
    hover: str
    good: str
    good_fill: str
    good_edge: str
    warn: str
    warn_fill: str
    warn_edge: str
    bad: str
    bad_fill: str
    bad_edge: str
    frozen_fill: str  # stages before the freeze line: cool
    frozen_edge: str
    frozen_text: str
    trained_fill: str  # stages after it: warm
    trained_edge: str
    trained_text: str
    track: str  # background of bars
    mat: str  # around pictures


LIGHT = Tokens(
    dark=False,
    window="#f4f6f8",
    chrome="#e9edf1",
    surface="#ffffff",
    field="#ffffff",
    border="#dde3e9",
    field_border="#7f8b99",
    text="#18202b",
    muted="#566270",
    accent="#0b6e99",
    accent_hover="#095a7d",
    accent_text="#ffffff",
    selection="#dceef6",
    hover="#eef2f5",
    good="#17693b",
    good_fill="#e2f3e8",
    good_edge="#5aa67c",
    warn="#8f4700",
    warn_fill="#fdf1e2",
    warn_edge="#c98236",
    bad="#b3261e",
    bad_fill="#fcebea",
    bad_edge="#d0675f",
    frozen_fill="#cfe2f4",
    frozen_edge="#7ba7d1",
    frozen_text="#174f86",
    trained_fill="#fbd9b5",
    trained_edge="#d9924c",
    trained_text="#84400a",
    track="#e6ebf0",
    mat="#e3e6ea",
)
DARK = Tokens(
    dark=True,
    window="#14181d",
    chrome="#0f1317",
    surface="#1c2229",
    field="#14181d",
    border="#303944",
    field_border="#6d7a89",
    text="#e7ebf0",
    muted="#a2adba",
    accent="#5cb8de",
    accent_hover="#7cc8e8",
    accent_text="#06202c",
    selection="#173a4b",
    hover="#252d36",
    good="#6fcf97",
    good_fill="#1d4030",
    good_edge="#4f9c74",
    warn="#f2b266",
    warn_fill="#3a2a17",
    warn_edge="#b07c3b",
    bad="#f28b82",
    bad_fill="#3d2020",
    bad_edge="#b5605a",
    frozen_fill="#1f3d5c",
    frozen_edge="#4f7fae",
    frozen_text="#b9d9f7",
    trained_fill="#5a3a17",
    trained_edge="#b27c3d",
    trained_text="#fcd3a4",
    track="#2b343e",
    mat="#0c0f12",
)


class Theme(QObject):
    """The colours in use. ``changed`` is emitted after palette, stylesheet and icons were applied."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = "system"
        self.tokens = LIGHT
        self._app: QApplication | None = None

    def apply(self, app: QApplication, choice: str = "system") -> None:
        """Apply the light, dark or system colours to the whole program."""
        hints = app.styleHints()
        if self._app is not app:
            self._app = app
            app.setStyle("Fusion")
            hints.colorSchemeChanged.connect(self._system_changed)
        self.choice = choice if choice in CHOICES else "system"
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        hints.setColorScheme(wanted.get(self.choice, Qt.ColorScheme.Unknown))
        self._wear()

    def _system_changed(self) -> None:
        if self.choice == "system":
            self._wear()

    def _wear(self) -> None:
        app = self._app
        assert app is not None
        system_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self.tokens = DARK if self.choice == "dark" or (self.choice == "system" and system_dark) else LIGHT
        sheet = stylesheet(self.tokens)
        if app.styleSheet() != sheet:
            self._dress(app, sheet)
        self.changed.emit()

    def _dress(self, app: QApplication, sheet: str) -> None:
        # Qt applies a sheet that replaces another to each widget as often as it has ancestors: half a second
        # instead of a tenth for the whole window. One that replaces none is applied once.
        app.setStyleSheet("")
        app.setPalette(palette(self.tokens))
        app.setStyleSheet(sheet)
        for widget in app.allWidgets():
            _refresh_icons(widget)


@lru_cache(maxsize=1)
def theme() -> Theme:
    """Return the program's only theme."""
    return Theme()


def tokens() -> Tokens:
    """Return the current colours; widgets that paint call this each time they paint."""
    return theme().tokens


def colour(name: str) -> QColor:
    """Return one token as a colour: ``colour("accent")``."""
    return QColor(getattr(tokens(), name))


def palette(worn: Tokens) -> QPalette:
    """Return the palette for the tokens, for widgets that the stylesheet does not cover."""
    role = QPalette.ColorRole
    made = QPalette(QColor(worn.surface), QColor(worn.window))
    for which, value in {
        role.Window: worn.window,
        role.WindowText: worn.text,
        role.Base: worn.field,
        role.AlternateBase: worn.hover,
        role.Text: worn.text,
        role.Button: worn.surface,
        role.ButtonText: worn.text,
        role.BrightText: worn.bad,
        role.PlaceholderText: worn.muted,
        role.Highlight: worn.accent,
        role.HighlightedText: worn.accent_text,
        role.ToolTipBase: worn.surface,
        role.ToolTipText: worn.text,
        role.Link: worn.accent,
        role.LinkVisited: worn.accent,
        role.Accent: worn.accent,
        role.Mid: worn.border,
        role.Dark: worn.field_border,
        role.Light: worn.surface,
        role.Midlight: worn.border,
    }.items():
        made.setColor(which, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(disabled, which, QColor(worn.field_border))
    return made


def stylesheet(worn: Tokens) -> str:
    """Return ``resources/style.qss``; ``@name`` is replaced by the colour, ``@icons`` by their folder."""
    values = {field.name: str(getattr(worn, field.name)) for field in fields(worn)}
    values["icons"] = resource("icons").as_posix()
    values["shade"] = "dark" if worn.dark else "light"
    text = resource("style.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda found: values[found.group(1)], text)


def icon(name: str, paint: str | None = None, size: int = 16) -> QIcon:
    """Return the icon ``resources/icons/NAME.svg`` in the text colour or in ``paint`` (``#rrggbb``)."""
    made = QIcon()
    for each in (size, 2 * size):  # the second size is for high-resolution screens
        made.addPixmap(pixmap(name, each, paint or tokens().text))
        made.addPixmap(pixmap(name, each, tokens().field_border), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=512)
def pixmap(name: str, size: int, paint: str, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap of ``size`` device-independent pixels."""
    source = _drawing(name).replace("currentColor", paint)
    drawn = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(source.encode("utf-8"))).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def set_icon(
    target: QAbstractButton | QAction | QLabel, name: str, paint: str = "text", size: int = 16
) -> None:
    """Give a button, action or label an icon that follows the theme. ``paint`` is the name of a token."""
    target.setProperty("tldeskIcon", f"{name} {paint} {size}")
    _put_icon(target)


def make_primary(button: QAbstractButton) -> None:
    """Style the primary button; buttons in dialog button boxes already have their style."""
    button.setProperty("role", "primary")
    button.style().unpolish(button)
    button.style().polish(button)


def _refresh_icons(widget: QWidget) -> None:
    for target in (widget, *widget.actions()):
        if target.property("tldeskIcon"):
            _put_icon(target)


def _put_icon(target: QObject) -> None:
    name, token, size = str(target.property("tldeskIcon")).split()
    paint = str(getattr(tokens(), token))
    if isinstance(target, QLabel):
        screen = QGuiApplication.primaryScreen()
        target.setPixmap(pixmap(name, int(size), paint, screen.devicePixelRatio()))
    elif isinstance(target, (QAbstractButton, QAction)):
        target.setIcon(icon(name, paint, int(size)))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours by WCAG 2.1, 1 to 21.

    Text needs 4.5, controls and graphics 3.
    """
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(value: str) -> float:
    paint = QColor(value)
    channels = (paint.redF(), paint.greenF(), paint.blueF())
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])
