"""Ranking backbones: cross-validated heads, groups whole, the test images left alone, stopping, failing."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from tiny_project import BACKBONE, make_project, random_weights

from tldesk.base import ProblemError, Progress
from tldesk.dataset import FilenamePattern, Project, Split
from tldesk.engine.device import device_named
from tldesk.evaluation import Interval
from tldesk.trainer.advice.linear_probe import probe
from tldesk.trainer.advice.rank_backbones import ranking
from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking, Unranked

CPU = device_named("cpu")


@pytest.fixture
def project(tmp_path: Path):
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    return random_weights(tmp_path / "weights", monkeypatch)


def follow(steps) -> tuple[list[object], Ranking]:
    seen: list[object] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def test_a_probe_is_sklearns_head_with_each_fold_left_out() -> None:
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 20)
    features = (random.normal(size=(60, 8)) + 0.9 * np.eye(8)[labels]).astype(np.float32)
    folds = [np.arange(start, 60, 4) for start in range(4)]
    found = probe(torch.from_numpy(features), torch.from_numpy(labels), 3, folds)
    assert found is not None
    scaled = StandardScaler().fit_transform(features)
    best = 0.0
    for strength in 10.0 ** np.arange(-6, 2.1, 0.4):
        head = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
        answers = np.empty(60, int)
        for fold in folds:
            rest = np.delete(np.arange(60), fold)
            answers[fold] = head.fit(scaled[rest], labels[rest]).predict(scaled[fold])
        best = max(best, float((answers == labels).mean()))
    mine = float((found.predicted == labels).mean())
    assert best - 0.1 <= mine <= best + 0.04


def test_noise_is_not_ranked_above_chance_by_more_than_luck() -> None:
    random = np.random.default_rng(2)
    labels = torch.from_numpy(random.integers(0, 2, 200))
    folds = [np.arange(start, 200, 5) for start in range(5)]
    found = probe(torch.from_numpy(random.normal(size=(200, 50)).astype(np.float32)), labels, 2, folds)
    assert 0.35 < float((found.predicted == labels.numpy()).mean()) < 0.65


def test_ranking_a_project(project: Project, library, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project.snapshot()
    test = {item.path for item in before.of(Split.TEST)}
    for path in test:
        path.unlink()  # whoever looked at a test image would fail
    seen, found = follow(ranking(project, device=CPU, library=library))
    (one,) = found.backbones
    assert (one.name, one.title) == (BACKBONE, "MobileNet v3 small")
    assert (found.wanted, found.images, found.of, found.folds) == (1, 36, 36, 5)
    assert len(one.contents) == len(one.right) == 36
    assert not set(one.contents) & {item.content for item in before.of(Split.TEST)}
    assert one.accuracy.value == pytest.approx(one.right.mean())
    assert one.accuracy.low < one.accuracy.value <= one.accuracy.high
    assert np.isfinite(one.logme)
    assert one.seconds_a_picture > 0
    assert found.suggested is one
    assert found.front == (True,)
    told = [step for step in seen if isinstance(step, Progress)]
    assert (told[-1].done, told[-1].total) == (36, 36)
    again, same = follow(ranking(project, device=CPU, library=library))
    assert sum(isinstance(step, Progress) for step in again) == 1, "features are there already"
    assert same.backbones[0].balanced_accuracy == one.balanced_accuracy
    assert same.backbones[0].logme == one.logme
    assert not list(project.runs_dir.glob("*")), "nothing but the caches is written"


def test_groups_and_near_duplicates_stay_in_one_fold(project: Project, library) -> None:
    from tldesk.trainer.advice.rank_backbones import _dealt, _task

    project.split(by_group=FilenamePattern(r"bild (\d+)"))
    items = _dealt(project)
    task = _task(project, items, 3000)
    homes = [{items[place].group for place in fold} for fold in task.folds]
    assert sum(map(len, homes)) == len(set().union(*homes))
    few = _task(project, items, 18)
    assert len(few.snapshot.items) < len(items)
    assert {item.label for item in few.snapshot.items} == {0, 1, 2}
    rest = {item.group for item in items} - {item.group for item in few.snapshot.items}
    assert rest, "whole groups were left out"


def test_a_damaged_file_does_not_end_it(project: Project, library, tmp_path: Path) -> None:
    save_file({"features.0.0.weight": torch.zeros(3)}, tmp_path / "weights" / "squeezenet1_1.safetensors")
    seen, found = follow(ranking(project, device=CPU, library=library))
    (failed,) = found.unranked
    assert failed in seen
    assert isinstance(failed, Unranked)
    assert failed.name == "squeezenet1_1"
    assert "do not fit" in failed.why
    assert [one.name for one in found.backbones] == [BACKBONE]


def test_stopping_keeps_what_is_done(project: Project, library) -> None:
    stop = threading.Event()
    steps = ranking(project, device=CPU, library=library, stop=stop)
    next(steps)
    stop.set()
    _, found = follow(steps)
    assert found.backbones == ()
    assert found.suggested is None
    assert found.wanted == 1


def test_what_cannot_be_ranked(project: Project, library, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="resnet81"):
        follow(ranking(project, ["resnet81"], device=CPU, library=library))
    from tldesk.model.library import WeightsLibrary

    with pytest.raises(ProblemError, match="no pretrained weights"):
        follow(ranking(project, device=CPU, library=WeightsLibrary([tmp_path / "empty"])))
    _, missing = follow(ranking(project, ["resnet18"], device=CPU, library=WeightsLibrary([tmp_path])))
    assert [one.name for one in missing.unranked] == ["resnet18"]
    project.split(by_group=FilenamePattern(r"(bild)"))
    with pytest.raises(ProblemError, match=r"belong together|no training image"):
        follow(ranking(project, device=CPU, library=library))


def one_of(name: str, right: list[bool], seconds: float) -> RankedBackbone:
    share = Interval(sum(right) / len(right), 0.0, 1.0)
    contents = tuple(map(str, range(len(right))))
    return RankedBackbone(name, name, share, share, 0.0, 1, seconds, 1.0, contents, np.array(right))


def test_the_quickest_that_is_not_clearly_worse_is_suggested() -> None:
    best = one_of("slow", [True] * 40, 0.9)
    near = one_of("quick", [True] * 37 + [False] * 3, 0.1)
    far = one_of("quickest", [True] * 30 + [False] * 10, 0.01)
    found = Ranking((best, near, far), (), 3, 40, 40, 5)
    assert [found.clearly_worse(one) for one in found.backbones] == [False, False, True]
    assert found.suggested is near
    assert found.front == (True, True, True)
    dominated = replace(near, seconds_a_picture=2.0)
    assert Ranking((best, dominated), (), 2, 40, 40, 5).front == (True, False)
