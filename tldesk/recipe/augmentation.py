"""Random changes to training images, and ready-made sets of them per domain."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from tldesk.base import Problem, ProblemError
from tldesk.recipe.fieldtypes import CONFIG, AddedLater, Number, Share, Switch, Whole
from tldesk.recipe.validation_errors import nearest


class Augmentation(BaseModel):
    """Random changes to training images, so that the network does not memorise irrelevant details."""

    model_config = CONFIG

    flip_horizontal: Switch = Field(
        False, title="Mirror left-right", description="Shows half of the images mirrored from left to right."
    )
    flip_vertical: Switch = Field(
        False,
        title="Mirror up-down",
        description="Shows half of the images upside down; only where up means nothing.",
    )
    rotation: Number = Field(
        0.0,
        title="Rotate (degrees)",
        description="Turns each image by up to this angle either way.",
        ge=0,
        le=180,
    )
    shift: Number = Field(
        0.0,
        title="Shift",
        description="Moves each image by up to this share of its width and height.",
        ge=0,
        le=0.5,
    )
    zoom: Number = Field(
        0.0, title="Zoom", description="Makes each image larger or smaller by up to this share.", ge=0, le=0.9
    )
    brightness: Share = Field(
        0.0, title="Brightness", description="Makes each image brighter or darker by up to this share."
    )
    contrast: Share = Field(
        0.0, title="Contrast", description="Strengthens or weakens the contrast by up to this share."
    )
    saturation: Share = Field(
        0.0, title="Colour strength", description="Strengthens or weakens the colours by up to this share."
    )
    crop: Annotated[Number, AddedLater()] = Field(
        0.0,
        title="Random part",
        description="Shows a random part of each image; up to this share of its area is left out.",
        ge=0,
        le=0.9,
    )
    hue: Annotated[Number, AddedLater()] = Field(
        0.0,
        title="Hue",
        description="Shifts all colours by up to this share of the colour circle: 0.02 is another lamp or "
        "stain, 0.5 any colour.",
        ge=0,
        le=0.5,
    )
    blur: Annotated[Number, AddedLater()] = Field(
        0.0,
        title="Blur (px)",
        description="Blurs each image by up to this many pixels of what the network sees, as a lens out of "
        "focus does.",
        ge=0,
        le=5,
    )
    noise: Annotated[Number, AddedLater()] = Field(
        0.0,
        title="Noise",
        description="Adds up to this share of the brightness range as grain, as cameras do in dim light.",
        ge=0,
        le=0.5,
    )
    views: Whole = Field(
        4,
        title="Kept versions",
        description="How many versions of each image are computed once and kept where stages are frozen: the "
        "plain one and changed ones. With 1, every epoch changes the images again, which takes longer.",
        ge=1,
        le=32,
    )

    @property
    def active(self) -> bool:
        """Whether any augmentation is enabled."""
        return any(bool(value) for value in self.model_dump(exclude={"views"}).values())


class Domain(NamedTuple):
    """The augmentation recommended for one kind of picture.

    Attributes:
        name: identifier in recipe files and on the command line.
        title: name shown to the user.
        augmentation: the changes that are allowed.
        why: the reason, in one plain sentence.
    """

    name: str
    title: str
    augmentation: Augmentation
    why: str


DOMAINS: tuple[Domain, ...] = (
    Domain(
        "photo",
        "Everyday photos",
        Augmentation(
            flip_horizontal=True,
            rotation=15.0,
            shift=0.05,
            zoom=0.15,
            brightness=0.2,
            contrast=0.2,
            saturation=0.15,
        ),
        "Things in photos may face either way and be lit differently, but have an upper and a lower side.",
    ),
    Domain(
        "leaf",
        "Leaves and plants",
        Augmentation(
            flip_horizontal=True,
            flip_vertical=True,
            rotation=180.0,
            shift=0.05,
            zoom=0.2,
            brightness=0.3,
            contrast=0.2,
            saturation=0.15,
            hue=0.02,
        ),
        "A leaf lies any way round and sun and shade change its light, but its colour tells the disease, so "
        "the hue hardly moves.",
    ),
    Domain(
        "microscopy",
        "Microscopy",
        Augmentation(
            flip_horizontal=True,
            flip_vertical=True,
            rotation=180.0,
            shift=0.05,
            zoom=0.1,
            brightness=0.15,
            contrast=0.2,
            saturation=0.2,
            hue=0.04,
            blur=1.0,
        ),
        "A slide has no upper side; stain and focus differ from slide to slide, the magnification does not.",
    ),
    Domain(
        "radiograph",
        "X-ray, CT, MRI",
        Augmentation(rotation=7.0, shift=0.05, zoom=0.1, brightness=0.1, contrast=0.2, noise=0.02),
        "Bodies are placed alike and the left is not the right, so pictures are turned a little and never "
        "mirrored; exposure and grain differ.",
    ),
    Domain(
        "document",
        "Documents and labels",
        Augmentation(
            rotation=3.0, shift=0.02, zoom=0.05, brightness=0.15, contrast=0.2, blur=0.5, noise=0.02
        ),
        "Mirrored writing does not exist; pages come slightly crooked, blurred and unevenly lit.",
    ),
    Domain(
        "none",
        "No changes",
        Augmentation(),
        "Every image is shown as it is: quickest, and right where pictures are always taken the same way.",
    ),
)


def augmentation_for(domain: str) -> Augmentation:
    """Return the augmentation of a domain.

    Raises:
        ProblemError: there is no domain with this name.
    """
    names = tuple(one.name for one in DOMAINS)
    if domain not in names:
        hint = nearest(domain, names) or f"Choose one of {', '.join(names)}"
        raise ProblemError(Problem("augmentation", f"there is no augmentation for '{domain}'", hint))
    return DOMAINS[names.index(domain)].augmentation


def domain_of(augmentation: Augmentation) -> Domain | None:
    """Return the domain with exactly these changes (``views`` is ignored); None if they match no domain."""
    for one in DOMAINS:
        if one.augmentation.model_copy(update={"views": augmentation.views}) == augmentation:
            return one
    return None
