"""What names of folders say beside classes and splits: containers, masks, pictures without labels, people."""

from __future__ import annotations

import re

from tldesk.dataset.name_order import folded


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_CONTAINERS = _words(
    "images image imgs img pictures picture photos photo pics data dataset datasets database bilder fotos",
    "bild foto imagen imagenes imágenes immagini imagem imagens obrazy zdjęcia zdjecia",
    "afbeeldingen daten datos",
    "jpg jpeg jpegs png tif tiff dicom dcm all files archive input raw_images all_images",
)
_BESIDE = _words(
    "mask masks label labels annotation annotations groundtruth ground_truth gt segmentation",
    "segmentations seg segs masken boxes bboxes landmarks overlays heatmaps",
)
_BETWEEN = re.compile(r"[\W_]+")
_UNLABELLED = re.compile(
    r"(un|not[ _-]?|non[ _-]?)(label+ed|annotated|sorted|tagged|classified)(?![a-z])"
    r"|(to|zu)[ _-]?(do|label|sort|annotate|classify|sortieren)\b"
    r"|ohne[ _-]?(label|klasse)|unbeschriftet|unsortiert|non[ _-]?(étiqueté|etiquete|classé)e?s?"
    r"|sin[ _-]?(etiquet|clasific)\w*|unsup(ervised)?\b"
)
_KINDS = _words(
    "original originals raw augmented augmentation augmentations aug copies color colour grayscale",
    "greyscale grey gray segmented",
)
_CHANGED = _words(
    "augmented augmentation augmentations augment aug augm augmentiert augmentado aumentado augmenté",
    "flipped rotated mirrored noisy blurred copy copies kopie synthetic",
)
_SOMEBODY = re.compile(r"(patient|pat|pt|pa|subject|subj|sub|person|participant|proband|donor)[ _-]?\d+")
_STUDY = re.compile(r"(st|stu|study)[ _-]?\d+")
_SERIES = re.compile(r"(se|ser|series)[ _-]?\d+")
_MEDIUM = re.compile(r"(cd|dvd|disc|disk|medium|volume|vol)[ _-]?\d+")

_CODED = re.compile(r"(?=.*\d)[A-Z0-9_]{1,8}")  # a file ID of a DICOM medium (PS3.10, 8.2), with a number


def is_container(name: str) -> bool:
    """Return whether a folder of this name merely contains the pictures: images, data, JPEG."""
    return folded(name) in _CONTAINERS


def is_beside(name: str) -> bool:
    """Return whether a folder of this name, beside a container, holds no pictures to be labelled: masks."""
    return _BETWEEN.sub("_", folded(name)) in _BESIDE


def is_unlabelled(name: str) -> bool:
    """Return whether the name says that the pictures have no label yet."""
    return _UNLABELLED.search(folded(name)) is not None


def is_kind(name: str) -> bool:
    """Return whether the name tells originals from changed copies: original, augmented, grayscale."""
    return folded(name) in _KINDS


def without_change(name: str) -> str:
    """Return a folded name without words for changed copies: "cat" for "cat_augmented"; "" if it has none."""
    parts = [part for part in _BETWEEN.split(folded(name)) if part]
    kept = [part for part in parts if part not in _CHANGED]
    return " ".join(kept) if len(kept) < len(parts) else ""


def plain(name: str) -> str:
    """Return a folded name with a blank between its words."""
    return " ".join(part for part in _BETWEEN.split(folded(name)) if part)


def is_somebody(name: str) -> bool:
    """Return whether the name numbers a patient or another person: PT000001, patient 12, sub-01."""
    return _SOMEBODY.fullmatch(folded(name)) is not None


def is_study(name: str) -> bool:
    """Return whether the name is one of a study on a DICOM medium: ST000001."""
    return _STUDY.fullmatch(folded(name)) is not None


def is_series(name: str) -> bool:
    """Return whether the name is one of a series on a DICOM medium: SE000001."""
    return _SERIES.fullmatch(folded(name)) is not None


def is_medium(name: str) -> bool:
    """Return whether the name numbers a medium: CD1, DVD 2."""
    return _MEDIUM.fullmatch(folded(name)) is not None


def is_coded(name: str) -> bool:
    """Return whether the name may be one that a program gave to a folder of a DICOM medium: 24051301, SE0."""
    numbered = is_somebody(name) or is_study(name) or is_series(name)
    return numbered or _CODED.fullmatch(name) is not None
