"""``tldesk weights`` and ``tldesk doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from cli_calls import Call, one_line

from tldesk import __version__
from tldesk.cli.commands_to_type import TO_GET_WEIGHTS
from tldesk.model import CARDS
from tldesk.model.cards import STARTER


@pytest.mark.usefixtures("no_starter")
def test_list_names_every_backbone(call: Call) -> None:
    entries = call("weights", "list", "--json").document["weights"]
    assert [entry["name"] for entry in entries] == list(CARDS)
    assert not any(entry["present"] for entry in entries)
    listed = call("weights", "list")
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == list(CARDS)
    assert "drawn pictures" not in listed.err


def test_what_comes_with_the_program_is_listed_and_says_what_it_is(
    starter: Path, weights_source: Path, call: Call
) -> None:
    (own,) = [one for one in call("weights", "list", "--json").document["weights"] if one["present"]]
    assert (own["name"], own["place"], own["path"]) == (STARTER.name, "program", str(starter))
    assert (own["published"], own["imported"], own["bytes"]) == (None, None, starter.stat().st_size)
    assert (own["trained_on"], own["caution"]) == (STARTER.trained_on, STARTER.caution)
    (line,) = [line for line in call("weights", "list").out.splitlines() if line.startswith(STARTER.name)]
    assert "the program" in line
    assert f"{STARTER.caution} {TO_GET_WEIGHTS}" in call("weights", "list").err
    told = call("weights", "show", STARTER.name).out
    for words in ("Starter (ResNet-18)", "BSD-3-Clause", STARTER.trained_on, STARTER.caution, own["sha256"]):
        assert words in told
    assert TO_GET_WEIGHTS in told
    assert "USB" not in told
    assert f"{STARTER.name}: as it came with the program" in call("weights", "verify").out
    assert "come with tldesk and are published nowhere else" in one_line(
        call("weights", "fetch", STARTER.name)
    )
    call("weights", "import", weights_source / "squeezenet1_1-imagenet.pth")
    assert STARTER.caution not in call("weights", "list").err


@pytest.mark.usefixtures("no_starter")
def test_a_program_without_its_own_weights_says_how_to_mend_that(call: Call) -> None:
    told = call("weights", "show", STARTER.name).out
    assert "not on this computer" in told
    assert "with tldesk only" in told
    assert "1. Install tldesk again" in told
    assert f"tldesk weights bundle {STARTER.name} --to FOLDER" in told
    assert "fetch starter" not in told
    assert "Install tldesk again" in one_line(call("weights", "fetch", STARTER.name))


@pytest.mark.usefixtures("no_starter")
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


def test_doctor_says_when_there_is_nothing_better_than_the_starter(
    starter: Path, weights_source: Path, call: Call
) -> None:
    found = call("doctor", "--json").document
    assert found["weights"] == [STARTER.name]
    (advice,) = [one for one in found["mend"] if "starter" in one]
    assert f"{STARTER.caution} {TO_GET_WEIGHTS}" in advice
    call("weights", "import", weights_source / "squeezenet1_1-imagenet.pth")
    found = call("doctor", "--json").document
    assert found["weights"] == ["squeezenet1_1", STARTER.name]
    assert not any("starter" in one for one in found["mend"])


@pytest.mark.usefixtures("no_starter")
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
    assert any("Reinstall tldesk" in advice and "weights import" in advice for advice in found["mend"])
    told = call("doctor")
    assert told.code == 0
    assert "Problems:" in told.out
    assert "prepared images 4 GiB and features 8 GiB per project, converted networks 2 GiB" in told.out
