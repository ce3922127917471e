"""Columns beside the pictures, in all ways of training."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from column_project import CLASSES, make_column_project, value_rows
from sklearn.linear_model import LogisticRegression
from tiny_project import LATE_LINE, MODERATE, random_weights, small_recipe

from tldesk.base import ProblemError, derive_seed
from tldesk.dataset import Project, Snapshot, Split
from tldesk.model.heads import Head
from tldesk.recipe import HeadSpec, Phase, Recipe
from tldesk.trainer.advice.rate_curve import RateCurve
from tldesk.trainer.advice.rate_finder import finding_rate
from tldesk.trainer.data.network_outputs import NetworkOutputs, network_outputs
from tldesk.trainer.data.phase_data import PhaseData
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, make_plan
from tldesk.trainer.strategies.learner import Learner
from tldesk.trainer.strategies.mixup import mixup_of

SOLVED = (Phase(freeze="all", epochs=12, learning_rate=0.003, solver="auto"),)
STEPS = (Phase(freeze="all", epochs=20, learning_rate=0.003),)
# Mixed labels teach more slowly: few epochs would leave the result to the processor's rounding.
MORE_STEPS = (Phase(freeze="all", epochs=80, learning_rate=0.003),)
TAIL = (
    Phase(freeze="all", epochs=4, learning_rate=0.003),
    Phase(freeze=LATE_LINE, epochs=4, learning_rate=0.001),
)
WHOLE = (Phase(freeze="none", epochs=10, learning_rate=0.001),)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("columns")
    make_column_project(place).close()
    return place


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(folder / "weights", monkeypatch)
    with Project.open(folder / "rauschen.tldesk") as opened:
        yield opened


def small(phases: tuple[Phase, ...], *columns: str, **changes: object) -> Recipe:
    return small_recipe().model_copy(update={"phases": phases, "columns": columns, **changes})


def plan_of(project: Project, recipe: Recipe) -> Plan:
    return make_plan(project, recipe, device="cpu")


def trained(plan: Plan) -> Training:
    training = Training(plan)
    for _ in training.events():
        pass
    return training


def answers(training: Training, split: Split = Split.TEST) -> NetworkOutputs:
    found = _ended(network_outputs(training.data, training.plan.snapshot.of(split), "test"))
    assert isinstance(found, NetworkOutputs)
    return found


def _ended(steps: Generator[object, None, object]) -> object:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def accuracy(training: Training) -> float:
    found = answers(training)
    labels = np.array([item.label for item in found.items])
    return float((found.logits.argmax(1) == labels).mean())


@pytest.mark.parametrize(
    "changes",
    [
        {"phases": SOLVED},
        {"phases": STEPS},
        {"phases": STEPS, "head": HeadSpec(kind="dense", hidden=32)},
        {"phases": MORE_STEPS, "mixup": 0.2},
        {"phases": STEPS, "augmentation": MODERATE.model_copy(update={"views": 2})},
        {"phases": TAIL},
        {"phases": TAIL, "augmentation": MODERATE, "mixup": 0.2, "batch_norm": "keep"},
        {"phases": WHOLE, "augmentation": MODERATE},
    ],
    ids=["solved", "steps", "dense", "mixup", "views", "tail", "tail-augmented", "whole"],
)
def test_what_only_a_column_tells_is_learnt_from_it(project: Project, changes: dict[str, object]) -> None:
    recipe = small_recipe().model_copy(update={"columns": ("age",), **changes})
    assert accuracy(trained(plan_of(project, recipe))) >= 0.9


def test_rows_are_mixed_as_their_pictures_are(project: Project) -> None:
    plan = plan_of(project, small(STEPS, "age", "site", mixup=0.4))
    training = Training(plan)
    data = _ended(training.data.phase(0, None))
    assert isinstance(data, PhaseData)
    learner = Learner(training.network, plan.recipe, 0, None, plan.device)
    seen: list[torch.Tensor] = []
    head = training.network.head
    assert isinstance(head, Head)
    assert head.beside is not None
    head.beside.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    places = [3, 0, 7, 5]
    learner.step(data.train, places, epoch=1, step=0, rate=0.01)
    mixing = mixup_of(4, 0.4, derive_seed(plan.recipe.seed, "epoch", 1, "step", 0))
    assert mixing.share < 1
    rows = plan.table.encode([data.train.items[place].values for place in places])
    partners = rows[mixing.partner.numpy()]
    np.testing.assert_allclose(seen[0], mixing.share * rows + (1 - mixing.share) * partners, rtol=1e-5)


@pytest.mark.parametrize("phases", [SOLVED, STEPS], ids=["solved", "steps"])
def test_without_the_column_it_is_not_learnt(project: Project, phases: tuple[Phase, ...]) -> None:
    assert accuracy(trained(plan_of(project, small(phases)))) <= 0.8
    assert accuracy(trained(plan_of(project, small(phases, "weather")))) <= 0.8


def test_a_column_with_gaps_and_one_that_tells_nothing_do_no_harm(project: Project) -> None:
    training = trained(plan_of(project, small(SOLVED, "weather", "site")))
    assert training.plan.table.names == ("weather", "site")
    found = answers(training)
    filled = [place for place, item in enumerate(found.items) if item.values[1]]
    labels = np.array([item.label for item in found.items])
    assert 0 < len(filled) < len(labels)
    assert (found.logits.argmax(1) == labels)[filled].mean() >= 0.95


def test_the_solved_head_is_scikit_learns_on_the_joined_inputs(project: Project) -> None:
    plan = plan_of(project, small((SOLVED[0].model_copy(update={"epochs": 1}),), "age", "site"))
    training = trained(plan)
    head = training.network.head
    assert isinstance(head, Head)
    found = answers(training, Split.TRAIN)
    table = torch.from_numpy(plan.table.encode([item.values for item in found.items]))
    weight = (plan.card.features / 2) ** 0.5
    joined = (
        torch.cat([head.standardise(torch.from_numpy(found.embeddings)), weight * table], 1).double().numpy()
    )
    labels = np.array([item.label for item in found.items])
    # 0.01 is the middle of 1e-6 to 1e2; of two mirrored sets of weights each holds half, squared a quarter
    model = LogisticRegression(C=2 * 0.01, tol=1e-10, max_iter=10_000).fit(joined, labels)
    expected = model.decision_function(joined)
    np.testing.assert_allclose(found.logits[:, 1] - found.logits[:, 0], expected, atol=2e-2)


def test_what_is_learnt_of_a_column_comes_from_training_images_alone(project: Project) -> None:
    plan = plan_of(project, small(SOLVED, "age"))
    ages = [float(row["age"]) for row in value_rows() if row["split"] == "train"]
    (column,) = plan.table.columns
    assert column.kind == "number"
    assert (column.mean, column.spread) == (pytest.approx(np.mean(ages)), pytest.approx(np.std(ages)))
    for fold, snapshot in enumerate(project.folds(4, seed=3, columns=("age",))):
        own = replace(plan, snapshot=snapshot)
        ages = [float(item.values[0]) for item in snapshot.of(Split.TRAIN)]
        assert own.table.columns[0].mean == pytest.approx(np.mean(ages)), fold  # type: ignore[union-attr]


def test_going_on_after_a_kill_gives_the_same(project: Project) -> None:
    for phases in (SOLVED, TAIL):
        plan = plan_of(project, small(phases, "age", "site"))
        whole = trained(plan)
        first = Training(plan)
        for event in first.events():
            if type(event).__name__ == "EpochFinished" and first.epoch == 2:
                break
        second = Training(plan)
        second.load_state(first.state())
        for _ in second.events():
            pass
        np.testing.assert_allclose(answers(second).logits, answers(whole).logits, atol=1e-5)


def test_a_snapshot_keeps_the_values(project: Project) -> None:
    snapshot = project.snapshot(("age", "site"))
    again = Snapshot.from_json(snapshot.to_json())
    assert again == snapshot
    assert again.columns == ("age", "site")
    by_name = {row["file"]: (row["age"], row["site"]) for row in value_rows()}
    assert {item.path.name: item.values for item in again.items} == by_name
    plain = project.snapshot()
    assert Snapshot.from_json(plain.to_json()) == plain
    assert plain.fingerprint != snapshot.fingerprint
    assert plain.fingerprint == replace(snapshot, columns=(), items=plain.items).fingerprint


def test_the_rate_is_found_with_columns(project: Project) -> None:
    plan = plan_of(project, small(STEPS, "age"))
    assert isinstance(_ended(finding_rate(plan, 0, steps=12)), RateCurve)


def test_columns_that_cannot_be_learnt_from(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.path, tmp_path / "copy.tldesk")
    with Project.open(tmp_path / "copy.tldesk") as copy:
        _refuse_columns(copy)


def _refuse_columns(project: Project) -> None:
    ids = project.ids()
    for number, image in enumerate(ids):
        project.edit.note([image], "camera", "Canon")
        project.edit.note([image], "name", f"Blatt {number} x")
        project.edit.note([image], "row", str(number))
    wanted = {
        "label": "class itself",
        "file": "which picture",
        "split": "training, validation",
        "camera": "same value",
        "name": "different words",
        "row": "which picture",
        "sites": "Perhaps you mean site",
        "colour": "Choose among age, site, weather",
    }
    for name, words in wanted.items():
        with pytest.raises(ProblemError) as caught:
            plan_of(project, small(SOLVED, name))
        (problem,) = caught.value.problems
        assert problem.where == "columns"
        assert words in str(problem), str(problem)
    with pytest.raises(ProblemError, match="named 2 times"):
        plan_of(project, small(SOLVED, "age", "age"))
    knn = small(STEPS, "age", head=HeadSpec(kind="knn"))
    with pytest.raises(ProblemError, match="nearest neighbours compare pictures"):
        plan_of(project, knn)


def test_how_well_columns_alone_tell_the_class(project: Project) -> None:
    facts = {one.name: one for one in project.values.facts()}
    assert facts["age"].numeric
    assert facts["age"].tells == 1.0
    assert facts["weather"].tells < 0.8
    filled = [sum(row["label"] == name and row["site"] != "" for row in value_rows()) for name in CLASSES]
    assert (facts["site"].filled, facts["site"].images, facts["site"].words) == (sum(filled), 80, 2)
    assert facts["site"].tells == pytest.approx(
        np.mean(filled) / 40
    )  # those that have a value tell their class
