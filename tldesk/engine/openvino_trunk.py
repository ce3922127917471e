"""A frozen trunk computed by OpenVINO, which is two to three times as fast as torch on CPUs.

The trunk is traced once and converted; the converted model is stored on disk. Only OpenVINO's frontend for
traced modules is used. Its general converter (``openvino.convert_model``) reports each use over the network
unless a file of the user forbids it, but this program must not open network connections.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import sys
import tempfile
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tldesk.base import user_dir
from tldesk.engine.preprocess import normalise
from tldesk.model import Preprocessing

_log = logging.getLogger(__name__)

# A single picture fits into a core's caches: 5 to 10 % more pictures per second than with batches of eight.
_BATCH = 1
_LEAST_COSINE = {"float32": 0.9999, "bfloat16": 0.995}
"""Smallest accepted cosine between the outputs of the trunk and of the converted model, by precision."""


class UnconvertedError(Exception):
    """OpenVINO cannot run this trunk; torch must be used."""


class OpenVinoTrunk:
    """A ``TrunkEvaluator`` with several requests at a time. Streams may run concurrently.

    Args:
        trunk: the trunk, in evaluation mode, on the CPU.
        key: hash of the trunk.
        preprocessing: preprocessing of the pictures.
        precision: "float32" or "bfloat16".

    Raises:
        UnconvertedError: OpenVINO is not installed, or cannot convert this trunk.
    """

    def __init__(self, trunk: nn.Module, key: str, preprocessing: Preprocessing, precision: str) -> None:
        self.precision = precision
        self.batch = _BATCH
        known = _kept(key, preprocessing)
        if known is None or not self._taken(known, trunk, preprocessing):
            model = _with_bytes_in(_converted(trunk, preprocessing), preprocessing)
            if not self._taken(model, trunk, preprocessing):
                raise UnconvertedError("the converted model computes something else")
            _keep(model, _file(key, preprocessing))

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Map pictures (n, 3, size, size) uint8 to features (n, ...) float32."""
        return next(iter(self.stream([pixels])))

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """Yield the features of each batch; see ``TrunkEvaluator.stream``."""
        free = self._borrowed()
        under_way: deque[tuple[Any, NDArray[np.uint8]]] = deque()
        try:
            for pixels in batches:
                if not free:
                    yield _answer(*_popped(under_way, free))
                request = free.popleft()
                request.start_async({0: _tensor(pixels)}, share_inputs=True)
                under_way.append((request, pixels))
            while under_way:
                yield _answer(*_popped(under_way, free))
        finally:
            for request, _ in under_way:
                request.wait()
            self._idle += [*free, *(request for request, _ in under_way)]

    def _borrowed(self) -> deque[Any]:
        """Return requests that no other stream uses: those of finished streams, else new ones."""
        found: deque[Any] = deque()
        with contextlib.suppress(IndexError):
            while len(found) < self._count:
                found.append(self._idle.pop())
        return found or deque(self._compiled.create_infer_request() for _ in range(self._count))

    def _taken(self, model: Any, trunk: nn.Module, preprocessing: Preprocessing) -> bool:  # noqa: ANN401
        """Compile the model and return whether it computes the same as the trunk.

        The outputs for two random pictures are compared, because tracing may have fixed a value that depends
        on the input, and a stored model may be damaged.
        """
        self._compiled, self._count = _compiled(model, self.precision)
        self._idle: list[Any] = []
        side = preprocessing.size
        pixels = np.random.default_rng(0).integers(0, 256, (2, 3, side, side), dtype=np.uint8)
        with torch.inference_mode():
            expected = trunk(normalise(torch.from_numpy(pixels), preprocessing)).double().numpy()
        found = self(pixels).astype(np.float64)
        return found.shape == expected.shape and _cosine(found, expected) > _LEAST_COSINE[self.precision]


def preload() -> None:
    """Import OpenVINO early, if installed, because loading its libraries blocks all threads."""
    with contextlib.suppress(UnconvertedError):
        _core()
        import openvino.frontend.pytorch.ts_decoder  # noqa: F401


def is_converted(key: str, preprocessing: Preprocessing) -> bool:
    """Return whether a converted model is stored on disk."""
    return _file(key, preprocessing).is_file()


def _popped(under_way: deque[Any], free: deque[Any]) -> tuple[Any, NDArray[np.uint8]]:
    request, pixels = under_way.popleft()
    request.wait()
    free.append(request)
    return request, pixels


def _answer(request: Any, _pixels: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ANN401 - OpenVINO's
    return np.array(request.get_output_tensor(0).data, np.float32)


def _tensor(pixels: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - OpenVINO's
    return _openvino().Tensor(np.ascontiguousarray(pixels), shared_memory=True)


def _compiled(model: Any, precision: str) -> tuple[Any, int]:  # noqa: ANN401 - OpenVINO's
    """Compile the model for this processor; also return the number of concurrent requests per stream.

    It is four times the number computed at once, so that computing continues while rows are written.
    """
    wishes = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
    }
    try:
        compiled = _core().compile_model(model, "CPU", wishes)
        return compiled, 4 * int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    except RuntimeError as error:
        raise UnconvertedError(_first_line(error)) from error


def _kept(key: str, preprocessing: Preprocessing) -> Any | None:  # noqa: ANN401 - OpenVINO's
    """Return the stored converted model; None if there is none or it is damaged."""
    path = _file(key, preprocessing)
    if not path.is_file():
        return None
    try:
        model = _core().read_model(path)
    except RuntimeError as error:
        _log.warning("the converted model %s is damaged and is converted again: %s", path, error)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # the time of the last use determines the order of eviction
    return model


def _converted(trunk: nn.Module, preprocessing: Preprocessing) -> Any:  # noqa: ANN401 - OpenVINO's
    _openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    side = preprocessing.size
    example = torch.zeros(1, 3, side, side)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # The tracer warns about every shape that is read; the later comparison detects real errors.
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(trunk, example, check_trace=False)  # type: ignore[no-untyped-call]
            frontend = FrontEndManager().load_by_framework("pytorch")
            decoder = TorchScriptPythonDecoder(traced)  # kept: called during conversion
            model = frontend.convert(frontend.load(decoder))
            model.reshape([-1, 3, side, side])
    except Exception as error:  # tracing and conversion raise all kinds of exceptions
        raise UnconvertedError(_first_line(error)) from error
    return model


def _with_bytes_in(model: Any, preprocessing: Preprocessing) -> Any:  # noqa: ANN401 - OpenVINO's
    """Return the model with normalisation as its first step, so that its input is bytes."""
    openvino = _openvino()
    from openvino.preprocess import PrePostProcessor

    side = preprocessing.size
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_shape([-1, 3, side, side])
    steps.input().tensor().set_layout(openvino.Layout("NCHW"))
    standard = steps.input().preprocess().convert_element_type(openvino.Type.f32)
    standard.mean([255.0 * value for value in preprocessing.mean])
    standard.scale([255.0 * value for value in preprocessing.std])
    return steps.build()


def _keep(model: Any, path: Path) -> None:  # noqa: ANN401 - OpenVINO's
    """Store the model; the description is moved last, because it marks the model as complete."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            new = Path(scratch) / path.name
            _openvino().serialize(model, str(new), str(new.with_suffix(".bin")))
            new.with_suffix(".bin").replace(path.with_suffix(".bin"))
            new.replace(path)
    except (OSError, RuntimeError) as error:
        _log.warning("the converted model is not kept: %s", error)


def _file(key: str, preprocessing: Preprocessing) -> Path:
    parts = (key, preprocessing.size, preprocessing.mean, preprocessing.std, _version())
    name = hashlib.blake2b(repr(parts).encode("utf-8"), digest_size=16).hexdigest()
    return user_dir() / "engines" / f"{name}.xml"


@functools.cache
def _openvino() -> Any:  # noqa: ANN401 - OpenVINO's
    # None makes the import of the telemetry package fail; OpenVINO then works without it.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise UnconvertedError("OpenVINO is not installed") from error
    return openvino


@functools.cache
def _core() -> Any:  # noqa: ANN401 - OpenVINO's
    return _openvino().Core()


def _version() -> str:
    return str(_openvino().get_version())


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    one, other = (values.reshape(len(values), -1) for values in (one, other))
    length = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / np.maximum(length, 1e-30)).min())


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
