"""The types of a backbone's card: stages, input, preprocessing, size, accuracy, licence, weight files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tldesk.base import Problem, ProblemError
from tldesk.imaging import AS_STORED, Rendering

LINE_ALL = "all"
"""The freeze line after the last stage: only the head is trained."""
LINE_NONE = "none"
"""The freeze line before the first stage: everything is trained."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

Interpolation = Literal["bilinear", "bicubic"]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage: a named part of a backbone.

    Attributes:
        name: name shown to the user and used in a recipe's ``freeze``.
        modules: dotted module names in the published network, in order; a name ending in ``()`` is an
            operation in the network's ``forward`` that is not a module (``flatten()``, see
            ``functional_layers``).
        parameters: number of trainable parameters.
        gmacs: billions of multiply-accumulates for one picture of the card's input size.
    """

    name: str
    modules: tuple[str, ...]
    parameters: int
    gmacs: float


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The conversion of an upright RGB picture to the network's input.

    Attributes:
        size: side of the square input in pixels.
        fit: "crop" (centre square), "letterbox" (padded) or "stretch".
        mean, std: per channel, for values in 0..1: ``(value - mean) / std``.
        interpolation: "bilinear" or "bicubic", antialiased.
        crop_ratio: fraction of the short side that the centre crop keeps, 0..1.
        rendering: how the files of deep pictures and stacks are read.
    """

    size: int
    fit: str
    mean: Triple
    std: Triple
    interpolation: Interpolation = "bilinear"
    crop_ratio: float = 0.875
    rendering: Rendering = AS_STORED


@dataclass(frozen=True, slots=True)
class Card:
    """The description of a backbone, available without loading it.

    Attributes:
        name: the network's name in torchvision or timm, or the starter's name; used in recipes and on the
            command line.
        title: name shown to the user.
        paper: the publication.
        stages: the stages in order; together they contain each module before the classifier once.
        features: length of the feature vector given to the head.
        family: the group of the backbone in lists.
        pool: "avg": the last stage outputs a map that the head averages; "none": it outputs the vector.
        saliency_stage: the last stage that outputs a map, or tokens of places, on which the prediction
            depends.
        classifier: modules after the stages in the original network: the ImageNet classifier.
        unused: modules of the published network that are not needed (training aids).
        parameters: number of parameters of the published network, including its classifier.
        gmacs: billions of multiply-accumulates of the published network at ``input_size``: torchvision's
            published value; measured for timm.
        imagenet_accuracy: top-1 accuracy in percent of the first of ``weight_files``, with one centre crop;
            None if unknown.
        licence: licence of the published weights.
        weight_files: file names, the one to download first. All of torchvision's names, and timm's where
            possible, end in the first eight to ten hexadecimal digits of the SHA-256. Empty if the weights
            ship with the program and are not published elsewhere.
        options: arguments of torchvision's builder.
        tag: timm's name of the first of ``weight_files``; "" for torchvision's networks.
        address: URL of the first of ``weight_files``; "" for torchvision's own server.
        builder: the network's name in torchvision or timm if it differs from ``name``, else "".
        trained_on: the data that the weights were trained on, in words; "" if ``licence`` says it.
        transfer: measured accuracy on other data sets, in words; "" if unknown.
        caution: a warning about the weights, in sentences; "" if there is none. Backbones with a warning are
            recommended only if no other is available.
        input_size, minimum_size: side of the square input in pixels: as trained, and the smallest possible.
        fixed_size: whether only ``input_size`` is possible.
        mean, std, interpolation, crop_ratio: the preprocessing of the published weights.
    """

    name: str
    family: str
    title: str
    paper: str
    stages: tuple[StageSpec, ...]
    features: int
    pool: Literal["avg", "none"]
    saliency_stage: str
    classifier: tuple[str, ...]
    parameters: int
    gmacs: float
    imagenet_accuracy: float | None
    weight_files: tuple[str, ...]
    licence: str
    unused: tuple[str, ...] = ()
    options: tuple[tuple[str, bool], ...] = ()
    input_size: int = 224
    minimum_size: int = 32
    fixed_size: bool = False
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    interpolation: Interpolation = "bilinear"
    crop_ratio: float = 0.875
    tag: str = ""
    address: str = ""
    builder: str = ""
    trained_on: str = ""
    transfer: str = ""
    caution: str = ""

    @property
    def ships(self) -> bool:
        """Whether the weights ship with the program and are not published elsewhere."""
        return not self.weight_files

    @property
    def library(self) -> Literal["torchvision", "timm"]:
        """The library that provides the network; timm is an optional extra."""
        return "timm" if self.tag else "torchvision"

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages' names in order."""
        return tuple(stage.name for stage in self.stages)

    @property
    def lines(self) -> tuple[str, ...]:
        """All positions of the freeze line: "none", before each stage except the first, "all"."""
        return (LINE_NONE, *self.stage_names[1:], LINE_ALL)

    def position(self, line: str) -> int:
        """Return the number of stages before the freeze line, from 0 ("none") to all ("all").

        Raises:
            ProblemError: this backbone has no such stage.
        """
        if line == LINE_NONE:
            return 0
        if line == LINE_ALL:
            return len(self.stages)
        if line in self.stage_names:
            return self.stage_names.index(line)
        choices = ", ".join((LINE_NONE, *self.stage_names, LINE_ALL))
        raise ProblemError(
            Problem(f"freeze {line}", f"{self.title} has no such stage", f"Choose one of {choices}")
        )

    def stages_before(self, line: str) -> tuple[str, ...]:
        """Return the names of the frozen stages."""
        return self.stage_names[: self.position(line)]

    def stages_after(self, line: str) -> tuple[str, ...]:
        """Return the names of the trainable stages."""
        return self.stage_names[self.position(line) :]

    def trained_parameters(self, line: str) -> int:
        """Return the number of trainable parameters with this freeze line, without those of the head."""
        return sum(stage.parameters for stage in self.stages[self.position(line) :])

    def takes(self, size: int) -> bool:
        """Return whether the network accepts square pictures with this side in pixels."""
        return size == self.input_size if self.fixed_size else size >= self.minimum_size

    def size_problems(self, size: int | None) -> list[Problem]:
        """Return the problem, if any, with a recipe's input size; None means the network's own size."""
        if size is None or self.takes(size):
            return []
        what = f"{self.title} cannot see pictures of {size} pixels"
        fix = f"Choose {self.input_size}" if self.fixed_size else f"Choose at least {self.minimum_size}"
        return [Problem("input_size", what, fix)]

    def preprocessing(self, size: int | None = None, fit: str = "crop") -> Preprocessing:
        """Return the card's preprocessing, with the side ``size`` in pixels if given."""
        side = size or self.input_size
        return Preprocessing(side, fit, self.mean, self.std, self.interpolation, self.crop_ratio)


def stage(name: str, modules: str, parameters: int, gmacs: float) -> StageSpec:
    """Return a stage; ``modules`` is split at spaces, ``block.2-4`` means ``block.2 block.3 block.4``."""
    names = tuple(full for part in modules.split() for full in _expanded(part))
    return StageSpec(name, names, parameters, gmacs)


def _expanded(part: str) -> list[str]:
    parent, _, last = part.rpartition(".")
    first, dash, end = last.partition("-")
    if not dash:
        return [part]
    return [f"{parent}.{index}" for index in range(int(first), int(end) + 1)]
