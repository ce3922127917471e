"""An account without a home folder: one line says what to set, and nothing lands where the program stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw_tree


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where an account stands that the system knows no home of."""
    if sys.platform == "win32":
        pytest.skip("there, every account has one")
    import pwd

    def unknown(number: int) -> object:
        raise KeyError(number)

    for name in ("TLDESK_HOME", "HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize("command", [["weights", "list"], ["doctor"], ["new", "p", "--images", "../photos"]])
def test_without_a_home_one_line_names_what_to_set(command: list[str], nobody: Path, call: Call) -> None:
    draw_tree(nobody.parent / "photos", {"a": 2, "b": 2})
    answer = call(*command)
    assert answer.code == 2
    told = answer.err.splitlines()[-1]  # what was found in the pictures may come before
    assert "no home folder" in told
    assert "Set TLDESK_HOME" in told
    assert not list(nobody.iterdir())


def test_what_older_libraries_say_is_no_home(
    nobody: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_names, **_options: "~/.local/share/tldesk")
    assert "Set TLDESK_HOME" in one_line(call("weights", "list"))
    assert not list(nobody.iterdir())
