"""Opens DICOM files as people have them: without preamble, without header, or cut off into zeros."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from tldesk.imaging.unreadable import TOO_LARGE, TRUNCATED, UnreadableImage

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

# It begins with the magic word, with the meta header (group 0002), or with an element of group 0008, with
# explicit or implicit value representation, in either byte order.
_START = re.compile(
    rb"DICM(?=\x02\x00)"
    rb"|\x02\x00[\x00\x01\x02\x03\x10\x12\x13\x16]\x00(?:UL\x04\x00|OB\x00\x00|UI|SH|AE)"
    rb"|\x08\x00[\x00\x01\x05\x08\x12\x14\x16]\x00(?:UL|CS|DA|UI|[\x02-\x40]\x00\x00\x00)"
    rb"|\x00\x08\x00[\x00\x01\x05\x08\x12\x14\x16](?:UL|CS|DA|UI)"
)
_SEARCHED = 136
_HEADER_AT = 132  # bytes: preamble and magic word (PS3.10, 7.1)
_GROUP_LENGTH = struct.Struct("<HH2sHI")  # (0002,0000) UL: bytes of the meta header that follow
_NOTHING = bytes(8)  # no element begins like this
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_MOST_INFLATED, _PART = 1 << 30, 1 << 24  # bytes; pydicom unpacks a deflated data set in one piece

_CODECS = {
    0xC0: "1.2.840.10008.1.2.4.50",
    0xC1: "1.2.840.10008.1.2.4.51",
    0xC3: "1.2.840.10008.1.2.4.57",
    0xF7: "1.2.840.10008.1.2.4.81",
}
"""The transfer syntax of compressed pixels by the marker of their JPEG frame header (SOF; JPEG-LS: SOF55)."""
_JPEG_2000, _RLE = "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.5"


def start_of(head: bytes) -> int | None:
    """Return the offset in bytes of the DICOM data in a file without the magic word at 128; None if none."""
    match = _START.search(head[:_SEARCHED])
    if match is None:
        return None
    return match.end() if match[0] == b"DICM" else match.start()


def open_dataset(file: BinaryIO, start: int | None) -> FileDataset:
    """Read a data set and set its transfer syntax if the file does not name it.

    ``start`` is the result of ``start_of``, None for a file with its preamble.

    Raises:
        UnreadableImage: the file ends after its header; zeros may follow.
        Exception: any exception of pydicom on damaged data.
    """
    from pydicom import uid
    from pydicom.filereader import read_partial

    _check_continues(file, start)
    file.seek(start or 0)
    source = file if start is None else io.BytesIO(file.read())
    # pydicom would read a gigabyte of zeros as a hundred million empty elements (0000,0000).
    dataset = read_partial(source, stop_when=lambda tag, _vr, _length: tag == 0, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = uid.UID(_guessed_syntax(dataset))
    return dataset


def _check_continues(file: BinaryIO, start: int | None) -> None:
    at = _HEADER_AT if start is None else start
    deflated = False
    for _ in range(2):  # the meta header, then the data set
        file.seek(at)
        element = file.read(_GROUP_LENGTH.size)
        if element[: len(_NOTHING)] == _NOTHING and not deflated:
            raise UnreadableImage(TRUNCATED)
        if deflated:
            file.seek(at)
            _check_inflated_size(file)
            return
        if len(element) < _GROUP_LENGTH.size:
            return
        group, number, kind, _, length = _GROUP_LENGTH.unpack(element)
        if (group, number, kind) != (2, 0, b"UL"):
            return
        deflated = _DEFLATED in file.read(min(length, _PART))
        at += _GROUP_LENGTH.size + length


def _check_inflated_size(file: BinaryIO) -> None:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    done, data = 0, file.read(_PART)
    while data and not unpacker.eof:
        try:
            done += len(unpacker.decompress(data, _PART))
        except zlib.error:  # pydicom says what is wrong
            return
        if done > _MOST_INFLATED:
            raise UnreadableImage(TOO_LARGE)
        data = unpacker.unconsumed_tail or file.read(_PART)


def _guessed_syntax(dataset: FileDataset) -> str:
    from pydicom import uid

    implicit, little = dataset.original_encoding
    if "PixelData" in dataset and dataset["PixelData"].is_undefined_length:
        return _codec(dataset.PixelData)
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def _codec(pixels: bytes) -> str:
    """Return the transfer syntax of encapsulated pixels by their first bytes."""
    from pydicom.encaps import generate_fragments, parse_basic_offsets

    buffer = io.BytesIO(pixels)
    parse_basic_offsets(buffer)
    first = next(generate_fragments(buffer), b"")
    if first.startswith(b"\xff\x4f\xff\x51"):
        return _JPEG_2000
    if not first.startswith(b"\xff\xd8"):
        return _RLE
    at = 2
    while at + 4 <= len(first) and first[at + 1] not in _CODECS:
        at += 2 + int(struct.unpack_from(">H", first, at + 2)[0])
    return _CODECS[first[at + 1]]
