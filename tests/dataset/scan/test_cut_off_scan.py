"""A scan that was killed goes on where it was, and two programs do not scan one project at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree

from tldesk.base import ProblemError
from tldesk.cli.main import main
from tldesk.dataset import Filter, Project, Split, check


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A project whose program was killed while it read the pictures."""
    pictures = draw_tree(tmp_path / "pictures", {"a": 300, "b": 300})
    place = tmp_path / "p.tldesk"
    command = [sys.executable, "-m", "tldesk", "new", str(place), "--images", str(pictures)]
    # Reading is held up behind 400 pictures, so that the kill meets it half done.
    script = (
        "import sys, time\n"
        "from tldesk.dataset.files import read_file\n"
        "from tldesk.dataset.scan import scan\n"
        "real, seen = read_file.file_reader, []\n"
        "def slow(prepared):\n"
        "    look = real(prepared)\n"
        "    def one(path):\n"
        "        seen.append(path)\n"
        "        time.sleep(60 if len(seen) > 400 else 0)\n"
        "        return look(path)\n"
        "    return one\n"
        "scan.file_reader = slow\n"
        "from tldesk.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, *command[3:]], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline and not _read_some(place):
            time.sleep(0.1)
        with Project.open(place) as project:
            assert not project.scan_was_cut_off, "it goes on"
            with pytest.raises(ProblemError, match=r"process \d+.* is reading this project's pictures"):
                list(project.scan())
        process.send_signal(signal.SIGKILL)
    return place


def _read_some(place: Path) -> bool:
    if not (place / "project.sqlite").is_file():
        return False
    try:
        with Project.open(place) as project:
            return project.count() - project.facts().unread >= 256
    except ProblemError:
        return False  # it is being made


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_scan_is_noticed_and_goes_on(killed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(killed) as project:
        assert project.scan_was_cut_off
        assert project.count() == 600, "all are listed, with what their folders say"
        facts = project.facts()
        assert 256 <= facts.labelled < 600
        assert facts.labelled + facts.unread == 600
        assert project.count(Filter(class_id=project.classes[1].id)) == 300
        read = [image for image in project.images(project.ids()) if image.was_read]
        assert len(read) == facts.labelled
        assert all(image.width for image in read)
        assert project.split()[Split.TRAIN] < len(read), "only what was read is dealt out"
    assert main(["check", str(killed), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["classes"] == {"a": 300, "b": 300}
    assert "The last scan was interrupted" in err
    with Project.open(killed) as project:
        assert not project.scan_was_cut_off
    assert main(["check", str(killed)]) == 0
    assert "The last scan was interrupted" not in capsys.readouterr().err


def test_check_can_look_at_the_folders_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = draw_tree(tmp_path / "pictures", {"a": 4, "b": 4})
    Project.create(tmp_path / "p", pictures).close()
    for number in (8, 9):  # beside the others, which stay as they are: edited ones are read again unasked
        draw(tmp_path / "pictures" / "a" / f"{number:03d}.png", number)
    for arguments, images in (([], 8), (["--rescan"], 10)):
        assert main(["check", str(tmp_path / "p"), "--json", *arguments]) == 0
        assert json.loads(capsys.readouterr().out)["images"] == images


def test_a_stopped_scan_was_not_cut_off(tmp_path: Path) -> None:
    pictures = draw_tree(tmp_path / "pictures", {"a": 4})
    with Project.create(tmp_path / "p") as project:
        project.add_source(pictures)
        steps = project.scan()
        next(steps)
        steps.close()  # type: ignore[attr-defined]
        assert not project.scan_was_cut_off
        assert any("scan again" in note for note in project.last_scan().notes)


def test_what_a_stopped_scan_did_not_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "p.tldesk"
    with Project.create(place) as project:
        project.add_source(draw_tree(tmp_path / "pictures", {"a": 30, "b": 30}))
        stop = threading.Event()
        for step in project.scan(stop):
            if step.what == "Reading pictures":
                stop.set()
        unread = project.facts().unread
        assert 0 < unread <= 60
        assert len(check(project).unread) == unread
    assert main(["check", str(place)]) == 0
    assert f"{unread} images not read yet (tldesk check --rescan reads them)" in capsys.readouterr().out
    assert main(["check", str(place), "--rescan", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["unread"], found["classes"]) == ([], {"a": 30, "b": 30})
