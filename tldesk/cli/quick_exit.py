"""The end of the program: at once."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys


class QuickExit:
    """Ends the process without taking apart what torch and Qt built, which takes a second and serves nobody.

    Made as the program's first act, so that it is the last to be called at its end: other threads and other
    handlers have ended by then.

    Attributes:
        code: the exit code; while it is None the interpreter ends as ever, as it does after a failure.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        atexit.register(self._leave)

    def _leave(self) -> None:
        if self.code is None:
            return
        logging.shutdown()
        with contextlib.suppress(OSError, ValueError):  # a reader that is gone, a stream that is closed
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # a program without a console has none
                    stream.flush()
        os._exit(self.code)
