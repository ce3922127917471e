"""Reads the JSON that labelling programs export as a table, with a row for each picture.

Understood are Label Studio (JSON and JSON-MIN), COCO, VIA, records in a list or one in each line, and an
object of file names and classes. A picture with several classes gets them all in its cell, as a JSON list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from tldesk.imaging import IMAGE_SUFFIXES

Json = Any
_Record = dict[str, Any]
_IMAGE, _LABEL = "image", "label"
_CHOSEN = ("choices", "taxonomy")  # kinds of Label Studio's results that are about the whole picture


def parse_json(text: str) -> Json | None:
    """Return the list or object that a text is, or a list of those in its lines; None if it is no JSON."""
    plain = text.lstrip("\ufeff \t\r\n")
    if not plain.startswith(("{", "[")):
        return None
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in plain.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def table_of_export(value: Json) -> list[list[str]] | None:
    """Return a row of headers and one for each picture; None if the JSON is of no known form."""
    records = _of_list(value) if isinstance(value, list) else _of_object(value)
    if records is None:
        return None
    headers = list(dict.fromkeys(name for one in records for name in one))
    return [headers, *[[_cell(one.get(name)) for name in headers] for one in records]]


def _of_list(value: list[Json]) -> list[_Record] | None:
    records = [one for one in value if isinstance(one, dict)]
    if not records or len(records) < len(value):
        return None
    if all(isinstance(one.get("data"), dict) for one in records):
        return list(_label_studio(records))
    return records if any(map(_names_a_file, records)) else None


def _of_object(value: _Record) -> list[_Record] | None:
    if isinstance(value.get("images"), list) and isinstance(value.get("annotations"), list):
        return list(_coco(value))
    via = value.get("_via_img_metadata", value)
    if isinstance(via, dict) and via and all(map(_is_of_via, via.values())):
        return list(map(_via, via.values()))
    if value and all(isinstance(one, str) and _is_file(name) for name, one in value.items()):
        return [{_IMAGE: name, _LABEL: one} for name, one in value.items()]
    return [value] if _names_a_file(value) else None


def _cell(value: Json) -> str:
    """Return a value as a table's cell: text as it is, one name of a list without the list."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        names = list(dict.fromkeys(value))
        if len(names) < 2:
            value = names[0] if names else ""
    if value is None:
        return ""
    if isinstance(value, str):
        return json.dumps([value]) if value.startswith(("{", "[")) and parse_json(value) is None else value
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _is_file(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower() in IMAGE_SUFFIXES


def _names_a_file(record: _Record) -> bool:
    return any(isinstance(value, str) and _is_file(value) for value in record.values())


def _dicts(value: Json) -> Iterator[_Record]:
    """Yield the objects in a list, or those that an object holds under numbers."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from (one for one in inner if isinstance(one, dict))


# --- Label Studio -------------------------------------------------------------------------------------------


def _label_studio(tasks: Sequence[_Record]) -> Iterator[_Record]:
    """Yield a record for each task: what it is about, and a column for each question that was answered.

    If there is one question, its column is called "label".
    """
    answers = [_answers(task) for task in tasks]
    asked = {name: kind for one in answers for name, (kind, _) in one.items()}
    chosen = {name for name, kind in asked.items() if kind in _CHOSEN} or asked.keys()
    for task, one in zip(tasks, answers, strict=True):
        said = {name: names for name, (_, names) in one.items() if name in chosen}
        if len(chosen) < 2:
            said = {_LABEL: next(iter(said.values()), [])}
        data = {key: value for key, value in task["data"].items() if not isinstance(value, dict | list)}
        yield {**data, **said}


def _answers(task: _Record) -> dict[str, tuple[str, list[str]]]:
    """Return the answers to a task: question -> kind, names; those of all annotators together."""
    found: dict[str, tuple[str, list[str]]] = {}
    for answer in _dicts(task.get("annotations") or task.get("completions")):
        if answer.get("was_cancelled"):
            continue
        for result in _dicts(answer.get("result")):
            kind, value = str(result.get("type", "")), result.get("value")
            names = value.get(kind) if isinstance(value, dict) else None
            if names:
                found.setdefault(str(result.get("from_name", "")), (kind, []))[1].extend(_names(names, kind))
    return found


def _names(value: Json, kind: str) -> list[str]:
    """Return the names in an answer; of a taxonomy, whose answers are paths, the paths."""
    if kind == "taxonomy" and isinstance(value, list):
        return [" / ".join(map(str, one)) if isinstance(one, list) else str(one) for one in value]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


# --- COCO ---------------------------------------------------------------------------------------------------


def _coco(document: _Record) -> Iterator[_Record]:
    categories = {one.get("id"): str(one.get("name", "")) for one in _dicts(document.get("categories"))}
    names: dict[Json, list[str]] = {}
    for one in _dicts(document["annotations"]):
        category = one.get("category_id")
        if category is not None:
            names.setdefault(one.get("image_id"), []).append(categories.get(category) or str(category))
    for image in _dicts(document["images"]):
        file = image.get("file_name") or image.get("coco_url") or ""
        yield {_IMAGE: file, _LABEL: names.get(image.get("id"), [])}


# --- VIA ----------------------------------------------------------------------------------------------------


def _is_of_via(value: Json) -> bool:
    return (
        isinstance(value, dict) and "filename" in value and ("regions" in value or "file_attributes" in value)
    )


def _via(entry: _Record) -> _Record:
    """Return the attributes of a picture; what is not said of the picture itself is what its regions say."""
    own = {name: _said(value) for name, value in _attributes(entry, "file_attributes")}
    regions: dict[str, list[str]] = {}
    for region in _dicts(entry.get("regions")):
        for name, value in _attributes(region, "region_attributes"):
            regions.setdefault(name, []).extend(_said(value))
    return {"filename": entry["filename"], **regions, **{name: said for name, said in own.items() if said}}


def _attributes(entry: Mapping[str, Json], key: str) -> Iterator[tuple[str, Json]]:
    held = entry.get(key)
    yield from held.items() if isinstance(held, dict) else ()


def _said(value: Json) -> list[str]:
    """Return the values of an attribute: a text, or the ticked boxes."""
    if isinstance(value, dict):
        return [name for name, ticked in value.items() if ticked]
    return [str(value).strip()] if str(value).strip() else []
