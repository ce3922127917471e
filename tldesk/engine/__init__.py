"""Devices, trunk evaluators, preprocessing on arrays, feature cache. Names here load no torch."""

from __future__ import annotations

from tldesk.engine.device import Device, best_device, device_named, devices
from tldesk.engine.feature_store import FeatureStore
from tldesk.engine.preprocess import Sight, fit_pixels, normalise, read_input, what_the_model_sees

__all__ = [
    "Device",
    "FeatureStore",
    "Sight",
    "best_device",
    "device_named",
    "devices",
    "fit_pixels",
    "normalise",
    "read_input",
    "what_the_model_sees",
]
