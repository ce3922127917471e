"""Decodes pictures in order, ahead of the network."""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tldesk.base.parallel import in_threads
from tldesk.engine import read_input
from tldesk.imaging import UnreadableImage
from tldesk.model import Preprocessing

AHEAD = 64

Input = NDArray[np.uint8]


def read_ahead(
    paths: Sequence[Path], preprocessing: Preprocessing, stop: threading.Event | None = None
) -> Generator[tuple[Path, Input | str], None, None]:
    """Yield each picture in order as (3, size, size) uint8, or the reason why it cannot be read.

    At most ``AHEAD`` pictures wait in memory. Ends early when ``stop`` is set.
    """
    read = functools.partial(_read, preprocessing=preprocessing)
    return in_threads(read, paths, stop, name="predict-decode", ahead=AHEAD)


class InputFeed:
    """Batches of inputs for an evaluator, with the entries they come from.

    Attributes:
        under_way: for each yielded batch its entries in order, including the unreadable ones in between.
        rest: the entries after the last batch, all unreadable.
    """

    def __init__(self, entries: Iterable[tuple[Path, Input | str]], size: int) -> None:
        self.under_way: deque[list[tuple[Path, Input | str]]] = deque()
        self.rest: list[tuple[Path, Input | str]] = []
        self._entries = entries
        self._size = size

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        pixels: list[Input] = []
        for entry in self._entries:
            self.rest.append(entry)
            if not isinstance(entry[1], str):
                pixels.append(entry[1])
            if len(pixels) == self._size:
                yield self._joined(pixels)
                pixels = []
        if pixels:
            yield self._joined(pixels)

    def _joined(self, pixels: list[Input]) -> NDArray[np.uint8]:
        self.under_way.append(self.rest)
        self.rest = []
        return np.stack(pixels)


def _read(path: Path, preprocessing: Preprocessing) -> tuple[Path, Input | str]:
    try:
        return path, read_input(path, preprocessing)
    except UnreadableImage as error:
        return path, error.reason
    except OSError as error:
        words = error.strerror or error
        reason = f"The file cannot be opened ({words}). Check that it is there and that you may read it."
        return path, reason
