"""Rates by depth, the mean of the last epochs' weights, and what stays frozen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tiny_project import LATE_LINE, MODERATE, make_project, random_weights, small_recipe
from torch.nn import BatchNorm2d

from tldesk.dataset import Project
from tldesk.engine import device_named
from tldesk.recipe import Recipe
from tldesk.trainer import EpochFinished, Stopped
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, make_plan
from tldesk.trainer.strategies.averaging import RunningMean
from tldesk.trainer.strategies.best_weights import trained_state
from tldesk.trainer.strategies.learner import Learner


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def plan_of(project: Project, recipe: Recipe) -> Plan:
    return make_plan(project, recipe, device="cpu")


def learner_of(project: Project, recipe: Recipe) -> tuple[Training, Learner]:
    plan = plan_of(project, recipe)
    training = Training(plan)
    return training, Learner(training.network, plan.recipe, 0, None, device_named("cpu"))


def test_each_stage_learns_at_its_share_of_the_rate(project: Project) -> None:
    training, learner = learner_of(project, small_recipe("none", rate_per_stage=0.5))
    network = training.network
    share = {id(one): group["scale"] for group in learner.optimizer.param_groups for one in group["params"]}
    assert len(share) == len(list(network.parameters()))
    names = network.card.stage_names
    for depth, name in enumerate(reversed(names), start=1):
        assert {share[id(one)] for one in network.stages[name].parameters()} == {0.5**depth}
    assert {share[id(one)] for one in network.head.parameters()} == {1.0}
    assert sum(one.numel() for group in learner.optimizer.param_groups for one in group["params"]) == (
        learner.trainable
    )


class Source:
    """Four images of noise."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.items = range(4)
        self.labels = torch.tensor([0, 1, 2, 0])
        self.table = torch.zeros(4, 0)
        self._inputs = torch.randn(4, 3, 64, 64, generator=generator)

    def batch(self, places: object, epoch: int = 0) -> torch.Tensor:
        del places, epoch
        return self._inputs


def test_a_step_moves_earlier_stages_less(project: Project) -> None:
    # The first step of Adam moves every number by the rate, whatever its gradient.
    training, learner = learner_of(project, small_recipe("none", rate_per_stage=0.1, weight_decay=0.0))
    before = {name: one.detach().clone() for name, one in training.network.named_parameters()}
    learner.step(Source(), range(4), epoch=1, step=0, rate=0.01)
    now = training.network.named_parameters()
    moved = {name: float((one.detach() - before[name]).abs().max()) for name, one in now}
    assert moved["head.layers.1.weight"] == pytest.approx(0.01, rel=0.01)
    last, middle = (
        max(value for name, value in moved.items() if name.startswith(f"stages.{stage}."))
        for stage in training.network.card.stage_names[-1:-3:-1]
    )
    assert last == pytest.approx(0.001, rel=0.05)
    assert middle == pytest.approx(0.0001, rel=0.05)


def test_without_a_share_all_learn_at_one_rate_in_two_groups(project: Project) -> None:
    _, learner = learner_of(project, small_recipe("none"))
    assert [group["scale"] for group in learner.optimizer.param_groups] == [1.0, 1.0]


def test_a_running_mean_is_the_mean() -> None:
    mean = RunningMean()
    given = [
        {"weight": torch.full((2,), value), "counter": torch.tensor(int(value))} for value in (1.0, 2.0, 6.0)
    ]
    for one in given:
        mean.add(one)
    assert mean.weights["weight"].tolist() == [3.0, 3.0]
    assert mean.weights["counter"].item() == 6
    again = RunningMean.of(mean.state())
    again.add(given[0])
    assert again.weights["weight"].tolist() == [2.5, 2.5]
    assert mean.weights["weight"].tolist() == [3.0, 3.0]


def test_what_is_judged_and_kept_is_the_mean_of_the_last_epochs(project: Project) -> None:
    recipe = small_recipe(LATE_LINE, epochs=5, average_last=3, monitor="loss")
    plain = Training(plan_of(project, recipe.model_copy(update={"average_last": 0})))
    others = [event for event in plain.events() if isinstance(event, EpochFinished)]
    training, single, kept = Training(plan_of(project, recipe)), [], {}
    for mine in training.events():
        if not isinstance(mine, EpochFinished):
            continue
        other = others[mine.epoch - 1]
        # Averaging leaves the learning itself alone.
        assert (mine.train_loss, mine.learning_rate) == (other.train_loss, other.learning_rate)
        single.append(trained_state(training.network, training.plan.lowest_line))
        if mine.epoch <= 3:
            assert mine.validation_loss == other.validation_loss
        else:
            assert mine.validation_loss != other.validation_loss
        if mine.best:
            kept[mine.epoch] = training.best.weights
    assert kept
    for epoch, weights in kept.items():
        averaged = single[min(epoch - 1, 2) : epoch]
        for name, tensor in weights.items():
            if tensor.is_floating_point():
                expected = torch.stack([one[name] for one in averaged]).mean(0)
                assert torch.allclose(tensor, expected, rtol=1e-4, atol=1e-6), name


def test_only_the_last_phase_is_averaged(project: Project) -> None:
    recipe = small_recipe(LATE_LINE, LATE_LINE, epochs=2, average_last=9)
    training = Training(plan_of(project, recipe))
    finished = (event for event in training.events() if isinstance(event, EpochFinished))
    assert [training.state()["average"]["count"] for _ in finished] == [0, 0, 1, 2]


@pytest.mark.slow
def test_a_mean_goes_on_after_an_interruption(project: Project, tmp_path: Path) -> None:
    recipe = small_recipe(LATE_LINE, epochs=4, average_last=3, augmentation=MODERATE, rate_per_stage=0.7)
    plan = plan_of(project, recipe)
    whole, told = Training(plan), []
    for event in whole.events():
        if isinstance(event, EpochFinished):
            torch.save(whole.state(), tmp_path / f"{event.epoch}.pt")
            told.append((event.train_loss, event.validation_loss, event.best))
    for done in (2, 3):
        again = Training(plan)
        again.load_state(torch.load(tmp_path / f"{done}.pt", weights_only=True))
        events = [event for event in again.events() if isinstance(event, EpochFinished)]
        assert [(one.train_loss, one.validation_loss, one.best) for one in events] == told[done:]
        expected = whole.network.state_dict()
        for name, tensor in again.network.state_dict().items():
            assert torch.equal(tensor, expected[name]), name


def test_a_checkpoint_of_before_there_were_means_and_shares_can_be_gone_on_from(project: Project) -> None:
    plan = plan_of(project, small_recipe(LATE_LINE, epochs=3))
    training, stop = Training(plan), threading.Event()
    state = {}
    for event in training.events(stop):
        if isinstance(event, EpochFinished):
            state = training.state()
            stop.set()
    assert isinstance(event, Stopped)
    state.pop("average")
    state["best"] = {name: state["best"][name] for name in ("epoch", "score", "weights")}
    for group in state["optimizer"]["param_groups"]:
        group.pop("scale")
    again = Training(plan)
    again.load_state(state)
    assert [one.epoch for one in again.events() if isinstance(one, EpochFinished)] == [2, 3]


def test_batch_norm_before_the_line_stays_as_it_is_and_behind_it_learns(project: Project) -> None:
    training = Training(plan_of(project, small_recipe(LATE_LINE, epochs=1)))
    network, frozen = training.network, training.network.card.stages_before(LATE_LINE)
    before = {name: one.clone() for name, one in network.named_buffers()}
    modes: set[tuple[bool, bool]] = set()

    def note(module: torch.nn.Module, _inputs: object) -> None:
        modes.add((network.training, module.training))

    for name, module in network.named_modules():
        if isinstance(module, BatchNorm2d) and name.split(".")[1] not in frozen:
            module.register_forward_pre_hook(note)
    list(training.events())
    assert {(True, True), (False, False)} >= modes
    assert (True, True) in modes
    changed = {name for name, one in network.named_buffers() if not torch.equal(one, before[name])}
    assert any(name.startswith(f"stages.{LATE_LINE}.") for name in changed)
    assert not any(name.split(".")[1] in frozen for name in changed if name.startswith("stages."))
    for name in frozen:
        assert not any(module.training for module in network.stages[name].modules())
