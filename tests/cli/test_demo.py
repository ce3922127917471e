"""``tldesk demo`` to its end with few pictures: with pretrained weights, and again in the same folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_calls import Call
from PIL import Image

from tldesk.cli import demo
from tldesk.dataset import Project


def test_demo_twice(
    call: Call, weights_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "COUNT", 40)
    assert call("weights", "import", weights_source / "squeezenet1_1-imagenet.pth").code == 0
    folder = tmp_path / "Démo mit Blättern"
    found = call("demo", folder, "--no-window", "--json").document
    assert found["backbone"] == "squeezenet1_1"
    assert found["accuracy"] == found["evaluation"]["accuracy"]
    assert 1 <= len(found["overlays"]) <= 8  # at most two a class
    for overlay in found["overlays"]:
        with Image.open(overlay) as picture:
            assert picture.size == (256, 256)
    table = Path(found["table"]).read_text(encoding="utf-8").splitlines()
    assert len(table) == found["evaluation"]["n"] + 1
    with Project.open(Path(found["project"])) as project:
        assert project.facts().labelled == 40
        groups = {item.group: set() for item in project.snapshot().items}
        for item in project.snapshot().items:
            groups[item.group].add(item.split)
    assert all(len(splits) == 1 for splits in groups.values())
    again = call("demo", folder, "--no-window")
    assert again.code == 0
    assert "Using the project of an earlier demo" in again.out
    assert "Using its run 1" in again.out
    assert found["table"] in again.out


def test_demo_where_it_cannot_write(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = call("demo", tmp_path / "file", "--no-window", "--quiet")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
