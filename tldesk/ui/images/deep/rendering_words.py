"""The rendering of deep pictures and stacks, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from tldesk.imaging import CT_WINDOWS, Rendering
from tldesk.ui.images.deep.deep_preview import ValueFacts


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("RenderingWords", text)


def number(value: float) -> str:
    """Format a value of a picture; whole numbers without decimals."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}"


def lines(facts: ValueFacts, rendering: Rendering) -> list[tuple[str, str]]:
    """Return the facts about one picture: frame, range of values, window in use."""
    found = []
    if facts.frames > 1:
        found.append((tr("Frame"), tr("{0:,} of {1:,}").format(facts.frame, facts.frames)))
    if facts.counts is not None:
        found.append((tr("Values"), span(facts.low, facts.high, facts.unit)))
        found.append((tr("Window"), window_of(facts, rendering)))
    return found


def window_of(facts: ValueFacts, rendering: Rendering) -> str:
    """Return the window of a picture (which values are black and white), and where it comes from."""
    if facts.window is None:
        return tr("the file's lookup table")
    values = span(facts.window.low, facts.window.high, facts.unit)
    return f"{values} ({_why(facts, rendering)})"


def span(low: float, high: float, unit: str) -> str:
    """Format two values with their unit."""
    return tr("{0} to {1}").format(number(low), number(high)) + (f" {unit}" if unit else "")


def presets() -> dict[str, str]:
    """Return the names of the usual CT windows."""
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


def lacks_hounsfield_units(facts: ValueFacts, rendering: Rendering) -> bool:
    """Return whether a CT window is selected but the picture is not in Hounsfield units."""
    return rendering.window in CT_WINDOWS and facts.unit != "HU"


def lacks_offered(facts: ValueFacts, rendering: Rendering) -> bool:
    """Return whether the selected window is not defined in this file."""
    wanted = rendering.offered
    return wanted is not None and wanted.casefold() not in {one.casefold() for one in facts.offered}


def _why(facts: ValueFacts, rendering: Rendering) -> str:
    if rendering.window == "range" or (rendering.window == "file" and _is_own_range(facts)):
        return tr("its full range")
    if rendering.window == "percentiles":
        return tr("1st to 99th percentile")
    if lacks_hounsfield_units(facts, rendering) or lacks_offered(facts, rendering):
        return tr("from the file")
    if rendering.window in CT_WINDOWS:
        return presets()[rendering.window]
    if rendering.window == "file":
        return tr("from the file")
    return rendering.offered or tr("fixed")


def _is_own_range(facts: ValueFacts) -> bool:
    return facts.window is not None and (facts.window.low, facts.window.high) == (facts.low, facts.high)
