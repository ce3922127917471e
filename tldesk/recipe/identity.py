"""The part of a recipe that decides a run, in one form for all versions of the program."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tldesk.recipe.fieldtypes import AddedLater


def decided(model: BaseModel) -> dict[str, object]:
    """A recipe or a part of it as JSON values; of fields that came later, only those that are set."""
    return {
        name: _plain(getattr(model, name))
        for name, field in type(model).model_fields.items()
        if not _is_unset(field, getattr(model, name))
    }


def fingerprint(model: BaseModel) -> str:
    """32 hexadecimal digits of what the model decides; its name does not."""
    content = {name: value for name, value in decided(model).items() if name != "name"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def _is_unset(field: FieldInfo, value: object) -> bool:
    return value == field.default and any(isinstance(mark, AddedLater) for mark in field.metadata)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return decided(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
