"""The quick exit: output is written, threads and handlers have ended, there is no clean-up."""

from __future__ import annotations

import subprocess
import sys

_BEGIN = """
import atexit, sys, threading, time
from tldesk.cli.quick_exit import QuickExit

class Heavy:
    def __del__(self):
        print("taken apart")

heavy = Heavy()
end = QuickExit()
"""


def ended(rest: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BEGIN + rest], capture_output=True, text=True, check=False, timeout=60
    )


def test_everything_is_written_and_everybody_has_ended_but_nothing_is_taken_apart() -> None:
    found = ended(
        "atexit.register(print, 'a handler')\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), print('a thread'))).start()\n"
        "print('x' * 300_000)\n"
        "sys.stderr.write('a remark')\n"
        "end.code = 7\n"
        "sys.exit(end.code)\n"
    )
    assert found.returncode == 7
    assert found.stdout.splitlines() == ["x" * 300_000, "a thread", "a handler"]
    assert found.stderr == "a remark"


def test_a_program_that_failed_ends_as_ever() -> None:
    found = ended("raise RuntimeError('broken')\n")
    assert found.returncode == 1
    assert "RuntimeError: broken" in found.stderr
    assert found.stdout == "taken apart\n"


def test_the_command_keeps_its_exit_codes() -> None:
    def code(*arguments: str) -> int:
        command = [sys.executable, "-m", "tldesk", *arguments]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode

    assert code("--version") == 0
    assert code("train", "p", "--nonsense") == 2
