"""When and on which thread the window imports what takes long."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_window_comes_up_without_torch_numpy_or_the_pages(home):
    code = (
        "import sys; from tldesk.ui import app; a = app.make_application(); w = app.make_window(a); w.show();"
        "slow = {'torch', 'timm', 'numpy', 'sklearn', 'pyqtgraph', 'pydicom'} & set(sys.modules);"
        "w.close(); sys.exit(f'{slow}' if slow else 0)"
    )
    run(code)


def test_the_pages_are_made_without_torch_and_without_pyqtgraph():
    code = (
        "import sys\n"
        "import tldesk.ui.model.page, tldesk.ui.train.page\n"
        "import tldesk.ui.evaluate.page, tldesk.ui.predict.page\n"
        "slow = ('torch', 'timm', 'pyqtgraph', 'sklearn', 'scipy')\n"
        "print([name for name in slow if name in sys.modules])\n"
    )
    assert run(code) == "[]"


@pytest.mark.parametrize("work", ["window.pages.import_rooms", "session.start_engine.start_engine"])
def test_what_other_threads_import_leaves_qt_alone(home, work):
    """Two threads that import from Qt at a time can end the program with a segmentation fault."""
    package, module, function = work.split(".")
    code = (
        f"import sys; from tldesk.ui.{package} import {module}\n"
        "rooms = ('PySide6', 'pyqtgraph', 'tldesk.ui')\n"
        "def of_qt(): return {name for name in sys.modules if name.startswith(rooms)}\n"
        f"before = of_qt(); {module}.{function}(); print(sorted(of_qt() - before), len(sys.modules) > 300)"
    )
    assert run(code) == "[] True"
