"""On a server with neither ``tldesk[ui]`` nor ``tldesk[timm]`` the program does all that needs no window.

No command opens a socket or asks a name server meanwhile.
"""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

from cli_calls import QUICK, Ended, one_line
from missing_packages import WINDOW, run_without
from socket_guard import GUARD

from tldesk.dataset.sample.write_sample import write_sample

_ALL_MODULES = """
import importlib, pkgutil, tldesk
names = [one.name for one in pkgutil.iter_modules(tldesk.__path__, "tldesk.") if one.name != "tldesk.ui"]
for name in names:
    room = importlib.import_module(name)
    for one in pkgutil.walk_packages(getattr(room, "__path__", ()), name + "."):
        importlib.import_module(one.name)
        names.append(one.name)
print(*names)
"""

_COMMANDS = """
import io, json
from contextlib import redirect_stderr, redirect_stdout
from tldesk.cli.main import main
ended = []
for command in json.loads(sys.argv[1]):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(command)
    ended.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(ended))
"""


def _without(code: str, *arguments: object, **environment: str) -> CompletedProcess[str]:
    return run_without((*WINDOW, "timm"), code, *arguments, **environment)


def test_every_module_below_the_window_is_imported() -> None:
    done = _without(_ALL_MODULES)
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    assert len(names) > 200
    assert {"tldesk.cli.open_window", "tldesk.model.timm_models", "tldesk.trainer.plan"} <= set(names)


def test_every_command_works_and_the_window_says_what_to_install(tmp_path: Path) -> None:
    photos, project, table = tmp_path / "photos", tmp_path / "leaves.tldesk", tmp_path / "table.csv"
    list(write_sample(photos, count=24, side=64))
    commands = [
        ["doctor", "--json"],
        ["new", project, "--images", photos],
        ["check", project],
        ["train", project, *QUICK, "--set", "phases.0.epochs=1"],
        ["evaluate", project],
        ["predict", project, photos, "--out", table],
        ["runs", project],
        ["weights", "list"],
        [],  # the window
    ]
    words = json.dumps([[str(word) for word in one] for one in commands])
    done = _without(GUARD + _COMMANDS, words, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    doctor, *others, window = [Ended(*one) for one in json.loads(done.stdout)]
    assert [one.err for one in others if one.code] == []
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1 + 24
    missing = {name for name, version in doctor.document["packages"].items() if version is None}
    assert missing == {"timm", "PySide6_Essentials", "pyqtgraph"}
    assert one_line(window).startswith("tldesk: the window: PySide6 is not installed. Install it")
