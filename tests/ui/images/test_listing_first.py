"""A folder's pictures are there to be seen and labelled before they are read."""

from __future__ import annotations

import threading

from tldesk.dataset.files import read_file
from tldesk.dataset.scan import scan
from tldesk.ui.session.session import NewProject


def test_pictures_are_seen_and_labelled_while_they_are_read(window, leaves, tmp_path, qtbot, monkeypatch):
    go_on = threading.Event()

    def held_up(prepared):
        look = read_file.file_reader(prepared)

        def one(path):
            go_on.wait(60)
            return look(path)

        return one

    monkeypatch.setattr(scan, "file_reader", held_up)
    session, page = window.session, window.pages.images
    session.create_project(NewProject(tmp_path / "p.tldesk", leaves))
    try:
        qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40, timeout=20_000)
        project = session.project
        assert session.scanning
        assert project.facts().unread == 40
        qtbot.waitUntil(
            lambda: page.counting.counts is not None and list(page.counting.counts.of_class) == [20, 20]
        )
        first = project.image(page.grid.images.ids()[0])
        qtbot.waitUntil(lambda: page.grid.thumbnails.get(str(first.path)) is not None)
        assert page.grid.thumbnails.reason(first.picture) is None
        qtbot.waitUntil(lambda: page.inspector.name.text() != "")
        page.grid.go_to(0)
        qtbot.keyClicks(page.grid, "2")
        qtbot.waitUntil(lambda: project.image(first.id).class_id == project.classes[1].id)
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: not session.scanning, timeout=60_000)
    after = project.image(first.id)
    assert after.was_read
    assert after.class_id == project.classes[1].id, "the label was kept"
    assert project.facts().unread == 0
    qtbot.waitUntil(lambda: page.grid.thumbnails.get(after.content) is not None)
