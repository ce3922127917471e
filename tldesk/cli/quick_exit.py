"""A quick exit of the program."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys


class QuickExit:
    """Ends the process without the clean-up of torch and Qt, which would take a second for no benefit.

    Created first when the program starts, so that its exit handler is called last, after all other threads
    and handlers have ended.

    Attributes:
        code: the exit code; while it is None, as after a failure, the interpreter exits as usual.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        atexit.register(self._leave)

    def _leave(self) -> None:
        if self.code is None:
            return
        logging.shutdown()
        with contextlib.suppress(OSError, ValueError):  # the reader has gone, or the stream is closed
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # a program without a console has none
                    stream.flush()
        os._exit(self.code)
