"""What a run's numbers still stand for after labels, classes, marks, splits or files have changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_project import draw_pictures, make_project, small_recipe

from tldesk.base import ProblemError
from tldesk.dataset import Mark, Project, Snapshot, SnapshotItem, Split
from tldesk.dataset.current_state import CurrentState
from tldesk.imaging import Rendering
from tldesk.run import Predictions, Run, Staleness, reevaluate, staleness
from tldesk.run.calibration_file import Calibration, write_calibration
from tldesk.run.fold import Fold
from tldesk.run.predictions import write_predictions
from tldesk.run.record_folder import new_record_folder
from tldesk.run.run_status import RunStatus


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path, (2, 2, 2)) as project:
        yield project


def run_of(project: Project, temperature: float = 2.0) -> Run:
    """A run as training would leave it: every test image is called right, with a logit of 4 over 0."""
    snapshot = project.snapshot()
    status = RunStatus("finished", "2026-01-01T10:00:00+00:00", epochs_done=1)
    files = {
        "recipe.toml": small_recipe().to_toml(),
        "snapshot.json": snapshot.to_json(),
        "environment.json": "{}",
        "status.json": status.to_json(),
    }
    run = Run(project, new_record_folder(project.runs_dir, files))
    items = snapshot.of(Split.TEST)
    labels = np.array([item.label for item in items], dtype=np.int64)
    logits = 4 * np.eye(len(snapshot.classes), dtype=np.float32)[labels]
    ids = np.array([item.image_id for item in items], dtype=np.int64)
    stored = Predictions(ids, tuple(item.content for item in items), logits, labels)
    write_predictions(run.files.predictions(Split.TEST), stored)
    write_calibration(run.files.calibration, Calibration(temperature, 0.0))
    run.files.model.touch()
    return run


def stale(run: Run, split: str | None = None) -> Staleness:
    return staleness(run, run.project.current_state(), split)


def class_ids(project: Project) -> dict[str, int]:
    return {one.name: one.id for one in project.classes}


def test_a_run_is_stale_by_what_changed_and_fresh_again_after_undo(project: Project) -> None:
    run = run_of(project)
    assert not stale(run)
    items = run.snapshot.items
    red, train = class_ids(project)["rot"], [one.image_id for one in items if one.split == Split.TRAIN]
    blue = [one.image_id for one in run.snapshot.of(Split.TEST) if one.label == 0]
    project.edit.label(blue, red)
    project.edit.mark(train[:1], Mark.EXCLUDED)
    found = stale(run)
    assert (found.relabelled, found.excluded) == (tuple(blue), tuple(train[:1]))
    assert set(found.ids) == {*blue, train[0]}
    assert (stale(run, "test").relabelled, stale(run, "test").excluded) == (tuple(blue), ())
    project.edit.undo()
    project.edit.undo()
    assert not stale(run)
    project.edit.redo()
    project.edit.label(blue, class_ids(project)["blau"])
    assert not stale(run), "labels that are as they were again are no change"


def test_new_names_of_classes_make_a_run_stale_without_changing_an_image(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    for name, new in (("blau", "x"), ("rot", "blau"), ("blau", "rot")):  # swapped
        project.edit.rename_class(ids[name], new)
    found = stale(run)
    assert found
    assert (found.ids, found.renamed) == ((), (("blau", "rot"), ("rot", "blau")))
    assert found.as_dict()["renamed"] == 2
    for _ in range(3):
        project.edit.undo()
    assert not stale(run)


def test_metrics_go_by_todays_names_also_of_swapped_and_removed_classes(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    assert run.evaluate().classes == ("blau", "grün", "rot")
    for name, new in (("blau", "x"), ("rot", "blau"), ("blau", "rot")):
        project.edit.rename_class(ids[name], new)
    found = run.evaluate()
    assert found.classes == ("rot", "grün", "blau")
    assert [one.name for one in found.per_class] == ["rot", "grün", "blau"]
    project.edit.delete_class(ids["grün"])
    project.edit.rename_class(ids["rot"], "grün")
    assert run.evaluate().classes == ("rot", "grün (former)", "grün")


def test_a_new_place_or_colour_of_a_class_or_a_new_class_change_nothing(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    project.edit.move_class(ids["grün"], 0)
    project.edit.recolour_class(ids["rot"], "#123456")
    project.edit.add_class("neu")
    assert not stale(run)
    project.edit.label([run.snapshot.items[0].image_id], ids["rot"])
    assert stale(run).relabelled == (run.snapshot.items[0].image_id,)


def test_merging_deleting_and_making_classes_again(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    mine = {name: [i.image_id for i in run.snapshot.items if i.label == k] for k, name in enumerate(ids)}
    project.edit.merge_classes(ids["blau"], ids["rot"])
    assert stale(run).relabelled == tuple(mine["blau"])
    project.edit.rename_class(ids["rot"], "blau")
    assert stale(run).relabelled == tuple(mine["blau"]), "two of the run's classes are one now"
    project.edit.undo()
    project.edit.undo()
    assert not stale(run)
    project.edit.delete_class(ids["grün"])
    assert stale(run).relabelled == tuple(mine["grün"])
    again = project.edit.add_class("grün").id
    project.edit.label(mine["grün"], again)
    assert not stale(run), "the same class, made anew"


def test_splits_files_and_what_came_later(project: Project, tmp_path: Path) -> None:
    run = run_of(project)
    image = next(iter(run.snapshot.of(Split.TRAIN)))
    draw_pictures(tmp_path / "more", (1, 1, 1))
    later = next((tmp_path / "more" / "train").rglob("*.png"))
    (tmp_path / "bilder" / "train" / "rot" / "later.png").write_bytes(later.read_bytes()[:-1] + b"x")
    list(project.scan())
    assert not stale(run), "images that the run never saw are not its images"
    other = next((tmp_path / "more" / "val").rglob("*.png"))
    image.path.write_bytes(other.read_bytes())
    image.path.touch()
    list(project.scan())
    assert stale(run).redrawn == (image.image_id,)
    project.split(keep_given=False, seed=5, shares=(0.2, 0.2, 0.6))
    now = {one.id: one.split for one in project.images(project.ids())}
    moved = [item.image_id for item in run.snapshot.items if now[item.image_id] != item.split]
    assert moved
    assert sorted(stale(run).moved) == sorted(moved)


def test_a_fold_of_a_cross_validation_is_as_fresh_as_its_images(project: Project) -> None:
    project.edit.read_pictures(Rendering(frame="middle"))
    first, _ = project.folds(2)
    assert first.class_ids == tuple(one.id for one in project.classes)
    assert first.rendering == Rendering(frame="middle"), "read as in every other run"
    files = {
        "recipe.toml": small_recipe().to_toml(),
        "snapshot.json": first.to_json(),
        "fold.json": Fold(1, 2, 0, "s").to_json(),
    }
    run = Run(project, new_record_folder(project.runs_dir, files))
    assert any(item.split != project.image(item.image_id).split for item in first.items), "dealt anew"
    assert not stale(run)
    learnt = next(item.image_id for item in first.items if item.split != Split.TEST)
    with project._database.write() as connection:
        connection.execute("UPDATE images SET split = 'test' WHERE id = ?", (learnt,))
    assert stale(run).moved == (learnt,), "measured with now, and learnt from then"


def test_snapshots_of_earlier_versions_go_by_names(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    file = run.record.snapshot_file
    document = json.loads(file.read_text(encoding="utf-8"))
    del document["class_ids"]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert run.snapshot.class_ids == ()
    project.edit.rename_class(ids["blau"], "himmel")
    assert not stale(run)
    file.write_text("{", encoding="utf-8")
    os.utime(file, ns=(1, 1))  # both writes may fall into one tick of the disk's clock
    assert not stale(run), "a damaged run has nothing to compare with, and says so elsewhere"


def test_todays_labels_by_hand(project: Project) -> None:
    run, ids = run_of(project), class_ids(project)
    stored = run.predictions()
    assert stored is not None
    one, two, *_ = (item.image_id for item in run.snapshot.of(Split.TEST) if item.label == 0)
    green = next(item.image_id for item in run.snapshot.of(Split.TEST) if item.label == 1)
    project.edit.label([one], ids["rot"])  # blue to the network: a mistake from now on
    project.edit.label([two], project.edit.add_class("neu").id)  # which the network does not know
    project.edit.mark([green], Mark.EXCLUDED)
    project.edit.rename_class(ids["rot"], "rost")
    today = reevaluate(run, stored, project.current_state())
    assert today.evaluation.classes == ("blau", "grün", "rost")
    assert today.left_out == 2
    assert today.evaluation.confusion == ((0, 0, 0), (0, 1, 0), (1, 0, 2))
    assert today.evaluation.accuracy.value == pytest.approx(3 / 4)
    assert {int(number) for number in today.predictions.image_ids}.isdisjoint({two, green})
    assert run.evaluate().accuracy.value == 1.0, "as they were"


def test_merged_classes_count_as_one_with_the_sum_of_their_probabilities(project: Project) -> None:
    run, ids = run_of(project, temperature=2.0), class_ids(project)
    stored = run.predictions()
    assert stored is not None
    project.edit.merge_classes(ids["blau"], ids["rot"])
    today = reevaluate(run, stored, project.current_state())
    assert today.evaluation.classes == ("rot", "grün")
    assert today.evaluation.confusion == ((4, 0), (0, 2))
    high = np.exp(4 / 2) / (np.exp(4 / 2) + 2)  # of the class it is, at temperature 2
    scaled = np.exp(today.predictions.logits / 2.0)
    share = scaled[:, 0] / scaled.sum(axis=1)
    place = [int(label) for label in today.predictions.labels].index(0)
    assert share[place] == pytest.approx(high + (1 - high) / 2, rel=1e-5)


def test_nothing_left_to_count_is_said(project: Project) -> None:
    run = run_of(project)
    stored = run.predictions()
    assert stored is not None
    project.edit.label([item.image_id for item in run.snapshot.items], None)
    with pytest.raises(ProblemError, match="Train a new run"):
        reevaluate(run, stored, project.current_state())


def test_a_hundred_thousand_images_are_compared_at_once(tmp_path: Path) -> None:
    number = 100_000
    items = tuple(
        SnapshotItem(n + 1, Path(f"{n}.jpg"), f"{n:032x}", n % 2, Split.TRAIN if n % 3 else Split.TEST, None)
        for n in range(number)
    )
    with Project.create(tmp_path / "big") as project:
        folder = new_record_folder(
            project.runs_dir,
            {
                "recipe.toml": small_recipe().to_toml(),
                "snapshot.json": Snapshot(("a", "b"), items, class_ids=(1, 2)).to_json(),
            },
        )
        run = Run(project, folder)
        labels = np.arange(number) % 2 + 1
        labels[7] = 2 if labels[7] == 1 else 1
        now = CurrentState(
            np.arange(1, number + 1),
            np.array([0] * number, dtype=np.uint64),
            labels,
            np.where(np.arange(number) % 3, 1, 3).astype(np.int8),
            np.zeros(number, dtype=np.bool_),
            {1: "a", 2: "b"},
            {},
        )
        assert staleness(run, now).ids == (8,)
