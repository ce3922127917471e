"""A frozen trunk computed by OpenVINO, which is two to three times as fast as torch on CPUs.

The trunk is traced once and converted; the converted model is kept on disk. Only OpenVINO's frontend for
traced modules is used: its converter for everything (``openvino.convert_model``) reports each use over the
network unless a file of the user's forbids it, and nothing here may open a socket.
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

# One picture at a time stays in a core's caches: 5 to 10 % more pictures a second than with eight.
_BATCH = 1
_LEAST_COSINE = {"float32": 0.9999, "bfloat16": 0.995}
"""Below, what was converted does not compute what the trunk does, and is not used."""


class UnconvertedError(Exception):
    """OpenVINO cannot run this trunk; torch has to compute it."""


class OpenVinoTrunk:
    """As ``TrunkEvaluator``; several requests are under way at a time. Streams may run side by side.

    Args:
        trunk: in evaluation mode, on the CPU.
        key: names what the trunk computes: its hash.
        preprocessing: of the pictures.
        precision: "float32" or "bfloat16".

    Raises:
        UnconvertedError: OpenVINO is not there, or cannot take this trunk.
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
        """(n, 3, size, size) uint8 to (n, ...) float32 features."""
        return next(iter(self.stream([pixels])))

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """As of ``TrunkEvaluator``."""
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
        """Requests that no other stream uses: those of streams that have ended, else new ones."""
        found: deque[Any] = deque()
        with contextlib.suppress(IndexError):
            while len(found) < self._count:
                found.append(self._idle.pop())
        return found or deque(self._compiled.create_infer_request() for _ in range(self._count))

    def _taken(self, model: Any, trunk: nn.Module, preprocessing: Preprocessing) -> bool:  # noqa: ANN401
        """Compile the model; whether it then computes what the trunk does.

        Two made-up pictures are compared: tracing may have frozen something that depends on the input, and a
        kept model may be damaged.
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
    """Import what is used later, where OpenVINO is installed: loading its libraries holds up every thread."""
    with contextlib.suppress(UnconvertedError):
        _core()
        import openvino.frontend.pytorch.ts_decoder  # noqa: F401


def is_converted(key: str, preprocessing: Preprocessing) -> bool:
    """Whether the converted model lies on disk already."""
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
    """The model for this processor, and how many requests a stream has under way.

    Four times as many as are computed at a time: while rows are written, the next are computed.
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
    """The model as converted earlier; None where there is none, or it is damaged."""
    path = _file(key, preprocessing)
    if not path.is_file():
        return None
    try:
        model = _core().read_model(path)
    except RuntimeError as error:
        _log.warning("the converted model %s is damaged and is converted again: %s", path, error)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # the last use decides what goes first when room is needed
    return model


def _converted(trunk: nn.Module, preprocessing: Preprocessing) -> Any:  # noqa: ANN401 - OpenVINO's
    _openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    side = preprocessing.size
    example = torch.zeros(1, 3, side, side)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # The tracer warns of every shape it looks at; the comparison afterwards finds what matters.
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(trunk, example, check_trace=False)  # type: ignore[no-untyped-call]
            frontend = FrontEndManager().load_by_framework("pytorch")
            decoder = TorchScriptPythonDecoder(traced)  # is called back while the frontend converts
            model = frontend.convert(frontend.load(decoder))
            model.reshape([-1, 3, side, side])
    except Exception as error:  # tracing and converting foreign modules may raise anything
        raise UnconvertedError(_first_line(error)) from error
    return model


def _with_bytes_in(model: Any, preprocessing: Preprocessing) -> Any:  # noqa: ANN401 - OpenVINO's
    """The same model with the normalisation in front, so that it takes bytes."""
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
    """Weights first: the description, by which the model is found, comes last."""
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
    # None makes the import of the reporting package fail; OpenVINO then goes without it.
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
