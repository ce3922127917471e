from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tldesk.engine import FeatureStore


def store(folder: Path) -> FeatureStore:
    return FeatureStore(folder, "key", (3,), np.float32)


def test_rows_come_back_in_the_order_asked_for_and_after_reopening(tmp_path: Path) -> None:
    first = store(tmp_path)
    first.add(["a", "b"], np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    first.add(["c"], np.array([[7, 8, 9]], np.float32))
    for opened in (first, store(tmp_path)):
        assert opened.get(["c", "a", "c"]).tolist() == [[7, 8, 9], [1, 2, 3], [7, 8, 9]]
        assert opened.missing(["b", "x", "x", "a"]) == ["x"]
        assert len(opened) == 3


def test_the_first_row_of_a_content_stays(tmp_path: Path) -> None:
    rows = store(tmp_path)
    rows.add(["a"], np.array([[1, 2, 3]], np.float32))
    rows.add(["b", "a"], np.array([[4, 5, 6], [0, 0, 0]], np.float32))
    assert rows.get(["a", "b"]).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (tmp_path / "rows.bin").stat().st_size == 2 * 12


@pytest.mark.parametrize(
    ("rows_cut", "index_cut", "left"),
    [(0, 2, ["a", "b"]), (5, 0, ["a", "b"]), (12, 0, ["a", "b"]), (20, 2, ["a"]), (0, 4, ["a", "b"])],
)
def test_what_a_crash_left_half_written_is_cut_off(
    tmp_path: Path, rows_cut: int, index_cut: int, left: list[str]
) -> None:
    whole = store(tmp_path)
    for number, name in enumerate(["a", "b", "c"]):
        whole.add([name * 3], np.full((1, 3), number, np.float32))
    for name, cut in (("rows.bin", rows_cut), ("index.txt", index_cut)):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size - cut])
    after = store(tmp_path)
    assert after.missing(["aaa", "bbb", "ccc"]) == [name * 3 for name in "abc" if name not in left]
    after.add(["ccc", "ddd"], np.array([[8, 8, 8], [9, 9, 9]], np.float32))
    again = store(tmp_path)
    assert again.get(["ddd"]).tolist() == [[9, 9, 9]]
    assert again.get([left[-1] * 3]).tolist() == [[len(left) - 1] * 3]


def test_another_layout_begins_anew(tmp_path: Path) -> None:
    store(tmp_path).add(["a"], np.zeros((1, 3), np.float32))
    other = FeatureStore(tmp_path, "key", (2,), np.float16)
    assert len(other) == 0
    other.add(["a"], np.ones((1, 2), np.float16))
    assert other.get(["a"]).tolist() == [[1, 1]]


_WRITER = """
import sys
from pathlib import Path
import numpy as np
from tldesk.engine import FeatureStore
rows = FeatureStore(Path(sys.argv[1]), "key", (3,), np.float32)
for number in range(int(sys.argv[2]), 60, 2):
    rows.add([f"own{number}", f"both{number // 2}"], np.array([[number] * 3, [number // 2] * 3], np.float32))
"""


def test_two_processes_write_the_same_store(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(start)]) for start in (0, 1)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    rows = store(tmp_path)
    assert len(rows) == 60 + 30
    assert rows.get([f"own{number}" for number in range(60)])[:, 1].tolist() == list(range(60))
    assert rows.get([f"both{number}" for number in range(30)])[:, 2].tolist() == list(range(30))
