"""Downloading, from a file address: no test opens a socket."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from torchvision import models

from tldesk.base import ProblemError, Progress, user_weights_dir
from tldesk.model import CARDS, cards
from tldesk.model.cards import TORCHVISION_CARDS
from tldesk.model.import_record import hash_prefix
from tldesk.model.library import WeightsLibrary
from tldesk.model.missing_weights import published_url

# What is asked is what a library holds that began empty.
pytestmark = pytest.mark.usefixtures("no_starter")


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weight file, and a card that says that it is the published one."""
    path = tmp_path / "published.pth"
    torch.save(models.squeezenet1_1(weights=None).state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    known = replace(CARDS["squeezenet1_1"], weight_files=(f"squeezenet1_1-{digest[:8]}.pth",))
    monkeypatch.setattr(cards, "CARDS", MappingProxyType({**CARDS, "squeezenet1_1": known}))
    return path


def test_a_download_is_checked_and_kept(published: Path) -> None:
    seen: list[Progress] = []
    entry = WeightsLibrary().fetch("squeezenet1_1", url=published.as_uri(), progress=seen.append)
    assert entry.sha256 == hashlib.sha256(published.read_bytes()).hexdigest()
    assert entry.source is not None
    assert entry.source.startswith("squeezenet1_1-")
    assert WeightsLibrary().present() == ("squeezenet1_1",)
    size = published.stat().st_size
    assert [step.total for step in seen] == [size] * len(seen)
    assert seen[-1].done == size
    assert seen[0].done < size


def test_another_file_than_the_published_one_is_refused(published: Path) -> None:
    with published.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ProblemError, match=r"its hash differs.*on a USB stick"):
        WeightsLibrary().fetch("squeezenet1_1", url=published.as_uri())
    assert not user_weights_dir().exists()


def test_no_connection_is_told_with_the_way_around_it(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        WeightsLibrary().fetch("resnet18", url=(tmp_path / "nowhere.pth").as_uri())
    (problem,) = caught.value.problems
    assert problem.where == "weights of ResNet-18"
    assert "no connection" in problem.what
    assert "bring the file resnet18-f37072fd.pth on a USB stick and import it here" in problem.fix


def test_stopping_keeps_nothing(published: Path) -> None:
    stop = threading.Event()
    stop.set()
    entry = WeightsLibrary().fetch("squeezenet1_1", url=published.as_uri(), stop=stop)
    assert not entry.present


def test_every_card_of_torchvisions_has_an_address() -> None:
    for entry in TORCHVISION_CARDS.values():
        assert published_url(entry) in [one.url for one in models.get_model_weights(entry.name)]
        assert all(hash_prefix(name) for name in entry.weight_files)
    assert hash_prefix("mobilenet_v2-imagenet.pth") is None
