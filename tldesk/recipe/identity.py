"""The part of a recipe that determines the results of a run, in one form for all versions of the program."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tldesk.recipe.fieldtypes import AddedLater


def decided(model: BaseModel) -> dict[str, object]:
    """Return a model as JSON values; fields that were added later are omitted at their default."""
    return {
        name: _plain(getattr(model, name))
        for name, field in type(model).model_fields.items()
        if not _is_unset(field, getattr(model, name))
    }


def fingerprint(model: BaseModel) -> str:
    """Return 32 hexadecimal digits that identify the model's values; its name is ignored."""
    content = {name: value for name, value in decided(model).items() if name != "name"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def _is_unset(field: FieldInfo, value: object) -> bool:
    return value == field.default and any(isinstance(mark, AddedLater) for mark in field.metadata)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return decided(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
