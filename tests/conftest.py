"""Fixtures every test gets: a home of its own, real data beside the checkout, nothing left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user folder of the test's own: no test sees or changes the real one."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TLDESK_HOME", str(folder))
    monkeypatch.delenv("TLDESK_WEIGHTS", raising=False)
    monkeypatch.setenv("XDG_DATA_DIRS", str(folder / "machine"))  # nor what an administrator put there
    return folder


@pytest.fixture
def data_dir() -> Path:
    """The real pictures beside the checkout; the test is skipped where they are absent."""
    return _shared("data")


@pytest.fixture
def weights_source() -> Path:
    """Real ImageNet weight files beside the checkout; the test is skipped where they are absent."""
    return _shared("weights")


@pytest.fixture
def starter() -> Path:
    """The starter's weights in the program's own folder; the test is skipped where they are absent."""
    path = Path(__file__).resolve().parents[1] / "resources" / "weights" / "starter_resnet18.safetensors"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    return path


@pytest.fixture
def no_starter(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged program, whose own weights are gone: nothing is at hand but what a test brings."""
    gone = tmp_path_factory.mktemp("damaged")
    monkeypatch.setattr("tldesk.model.weights_folders.resource", gone.joinpath)


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computing as on a processor without instructions for bfloat16, whatever this one has."""
    monkeypatch.setattr("tldesk.engine.trunk._cpu_has_bfloat16", lambda: False)


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fails a test that leaves a thread running; pools that outlive every test are known by name."""
    before = set(threading.enumerate())
    yield
    left = _new_threads(before)
    deadline = time.monotonic() + 5
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = _new_threads(before)
    assert not left, f"threads left behind: {[thread.name for thread in left]}"


_LASTING = ("pydevd", "tqdm", "QDBus")


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and not thread.name.startswith(_LASTING)
        # Python's stand-in for a thread of Qt's; before 3.13 it outlives it. tests/ui watches those.
        and not isinstance(thread, threading._DummyThread)
    ]
