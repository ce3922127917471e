"""Tells documents from tables by their first bytes: PDF, Word, slides, text with styles."""

from __future__ import annotations

import io
import zipfile

_BEGINNINGS = ((b"%PDF-", "a PDF document"), (b"{\\rtf", "an RTF document"))
_PACKED = (("word/", "a Word document"), ("ppt/", "a PowerPoint document"))
_OPEN_TYPES = (
    (b"opendocument.text", "a text document of LibreOffice"),
    (b"opendocument.presentation", "a presentation of LibreOffice"),
)
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_WORD = "WordDocument".encode("utf-16-le")


def kind_of_document(data: bytes) -> str:
    """Return what a file is that is a document and no table, such as "a PDF document"; else ""."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data.startswith(_OLD_OFFICE) and _WORD in data:
        return "a Word document"
    names = _names(data)
    if "mimetype" in names and data[30:].startswith(b"mimetype"):
        return next((kind for type_, kind in _OPEN_TYPES if type_ in data[:200]), "")
    return next((kind for begin, kind in _PACKED if any(name.startswith(begin) for name in names)), "")


def is_workbook(data: bytes) -> bool:
    """Return whether a file is a workbook of Excel or LibreOffice, whatever it is called."""
    names = _names(data)
    return any(name.startswith("xl/workbook") for name in names) or b"opendocument.spreadsheet" in data[:200]


def _names(data: bytes) -> list[str]:
    if not data.startswith(b"PK\x03\x04"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return packed.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return []
