"""Chooses a trunk's engine (torch or OpenVINO) by device, earlier conversions and number of pictures."""

from __future__ import annotations

import logging
import time

import numpy as np
from torch import nn

from tldesk.base import user_dir
from tldesk.engine.device import Device
from tldesk.engine.openvino_trunk import OpenVinoTrunk, UnconvertedError, is_converted
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator, precision
from tldesk.model import LINE_ALL, Preprocessing
from tldesk.model.build import Network

_log = logging.getLogger(__name__)

# Seconds that a conversion takes, and OpenVINO's time as a fraction of torch's; measured on two processors
# (docs/adr/0011-trunk-engines.md).
_CONVERTING = 0.5
_CONVERTING_A_MODULE = 0.012
_SHARE = 0.5
_SMALL_WORK = 32
"""For fewer pictures torch is used, even if a converted model exists."""

_TRIED = 4
"""Number of pictures used to measure torch's speed."""

_last: dict[tuple[object, ...], OpenVinoTrunk] = {}


def evaluator_for(
    trunk: nn.Module, key: str, preprocessing: Preprocessing, device: Device, pictures: int
) -> TrunkEvaluator:
    """Return the engine that is expected to finish this number of pictures first.

    On a GPU this is torch. On a CPU OpenVINO is faster, but has to convert a new trunk first. So torch's
    speed is measured on a few pictures to decide whether the conversion is worth its time.

    Args:
        trunk: the trunk, in evaluation mode, on the device.
        key: hash of the trunk (see ``trunk_name``).
        preprocessing: preprocessing of the pictures.
        device: device to compute on.
        pictures: number of pictures to compute.
    """
    if device.kind != "cpu" or pictures < _SMALL_WORK or isinstance(trunk, nn.Identity):
        return TorchTrunk(trunk, preprocessing, device)
    torch_trunk: TorchTrunk | None = None
    try:
        if is_converted(key, preprocessing):
            return _loaded(trunk, key, preprocessing, device)
        torch_trunk = TorchTrunk(trunk, preprocessing, device)
        if _pays(torch_trunk, trunk, preprocessing, pictures):
            return _loaded(trunk, key, preprocessing, device)
    except UnconvertedError as error:
        _log.info("torch computes the trunk: %s", error)
    return torch_trunk or TorchTrunk(trunk, preprocessing, device)


def trunk_name(network: Network, line: str) -> str:
    """Return the key of a trunk's outputs: its hash, marked at line "all", where the pool is included."""
    return f"{network.trunk_hash(line)}-pooled" if line == LINE_ALL else network.trunk_hash(line)


def _loaded(trunk: nn.Module, key: str, preprocessing: Preprocessing, device: Device) -> OpenVinoTrunk:
    """Return an OpenVINO trunk, reusing the last one if it is the same, as for successive splits of a run."""
    wanted = (key, preprocessing, precision(device), user_dir())
    known = _last.get(wanted)
    if known is None or not is_converted(key, preprocessing):
        known = OpenVinoTrunk(trunk, key, preprocessing, precision(device))
        _last.clear()
        _last[wanted] = known
    return known


def _pays(evaluator: TorchTrunk, trunk: nn.Module, preprocessing: Preprocessing, pictures: int) -> bool:
    modules = sum(1 for module in trunk.modules() if not any(module.children()))
    converting = _CONVERTING + _CONVERTING_A_MODULE * modules
    return pictures * seconds_a_picture(evaluator, preprocessing) * (1 - _SHARE) > converting


def seconds_a_picture(evaluator: TorchTrunk, preprocessing: Preprocessing) -> float:
    """Measure torch's time per picture in seconds, at this input size, on this computer."""
    side = preprocessing.size
    pixels = np.zeros((_TRIED, 3, side, side), np.uint8)
    evaluator(pixels)  # the first call of a batch size sets things up
    began = time.perf_counter()
    evaluator(pixels)
    return (time.perf_counter() - began) / _TRIED
