"""The reasons why a file cannot be read as a picture, in plain words, each with advice."""

from __future__ import annotations

from tldesk.base.regular_files import NotAFileError

MAX_PIXELS = 200_000_000
"""Pictures with more pixels per frame are refused: decoding them could exhaust the memory."""

_COPY_AGAIN = "Copy it again from where it came from"

EMPTY = f"The file is empty (0 bytes). {_COPY_AGAIN}."
TRUNCATED = f"The file is incomplete: it ends before the picture does. {_COPY_AGAIN}."
ZEROS = f"The file is incomplete: it holds zeros where the picture should be. {_COPY_AGAIN}."
NOT_A_PICTURE = "This is not a picture of a kind that tldesk reads. Save it as JPEG, PNG, TIFF or DICOM."
CHANGED = "The file changed since it was last scanned. Scan the folder again."
NO_MEMORY = "The picture needs more memory than is free. Close other programs, or make a smaller copy of it."
TOO_LARGE = (
    f"The picture says that it has more than the {MAX_PIXELS // 1_000_000} million pixels that tldesk opens. "
    "Cut it into smaller pictures, or make a smaller copy."
)


class UnreadableImage(Exception):  # noqa: N818 - the project's own term
    """A file that cannot be read as a picture.

    Attributes:
        reason: what is wrong and what to do next, in plain words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def damaged(detail: object = "") -> str:
    """Return the reason for damaged data; ``detail`` is the decoder's message."""
    words = " ".join(str(detail).split())[:120].rstrip(".")
    return f"The picture data are damaged{f' ({words})' if words else ''}. {_COPY_AGAIN}."


def cut_short(share: float) -> str:
    """Return the reason for a picture of which the last ``share`` (0 to 1) are missing, shown as one grey."""
    rest = f", and about {100 * share:.0f} % of it would be one grey" if share >= 0.01 else ""
    return f"The file is incomplete: it ends before the picture does{rest}. {_COPY_AGAIN}."


def cannot_open(error: OSError) -> str:
    """Return the reason for a file that the operating system cannot open."""
    if isinstance(error, NotAFileError):
        return f"This is {error.kind}, not a file, and was not opened. Leave it out of the folder."
    why = error.strerror or error
    return f"The file cannot be opened ({why}). Check that it is there and that you may read it."


def dicom_without_picture(kind: str) -> str:
    """Return the reason for DICOM files such as reports and plans; ``kind`` is their name in the standard."""
    what = f" but “{kind}”" if kind else ""
    return f"This DICOM file holds no picture{what}. Leave it out of the folder."


def unsupported(what: str) -> str:
    """Return the reason for a valid file of a kind that no decoder supports."""
    return f"The picture uses {what}, which tldesk cannot read. Save it as PNG or TIFF with another program."


def check_size(width: int, height: int) -> None:
    """Check that a picture has at least 1 and at most ``MAX_PIXELS`` pixels.

    Raises:
        UnreadableImage: it has not; with the reason.
    """
    if width < 1 or height < 1:
        raise UnreadableImage(damaged(f"it says that it is {width} x {height} pixels"))
    if width * height > MAX_PIXELS:
        raise UnreadableImage(TOO_LARGE)
