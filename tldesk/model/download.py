"""Downloads published weights: the only code that opens a network connection, and only on user request."""

from __future__ import annotations

import hashlib
import http.client
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.model.card_types import Card
from tldesk.model.download_errors import DownloadFailure, what_failed
from tldesk.model.import_record import hash_prefix

_PIECE = 1 << 18
_SECONDS = 30.0


def download(
    card: Card,
    url: str,
    target: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> bool:
    """Download ``url`` to ``target`` and check its hash if known; return False if stopped.

    Raises:
        ProblemError: there is no connection, the file does not exist, or it is not the published one.
    """
    digest = hashlib.sha256()
    try:
        # The URL comes from the card or from a test, never from untrusted input.
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer, target.open("wb") as file:  # noqa: S310
            size, done = int(answer.headers.get("Content-Length") or 0), 0
            meter = ProgressMeter(f"Fetching {card.title}", size)
            while piece := answer.read(_PIECE):
                if stop is not None and stop.is_set():
                    return False
                file.write(piece)
                digest.update(piece)
                done += len(piece)
                if progress is not None:
                    progress(meter.at(done))
            if done < size:
                raise http.client.IncompleteRead(b"", size - done)
    except (OSError, http.client.HTTPException) as error:
        raise ProblemError(_not_fetched(card, url, what_failed(error, url))) from error
    if not digest.hexdigest().startswith(hash_prefix(card.weight_files[0]) or ""):
        what = "the file that arrived is not the published one (its hash differs), so it was thrown away"
        raise ProblemError(_not_fetched(card, url, DownloadFailure(what, "Try again later")))
    return True


def _not_fetched(card: Card, url: str, failure: DownloadFailure) -> Problem:
    around = (
        f"Or load {url} on another computer, bring the file {card.weight_files[0]} on a USB stick and "
        "import it here"
    )
    return Problem(f"weights of {card.title}", failure.what, f"{failure.advice}. {around}")
