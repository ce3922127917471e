"""Classes renamed after a training: a project answers with today's names, a model file with its own."""

from __future__ import annotations

from pathlib import Path

from cli_calls import Call

from tldesk.dataset import Project


def swap(trained: Path, one: str, other: str) -> None:
    with Project.open(trained) as project:
        ids = {known.name: known.id for known in project.classes}
        project.edit.rename_class(ids[one], "aside")
        project.edit.rename_class(ids[other], one)
        project.edit.rename_class(ids[one], other)


def test_swapped_names_in_predict(call: Call, trained: Path, leaves: Path) -> None:
    before = call("predict", trained, leaves, "--json").document
    swap(trained, "blau", "rot")
    ended = call("predict", trained, leaves, "--json")
    after = ended.document
    swapped = {"blau": "rot", "grün": "grün", "rot": "blau"}
    assert after["classes"] == [swapped[name] for name in before["classes"]]
    assert [row["predicted"] for row in after["rows"]] == [
        swapped[row["predicted"]] for row in before["rows"]
    ]
    assert 'renamed since run 1: "blau" is called "rot" today, "rot" is called "blau".' in ended.err
    own = call("predict", trained / "runs/0001/model.tlmodel", leaves, "--json")
    assert own.document["rows"] == before["rows"], "a model file keeps the names that it was made with"


def test_swapped_names_in_evaluate_and_runs(call: Call, trained: Path) -> None:
    before = call("evaluate", trained, "--json").document
    swap(trained, "blau", "rot")
    after = call("evaluate", trained, "--json").document
    assert after["classes"] == ["rot", "grün", "blau"]
    assert after["confusion"] == before["confusion"]
    assert (after["stale"], after["changed"]["renamed"]) == (0, 2)
    assert 'Classes were renamed since run 1: "blau" is now "rot"' in call("evaluate", trained).out
    listed = call("runs", trained)
    assert "2 class names" in listed.out


def test_classes_that_are_gone_are_said(call: Call, trained: Path, leaves: Path) -> None:
    assert call("classes", trained, "--merge", "blau", "rot").code == 0
    merged = 'Since run 1, "blau" was merged into "rot". The run still answers with this class; train again'
    assert merged in call("predict", trained, leaves).err
    assert merged in call("evaluate", trained).out
    call("classes", trained, "--delete", "grün")
    both = '"grün" was deleted. The run still answers with these classes'
    assert both in call("evaluate", trained).out
    with Project.open(trained) as project:
        project.edit.undo()
        project.edit.undo()
    assert "Since run 1" not in call("evaluate", trained).out


def test_a_deleted_class_whose_name_is_given_again_is_there(call: Call, trained: Path) -> None:
    call("classes", trained, "--delete", "grün")
    with Project.open(trained) as project:
        project.edit.add_class("grün")
    assert "Since run 1" not in call("evaluate", trained).out
    call("classes", trained, "--delete", "grün")
    call("classes", trained, "--rename", "rot", "grün")
    assert 'Since run 1, "grün" was deleted.' in call("evaluate", trained).out
