"""``tldesk check``: blurred images, shortcuts and dismissed findings, as text and as JSON."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_calls import Call
from PIL import Image, ImageFilter

from tldesk.dataset import Project


@pytest.fixture
def leaves(some_photos: dict[str, list[Path]], tmp_path: Path) -> Path:
    """Leaves: 32 healthy ones with a white frame, 32 with rust, one of them blurred."""
    root = tmp_path / "photos"
    for name in ("healthy", "rust"):
        (root / name).mkdir(parents=True)
        for path in some_photos[name][:32]:
            shutil.copy(path, root / name / path.name)
    for path in (root / "healthy").glob("*.jpg"):
        inner = Image.open(path).convert("RGB")
        framed = Image.new("RGB", (inner.width + 60, inner.height + 60), "white")
        framed.paste(inner, (30, 30))
        framed.save(path, quality=90)
    blurred = min((root / "rust").glob("*.jpg"))
    Image.open(blurred).filter(ImageFilter.GaussianBlur(8)).save(blurred.with_name("blurred.png"))
    blurred.unlink()
    return root


def test_a_frame_gives_the_class_away_and_a_finding_that_was_left_is_counted(
    leaves: Path, call: Call, tmp_path: Path
) -> None:
    call("new", tmp_path / "p", "--images", leaves)
    found = call("check", tmp_path / "p", "--json").document
    assert [Path(path).name for path in found["odd"]["blurred"]] == ["blurred.png"]
    border = next(one for one in found["shortcuts"] if one["where"] == "border")
    assert border["chance"] == 0.5
    assert border["low"] > 0.9
    assert {Path(path).parent.name for path in border["examples"]} == {"healthy", "rust"}
    said = call("check", tmp_path / "p").out
    assert "The borders of the images alone predict the class with a balanced accuracy of" in said
    assert "1 image much less sharp than the others" in said
    with Project.open(tmp_path / "p.tldesk") as project:
        project.edit.dismiss("shortcut:border")
        blurred = next(one.id for one in project.images(project.ids()) if one.path.name == "blurred.png")
        project.edit.dismiss("blurred", [blurred])
    told = call("check", tmp_path / "p")
    assert "The borders" not in told.out
    assert "Dismissed and not listed: 1 image, 1 other finding" in told.out
