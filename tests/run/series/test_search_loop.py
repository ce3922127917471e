"""Searching for a recipe: kept tries, stopping and going on, giving up, and the test images left alone."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from tiny_project import make_project, random_weights, small_recipe

from tldesk.base import ProblemError, Progress
from tldesk.dataset import Project, Split
from tldesk.recipe import Recipe
from tldesk.run.series.search_loop import TryBegun, TryDone, searching
from tldesk.run.series.search_record import Search, Try
from tldesk.trainer.plan import make_plan


@pytest.fixture
def project(tmp_path: Path):
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    return random_weights(tmp_path / "weights", monkeypatch)


def new(project: Project, library, tries: int = 3, **changes: object) -> Search:
    plan = make_plan(project, small_recipe("all", **changes), "cpu", library)
    return Search.create(project, plan, tries, ["rate", "batch"])


def follow(search: Search, library, stop: threading.Event | None = None) -> list[object]:
    return list(searching(search, "cpu", library, stop))


def test_three_tries_and_the_best(project: Project, library) -> None:
    for item in project.snapshot().of(Split.TEST):
        item.path.unlink()  # whoever looked at a test image would fail
    search = new(project, library)
    assert not search.snapshot.of(Split.TEST)
    seen = follow(search, library)
    tries = search.tries
    assert [one.number for one in tries] == [1, 2, 3]
    assert tries[0].settings == {"rate": 0.003, "batch": 8}, "what it began with comes first"
    assert len({json.dumps(dict(one.settings)) for one in tries}) == 3
    assert all(one.state == "finished" and one.score is not None for one in tries)
    assert search.best.score == max(one.score for one in tries)
    assert Recipe.load(search.folder / "best.toml") == search.recipe_of(search.best)
    assert search.recipe_of(tries[1]).phases[0].learning_rate == tries[1].settings["rate"]
    assert [step.number for step in seen if isinstance(step, TryBegun)] == [1, 2, 3]
    done = [step for step in seen if isinstance(step, TryDone)]
    assert [step.one for step in done] == list(tries)
    assert done[0].best
    told = [step for step in seen if isinstance(step, Progress)]
    assert (told[-1].done, told[-1].total) == (2, 3)
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].seconds_left is not None
    assert not list(project.runs_dir.glob("*")), "tries are no runs"


def test_stopped_and_gone_on_it_is_the_search_that_never_stopped(project: Project, library) -> None:
    whole = new(project, library, 4)
    follow(whole, library)
    broken = new(project, library, 4)
    stop = threading.Event()
    for step in searching(broken, "cpu", library, stop):
        if isinstance(step, TryBegun) and step.number == 3:
            stop.set()
    assert len(broken.tries) == 2
    opened = Search.last(project)
    assert opened.number == broken.number == 2
    follow(opened, library)
    assert [one.settings for one in opened.tries] == [one.settings for one in whole.tries]
    assert [one.score for one in opened.tries] == pytest.approx([one.score for one in whole.tries])
    assert follow(opened, library) == [], "all are done"
    opened.want(5)
    follow(opened, library)
    assert len(opened.tries) == 5


def test_a_line_cut_off_by_a_kill_is_tried_again(project: Project, library) -> None:
    search = new(project, library, 2)
    follow(search, library)
    lines = (search.folder / "tries.jsonl").read_text(encoding="utf-8")
    (search.folder / "tries.jsonl").write_text(lines[:-30], encoding="utf-8")
    assert len(search.tries) == 1
    follow(search, library)
    assert [one.number for one in search.tries] == [1, 2]


def test_a_try_that_runs_away_is_told_and_the_search_goes_on(project: Project, library, monkeypatch) -> None:
    from tldesk.base import Problem
    from tldesk.run.series import search_loop as module

    class RunsAway(module.Training):
        def events(self, stop=None):
            if self.plan.recipe.phases[0].learning_rate != 0.003:
                raise ProblemError(Problem("phases.0.learning_rate", "training diverged", "Choose less"))
            yield from super().events(stop)

    monkeypatch.setattr(module, "Training", RunsAway)
    search = new(project, library)
    follow(search, library)
    assert [one.state for one in search.tries] == ["finished", "failed", "failed"]
    assert "diverged" in search.tries[1].message
    assert search.best.number == 1


def test_worse_than_most_is_given_up(project: Project, library) -> None:
    search = new(project, library, 7, epochs=4)
    reports = tuple((step, 0.9) for step in (3, 4))
    for number in range(1, 6):
        good = Try(number, {"rate": 0.003, "batch": 8}, "finished", 0.9, 0.9, 0.1, 4, 4, 1.0, reports)
        search.add(good)
    from tldesk.run.series import search_loop as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_score", lambda _best, _recipe: 0.2)
        follow(search, library)
    last = search.tries[5:]
    assert [one.state for one in last] == ["pruned", "pruned"]
    assert all(one.epochs == 3 for one in last), "given up after the settling"
    assert search.best.number == 1


def test_what_cannot_be_searched(project: Project, library) -> None:
    with pytest.raises(ProblemError, match="from 2 to"):
        new(project, library, 1)
    plan = make_plan(project, small_recipe("all"), "cpu", library)
    with pytest.raises(ProblemError, match="nothing called 'x'"):
        Search.create(project, plan, 3, ["x"])
    assert Search.last(project) is None
    search = new(project, library)
    steps = searching(search, "cpu", library)
    next(steps)
    assert search.running
    with pytest.raises(ProblemError, match="is searching here"):
        follow(search, library)
    steps.close()
    assert not search.running


def test_without_validation_images_there_is_nothing_to_compare_by(tmp_path: Path, library) -> None:
    with make_project(tmp_path / "only", (8, 0, 0)) as project:
        project.split(shares=(1.0, 0.0, 0.0), keep_given=False)
        with pytest.raises(ProblemError, match="no validation images"):
            new(project, library)
