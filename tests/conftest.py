"""Fixtures every test gets: a home of its own, real data beside the checkout, nothing left behind."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from leaf_photos import draw_photos, drawn_photos, real_photos
from made_once import made_once
from thorough import leave_out

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the thorough tests where they passed with this very code before."""
    leave_out(config, items)


def pytest_sessionstart() -> None:
    """Listen to signals even where a shell in the background, or nohup, has the tests ignore them."""
    for name, listen in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, listen)


def pytest_collection_finish() -> None:
    """Take what is here already out of garbage collections.

    Torch alone brings a million objects, and each run collects garbage once: looking through all of them
    takes half a second, a tenth of the time of tests that train.
    """
    gc.collect()
    gc.freeze()

    gc.set_threshold(50_000)  # nor are the young ones looked through at each turn: 4 % of the time


def pytest_sessionfinish() -> None:
    gc.unfreeze()  # or libraries complain at the end that their objects are still there


@pytest.fixture(autouse=True, scope="session")
def without_waiting_for_the_disk() -> Iterator[None]:
    """Nothing is flushed to the disk: no test cuts the power, and waiting takes 6 % of a training's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _number: None)
        yield


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
    """The real pictures beside the checkout, for what cannot be drawn; other tests take ``some_photos``."""
    return _shared("data")


@pytest.fixture
def real_file() -> Callable[[str], Path]:
    """Finds one of the real files, such as "dicom/CT_small.dcm"; the test is skipped where it is absent.

    Some of the DICOM files are pydicom's own examples, which it is installed with.
    """

    def find(name: str) -> Path:
        places = [SHARED / "data" / name]
        if name.startswith("dicom/"):
            places += [Path(root) / "data" / "test_files" / Path(name).name for root in _folders("pydicom")]
        found = next((place for place in places if place.is_file()), None)
        return found or pytest.skip(f"{name} is not here")

    return find


@pytest.fixture(scope="session")
def leaf_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """At least 128 photos of leaves in folders: real ones where they are, else drawn. Only to be read."""
    real = SHARED / "data" / "coffee_leaf"
    return real if real.is_dir() else made_once(tmp_path_factory, "photos", draw_photos)


@pytest.fixture(scope="session")
def some_photos(leaf_folder: Path) -> dict[str, list[Path]]:
    """At least 32 each of healthy leaves, leaves with rust, and others; real photos where they are here."""
    real = leaf_folder.is_relative_to(SHARED)
    return real_photos(SHARED / "data") if real else drawn_photos(leaf_folder)


@pytest.fixture
def trained_weights() -> Path:
    """The files of two networks trained on ImageNet, for tests of what such networks see."""
    return _shared("weights")


@pytest.fixture(scope="session")
def weights_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the same two networks: the trained ones where they are here, else with drawn numbers."""
    if (SHARED / "weights").is_dir():
        return SHARED / "weights"
    from torchvision_weights import draw_weights  # torch: three seconds, and not every test needs it

    return made_once(tmp_path_factory, "weights", draw_weights)


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


def _folders(package: str) -> Iterable[str]:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    return (spec and spec.submodule_search_locations) or ()


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
