"""Silences the decoders' warnings: here a file is either readable or has a reason why it is not.

``warnings.catch_warnings`` is of no use: it swaps a list of the whole process, and pictures are read on many
threads. The filter is added once and looked for on every read, since others (test runners) set their own.
"""

from __future__ import annotations

import logging
import threading
import warnings

_MODULES = r"(PIL|pydicom|tifffile|imagecodecs|pylibjpeg|openjpeg|gdcm|jpeg_ls)(\.|$)"
_lock = threading.Lock()
_hushed: list[object] = []


def hush_decoders() -> None:
    """Make sure that warnings raised inside the decoding libraries are ignored."""
    if _hushed and warnings.filters and warnings.filters[0] is _hushed[0]:
        return
    with _lock:
        # tifffile reports damaged tags as log errors, which Python prints where no handler is set.
        logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=_MODULES)
        _hushed[:] = [warnings.filters[0]]
