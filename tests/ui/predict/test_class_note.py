"""The Predict page says what became of the classes of a run's model."""

from __future__ import annotations

from test_predict_page import page  # noqa: F401 - fixture
from trained_run import trained, trained_folder  # noqa: F401 - fixtures


def test_renamed_merged_and_deleted_classes_are_said_as_they_change(window, page, trained, qtbot):  # noqa: F811
    note, images = page.class_note, window.pages.images
    assert note.isHidden()
    qtbot.waitUntil(lambda: images.counting.counts is not None)
    first, second = images.counting.counts.classes
    images.editing.rename_to(first, "<b>rot</b>")
    qtbot.waitUntil(note.isVisible)
    renamed = f"“{first.name}” was renamed to “<b>rot</b>”"
    assert note.text() == f"Since run 1, {renamed}. The model answers with today's names."
    images.editing.merge(1, 0)
    qtbot.waitUntil(lambda: "merged" in note.text())
    assert note.text() == (
        f"Since run 1, {renamed}, “{second.name}” was merged into “<b>rot</b>”."
        " The model still answers with this class; train again to mend that."
    )
    window.session.undo_stack.undo()
    qtbot.waitUntil(lambda: "merged" not in note.text())
    window.session.undo_stack.undo()
    qtbot.waitUntil(note.isHidden)
    assert not note.text()
