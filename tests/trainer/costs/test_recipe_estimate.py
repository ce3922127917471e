"""What a recipe takes: arithmetic by hand, a short measurement, and what real trainings mend."""

from __future__ import annotations

import threading

import pytest
import torch
from tiny_project import LATE_LINE, make_project, random_weights, small_recipe

from tldesk.dataset import Facts, Split
from tldesk.engine import device_named
from tldesk.model import card
from tldesk.model.available_backbones import available_backbones
from tldesk.recipe import Augmentation, Phase, Recipe, recommend
from tldesk.run.epoch_times import EpochTimes
from tldesk.trainer import EpochFinished, Finished
from tldesk.trainer.costs.cost_book import BackboneCosts, CostBook, StageCost, costs_key
from tldesk.trainer.costs.measure_stages import known_or_measured, measure
from tldesk.trainer.costs.recipe_estimate import ImageCounts, estimate, measured_seconds
from tldesk.trainer.data import view_budget
from tldesk.trainer.plan import make_plan

CARD = card("resnet18")
COUNTS = ImageCounts(train=100, validation=20, test=20, classes=4)
STAGE = StageCost(forward=0.01, backward=0.02, look=0.005, kept=1_000_000, outputs=1000)
COSTS = BackboneCosts((STAGE,) * 5, picture=0.001, update=1e-9)


@pytest.fixture
def tiny_plan(tmp_path, monkeypatch):
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as project:
        yield make_plan(project, small_recipe(LATE_LINE, epochs=3), device="cpu")


def recipe(*lines: str, **changes: object) -> Recipe:
    phases = tuple(Phase(freeze=line, epochs=3, learning_rate=1e-3) for line in lines)
    return Recipe(backbone="resnet18", phases=phases, batch_size=32, **changes)


def epoch(number: int, phase: int, seconds: float) -> EpochFinished:
    return EpochFinished(number, phase, 1.0, 0.5, None, None, None, 1e-3, seconds, None, best=False)


def test_an_epoch_is_the_tail_for_each_image_and_the_optimiser_for_each_batch():
    layer4 = CARD.stages[4].parameters
    head = 513 * 4
    (found,) = estimate(recipe("layer4"), CARD, COUNTS, COSTS).phases
    assert found.trained == layer4 + head
    # 100 images learn one stage, 20 look at it, 4 batches of 32 update each trained number
    assert found.epoch == pytest.approx(100 * 0.03 + 20 * 0.01 + 4 * (layer4 + head) * 1e-9)
    # four frozen stages are passed once by training and validation images; 1,000 float16 of each are kept
    assert found.prepare == pytest.approx(120 * 4 * 0.005)
    assert found.kept == 120 * 1000 * 2


def test_where_everything_learns_every_epoch_turns_pictures_into_input():
    (found,) = estimate(recipe("none"), CARD, COUNTS, COSTS).phases
    steps = 4 * found.trained * 1e-9
    assert found.epoch == pytest.approx(100 * (5 * 0.03 + 0.001) + 20 * 5 * 0.01 + steps)
    assert found.prepare == found.kept == 0


def test_changed_views_are_kept_for_as_many_epochs_and_a_second_phase_finds_what_is_there():
    changed = Augmentation(flip_horizontal=True, views=8)
    first, second = estimate(recipe("layer4", "layer4", augmentation=changed), CARD, COUNTS, COSTS).phases
    assert first.kept == (3 * 100 + 20) * 2000, "three epochs: three of the eight views"
    assert second.kept == second.prepare == 0
    head, tail = estimate(recipe("all", "layer4", augmentation=changed), CARD, COUNTS, COSTS).phases
    assert head.kept == 120 * 512 * 2, "a head that only goes before learns from plain pictures"
    assert tail.kept == (3 * 100 + 20) * 2000


def test_maps_that_do_not_fit_are_computed_in_every_epoch(monkeypatch):
    kept = estimate(recipe("layer4"), CARD, COUNTS, COSTS).phases[0]
    monkeypatch.setattr(view_budget, "MAPS_BUDGET", 0)
    anew = estimate(recipe("layer4"), CARD, COUNTS, COSTS).phases[0]
    assert anew.kept == 0
    assert anew.epoch - kept.epoch == pytest.approx(100 * (0.001 + 4 * 0.005))


def test_the_whole_is_reading_preparing_learning_and_a_last_look():
    counts = ImageCounts(100, 20, 20, 4, megapixels=12.0)
    found = estimate(recipe("layer4"), CARD, counts, COSTS)
    (phase,) = found.phases
    assert found.reading == pytest.approx(140 * 12 * 0.012)
    assert found.finishing == pytest.approx(40 * 5 * 0.005)
    assert found.seconds == pytest.approx(found.reading + phase.prepare + 3 * phase.epoch + found.finishing)
    larger = estimate(recipe("none"), CARD, counts, COSTS)
    assert larger.memory - found.memory == pytest.approx(
        32 * 4 * 1_000_000 + 3 * 4 * (larger.phases[0].trained - phase.trained), abs=2
    )


def test_a_measurement_knows_every_stage_and_is_kept_for_the_next_time(tmp_path):
    small = Recipe(backbone="squeezenet1_1", phases=recipe("none").phases, input_size=64)
    known, cpu, book = card("squeezenet1_1"), device_named("cpu"), CostBook(tmp_path / "costs.json")
    found = known_or_measured(known, small, cpu, book=book)
    assert len(found.stages) == len(known.stages)
    assert all(one.forward > 0 and one.backward > 0 and one.look > 0 and one.kept > 0 for one in found.stages)
    maps, network = torch.zeros(1, 3, 64, 64), _network(known)
    for stage, cost in zip(network.stages.values(), found.stages, strict=True):
        maps = stage(maps)
        assert cost.outputs == maps.numel()
    assert known_or_measured(known, small, cpu, book=book) == found, "read, not measured again"
    stop = threading.Event()
    stop.set()
    assert measure(known, small, cpu, stop) is None


def _network(known):
    from tldesk.model.build import build_network
    from tldesk.recipe import HeadSpec

    return build_network(known, 2, HeadSpec(), weights=None, seed=0)


def test_real_epochs_mend_what_is_said_the_first_of_a_phase_apart(tmp_path, tiny_plan):
    book = CostBook(tmp_path / "costs.json")
    key = costs_key(tiny_plan.card, tiny_plan.recipe, tiny_plan.device)
    book.put(key, BackboneCosts((STAGE,) * len(tiny_plan.card.stages), picture=0.001, update=0.0))
    said = (
        estimate(tiny_plan.recipe, tiny_plan.card, ImageCounts.of_snapshot(tiny_plan.snapshot), book.get(key))
        .phases[0]
        .epoch
    )
    timing = EpochTimes(tiny_plan, book)
    for number, seconds in enumerate((99 * said, 2 * said, 2 * said), start=1):
        timing.hear(epoch(number, 0, seconds))
    assert book.get(key).trainings == 0, "only a training that has finished tells"
    timing.hear(Finished(3, 1.0))
    assert book.get(key).factor == pytest.approx(2.0)
    book.tell(key, 1.0, 2.0)  # twice as long again as is said by now
    assert book.get(key).factor == pytest.approx(2 * 2**0.5), "the mean with what was known, by factors"


def test_a_damaged_book_is_begun_anew(tmp_path):
    book = CostBook(tmp_path / "costs.json")
    book.put("a", COSTS)
    assert book.get("a") == COSTS
    (tmp_path / "costs.json").write_text("{", encoding="utf-8")
    assert book.get("a") is None
    book.tell("a", 1.0, 2.0)
    book.put("b", COSTS)
    assert book.get("b") == COSTS


def test_what_is_recommended_says_how_long_it_takes_as_measured(tiny_plan):
    recipe, device = tiny_plan.recipe, tiny_plan.device
    facts = Facts(
        images=140,
        labelled=140,
        class_counts=(("a", 70), ("b", 70)),
        split_counts={Split.TRAIN: 100, Split.VALIDATION: 20, Split.TEST: 20},
        quarantined=0,
        groups=140,
        median_width=400,
        median_height=300,
        grey=False,
    )
    assert measured_seconds(recipe, facts, device) is None
    costs = BackboneCosts((STAGE,) * len(tiny_plan.card.stages), picture=0.001, update=0.0)
    CostBook().put(costs_key(tiny_plan.card, recipe, device), costs)
    assert (
        measured_seconds(recipe, facts, device)
        == estimate(recipe, tiny_plan.card, ImageCounts.of(facts), costs).seconds
    )
    small = available_backbones([recipe.backbone])
    (hour,) = (
        one for one in recommend(facts, device, small, measured=lambda _one: 3600).reasons if "take" in one
    )
    assert hour == "It should take about 1 h on this machine."
