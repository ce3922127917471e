"""Devices, trunk evaluators, preprocessing on arrays, feature cache. The exported names load no torch."""

from __future__ import annotations

from tldesk.engine.device import Device, best_device, device_named, devices
from tldesk.engine.feature_store import FeatureStore
from tldesk.engine.preprocess import InputRegion, fit_pixels, input_region, normalise, read_input

__all__ = [
    "Device",
    "FeatureStore",
    "InputRegion",
    "best_device",
    "device_named",
    "devices",
    "fit_pixels",
    "input_region",
    "normalise",
    "read_input",
]
