"""Silences the decoders: a file is either read, or an error gives the reason.

``warnings.catch_warnings`` cannot be used: it replaces a list of the whole process, and pictures are read in
many threads. So a filter is added once, and each read checks that other code (a test runner) has not
replaced it.

libtiff, written in C, writes its complaints straight to the terminal. Redirecting the terminal while a
picture is read would also catch what other threads write, so libtiff is told once to keep quiet. Pillow does
the same with its warnings, but not with its errors.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import threading
import warnings

from PIL import _imaging

_MODULES = r"(PIL|pydicom|tifffile|imagecodecs|pylibjpeg|openjpeg|gdcm|jpeg_ls)(\.|$)"
_LOGGERS = ("PIL", "tifffile", "imagecodecs", "pydicom", "pylibjpeg", "openjpeg", "_openjpeg", "jpeg_ls")
_lock = threading.Lock()
_hushed: list[object] = []


def hush_decoders() -> None:
    """Make sure that the decoding libraries write no warnings and complaints."""
    _hush_libtiff()
    if _hushed and warnings.filters and warnings.filters[0] is _hushed[0]:
        return
    with _lock:
        # They log what is damaged, and Python prints it if no log handler is set.
        for library in _LOGGERS:
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=_MODULES)
        _hushed[:] = [warnings.filters[0]]


@functools.cache
def _hush_libtiff() -> None:
    """Take away libtiff's error handler (see TIFFError(3)): Pillow raises an exception all the same."""
    try:
        set_handler = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (OSError, AttributeError):  # Pillow contains libtiff under no name, as in its files for Windows
        return
    set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
    set_handler(None)
