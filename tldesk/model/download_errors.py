"""Plain-language reasons why a download failed, with advice: proxy, certificate, no network, full disk."""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import NamedTuple

_ASK_FOR_PROXY = (
    "If this network reaches the internet through a proxy, ask its administrators for the proxy's address "
    "and start tldesk with HTTPS_PROXY=http://ADDRESS:PORT set"
)
_FORBIDDEN, _NOT_FOUND, _PROXY_LOGIN, _SERVER = 403, 404, 407, 500


class DownloadFailure(NamedTuple):
    """What happened and what to try first, as sentences without a full stop."""

    what: str
    advice: str


def what_failed(error: Exception, url: str) -> DownloadFailure:
    """Describe an error raised by ``urlopen``, by reading the response or by writing the file."""
    if isinstance(error, urllib.error.HTTPError):
        return _answered(error.code, url)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLError):
        return _not_trusted(reason)
    refused = re.match(r"Tunnel connection failed: (\d+)", str(reason))
    if refused is not None:
        return _proxy_refused(int(refused[1]), url)
    return _not_connected(reason, url)


def proxy_of(url: str) -> str | None:
    """Return the proxy configured for a URL, without user name and password; None if there is none."""
    parts = urllib.parse.urlsplit(url)
    found = urllib.request.getproxies().get(parts.scheme)
    if not found or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return found.rpartition("//")[2].rpartition("@")[2].rstrip("/")


def _answered(code: int, url: str) -> DownloadFailure:
    if code == _PROXY_LOGIN:
        return _proxy_refused(code, url)
    if code == _FORBIDDEN:
        what = "the server, or a filter of this network, forbids the download (error 403)"
        return DownloadFailure(what, "Ask the network's administrators to allow this address")
    if code == _NOT_FOUND:
        what = "the file does not lie at its published address any more (error 404)"
        return DownloadFailure(what, "Look whether there is a newer version of tldesk")
    whose = "is out of order" if code >= _SERVER else "refuses"
    return DownloadFailure(f"the server {whose} (it answered with error {code})", "Try again later")


def _proxy_refused(code: int, url: str) -> DownloadFailure:
    proxy = proxy_of(url) or "of this network"
    if code == _PROXY_LOGIN:
        what = f"the proxy {proxy} wants a name and a password (error 407)"
        advice = "Start tldesk with HTTPS_PROXY=http://NAME:PASSWORD@ADDRESS:PORT set"
        return DownloadFailure(what, advice)
    what = f"the proxy {proxy} does not let the download through (error {code})"
    return DownloadFailure(what, "Ask the network's administrators to allow this address")


def _not_trusted(error: ssl.SSLError) -> DownloadFailure:
    said = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    if not isinstance(error, ssl.SSLCertVerificationError):
        what = f"no safe connection came about ({said})"
        return DownloadFailure(what, _ASK_FOR_PROXY)
    if "expired" in said or "not yet valid" in said:
        what = f"the server's certificate does not hold at this computer's date ({said})"
        return DownloadFailure(what, "Look whether this computer's date is right")
    what = (
        f"this computer does not trust the certificate that the server showed ({said}); hospitals, "
        "universities and firms often put a certificate of their own between their computers and the internet"
    )
    advice = (
        "Ask the network's administrators for their root certificate as a .pem file and start tldesk with "
        "SSL_CERT_FILE=FILE.pem set"
    )
    return DownloadFailure(what, advice)


def _not_connected(reason: object, url: str) -> DownloadFailure:
    if isinstance(reason, OSError) and reason.errno == errno.ENOSPC:
        return DownloadFailure("the disk is full", "Make room on the disk")
    proxy = proxy_of(url)
    if proxy is not None and isinstance(reason, ConnectionRefusedError | socket.gaierror | TimeoutError):
        what = f"the proxy {proxy}, which this computer is set to use, does not answer"
        setting = "the settings of this computer's network" if os.name == "nt" else "HTTPS_PROXY"
        return DownloadFailure(what, f"Look whether the proxy's address in {setting} is right")
    refused = isinstance(reason, ConnectionRefusedError)
    if isinstance(reason, http.client.HTTPException | ConnectionError) and not refused:
        return DownloadFailure("the connection broke off", "Try again later")
    return DownloadFailure(_in_words(reason), _ASK_FOR_PROXY)


def _in_words(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "the server's name is not known here: this computer has no network, or only a closed one"
    if isinstance(reason, TimeoutError):
        return "the server did not answer in time"
    return f"there is no connection to the server ({reason})"
