"""What happens to projects that are damaged, newer, older, on a full disk or where nobody may write."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Project, project_path
from tldesk.dataset.store import database
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.schema import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "p", draw_tree(tmp_path / "pictures", {"a": 3, "b": 3})) as project:
        return project.path


def test_the_folder_is_as_agreed(path: Path) -> None:
    assert path.name == "p.tldesk"
    assert sorted(child.name for child in path.iterdir()) == ["cache", "project.sqlite", "runs", "scan.lock"]
    with Project.open(path.with_name("p")) as project:
        assert (project.path, project.name) == (path, "p")
        assert project.runs_dir == path / "runs"
        assert project.cache_dir == path / "cache"
    assert project_path("x.tldesk").name == "x.tldesk"


def test_a_project_that_exists_is_not_made_again(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is a project already"):
        Project.create(path, tmp_path / "pictures")
    with Project.open(path) as project:
        assert project.count() == 6


def test_what_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no project"):
        Project.open(tmp_path / "nothing")
    (tmp_path / "photos").mkdir()
    with pytest.raises(ProblemError, match="this folder is not a project"):
        Project.open(tmp_path / "photos")
    assert list((tmp_path / "photos").iterdir()) == []
    with pytest.raises(ProblemError, match="folder of pictures is not there"):
        Project.create(tmp_path / "new", tmp_path / "absent")
    assert not (tmp_path / "new.tldesk").exists()


@pytest.mark.parametrize("damage", ["empty", "letters", "cut", "other", "hole"])
def test_a_damaged_database_blocks_and_is_left_as_it_is(path: Path, damage: str) -> None:
    file = path / "project.sqlite"
    whole = file.read_bytes()
    if damage == "other":
        file.unlink()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE something (x)")
    else:
        hole = whole[:4096] + b"\xaa" * 8192 + whole[12288:]
        file.write_bytes(
            {"empty": b"", "letters": b"no database " * 999, "cut": whole[:9000], "hole": hole}[damage]
        )
    before = file.read_bytes()
    with pytest.raises(ProblemError, match="damaged") as caught:
        Project.open(path)
    assert "backup" in caught.value.problems[0].fix
    assert file.read_bytes() == before


def test_a_newer_project_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path / "project.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ProblemError, match="newer tldesk"):
        Project.open(path)


def test_an_older_project_is_brought_up_to_date_and_a_copy_is_kept(path: Path) -> None:
    file = path / "project.sqlite"
    newer = (*MIGRATIONS, ("ALTER TABLE images ADD COLUMN stars INTEGER NOT NULL DEFAULT 0",))
    database = Database.open(file, newer)
    with database.read() as connection:
        assert connection.execute("SELECT COUNT(*), SUM(stars) FROM images").fetchone() == (6, 0)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(newer),)
    database.close()
    with closing(sqlite3.connect(path / f"project-version-{len(MIGRATIONS)}.sqlite")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert copy.execute("SELECT COUNT(*) FROM images").fetchone() == (6,)


def test_a_step_that_fails_leaves_the_old_version(path: Path) -> None:
    broken = (*MIGRATIONS, ("ALTER TABLE images ADD COLUMN stars INTEGER", "SELECT nonsense"))
    with pytest.raises(ProblemError):
        Database.open(path / "project.sqlite", broken)
    with Project.open(path) as project, project._database.read() as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(images)")]
        assert "stars" not in columns


def test_a_full_disk_is_said_and_nothing_is_half_done(path: Path) -> None:
    with Project.open(path) as project:
        with project._database.read() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        ids, (a, _) = project.ids(), project.classes
        with pytest.raises(ProblemError, match="disk is full"):
            label_for_ever(project)
        done = len(project.edit.undo_stack())
        assert {len(project.history(number)) for number in ids} == {1 + done}
        project.edit.undo()
    with Project.open(path) as project:
        project.edit.label(ids, a.id)


def label_for_ever(project: Project) -> None:
    ids, (_, b) = project.ids(), project.classes
    while True:
        project.edit.label(ids, b.id, verb="long " * 2000)


def test_a_place_where_nobody_may_write(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="cannot be made there"):
        Project.create(Path("/proc/leaves"), draw_tree(tmp_path / "pictures", {"a": 1}))


def test_a_read_only_database(path: Path, request: pytest.FixtureRequest) -> None:
    file = path / "project.sqlite"
    file.chmod(stat.S_IREAD)
    path.chmod(stat.S_IREAD | stat.S_IEXEC)
    request.addfinalizer(lambda: path.chmod(stat.S_IRWXU))
    try:
        (path / "probe").touch()
    except OSError:
        with pytest.raises(ProblemError, match="cannot be written"):
            Project.open(path)
    else:
        pytest.skip("this user may write anywhere")


def test_another_program_that_holds_the_project(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tldesk.dataset.store.database._BUSY_SECONDS", 0.1)
    with Project.open(path) as project, closing(sqlite3.connect(path / "project.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProblemError, match="another program"):
            project.edit.add_class("c")
        other.execute("ROLLBACK")
        assert project.edit.add_class("c").name == "c"


def test_connections_of_finished_threads_are_closed(path: Path) -> None:
    from threading import Thread

    with Project.open(path) as project:
        for _ in range(5):
            thread = Thread(target=project.count)
            thread.start()
            thread.join()
        project.count()
        assert len(project._database._links) <= 2
    assert project._database._links == []


def test_odd_names_of_places(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "100% Öl? #1 'x' ; & é", {"a": 1, "b b": 1})
    with Project.create(tmp_path / "Größe & %41 #2?.tldesk", folder) as project:
        assert project.count() == 2
    with Project.open(tmp_path / "Größe & %41 #2?.tldesk") as project:
        assert all(image.path.is_file() for image in project.images(project.ids()))


def test_a_large_project_is_looked_through_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_EXAMINED_AT_ONCE", 10_000)
    file = path / "project.sqlite"
    with Project.open(path) as project:
        project.edit.label(project.ids(), project.classes[0].id, verb="long " * 20_000)
        project.examine()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = bytearray(file.read_bytes())
    damaged[-30_000:-10_000] = b"\x5a" * 20_000
    file.write_bytes(damaged)
    with Project.open(path) as project, pytest.raises(ProblemError, match="damaged"):
        project.examine()
