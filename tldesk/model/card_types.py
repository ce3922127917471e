"""What a card holds: a backbone's stages, input, preprocessing, size, accuracy, licence and weight files."""

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
    """One named part of a backbone.

    Attributes:
        name: what the user sees and what a recipe's ``freeze`` names.
        modules: dotted names in the published network, in order; a name ending in ``()`` is a
            piece that the network has in its ``forward`` only (``flatten()``, see ``pieces``).
        parameters: trained numbers in it.
        gmacs: billions of multiply-accumulates for one picture of the card's input size.
    """

    name: str
    modules: tuple[str, ...]
    parameters: int
    gmacs: float


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an upright RGB picture becomes the network's input.

    Attributes:
        size: side of the square input in pixels.
        fit: "crop" (centre square), "letterbox" (padded) or "stretch".
        mean, std: per channel, for values in 0..1: ``(value - mean) / std``.
        interpolation: "bilinear" or "bicubic", antialiased.
        crop_ratio: share of the short side that the centre crop keeps, 0..1.
        rendering: how the files of deep pictures and stacks are read to begin with.
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
    """Everything that is known about a backbone without loading it.

    Attributes:
        name: torchvision's or timm's name of the network, or the starter's; recipes and the command line use
            it.
        title: name for people.
        paper: where it was published.
        stages: its parts in order; together everything before the classifier, each module once.
        features: length of the vector that the head gets.
        family: what lists group it by.
        pool: "avg": the last stage gives a map that the head averages; "none": it gives the vector itself.
        saliency_stage: the last stage that gives a map, or places' tokens on which the answer depends.
        classifier: modules after the stages in the original network: the ImageNet classifier.
        unused: modules of the published network that are not needed (training aids).
        parameters: of the original network as published, its classifier included.
        gmacs: of the original network at ``input_size``, as published by torchvision; timm's are measured.
        imagenet_accuracy: top-1 in percent of the first of ``weight_files``, one centre crop; None: unknown.
        licence: of the published weights.
        weight_files: file names, the one to fetch first; torchvision's all and timm's where they can end in
            the first eight to ten hexadecimal digits of their SHA-256. None: the weights come with the
            program and are published nowhere else.
        options: arguments of torchvision's builder.
        tag: timm's name of the first of ``weight_files``; "" for torchvision's networks.
        address: where the first of ``weight_files`` is published; "" for torchvision's own server.
        builder: torchvision's or timm's name of the network where the card has another; "" elsewhere.
        trained_on: what the weights learnt from, in words; "" where the licence says it.
        transfer: how far the weights served on other pictures, measured, in words; "" where not known.
        caution: what to know before such weights are used, in sentences; "" for weights without a but. What
            has one is recommended only where there is nothing else.
        input_size, minimum_size: side of the square input in pixels: as trained, and the least that works.
        fixed_size: whether nothing but ``input_size`` works.
        mean, std, interpolation, crop_ratio: preprocessing as for the published weights.
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
        """Whether its weights come with the program, and from nowhere else."""
        return not self.weight_files

    @property
    def library(self) -> Literal["torchvision", "timm"]:
        """The library that the network comes from; timm is an optional extra."""
        return "timm" if self.tag else "torchvision"

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages' names in order."""
        return tuple(stage.name for stage in self.stages)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every place of the freeze line: "none", before each stage but the first, "all"."""
        return (LINE_NONE, *self.stage_names[1:], LINE_ALL)

    def position(self, line: str) -> int:
        """How many stages stand before the freeze line, 0 ("none") to all of them ("all").

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
        """Names of the frozen stages."""
        return self.stage_names[: self.position(line)]

    def stages_after(self, line: str) -> tuple[str, ...]:
        """Names of the trained stages."""
        return self.stage_names[self.position(line) :]

    def trained_parameters(self, line: str) -> int:
        """Trainable parameters of the backbone with this freeze line, without the head's."""
        return sum(stage.parameters for stage in self.stages[self.position(line) :])

    def takes(self, size: int) -> bool:
        """Whether the network accepts pictures with this side in pixels."""
        return size == self.input_size if self.fixed_size else size >= self.minimum_size

    def size_problems(self, size: int | None) -> list[Problem]:
        """The problem with a recipe's input size for this network, if any; None is the network's own size."""
        if size is None or self.takes(size):
            return []
        what = f"{self.title} cannot see pictures of {size} pixels"
        fix = f"Choose {self.input_size}" if self.fixed_size else f"Choose at least {self.minimum_size}"
        return [Problem("input_size", what, fix)]

    def preprocessing(self, size: int | None = None, fit: str = "crop") -> Preprocessing:
        """The card's preprocessing, at ``size`` pixels where given."""
        side = size or self.input_size
        return Preprocessing(side, fit, self.mean, self.std, self.interpolation, self.crop_ratio)


def stage(name: str, modules: str, parameters: int, gmacs: float) -> StageSpec:
    """A stage of ``modules``, separated by spaces; ``block.2-4`` stands for ``block.2 block.3 block.4``."""
    names = tuple(full for part in modules.split() for full in _expanded(part))
    return StageSpec(name, names, parameters, gmacs)


def _expanded(part: str) -> list[str]:
    parent, _, last = part.rpartition(".")
    first, dash, end = last.partition("-")
    if not dash:
        return [part]
    return [f"{parent}.{index}" for index in range(int(first), int(end) + 1)]
