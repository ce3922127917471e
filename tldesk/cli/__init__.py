"""The command line: one file per command. Nothing here imports Qt; torch is loaded only when needed."""

from __future__ import annotations
