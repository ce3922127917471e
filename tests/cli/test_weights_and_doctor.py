"""``tldesk weights`` and ``tldesk doctor``."""

from __future__ import annotations

from pathlib import Path

import torch
from cli_calls import Call, one_line

from tldesk import __version__
from tldesk.model import CARDS


def test_list_names_every_backbone(call: Call) -> None:
    entries = call("weights", "list", "--json").document["weights"]
    assert [entry["name"] for entry in entries] == list(CARDS)
    assert not any(entry["present"] for entry in entries)
    lines = call("weights", "list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(CARDS)


def test_import_list_verify(weights_source: Path, call: Call, home: Path) -> None:
    file = weights_source / "squeezenet1_1-imagenet.pth"
    taken = call("weights", "import", file, "--json").document
    assert (taken["name"], taken["present"], taken["source"]) == ("squeezenet1_1", True, file.name)
    entries = {entry["name"]: entry for entry in call("--json", "weights", "list").document["weights"]}
    assert entries["squeezenet1_1"]["present"]
    assert not entries["resnet18"]["present"]
    checked = call("weights", "verify", "--json").document["weights"]
    assert [(one["name"], one["ok"]) for one in checked] == [("squeezenet1_1", True)]
    kept = Path(taken["path"])
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00")
    ended = call("weights", "verify", "--quiet")
    assert ended.code == 2
    assert "squeezenet1_1" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_files_that_are_no_weights(call: Call, tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no weights", encoding="utf-8")
    assert "text.pth" in one_line(call("weights", "import", tmp_path / "text.pth"))
    torch.save({"layer.weight": torch.zeros(3)}, tmp_path / "other.pth")
    assert "other.pth" in one_line(call("weights", "import", tmp_path / "other.pth"))
    assert "nowhere.pth" in one_line(call("weights", "import", tmp_path / "nowhere.pth"))
    assert "resnet18" in one_line(call("weights", "fetch", "resnet81"))


def test_doctor(call: Call, home: Path) -> None:
    found = call("doctor", "--json").document
    assert found["tldesk"] == __version__
    assert found["packages"]["torch"]
    assert found["devices"][0]["name"] == "cpu"
    assert found["devices"][0]["works"]
    assert found["disk_free"] > 0
    assert found["folder"] == str(home)
    assert found["weights"] == []
    assert found["cache_limits"] == {"prepared": 4 * 2**30, "features": 8 * 2**30, "engines": 2 * 2**30}
    assert any("tldesk weights import" in advice for advice in found["mend"])
    told = call("doctor")
    assert told.code == 0
    assert "To mend:" in told.out
    assert "prepared pictures 4 GiB and features 8 GiB a project, converted networks 2 GiB" in told.out
