"""Names of augmented copies: programs that augment pictures name each copy after its original."""

from __future__ import annotations

import re

_CHANGED = r"(?:aug|flip|rot|mirror|crop|nois|blur|copy|shift|zoom|bright|scal|shear)[a-z]*"
# What Keras writes into a folder: prefix_number_random.jpg; people put the original's name into the prefix.
_KERAS = re.compile(rf"(?i){_CHANGED}[ _-]+(.+?)\.?[ _-]\d+[ _-]\d+")
_BEFORE = re.compile(rf"(?i)^(?:copy of |{_CHANGED}\d*[ _-]+)+")
_BEHIND = re.compile(rf"(?i)(?:[ _-]+{_CHANGED}(?:[ _-]?\d+)?| ?\(\d+\))+$")


def original_name(file_name: str) -> str:
    """The name, without ending, of the picture that a file is a changed copy of; its own for an original.

    ``aug_7 no_0_2521.jpg``, ``7 no_rot90.jpg``, ``Copy of 7 no.jpg`` and ``7 no (2).jpg`` are ``7 no``.
    """
    stem = file_name.rpartition(".")[0] or file_name
    keras = _KERAS.fullmatch(stem)
    if keras is not None:
        return keras[1]
    return _BEHIND.sub("", _BEFORE.sub("", stem)) or stem


def is_copy(file_name: str) -> bool:
    """Whether a name is that of a changed copy."""
    return original_name(file_name) != (file_name.rpartition(".")[0] or file_name)
