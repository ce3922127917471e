"""The recipe: all settings of a run, validated when created and immutable afterwards.

The title and the description of each field are shown next to it in the window.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tldesk.base import Problem, ProblemError, write_atomic
from tldesk.base.regular_files import read_regular
from tldesk.recipe import identity, toml
from tldesk.recipe.augmentation import Augmentation
from tldesk.recipe.fields import FieldHelp, help_of
from tldesk.recipe.fieldtypes import CONFIG, AddedLater, BatchSize, Name, Number, Whole
from tldesk.recipe.migration import SCHEMA_VERSION, migrate
from tldesk.recipe.validation_errors import checked, plain_fields


class Phase(BaseModel):
    """A part of the training with its own freeze line, epochs and learning rate."""

    model_config = CONFIG

    freeze: Name = Field(
        title="Train from",
        description="The first stage that is trained; 'all' trains only the head, 'none' trains everything.",
    )
    epochs: Whole = Field(
        title="Epochs",
        description="How many times every training image is seen in this phase; where a head is solved, how "
        "many strengths of regularisation are tried.",
        ge=1,
        le=1000,
    )
    learning_rate: Number = Field(
        title="Learning rate",
        description="How big each learning step is; too big never settles, too small takes forever.",
        gt=0,
        le=1,
    )
    schedule: Literal["constant", "cosine"] = Field(
        "cosine",
        title="Rate over time",
        description="Whether the learning rate stays the same or falls smoothly to zero within the phase.",
    )
    warmup_epochs: Number = Field(
        0.0,
        title="Warm-up epochs",
        description="Epochs in which the learning rate rises from zero, so that the start does no harm.",
        ge=0,
        le=100,
    )
    solver: Literal["steps", "auto"] = Field(
        "steps",
        title="Way",
        description="'steps' learns in small steps; 'auto' solves a linear head on frozen stages exactly, "
        "from strong to weak regularisation: rate, dropout and weight decay then play no part.",
    )


class HeadSpec(BaseModel):
    """The classifier on top of the backbone; it is always trained."""

    model_config = CONFIG

    kind: Literal["linear", "dense", "knn"] = Field(
        "linear",
        title="Kind",
        description="'linear' is one layer and suits most work; 'dense' puts a hidden layer before it; "
        "'knn' learns nothing and lets the most similar training images vote.",
    )
    hidden: Whole = Field(
        256, title="Hidden units", description="Size of the hidden layer of the dense head.", ge=1, le=8192
    )
    dropout: Number = Field(
        0.2,
        title="Dropout",
        description="Share of the features that is hidden at random in each step, against learning by heart.",
        ge=0,
        le=0.95,
    )
    neighbours: Annotated[Whole, AddedLater()] = Field(
        10,
        title="Neighbours",
        description="How many of the most similar training images vote where the head is 'knn'; few follow "
        "every single image, many blur small classes.",
        ge=1,
        le=500,
    )


class Recipe(BaseModel):
    """All settings of a run except the images themselves. Frozen, hashable, compared by value."""

    model_config = CONFIG

    schema_version: Literal[1] = Field(
        SCHEMA_VERSION,
        title="Format version",
        description="Version of this file's format; leave it as it is.",
    )
    name: Name = Field(
        "recipe", title="Name", description="A name for people; it does not change the result."
    )
    backbone: Name = Field(title="Backbone", description="The network that the classifier is built on.")
    weights: Literal["pretrained", "random"] = Field(
        "pretrained",
        title="Start from",
        description="'pretrained' starts from what the network learned elsewhere, 'random' from nothing.",
    )
    head: HeadSpec = Field(
        default_factory=HeadSpec, title="Head", description="The classifier put on the backbone."
    )
    batch_size: BatchSize = Field(
        32,
        title="Batch size",
        description="How many images are learned from at a time; fewer need less memory. 'auto' takes as "
        "many as the device's memory allows, up to 64.",
    )
    optimizer: Literal["adamw", "sgd"] = Field(
        "adamw",
        title="Optimizer",
        description="How steps are made; 'adamw' is forgiving, 'sgd' wants a rate about ten times larger.",
    )
    weight_decay: Number = Field(
        0.01,
        title="Weight decay",
        description="Pulls the weights towards zero, against learning by heart.",
        ge=0,
        le=1,
    )
    rate_per_stage: Number = Field(
        1.0,
        title="Rate per stage",
        description="Each stage learns at this share of the rate of what follows it, the head at the full "
        "rate; 1 is the same everywhere.",
        gt=0,
        le=1,
    )
    average_last: Whole = Field(
        0,
        title="Average last epochs",
        description="Over this many epochs at the end of the last phase the weights are averaged, which "
        "evens out the accidents of single steps; 0 is off.",
        ge=0,
        le=1000,
    )
    batch_norm: Literal["adapt", "keep"] = Field(
        "adapt",
        title="Batch norm",
        description="In stages that are trained, 'keep' leaves the averages that even out each layer's "
        "answers as they were learned elsewhere, steadier with few images; 'adapt' takes these images'.",
    )
    label_smoothing: Number = Field(
        0.0,
        title="Label smoothing",
        description="Share of doubt given to every label; helps where some labels are wrong.",
        ge=0,
        le=0.5,
    )
    mixup: Annotated[Number, AddedLater()] = Field(
        0.0,
        title="Mixup",
        description="Lays images over each other in pairs, and their labels too, against learning by heart; "
        "0.2 is usual, 0 is off. A head that is solved cannot use it.",
        ge=0,
        le=1,
    )
    class_balance: Literal["none", "weighted"] = Field(
        "none",
        title="Class balance",
        description="'weighted' makes mistakes on rare classes count more, so that they are not ignored.",
    )
    early_stopping: Whole = Field(
        0,
        title="Stop early after",
        description="A phase ends after this many epochs without improvement; 0 always goes on to the end.",
        ge=0,
        le=1000,
    )
    monitor: Literal["balanced_accuracy", "loss"] = Field(
        "balanced_accuracy",
        title="Best means",
        description="What decides on the validation images which epoch is kept.",
    )
    input_size: Whole | None = Field(
        None,
        title="Input size (px)",
        description="Side of the square that the network sees; left out, it is the backbone's own.",
        ge=32,
        le=1024,
    )
    fit: Literal["crop", "letterbox", "stretch"] = Field(
        "crop",
        title="Fit",
        description="How an image becomes square: 'crop' cuts the long side, 'letterbox' pads the short one, "
        "'stretch' distorts.",
    )
    columns: Annotated[tuple[Name, ...], AddedLater()] = Field(
        (),
        title="Also learn from",
        description="Columns of the images' table, such as age or site, that the head learns from beside the "
        "picture. A column that is only known after the diagnosis, or that stands for the site, teaches the "
        "wrong thing.",
        max_length=50,
    )
    seed: Whole = Field(
        0,
        title="Seed",
        description="The same seed gives the same numbers on the same machine.",
        ge=0,
        le=2**31 - 1,
    )
    augmentation: Augmentation = Field(
        default_factory=Augmentation,
        title="Augmentation",
        description="Random changes to training images.",
    )
    phases: tuple[Phase, ...] = Field(
        title="Phases",
        description="The parts of the training, one after the other.",
        min_length=1,
        max_length=50,
    )

    @property
    def epochs(self) -> int:
        """Total number of epochs of all phases."""
        return sum(self.epochs_of(phase) for phase in self.phases)

    def epochs_of(self, phase: Phase) -> int:
        """Return the epochs of one phase; always 1 with nearest neighbours, where nothing is optimised."""
        return 1 if self.head.kind == "knn" else phase.epochs

    @property
    def fingerprint(self) -> str:
        """Return 32 hexadecimal digits that are equal exactly for recipes of the same run.

        The name of the recipe is ignored.
        """
        return identity.fingerprint(self)

    def validated(self, where: str = "recipe") -> Recipe:
        """Return an equal recipe whose every field has been checked.

        A copy made with ``model_copy(update=...)`` may hold anything, which pydantic does not check.

        Raises:
            ProblemError: with one problem for each invalid or unknown field.
        """
        return checked(type(self), plain_fields(self), where)

    def to_toml(self) -> str:
        """Return the recipe as TOML with a comment for each field; reading it back gives an equal recipe.

        Raises:
            ProblemError: a copy holds values that no recipe may have; none of them is ever written.
        """
        return toml.write(self.validated())

    @classmethod
    def from_toml(cls, text: str, where: str = "") -> Recipe:
        """Read a recipe from TOML text; older formats are upgraded to the current one.

        ``where`` is the name of the file, for error messages.

        Raises:
            ProblemError: the text is not TOML, is of a newer format, or has invalid fields (one problem per
                field).
        """
        return checked(cls, migrate(toml.read(text, where or "recipe"), where), where)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a recipe from a TOML file.

        Raises:
            ProblemError: the file cannot be read, or as ``from_toml``.
        """
        return checked(cls, read_document(path), str(path))

    def save(self, path: Path) -> None:
        """Write the recipe to a TOML file atomically.

        Raises:
            ProblemError: the file cannot be written.
        """
        write_atomic(path, self.to_toml())


def field_help(path: str) -> FieldHelp:
    """Return title, description, bounds and choices of the field at a dotted path, e.g. ``phases.0.epochs``.

    Raises:
        KeyError: a recipe has no such field.
    """
    return help_of(Recipe, path)


def read_document(path: Path) -> dict[str, object]:
    """Read a TOML file and upgrade it to the current format; the fields are not validated.

    Raises:
        ProblemError: the file cannot be read, is not TOML, or is of a newer format.
    """
    return migrate(toml.read(_read_text(path), str(path)), str(path))


def _read_text(path: Path) -> str:
    try:
        # Editors on Windows write a byte order mark before the text.
        return read_regular(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(
            str(path), "the file is not a text in UTF-8", "Save it as UTF-8, or choose another file"
        )
        raise ProblemError(problem) from error
    except OSError as error:
        what = f"the file could not be read ({error.strerror or error})"
        raise ProblemError(
            Problem(str(path), what, "Check that it exists and that you may read it")
        ) from error
