"""Ends a process that opens a socket or asks a name server: code to begin it with."""

from __future__ import annotations

# An audit hook sees every socket of the process, whoever opens it and through whichever library.
GUARD = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        print("SOCKET", event, arguments, file=sys.stderr, flush=True)
        import os; os._exit(97)
sys.addaudithook(watch)
"""
