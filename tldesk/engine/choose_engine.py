"""Chooses the engine (torch or OpenVINO) for a trunk, from the device, earlier conversions and the number of
pictures.
"""

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

# What converting costs, in seconds, and what share of torch's time OpenVINO needs; measured on two
# processors (docs/adr/0011-trunk-engines.md).
_CONVERTING = 0.5
_CONVERTING_A_MODULE = 0.012
_SHARE = 0.5
_SMALL_WORK = 32
"""Pictures below which not even a model that was converted before is loaded."""

_TRIED = 4
"""Pictures by which torch's pace is judged."""

_last: dict[tuple[object, ...], OpenVinoTrunk] = {}


def evaluator_for(
    trunk: nn.Module, key: str, preprocessing: Preprocessing, device: Device, pictures: int
) -> TrunkEvaluator:
    """The engine that will be done first with this number of pictures.

    A GPU is torch's. On a processor OpenVINO is quicker, but must convert a trunk the first time it sees it:
    torch computes a few pictures, and its pace says whether converting pays.

    Args:
        trunk: in evaluation mode, on the device.
        key: names what the trunk computes: its hash.
        preprocessing: of the pictures.
        device: where to compute.
        pictures: how many are ahead.
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
    """Names what the trunk of a feature bank or a predictor computes: at "all" it ends with the pool."""
    return f"{network.trunk_hash(line)}-pooled" if line == LINE_ALL else network.trunk_hash(line)


def _loaded(trunk: nn.Module, key: str, preprocessing: Preprocessing, device: Device) -> OpenVinoTrunk:
    """The one that was used last where it fits: the images of each split come one after the other."""
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
    """How long torch computes for a picture of this size here and now, judged by a few."""
    side = preprocessing.size
    pixels = np.zeros((_TRIED, 3, side, side), np.uint8)
    evaluator(pixels)  # the first call of a batch size sets things up
    began = time.perf_counter()
    evaluator(pixels)
    return (time.perf_counter() - began) / _TRIED
