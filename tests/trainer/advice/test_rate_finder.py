"""The learning-rate test: the valley by hand, a real test of two kinds of phase, nothing left behind."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from tiny_project import LATE_LINE, make_project, random_weights, small_recipe

from tldesk.base import ProblemError, Progress
from tldesk.trainer.advice.rate_curve import RateCurve, smooth, valley
from tldesk.trainer.advice.rate_finder import RateStep, finding_rate, steps_of
from tldesk.trainer.plan import make_plan


@pytest.fixture
def project(tmp_path: Path):
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    return random_weights(tmp_path / "weights", monkeypatch)


def follow(steps) -> tuple[list[object], RateCurve | None]:
    seen: list[object] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def test_the_valley_by_hand() -> None:
    # The longest falling chain is 9 8 6 5 3 1 (six long), ending at place 7: begin 7 - 6 = 1, a third of
    # six is 2, and half of that 1: place 1 + 2 + 1 = 4.
    losses = [9.0, 8.0, 8.5, 6.0, 5.0, 3.0, 3.5, 1.0, 4.0, 20.0]
    rates = [float(place) for place in range(10)]
    assert valley(rates, losses) == 4.0
    assert valley([0.5], [1.0]) == 0.5
    assert valley([1.0, 2.0], [1.0, 3.0]) == 1.0


def test_smoothing_by_hand() -> None:
    # 0.02 * 1 / 0.02 = 1; (0.98 * 0.02 * 1 + 0.02 * 3) / (1 - 0.98^2) = 0.0796 / 0.0396
    assert smooth([1.0, 3.0]) == pytest.approx([1.0, 0.0796 / 0.0396])


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    rates = tuple(10 ** (place / 10 - 6) for place in range(60))
    flat = RateCurve(0, rates, (1.0,) * 60, (1.0,) * 60, 60, exploded=False)
    assert flat.suggestion is None
    short = RateCurve(0, rates[:10], (1.0,) * 10, (1.0,) * 10, 60, exploded=False)
    assert short.suggestion is None


def test_a_head_in_steps(project, library) -> None:
    files = everything(project.path)
    plan = make_plan(project, small_recipe("all", rate=0.5), "cpu", library)
    seen, curve = follow(finding_rate(plan, 0))
    assert curve.rates[0] == pytest.approx(1e-6)
    assert curve.rates == tuple(sorted(curve.rates))
    assert len(curve.losses) == len(curve.smoothed) == len(curve.rates)
    assert curve.smoothed == tuple(smooth(curve.losses))
    assert 1e-5 < curve.suggestion < 1
    assert curve.exploded == (curve.smoothed[-1] > 4 * min(curve.smoothed))
    assert curve.exploded or len(curve.rates) == 100
    tried = [step.curve for step in seen if isinstance(step, RateStep)]
    assert tried[-1] == curve
    assert any(isinstance(step, Progress) and step.seconds_left is not None for step in seen)
    _, again = follow(finding_rate(plan, 0))
    assert again == curve, "the same seed, the same numbers"
    assert everything(project.path) == files, "the project is what it was"


def everything(folder: Path) -> dict[str, str]:
    """Hash of every file of a project but its caches, and the database's own helpers."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cache" not in path.parts and not path.name.endswith(("-wal", "-shm"))
    }


def test_a_tail_after_its_head(project, library) -> None:
    recipe = small_recipe("all", LATE_LINE)
    solved = recipe.model_copy(
        update={"phases": (recipe.phases[0].model_copy(update={"solver": "auto"}), recipe.phases[1])}
    )
    plan = make_plan(project, solved, "cpu", library)
    assert steps_of(plan) == (1,)
    with pytest.raises(ProblemError, match="solved at once"):
        follow(finding_rate(plan, 0))
    with pytest.raises(ProblemError, match="no phase 3"):
        follow(finding_rate(plan, 2))
    _, curve = follow(finding_rate(plan, 1, steps=30))
    assert curve.phase == 1
    assert curve.losses[0] < 1.0, "the head was solved before: chance would be ln 3"
    assert curve.steps == 30


def test_it_stops_when_asked(project, library) -> None:
    plan = make_plan(project, small_recipe("all"), "cpu", library)
    stop = threading.Event()
    seen = []
    steps = finding_rate(plan, 0, stop)
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            curve = end.value
            break
        if sum(isinstance(one, RateStep) for one in seen) == 5:
            stop.set()
    assert len(curve.rates) == 5
    assert curve.suggestion is None
    early = threading.Event()
    early.set()
    assert follow(finding_rate(plan, 0, early))[1] is None
