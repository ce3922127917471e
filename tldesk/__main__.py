"""``python -m tldesk``: the same as the ``tldesk`` command."""

from __future__ import annotations

import sys

from tldesk.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
