"""The model file ``NAME.tlmodel``: one file with everything needed for prediction, and no executable code.

It is an uncompressed zip archive of

- ``model.json``: backbone, head, classes, preprocessing, columns, calibration, origin;
- ``weights.safetensors``: ``backbone.<torchvision's name>`` and ``head.<name>``, float32;
- ``training.safetensors``: the training images' pooled features (float16) and labels, to find the nearest.

The program reads its own and all earlier format versions and refuses newer ones. A file gets the lowest
version that can describe it, so that older programs can read it if possible: version 2 for a rendering other
than the default, version 3 for a nearest-neighbour head, version 4 for table columns as extra inputs, and
version 1 otherwise.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import safetensors.numpy
import safetensors.torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer
from torch import Tensor

from tldesk.base import Problem, ProblemError, atomic_path
from tldesk.base.regular_files import must_be_file
from tldesk.imaging import AS_STORED
from tldesk.model.build import Network, build_network
from tldesk.model.card_types import Preprocessing
from tldesk.model.cards import card
from tldesk.model.table_code import NO_TABLE, TableCode
from tldesk.recipe import HeadSpec, decided

FORMAT_VERSION = 4
_WITHOUT_RENDERING, _WITHOUT_NEIGHBOURS, _WITHOUT_TABLE = 1, 2, 3
SUFFIX = ".tlmodel"

_DOCUMENT, _WEIGHTS, _TRAINING = "model.json", "weights.safetensors", "training.safetensors"
_BACKBONE, _HEAD = "backbone.", "head."


@dataclass(frozen=True, eq=False)
class ModelFile:
    """The content of a model file.

    Attributes:
        backbone: the card's name.
        head: kind and settings of the head.
        classes: class names in their order.
        preprocessing: how a picture is turned into the network's input.
        weights: tensors ``backbone.*`` under the library's names, and ``head.*``.
        embeddings: pooled features of the training images before the head, (n, C); stored as float16.
        labels: their labels as indices into ``classes``, (n,) int64.
        contents: their n content hashes.
        temperature: the logits are divided by it before the softmax, > 0.
        unsure_below: predictions with a lower confidence are marked unsure, 0..1.
        novelty: distances of the validation images to the training images, ascending; the distance of a new
            picture is compared with them.
        table: encoding of table columns for the head.
        recipe: the recipe as plain data.
        run: the run that produced the model ("run 3").
        created: time of creation, ISO 8601.
        summary: metrics to show, as plain data.
    """

    backbone: str
    head: HeadSpec
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    weights: Mapping[str, Tensor]
    embeddings: NDArray[np.floating[Any]] = field(default_factory=lambda: np.zeros((0, 0), np.float16))
    labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    contents: tuple[str, ...] = ()
    temperature: float = 1.0
    unsure_below: float = 0.0
    novelty: tuple[float, ...] = ()
    table: TableCode = NO_TABLE
    recipe: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""
    created: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)

    def network(self) -> Network:
        """Return the network in evaluation mode, on the CPU, with copies of the weights.

        Raises:
            ProblemError: the weights do not match the backbone or head given in the file.
        """
        network = build_network(
            card(self.backbone),
            len(self.classes),
            self.head,
            weights=self._part(_BACKBONE),
            seed=0,
            table=self.table,
        )
        try:
            network.head.load_state_dict(self._part(_HEAD))
        except RuntimeError as error:
            first = str(error).splitlines()[-1].strip().rstrip(".")
            raise ProblemError(
                Problem(
                    "model file", f"the head's weights do not fit it ({first})", "Make the model file again"
                )
            ) from error
        return network.eval()

    def save(self, path: Path) -> None:
        """Write the file as a whole or not at all.

        Raises:
            ProblemError: the folder cannot be written or the disk is full.
        """
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_DOCUMENT, _document(self).model_dump_json(indent=2))
            archive.writestr(_WEIGHTS, _packed(self.weights))
            archive.writestr(_TRAINING, _packed_training(self))

    def _part(self, prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): t for name, t in self.weights.items() if name.startswith(prefix)}

    @staticmethod
    def load(path: Path) -> ModelFile:
        """Read a model file.

        Raises:
            ProblemError: the file does not exist, is not a model file, is damaged, or was written by a newer
                version of the program.
        """
        must_be_file(path)
        try:
            with zipfile.ZipFile(path) as archive:
                return _read(archive, path)
        except _BROKEN as error:
            raise _damaged(path, error) from error


def weights_of(network: Network) -> dict[str, Tensor]:
    """Return a network's tensors as stored in a model file: copies, on the CPU."""
    backbone = {f"{_BACKBONE}{name}": tensor for name, tensor in network.backbone_state().items()}
    head = {f"{_HEAD}{name}": tensor for name, tensor in network.head.state_dict().items()}
    return {name: tensor.detach().cpu().clone() for name, tensor in (backbone | head).items()}


class _Document(BaseModel):
    """The contents of ``model.json``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["tldesk model"] = "tldesk model"
    version: int = FORMAT_VERSION
    backbone: str
    head: HeadSpec
    classes: tuple[str, ...] = Field(min_length=1)
    preprocessing: Preprocessing
    temperature: float = Field(gt=0)
    unsure_below: float = Field(ge=0, le=1)
    novelty: tuple[float, ...] = ()
    contents: tuple[str, ...] = ()
    table: TableCode = NO_TABLE
    recipe: dict[str, Any] = {}
    run: str = ""
    created: str = ""
    summary: dict[str, Any] = {}

    @field_serializer("head")
    def _head(self, head: HeadSpec) -> dict[str, object]:
        """Leave out newer fields that are not set: older versions would reject the file as damaged."""
        return decided(head)


_SHARED_FIELDS = tuple(name for name in _Document.model_fields if name not in {"format", "version"})
_BROKEN = (
    zipfile.BadZipFile,
    safetensors.SafetensorError,
    ValidationError,
    KeyError,
    OSError,
    ValueError,
    EOFError,
    NotImplementedError,  # a compression method that Python does not support
    RuntimeError,  # an encrypted archive
)


def _document(model: ModelFile) -> _Document:
    values = {name: getattr(model, name) for name in _SHARED_FIELDS}
    return _Document(version=_least_version(model), **values)


def _least_version(model: ModelFile) -> int:
    """Return the lowest format version that can describe the model."""
    if model.table.columns:
        return FORMAT_VERSION
    if model.head.kind == "knn":
        return _WITHOUT_TABLE
    return _WITHOUT_RENDERING if model.preprocessing.rendering == AS_STORED else _WITHOUT_NEIGHBOURS


def _read(archive: zipfile.ZipFile, path: Path) -> ModelFile:
    text = _stored(archive, _DOCUMENT)
    _refuse_newer(json.loads(text), path)
    document = _parsed(text, path)
    weights = safetensors.torch.load(_stored(archive, _WEIGHTS))
    training = safetensors.numpy.load(_stored(archive, _TRAINING))
    embeddings, labels = training["embeddings"], training["labels"]
    if not len(embeddings) == len(labels) == len(document.contents):
        raise ValueError("the training images and their labels differ in number")
    values = {name: getattr(document, name) for name in _SHARED_FIELDS}
    return ModelFile(weights=weights, embeddings=embeddings, labels=labels, **values)


def _parsed(text: bytes, path: Path) -> _Document:
    try:
        return _Document.model_validate_json(text)
    except ProblemError as error:  # raised only by the field for the rendering
        what = f"the model reads pictures in a way that is not known here ({error.problems[0].what})"
        raise ProblemError(Problem(str(path), what, "Install the newer version of tldesk")) from error


def _refuse_newer(document: object, path: Path) -> None:
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        known = f"format {version}, while {FORMAT_VERSION} is known here"
        what = f"the model file was made by a newer version of tldesk ({known})"
        raise ProblemError(
            Problem(str(path), what, "Install the newer version, or make the model file again here")
        )


def _stored(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member's bytes; refuse compressed ones, so that a small file cannot unpack to a huge one."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return archive.read(name)


def _packed(tensors: Mapping[str, Tensor]) -> bytes:
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return safetensors.torch.save(plain)


def _packed_training(model: ModelFile) -> bytes:
    widest = float(np.finfo(np.float16).max)
    embeddings = np.ascontiguousarray(np.clip(model.embeddings, -widest, widest), dtype=np.float16)
    labels = np.ascontiguousarray(model.labels, dtype=np.int64)
    return safetensors.numpy.save({"embeddings": embeddings, "labels": labels})


def _damaged(path: Path, error: Exception) -> ProblemError:
    what = f"this is not a model file, or it is damaged ({_first_words(error)})"
    return ProblemError(Problem(str(path), what, "Copy the file again, or make it again from its run"))


def _first_words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return (str(error).strip("'\" ").splitlines() or [type(error).__name__])[0]
