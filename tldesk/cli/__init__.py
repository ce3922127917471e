"""The command line: one file a command. Nothing here imports Qt, and torch only once a command needs it."""

from __future__ import annotations
