"""Where the real pictures and weights lie, and where the page and the scratch folder go."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WEIGHTS = ROOT.parent / "shared" / "weights" / "mobilenet_v2-imagenet.pth"
PAGE = ROOT / "docs" / "benchmarks.md"
SCRATCH = ROOT / "bench-data"

BACKBONE = "mobilenet_v2"
"""Every row but the graphics card's uses this network with the weights above."""
