"""How deep pictures and stacks are read, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from tldesk.imaging import CT_WINDOWS, Rendering
from tldesk.ui.images.deep.deep_preview import DeepLook


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("RenderingWords", text)


def number(value: float) -> str:
    """A value of a picture: whole numbers whole."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}"


def lines(look: DeepLook, rendering: Rendering) -> list[tuple[str, str]]:
    """Facts of one picture: frame, range of values, window in use."""
    found = []
    if look.frames > 1:
        found.append((tr("Frame"), tr("{0:,} of {1:,}").format(look.frame, look.frames)))
    if look.counts is not None:
        found.append((tr("Values"), span(look.low, look.high, look.unit)))
        found.append((tr("Window"), window_of(look, rendering)))
    return found


def window_of(look: DeepLook, rendering: Rendering) -> str:
    """Which values are black and white in a picture, and by what."""
    if look.window is None:
        return tr("the file's own table")
    values = span(look.window.low, look.window.high, look.unit)
    return f"{values} ({_why(look, rendering)})"


def span(low: float, high: float, unit: str) -> str:
    """Two values with their unit."""
    return tr("{0} to {1}").format(number(low), number(high)) + (f" {unit}" if unit else "")


def presets() -> dict[str, str]:
    """Names of the windows that are usual for CT."""
    return {
        "brain": tr("brain"),
        "stroke": tr("brain, stroke"),
        "temporal-bone": tr("temporal bone"),
        "lung": tr("lung"),
        "soft-tissue": tr("soft tissue"),
        "abdomen": tr("abdomen"),
        "liver": tr("liver"),
        "bone": tr("bone"),
    }


def lacks_hounsfield_units(look: DeepLook, rendering: Rendering) -> bool:
    """Whether a window for CT is wanted and this picture is none."""
    return rendering.window in CT_WINDOWS and look.unit != "HU"


def lacks_offered(look: DeepLook, rendering: Rendering) -> bool:
    """Whether a window of the file's is wanted by a name that this file does not know."""
    wanted = rendering.offered
    return wanted is not None and wanted.casefold() not in {one.casefold() for one in look.offered}


def _why(look: DeepLook, rendering: Rendering) -> str:
    if rendering.window == "range" or (rendering.window == "file" and _is_own_range(look)):
        return tr("its own range")
    if rendering.window == "percentiles":
        return tr("1st to 99th percentile")
    if lacks_hounsfield_units(look, rendering) or lacks_offered(look, rendering):
        return tr("as the file says")
    if rendering.window in CT_WINDOWS:
        return presets()[rendering.window]
    if rendering.window == "file":
        return tr("as the file says")
    return rendering.offered or tr("fixed")


def _is_own_range(look: DeepLook) -> bool:
    return look.window is not None and (look.window.low, look.window.high) == (look.low, look.high)
