"""Chooses a trunk's engine, torch or OpenVINO, by network, input size, device and number of pictures alone.

Engines differ by rounding, and a training makes more of that. So the choice never depends on what the clock,
the caches or other projects say: the same recipe on the same pictures uses the same engine again.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import numpy as np
import torch
from torch import nn

from tldesk.base import user_dir
from tldesk.engine.device import Device
from tldesk.engine.openvino_trunk import OpenVinoTrunk, UnconvertedError, is_converted
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator, precision
from tldesk.model import LINE_ALL, Card, Preprocessing
from tldesk.model.build import Network

_log = logging.getLogger(__name__)

Engine = Literal["torch", "openvino"]

_SMALL_WORK = 32
"""For fewer pictures torch is used, whatever the network."""

_LEAST_WORK = 50.0
"""Billions of multiply-adds from which OpenVINO is used: about two seconds of torch on two cores, as long as
converting takes, which is done once (docs/adr/0011-trunk-engines.md)."""

_TRIED = 4
"""Number of pictures used to measure torch's speed."""

_last: dict[tuple[object, ...], OpenVinoTrunk] = {}


def engine_for(card: Card, preprocessing: Preprocessing, device: Device, pictures: int) -> Engine:
    """Return the engine for the frozen stages of a backbone.

    Args:
        card: the backbone.
        preprocessing: preprocessing of the pictures; its size counts.
        device: device to compute on; a GPU uses torch.
        pictures: number of all pictures, whether or not some have been computed already.
    """
    if device.kind != "cpu" or pictures < _SMALL_WORK or _openvino_version() is None:
        return "torch"
    work = pictures * card.gmacs * (preprocessing.size / card.input_size) ** 2
    return "openvino" if work >= _LEAST_WORK else "torch"


def evaluator_for(
    trunk: nn.Module, key: str, preprocessing: Preprocessing, device: Device, engine: Engine
) -> TrunkEvaluator:
    """Return a trunk on an engine; torch's if OpenVINO cannot convert it.

    Args:
        trunk: the trunk, in evaluation mode, on the device.
        key: hash of the trunk (see ``trunk_name``).
        preprocessing: preprocessing of the pictures.
        device: device to compute on.
        engine: as chosen by ``engine_for``.
    """
    if engine == "openvino" and not isinstance(trunk, nn.Identity):
        try:
            return _loaded(trunk, key, preprocessing, device)
        except UnconvertedError as error:
            _log.info("torch computes the trunk: %s", error)
    return TorchTrunk(trunk, preprocessing, device)


def computed_with(engine: Engine, device: Device) -> str:
    """Return what determines a feature's last digits: engine, version, precision and number of threads."""
    if engine == "openvino":
        return f"openvino {_openvino_version()} {precision(device)} {_processors()}"
    threads = torch.get_num_threads() if device.kind == "cpu" else 0
    return f"torch {torch.__version__} {precision(device)} {threads}"


@functools.cache
def _openvino_version() -> str | None:
    try:
        return version("openvino")
    except PackageNotFoundError:
        return None


def _processors() -> int:
    """Return how many processors this process may use; OpenVINO divides its work among them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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


def seconds_a_picture(evaluator: TorchTrunk, preprocessing: Preprocessing) -> float:
    """Measure torch's time per picture in seconds, at this input size, on this computer."""
    side = preprocessing.size
    pixels = np.zeros((_TRIED, 3, side, side), np.uint8)
    evaluator(pixels)  # the first call of a batch size sets things up
    began = time.perf_counter()
    evaluator(pixels)
    return (time.perf_counter() - began) / _TRIED
