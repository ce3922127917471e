"""The program: the ``tldesk`` command, and ``python -m tldesk``."""

from __future__ import annotations

import sys
from typing import NoReturn

from tldesk.cli.main import main
from tldesk.cli.quick_exit import QuickExit


def program() -> NoReturn:
    """Run the command of ``sys.argv`` and end the process with its exit code."""
    end = QuickExit()
    end.code = main()
    sys.exit(end.code)


if __name__ == "__main__":
    program()
