"""The three ways from the Model page: shown, trained, stopped, gone on with, taken, opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from trained_run import tiny_recipe, trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.base import Problem, ProblemError
from tldesk.recipe import HeadSpec, preset
from tldesk.run import Run
from tldesk.run.series.three_ways_record import ThreeWays
from tldesk.trainer.events import EpochFinished
from tldesk.ui.model.tools.three_ways_dialog import ThreeWaysDialog

STAGES = ("features1", "features2")
TITLES = ["Feature extraction", "Fine-tuning", "From scratch"]


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


def recipe_of(epochs: int):
    tiny = tiny_recipe(epochs)
    return tiny.model_copy(update={"weights": "random", "name": "mine"})


@pytest.fixture
def page(window, trained_copy, qtbot):  # noqa: F811
    window.session.open_project(trained_copy.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=60_000)
    window.show_page(1)
    page = window.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=120_000)
    window.session.set_recipe(recipe_of(2))
    return page


@pytest.fixture
def weights(weights_source, monkeypatch):
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))


def dialog_of(window, page, qtbot) -> ThreeWaysDialog:
    page.tools.compare_button.click()
    qtbot.waitUntil(lambda: shown(window, ThreeWaysDialog) is not None, timeout=60_000)
    return shown(window, ThreeWaysDialog)


@pytest.fixture
def waits_in_the_second(monkeypatch):
    """Fine-tuning waits after its first epoch until it is stopped, once, however fast the computer is."""
    from tldesk.run import train_run

    waited = []

    class Waits(train_run.Training):
        def events(self, stop=None):
            for event in super().events(stop):
                yield event
                trained = {phase.freeze for phase in self.plan.recipe.phases} != {"all"}
                second = trained and self.plan.recipe.weights != "random"
                if second and isinstance(event, EpochFinished) and not waited:
                    waited.append(event)
                    assert stop.wait(60)

    monkeypatch.setattr(train_run, "Training", Waits)


def states(dialog) -> list[str]:
    return [row[9] for row in dialog.table.rows]


@pytest.mark.usefixtures("weights", "waits_in_the_second")
def test_stopped_opened_again_gone_on_with_taken_and_a_run_opened(window, page, qtbot):
    window.session.set_recipe(recipe_of(3))
    dialog = dialog_of(window, page, qtbot)
    assert [row[0] for row in dialog.table.rows] == TITLES
    assert [row[2] for row in dialog.table.rows][::2] == ["head only", "everything"]
    assert states(dialog) == ["", "", ""]
    assert not dialog.resume_button.isVisible()
    assert not dialog.use_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.forecast is not None, timeout=300_000)
    assert dialog.cost.text().startswith("This takes about ")
    assert all(row[8].startswith("about ") for row in dialog.table.rows)
    assert dialog.start_button.isDefault()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(dialog)[:2] == ["done", "training"], timeout=300_000)
    assert not dialog.start_button.isEnabled()
    dialog.line.stop.click()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=120_000)
    assert states(dialog) == ["done", "stopped", "not started"]
    assert "1 of 3 are done and kept" in dialog.details.text()
    dialog.reject()
    project = window.session.project
    ways = ThreeWays.last(project)
    again = dialog_of(window, page, qtbot)
    assert states(again) == ["done", "stopped", "not started"]
    assert again.resume_button.isDefault()
    again.resume_button.click()
    qtbot.waitUntil(lambda: states(again) == ["done"] * 3 and again.start_button.isEnabled(), timeout=500_000)
    assert len(Run.runs(project)) == 4, "one that was there, and three"
    results = ways.results
    assert [row[1] for row in again.table.rows] == ["2", "3", "4"]
    assert [row[3] for row in again.table.rows] == [f"{one.trained:,}" for one in results]
    for row, one in zip(again.table.rows, results, strict=True):
        assert row[5].startswith(f"{one.test.balanced_accuracy.value * 100:.1f} % (")
    lines, dots = again.plot.shown
    assert [dot.y for dot in dots] == [one.validation.balanced_accuracy.value for one in results]
    assert [line.points for line in lines] == [one.curve for one in results]
    assert "Best on the " in again.told.text()
    assert "Advice: take " in again.told.text()
    assert again.use_button.isEnabled(), "what is advised is selected"
    again.table.selectRow(1)
    again.use_button.click()
    assert page.recipe == results[1].recipe
    third = dialog_of(window, page, qtbot)
    assert states(third) == ["done"] * 3
    third.table.selectRow(2)
    third.open_button.click()
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.number == 4, timeout=60_000)
    qtbot.waitUntil(window.pages.evaluate.isVisible, timeout=60_000)


def test_without_weights_it_says_how_to_get_them(window, page, qtbot):
    dialog = dialog_of(window, page, qtbot)
    assert "pretrained weights of SqueezeNet 1.1" in dialog.line.problem.text()
    assert "Import a file of SqueezeNet 1.1 weights" in dialog.line.problem.text()
    assert not dialog.start_button.isEnabled()
    asked = []
    page.weightsAsked.connect(asked.append)
    with qtbot.waitSignal(page.weightsAsked):
        dialog.weights_button.click()
    assert asked == ["squeezenet1_1"]
    assert shown(window, ThreeWaysDialog) is None
    for other in window.findChildren(type(dialog).__mro__[1]):
        other.reject()


def test_neighbours_and_a_broken_recipe_are_told(weights, window, page, qtbot):
    recipe = preset("nearest_neighbours", "squeezenet1_1", stages=STAGES)
    window.session.set_recipe(recipe)
    dialog = dialog_of(window, page, qtbot)
    assert "learn nothing" in dialog.line.problem.text()
    assert not dialog.start_button.isEnabled()
    assert not dialog.weights_button.isVisible()
    dialog.reject()
    window.session._recipe = None
    other = dialog_of(window, page, qtbot)
    assert "cannot be trained yet" in other.line.problem.text()
    other.reject()


def test_what_only_shows_when_it_begins_is_said_and_it_can_be_tried_again(weights, window, page, qtbot):
    window.session.project.split(shares=(1.0, 0.0, 0.0), keep_given=False)
    dialog = dialog_of(window, page, qtbot)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "no validation images" in dialog.line.problem.text(), timeout=120_000)
    assert dialog.start_button.isEnabled()
    assert ThreeWays.last(window.session.project) is None
    dialog.reject()


def test_one_way_fails_and_the_rest_is_shown(weights, window, page, qtbot, monkeypatch):

    from tldesk.run import train_run

    class RunsAway(train_run.Training):
        def events(self, stop=None):
            if self.plan.recipe.weights == "random":
                raise ProblemError(Problem("phases.0.learning_rate", "training diverged", "Choose less"))
            yield from super().events(stop)

    monkeypatch.setattr(train_run, "Training", RunsAway)
    dialog = dialog_of(window, page, qtbot)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: states(dialog) == ["done", "done", "failed"], timeout=300_000)
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=60_000)
    assert "From scratch: phases.0.learning_rate: training diverged. Choose less." in dialog.details.text()
    assert "Advice: take " in dialog.told.text()
    assert dialog.resume_button.isVisible(), "it can be tried again"
    dialog.reject()


@pytest.mark.usefixtures("weights", "waits_in_the_second")
def test_weights_that_are_gone_meanwhile_are_told(window, page, qtbot):
    window.session.set_recipe(recipe_of(3))
    dialog = dialog_of(window, page, qtbot)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: states(dialog)[:2] == ["done", "training"], timeout=300_000)
    dialog.line.stop.click()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=120_000)
    run = Run.open(window.session.project, 3)
    environment = run.files.environment
    sha = run.environment["weights"]["sha256"]
    environment.write_text(environment.read_text(encoding="utf-8").replace(sha, "0" * 64), encoding="utf-8")
    window.session.set_recipe(recipe_of(1))
    dialog.resume_button.click()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=300_000)
    assert states(dialog)[1] == "stopped"
    assert "Fine-tuning: run 3: the weights library holds other weights" in dialog.details.text()
    dialog.reject()


def test_closing_stops_and_keeps_what_is_done(weights, window, page, qtbot):
    window.session.set_recipe(recipe_of(200).model_copy(update={"head": HeadSpec(kind="dense")}))
    dialog = dialog_of(window, page, qtbot)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: states(dialog)[0] == "training", timeout=300_000)
    dialog.reject()
    qtbot.waitUntil(lambda: not window.tasks.busy, timeout=120_000)
    (first, *_rest) = ThreeWays.last(window.session.project).results
    assert first.state in {"stopped", "interrupted", "finished"}
    again = dialog_of(window, page, qtbot)
    assert again.resume_button.isVisible()
    again.reject()
