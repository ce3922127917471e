"""Photos for tests to which any photos will do: real ones beside the checkout where they lie, else drawn."""

from __future__ import annotations

from pathlib import Path

from tldesk.dataset.sample.write_sample import write_sample

KINDS = ("healthy", "rust", "other")
EACH = 32
"""At least so many of each kind."""

_REAL = {"healthy": "coffee_leaf/*/1_health", "rust": "coffee_leaf/*/3_rust", "other": "ants_bees/*/ants"}
_DRAWN = {"healthy": "healthy", "rust": "rust", "other": "mildew"}


def real_photos(data: Path) -> dict[str, list[Path]]:
    """Coffee leaves, healthy and with rust, and ants: the same ones in the same order at every call."""
    return {kind: sorted(data.glob(f"{place}/*.jpg")) for kind, place in _REAL.items()}


def draw_photos(folder: Path) -> None:
    """Drawn leaves, as ``tldesk demo`` draws them: a folder for each disease, and names that tell nothing."""
    list(write_sample(folder, count=4 * EACH, side=208))
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))):
        path.rename(path.with_name(f"{number * 7919 % 10_007}_{number * 104_729 % 2003:04d}.jpg"))


def drawn_photos(folder: Path) -> dict[str, list[Path]]:
    """Those of ``draw_photos``; no name is there twice."""
    return {kind: sorted((folder / place).glob("*.jpg")) for kind, place in _DRAWN.items()}
