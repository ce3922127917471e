"""Cross-validation: a run a fold, what is frozen computed once, stopped between and within folds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tiny_project import make_project, random_weights, small_recipe

from tldesk.dataset import Project, Snapshot, Split
from tldesk.run import Run
from tldesk.run.series.cross_validation import CrossValidation, FoldBegun, FoldDone, cross_validating
from tldesk.trainer.events import EpochFinished, Preparing
from tldesk.trainer.plan import make_plan


@pytest.fixture
def project(tmp_path: Path):
    with make_project(tmp_path) as made:
        yield made


def follow(steps) -> tuple[list[object], CrossValidation]:
    seen: list[object] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def plan_of(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: object):
    library = random_weights(tmp_path / "weights", monkeypatch)
    return make_plan(project, small_recipe("all", **changes), "cpu", library)


def test_three_folds(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(project, tmp_path, monkeypatch)
    before = project.snapshot()
    seen, found = follow(cross_validating(project, plan, 3))
    runs = Run.runs(project)
    assert [run.fold.words for run in runs] == ["1 of 3", "2 of 3", "3 of 3"]
    assert len({run.fold.series for run in runs}) == 1
    assert [run.summary.fold for run in runs] == ["1 of 3", "2 of 3", "3 of 3"]
    assert [run.status for run in runs] == ["finished"] * 3
    judged = [one.image_id for run in runs for one in run.snapshot.of(Split.VALIDATION)]
    wanted = [one.image_id for one in before.items if one.split != Split.TEST]
    assert sorted(judged) == sorted(wanted)
    assert found.together.n == len(wanted) == 36
    right = [int(run.predictions(Split.VALIDATION).right.sum()) for run in runs]
    assert found.together.accuracy.together.value == pytest.approx(sum(right) / 36)
    assert [one.validation.n for one in found.folds] == [12, 12, 12]
    assert project.snapshot() == before
    assert all(run.snapshot.of(Split.TEST) == before.of(Split.TEST) for run in runs)
    starts = [place for place, event in enumerate(seen) if isinstance(event, FoldBegun)]
    computed = [isinstance(event, Preparing) and event.done < event.total for event in seen]
    assert any(computed[starts[0] : starts[1]]), "the first fold reads the pictures"
    assert not any(computed[starts[1] :]), "the others have their features from the cache"


def test_stopping_within_a_fold_keeps_its_best_and_begins_no_other(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(project, tmp_path, monkeypatch, epochs=30)
    stop = threading.Event()
    steps = cross_validating(project, plan, 3, stop)
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            found = end.value
            break
        begun = sum(isinstance(event, FoldBegun) for event in seen)
        if begun == 2 and isinstance(seen[-1], EpochFinished):
            stop.set()
    assert [run.status for run in Run.runs(project)] == ["finished", "stopped"]
    assert [one.whole for one in found.folds] == [True, False]
    assert (found.count, found.together.n) == (3, 12)
    assert all(one.run.model is not None for one in found.folds)
    assert sum(isinstance(event, FoldDone) for event in seen) == 2


def test_a_fold_is_a_run_like_any_other_afterwards(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(project, tmp_path, monkeypatch)
    follow(cross_validating(project, plan, 2))
    assert [run.number for run in Run.with_model(project)] == [2, 1]
    whole = Run.create(project, plan)
    list(whole.train())
    whole.finish()
    follow(cross_validating(project, plan, 2))
    assert [run.number for run in Run.with_model(project)] == [3, 5, 4, 2, 1], "folds learnt from less"
    run = Run.open(project, 2)
    assert Snapshot.from_json(run.record.snapshot_file.read_text(encoding="utf-8")) == run.snapshot
    assert run.evaluate(Split.TEST).n == 12
    run.files.fold.write_text("{", encoding="utf-8")
    assert run.fold is None
    assert run.summary.fold == ""
