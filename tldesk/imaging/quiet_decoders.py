"""Silences the decoders' warnings: a file is either read, or an error gives the reason.

``warnings.catch_warnings`` cannot be used: it replaces a list of the whole process, and pictures are read in
many threads. So a filter is added once, and each read checks that other code (a test runner) has not
replaced it.
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
        # tifffile logs damaged tags as errors, which Python prints if no log handler is set.
        logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=_MODULES)
        _hushed[:] = [warnings.filters[0]]
