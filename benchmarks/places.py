"""The paths of the real pictures and weights, the page and the scratch folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WEIGHTS = ROOT.parent / "shared" / "weights" / "mobilenet_v2-imagenet.pth"
PAGE = ROOT / "docs" / "benchmarks.md"
SCRATCH = ROOT / "bench-data"

BACKBONE = "mobilenet_v2"
"""All rows except that of the GPU use this network with the weights above."""
