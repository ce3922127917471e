"""Loads what computing needs, before it is needed. No Qt in here: it runs on the compute thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldesk.engine import Device


def start_engine() -> Device:
    """Import torch and what training and evaluation need; return the best device that really computes."""
    import scipy.optimize  # noqa: F401

    import tldesk.trainer.loop  # noqa: F401
    from tldesk.engine import best_device, openvino_trunk

    openvino_trunk.preload()
    return best_device()
