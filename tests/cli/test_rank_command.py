"""``tldesk rank``: the table, the document, and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_calls import Call, call_and, one_line, press_ctrl_c


def test_the_table_and_the_document(
    trained: Path, weights_source: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    ended = call("rank", trained)
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0].split("  ")[0] == "backbone"
    ranked = {line.split()[0] for line in lines[1:4] if line}  # the starter among them, where it is
    assert {"mobilenet_v2", "squeezenet1_1"} <= ranked
    assert "the test images are not used" in ended.out
    assert "Suggested: " in ended.out
    found = call("rank", trained, "--json", "--quiet", "--backbone", "mobilenet_v2").document
    (one,) = found["backbones"]
    assert one["backbone"] == found["suggested"] == "mobilenet_v2"
    assert one["pareto"] is True
    assert 0 <= one["balanced_accuracy"]["low"] <= one["balanced_accuracy"]["value"] <= 1
    shown = next(line for line in lines if line.startswith("mobilenet_v2"))
    assert f"{one['balanced_accuracy']['value'] * 100:.1f} %" in shown
    assert f"{one['logme']:.3f}" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backbone", "mobilnet_v2"], "mobilenet_v2"),
        (["--images", "3"], "from 10 to 3,000"),
        (["--images", "x"], "must be a whole number"),
        (["--device", "tpu"], "tpu"),
    ],
)
def test_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    assert words in one_line(call("rank", made, *arguments, "--quiet"))


@pytest.mark.usefixtures("starter")
def test_the_starter_is_ranked_like_any_backbone(made: Path, call: Call) -> None:
    found = call("rank", made, "--json", "--quiet").document
    assert [one["backbone"] for one in found["backbones"]] == ["starter_resnet18"]
    assert found["suggested"] == "starter_resnet18"
    assert found["backbones"][0]["parameters"] == 11_176_512


@pytest.mark.usefixtures("no_starter")
def test_without_any_weights(made: Path, call: Call) -> None:
    assert "tldesk weights import FILE" in one_line(call("rank", made, "--quiet"))


@pytest.mark.slow
def test_ctrl_c_is_answered(trained: Path, weights_source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [*("--backbone", "mobilenet_v2"), *("--backbone", "squeezenet1_1")]
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    ended = call_and(press_ctrl_c, "balanced accuracy", "rank", trained, *wanted)  # the first one is done
    assert ended.code == 130, ended.err
    assert "Stopped: 1 of 2 backbones" in ended.out
