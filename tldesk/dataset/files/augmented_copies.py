"""Recognises augmented copies by name: augmentation programs name each copy after its original."""

from __future__ import annotations

import re

_CHANGED = r"(?:aug|flip|rot|mirror|crop|nois|blur|copy|shift|zoom|bright|scal|shear)[a-z]*"
# Keras writes prefix_number_random.jpg; users put the original's name into the prefix.
_KERAS = re.compile(rf"(?i){_CHANGED}[ _-]+(.+?)\.?[ _-]\d+[ _-]\d+")
_BEFORE = re.compile(rf"(?i)^(?:copy of |{_CHANGED}\d*[ _-]+)+")
_BEHIND = re.compile(rf"(?i)(?:[ _-]+{_CHANGED}(?:[ _-]?\d+)?| ?\(\d+\))+$")


def original_name(file_name: str) -> str:
    """Return the name, without suffix, of the original of a copy; for an original, its own name.

    ``aug_7 no_0_2521.jpg``, ``7 no_rot90.jpg``, ``Copy of 7 no.jpg`` and ``7 no (2).jpg`` give ``7 no``.
    """
    stem = file_name.rpartition(".")[0] or file_name
    keras = _KERAS.fullmatch(stem)
    if keras is not None:
        return keras[1]
    return _BEHIND.sub("", _BEFORE.sub("", stem)) or stem


def is_copy(file_name: str) -> bool:
    """Return whether a file name is that of a copy."""
    return original_name(file_name) != (file_name.rpartition(".")[0] or file_name)
