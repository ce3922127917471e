"""A project whose scan died is read to its end when it is opened."""

from __future__ import annotations

from tldesk.dataset import Project
from tldesk.dataset.scan import writes


def test_opening_goes_on_with_a_scan_that_died(window, leaves, tmp_path, qtbot):
    with Project.create(tmp_path / "c.tldesk") as made:
        made.add_source(leaves)
        with made._database.write() as connection:
            writes.note_begin(connection)  # and then the program was killed
        assert made.scan_was_cut_off
    window.session.open_project(tmp_path / "c.tldesk")
    page = window.pages.images
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40)
    qtbot.waitUntil(lambda: not window.session.scanning)
    facts = window.session.project.facts()
    assert dict(facts.class_counts) == {"healthy": 20, "rust": 20}
    assert sum(facts.split_counts.values()) == 40
    assert not window.session.project.scan_was_cut_off
