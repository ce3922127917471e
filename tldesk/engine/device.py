"""The computing devices: a GPU is offered only after a test computation in a child process.

Torch is imported when the devices are requested, not when this module is imported.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tldesk.base import Problem, ProblemError
from tldesk.engine import gpu_check

_log = logging.getLogger(__name__)

Kind = Literal["cpu", "cuda", "mps"]

# Loading CUDA for the first time takes tens of seconds on slow disks.
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Device:
    """A computing device.

    Attributes:
        name: torch's name: "cpu", "cuda:0", "mps".
        kind: "cpu", "cuda" or "mps".
        title: name shown to the user.
        works: whether a test computation in a child process was correct (always true for the CPU).
        reason: why it does not work, in words; "" if it works.
    """

    name: str
    kind: Kind
    title: str
    works: bool = True
    reason: str = ""


def devices() -> tuple[Device, ...]:
    """Return the CPU, then all GPUs visible to torch, tested; ``CUDA_VISIBLE_DEVICES`` limits the GPUs.

    With a GPU, the first call in a process may take some seconds; later calls use the cached result.
    """
    return _devices(os.environ.get("CUDA_VISIBLE_DEVICES"))


def best_device() -> Device:
    """Return the first GPU that works, else the CPU."""
    working = [device for device in devices() if device.works]
    return next((device for device in working if device.kind != "cpu"), working[0])


def device_named(name: str) -> Device:
    """Return the device ``name`` ("cpu", "cuda", "cuda:1", "mps", "auto").

    Raises:
        ProblemError: there is no device of this name, or it does not work.
    """
    if name in ("", "auto"):
        return best_device()
    wanted = "cuda:0" if name in ("cuda", "gpu") else name
    found = next((device for device in devices() if device.name == wanted), None)
    if found is None:
        have = ", ".join(device.name for device in devices() if device.works)
        raise ProblemError(
            Problem(f"device {name}", "this computer has no such device", f"Choose one of {have}")
        )
    if not found.works:
        raise ProblemError(
            Problem(
                f"device {name}",
                f"{found.title} does not compute ({found.reason})",
                "Choose cpu, or update the graphics driver",
            )
        )
    return found


@functools.cache
def _devices(_visible: str | None) -> tuple[Device, ...]:
    return (_cpu(), *_cuda(), *_mps())


def _cpu() -> Device:
    cores = os.cpu_count() or 1
    return Device("cpu", "cpu", f"CPU, {cores} {'core' if cores == 1 else 'cores'}")


def _cuda() -> list[Device]:
    import torch

    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return []
    try:
        count = torch.cuda.device_count()
    except (RuntimeError, OSError) as error:
        _log.info("the GPUs cannot be counted: %s", error)
        return []
    return [_tested(f"cuda:{index}", "cuda", _cuda_title(index)) for index in range(count)]


def _cuda_title(index: int) -> str:
    import torch

    try:
        return f"{torch.cuda.get_device_name(index)} (GPU {index})"
    except (RuntimeError, AssertionError):
        # The driver does not respond; the test in the child process will report the reason.
        return f"GPU {index}"


def _mps() -> list[Device]:
    import torch

    return [_tested("mps", "mps", "Apple GPU")] if torch.backends.mps.is_available() else []


def _tested(name: str, kind: Kind, title: str) -> Device:
    reason = _reason(name)
    if reason:
        _log.warning("%s does not compute: %s", title, reason)
    return Device(name, kind, title, not reason, reason)


def _reason(name: str) -> str:
    return _ask_frozen(name) if getattr(sys, "frozen", False) else _ask(name)


def _ask(name: str) -> str:
    # -P keeps the script's folder off sys.path: its modules must not shadow others.
    command = [sys.executable, "-P", str(Path(gpu_check.__file__)), name]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it gave no answer within {_TIMEOUT:.0f} seconds"
    except OSError as error:
        return f"the test could not be started ({error.strerror or error})"
    if done.returncode:
        return f"the test broke off (code {done.returncode})"
    lines = done.stdout.splitlines()
    return lines[-1].strip() if lines else "the test gave no answer"


def _ask_frozen(name: str) -> str:
    # A frozen program has no interpreter to start; multiprocessing starts the program itself as a worker
    # (its main calls multiprocessing.freeze_support()).
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(gpu_check.check, name).result(timeout=_TIMEOUT)
        except TimeoutError:
            return f"it gave no answer within {_TIMEOUT:.0f} seconds"
        except OSError as error:
            return f"the test could not be started ({error})"
        except RuntimeError as error:
            # Includes BrokenProcessPool: the driver crashed the child process.
            return f"the test broke off ({error})"
