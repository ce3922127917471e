"""What a failed download is told as; the errors are those that urllib raised with real servers and proxies.

No test opens a socket, so they are made here as they came.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from tldesk.base import ProblemError
from tldesk.model.download_errors import proxy_of, what_failed
from tldesk.model.library import WeightsLibrary

URL = "https://download.pytorch.org/models/resnet18-f37072fd.pth"
PROXIED = {"HTTPS_PROXY": "http://anna:secret@proxy.clinic:3128"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _certificate(message: str) -> URLError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {message} (_ssl.c:1006)")
    error.verify_message = message
    return URLError(error)


@pytest.mark.parametrize(
    ("error", "environment", "what", "advice"),
    [
        (_certificate("self-signed certificate in certificate chain"), {},
         "does not trust the certificate that the server showed (self-signed", "SSL_CERT_FILE=FILE.pem"),
        (_certificate("certificate has expired"), {}, "not hold at this computer's date", "date is right"),
        (URLError(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")), {},
         "no safe connection came about", "HTTPS_PROXY"),
        (URLError(OSError("Tunnel connection failed: 407 Proxy Authentication Required")), PROXIED,
         "the proxy proxy.clinic:3128 wants a name and a password", "HTTPS_PROXY=http://NAME:PASSWORD@"),
        (URLError(OSError("Tunnel connection failed: 403 Forbidden")), PROXIED,
         "the proxy proxy.clinic:3128 does not let the download through (error 403)", "administrators"),
        (URLError(ConnectionRefusedError(errno.ECONNREFUSED, "refused")), PROXIED,
         "the proxy proxy.clinic:3128, which this computer is set to use, does not answer", "is right"),
        (URLError(ConnectionRefusedError(errno.ECONNREFUSED, "refused")), {}, "no connection", "proxy"),
        (URLError(socket.gaierror(-2, "Name or service not known")), {}, "no network", "HTTPS_PROXY"),
        (TimeoutError(), {}, "did not answer in time", "proxy"),
        (HTTPError(URL, 404, "", Message(), None), {}, "error 404", "newer version"),
        (HTTPError(URL, 503, "", Message(), None), {}, "out of order", "Try again later"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), {}, "the connection broke off", "Try again later"),
        (http.client.IncompleteRead(b""), PROXIED, "the connection broke off", "Try again later"),
        (OSError(errno.ENOSPC, "No space left on device"), {}, "the disk is full", "Make room"),
    ],
)  # fmt: skip
def test_a_failure_is_explained_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, error: Exception, environment: dict[str, str], what: str, advice: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = what_failed(error, URL)
    assert what in found.what
    assert advice in found.advice
    assert "secret" not in found.what + found.advice


def test_the_way_around_is_always_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise _certificate("self-signed certificate")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(ProblemError) as caught:
        WeightsLibrary().fetch("resnet18")
    (problem,) = caught.value.problems
    assert f"load {URL} on another computer" in problem.fix
    assert "bring the file resnet18-f37072fd.pth on a USB stick and import it here" in problem.fix


def test_a_download_that_ends_early_is_not_called_another_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Answer:
        headers: dict[str, str] = {"Content-Length": "100"}  # noqa: RUF012 - a stand-in for one answer
        pieces = [b"x" * 10]  # noqa: RUF012

        def __enter__(self) -> Answer:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

        def read(self, _size: int) -> bytes:
            return self.pieces.pop() if self.pieces else b""

    monkeypatch.setattr(urllib.request, "urlopen", lambda *_args, **_options: Answer())
    with pytest.raises(ProblemError, match="the connection broke off"):
        WeightsLibrary([tmp_path]).fetch("resnet18")


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_of(URL) is None
    monkeypatch.setenv("HTTPS_PROXY", PROXIED["HTTPS_PROXY"])
    assert proxy_of(URL) == "proxy.clinic:3128"
    monkeypatch.setenv("NO_PROXY", "pytorch.org")
    assert proxy_of(URL) is None
