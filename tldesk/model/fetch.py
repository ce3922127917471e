"""Downloads published weights: the only place that opens a connection, and only when the user asks for it."""

from __future__ import annotations

import errno
import hashlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.model.cardtypes import Card

_PIECE = 1 << 18
_SECONDS = 30.0


def published_url(card: Card) -> str:
    """Where torchvision says that the card's first weight file lies."""
    from tldesk.model.torchvision_models import models  # slow to import, and needed only for a download

    urls = [str(entry.url) for entry in models.get_model_weights(card.name)]
    return next(url for url in urls if url.rpartition("/")[2] == card.weight_files[0])


def download(
    card: Card,
    url: str,
    target: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> bool:
    """Write what lies at ``url`` to ``target`` and check its hash; False if stopped.

    Raises:
        ProblemError: no connection, the file is not there, or it is not the published one.
    """
    digest = hashlib.sha256()
    try:
        # The address is torchvision's own, or the test's.
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer, target.open("wb") as file:  # noqa: S310
            meter = ProgressMeter(f"Fetching {card.title}", int(answer.headers.get("Content-Length") or 0))
            done = 0
            while piece := answer.read(_PIECE):
                if stop is not None and stop.is_set():
                    return False
                file.write(piece)
                digest.update(piece)
                done += len(piece)
                if progress is not None:
                    progress(meter.at(done))
    except (OSError, http.client.HTTPException) as error:
        raise ProblemError(_not_fetched(card, url, _in_words(error))) from error
    if digest.hexdigest()[:8] != hash_prefix(card.weight_files[0]):
        what = "the file that arrived is not the published one (its hash differs)"
        raise ProblemError(_not_fetched(card, url, what))
    return True


def hash_prefix(file_name: str) -> str | None:
    """The start of the SHA-256 in a name like ``resnet18-f37072fd.pth``; None if there is none."""
    digits = Path(file_name).stem.rpartition("-")[2]
    return digits if len(digits) == 8 and set(digits) <= set("0123456789abcdef") else None


def _not_fetched(card: Card, url: str, what: str) -> Problem:
    fix = (
        f"Try again later, or load {url} on another computer, bring the file {card.weight_files[0]} "
        "on a USB stick and import it here"
    )
    return Problem(f"weights of {card.title}", what, fix)


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered with error {error.code}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "the server did not answer in time"
    if isinstance(reason, http.client.HTTPException | ConnectionError):
        return "the connection broke off"
    if isinstance(reason, OSError) and reason.errno == errno.ENOSPC:
        return "the disk is full"
    return f"there is no connection to the server ({reason})"
