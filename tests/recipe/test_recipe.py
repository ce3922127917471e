"""Recipes as values: bounds, hashing, TOML there and back, versions, overrides, differences."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tldesk.base import ProblemError
from tldesk.recipe import (
    PRESETS,
    Augmentation,
    HeadSpec,
    Phase,
    Recipe,
    differences,
    field_help,
    preset,
    preset_for_line,
    with_overrides,
)
from tldesk.recipe.differences import flat
from tldesk.recipe.migration import migrate

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")


def number(low: float, high: float, *, open_low: bool = False) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=open_low, allow_nan=False)


names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
phases = st.builds(
    Phase,
    freeze=names,
    epochs=st.integers(1, 1000),
    learning_rate=number(0, 1, open_low=True),
    schedule=st.sampled_from(("constant", "cosine")),
    warmup_epochs=number(0, 100),
    solver=st.sampled_from(("steps", "auto")),
)
shares = number(0, 1)
augmentations = st.builds(
    Augmentation,
    flip_horizontal=st.booleans(),
    flip_vertical=st.booleans(),
    rotation=number(0, 180),
    shift=number(0, 0.5),
    zoom=number(0, 0.9),
    brightness=shares,
    contrast=shares,
    saturation=shares,
    crop=number(0, 0.9),
    hue=number(0, 0.5),
    blur=number(0, 5),
    noise=number(0, 0.5),
)
recipes = st.builds(
    Recipe,
    name=names,
    backbone=names,
    weights=st.sampled_from(("pretrained", "random")),
    head=st.builds(
        HeadSpec,
        kind=st.sampled_from(("linear", "dense", "knn")),
        hidden=st.integers(1, 8192),
        dropout=number(0, 0.95),
        neighbours=st.integers(1, 500),
    ),
    batch_size=st.integers(1, 4096) | st.just("auto"),
    optimizer=st.sampled_from(("adamw", "sgd")),
    weight_decay=shares,
    rate_per_stage=number(0, 1, open_low=True),
    average_last=st.integers(0, 1000),
    batch_norm=st.sampled_from(("adapt", "keep")),
    label_smoothing=number(0, 0.5),
    mixup=number(0, 1),
    class_balance=st.sampled_from(("none", "weighted")),
    early_stopping=st.integers(0, 1000),
    monitor=st.sampled_from(("balanced_accuracy", "loss")),
    input_size=st.none() | st.integers(32, 1024),
    fit=st.sampled_from(("crop", "letterbox", "stretch")),
    seed=st.integers(0, 2**31 - 1),
    augmentation=augmentations,
    phases=st.lists(phases, min_size=1, max_size=4).map(tuple),
)


@given(recipes)
@settings(max_examples=100, deadline=None)
def test_toml_round_trip_is_exact(recipe: Recipe) -> None:
    again = Recipe.from_toml(recipe.to_toml())
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert again.fingerprint == recipe.fingerprint
    assert again.model_dump() == recipe.model_dump()


@given(recipes, recipes)
@settings(max_examples=50, deadline=None)
def test_differences_are_empty_exactly_for_equal_recipes(a: Recipe, b: Recipe) -> None:
    assert (differences(a, b) == ()) == (a == b)
    assert differences(a, a) == ()


def test_file_round_trip_with_umlauts_and_a_byte_order_mark(tmp_path: Path) -> None:
    recipe = preset("two_phase", "resnet18", stages=STAGES).model_copy(update={"name": 'Blätter "Süd"'})
    path = tmp_path / "Mein Rezept ü.toml"
    recipe.save(path)
    assert Recipe.load(path) == recipe
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))  # as Notepad leaves it
    assert Recipe.load(path) == recipe


def test_every_field_is_explained_in_the_file_and_to_the_window() -> None:
    recipe = preset("progressive", "resnet18", stages=STAGES)
    text = recipe.to_toml()
    for path in (*flat(recipe), "phases", "head", "augmentation"):
        known = field_help(path)
        assert known.title
        assert known.description
        if known.kind not in ("table", "tables"):
            assert known.description in text
    assert text.count(field_help("phases.0.epochs").description) == 1


def test_field_help_gives_bounds_choices_and_defaults() -> None:
    rate = field_help("phases.3.learning_rate")
    assert (rate.kind, rate.low, rate.low_open, rate.high) == ("number", 0, True, 1)
    size = field_help("input_size")
    assert (size.kind, size.low, size.high, size.optional, size.default) == ("whole", 32, 1024, True, None)
    assert field_help("optimizer").choices == ("adamw", "sgd")
    assert field_help("head.dropout").default == 0.2
    assert field_help("augmentation.flip_vertical").kind == "switch"
    with pytest.raises(KeyError):
        field_help("phases.0.depth")


def test_a_recipe_cannot_be_changed() -> None:
    recipe = preset("feature_extraction", "resnet18", stages=STAGES)
    with pytest.raises(ValidationError):
        recipe.seed = 3  # type: ignore[misc]


def test_fingerprint_is_the_same_in_another_process_and_ignores_the_name() -> None:
    recipe = preset("two_phase", "resnet18", stages=STAGES)
    code = (
        "from tldesk.recipe import preset\n"
        f"print(preset('two_phase', 'resnet18', stages={STAGES!r}).fingerprint)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == recipe.fingerprint
    assert recipe.model_copy(update={"name": "other"}).fingerprint == recipe.fingerprint
    assert recipe.model_copy(update={"seed": 1}).fingerprint != recipe.fingerprint


def test_augmentation_is_active_with_any_change() -> None:
    assert not Augmentation().active
    assert Augmentation(rotation=1.0).active
    assert Augmentation(flip_vertical=True).active


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("backbone 'a'", "r.toml", "cannot be understood"),
        ("schema_version = 2", "r.toml: schema_version", "newer"),
        ("schema_version = 0", "r.toml: schema_version", "format version 0"),
        ("schema_version = true", "r.toml: schema_version", "not a whole number"),
        ("backbone = 'a'\nphases = []", "r.toml: phases", "no phase"),
        (
            "backbone = 'a'\nphases = [{freeze = 'all', epochs = 0, learning_rate = 0.1}]",
            "r.toml: phases.0.epochs",
            "outside",
        ),
        (
            "backbone = 'a'\nphases = [{freeze = 'all', epochs = 1, learning_rate = nan}]",
            "r.toml: phases.0.learning_rate",
            "not an ordinary number",
        ),
        (
            "backbone = 'a'\nphases = [{freeze = 'all', epochs = true, learning_rate = 0.1}]",
            "r.toml: phases.0.epochs",
            "true is not a whole number",
        ),
        (
            "backbone = ''\nphases = [{freeze = 'all', epochs = 1, learning_rate = 0.1}]",
            "r.toml: backbone",
            "empty",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_field(text: str, where: str, words: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Recipe.from_toml(text, "r.toml")
    assert [problem.where for problem in caught.value.problems] == [where]
    assert words in caught.value.problems[0].what


def test_every_wrong_field_is_told_at_once_with_the_nearest_name() -> None:
    with pytest.raises(ProblemError) as caught:
        Recipe.from_toml("backbone = 'a'\n[[phases]]\nfreeze = 'all'\nepoch = 3\nlearning_rate = 'x'")
    told = {problem.where: problem for problem in caught.value.problems}
    assert set(told) == {"phases.0.epochs", "phases.0.epoch", "phases.0.learning_rate"}
    assert "epochs" in told["phases.0.epoch"].fix


def test_a_file_that_is_absent_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="could not be read"):
        Recipe.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("name = 'Blätter'".encode("latin-1"))
    with pytest.raises(ProblemError, match="UTF-8"):
        Recipe.load(tmp_path / "latin.toml")


def test_migration_goes_step_by_step_and_leaves_its_argument_alone() -> None:
    # An invented history: version 0 had one rate outside the phases, 1 moved it, 2 renamed it.
    old = {"schema_version": 0, "rate": 0.1, "phases": [{"freeze": "all"}]}

    def into_phases(document):
        phases = [{**phase, "rate": document["rate"]} for phase in document["phases"]]
        return {"phases": phases}

    def renamed(document):
        return {"phases": [{"freeze": p["freeze"], "learning_rate": p["rate"]} for p in document["phases"]]}

    steps = {0: into_phases, 1: renamed}
    new = migrate(old, "r.toml", steps=steps, present=2)
    assert new == {"schema_version": 2, "phases": [{"freeze": "all", "learning_rate": 0.1}]}
    assert old == {"schema_version": 0, "rate": 0.1, "phases": [{"freeze": "all"}]}
    assert migrate({"a": 1}, "r.toml", steps=steps, present=2) == {"a": 1}  # the present one


def test_overrides_set_values_of_every_kind() -> None:
    recipe = preset("two_phase", "resnet18", stages=STAGES)
    changed = with_overrides(
        recipe,
        [
            "phases.1.epochs=5",
            "phases.0.learning_rate = 1e-2",
            "phases.1.freeze=layer4",
            "class_balance=weighted",
            "head.dropout=.5",
            "augmentation.flip_vertical=True",
            "input_size=96",
            "name=50",
        ],
    )
    assert {tuple(difference) for difference in differences(recipe, changed)} == {
        ("phases.1.epochs", 10, 5),
        ("phases.0.learning_rate", 0.001, 0.01),
        ("phases.1.freeze", "layer3", "layer4"),
        ("class_balance", "none", "weighted"),
        ("head.dropout", 0.2, 0.5),
        ("augmentation.flip_vertical", False, True),
        ("input_size", None, 96),
        ("name", "two-phase fine-tuning", "50"),
    }
    assert with_overrides(changed, ["input_size=none"]).input_size is None
    assert with_overrides(recipe, []) is recipe


@pytest.mark.parametrize(
    ("setting", "where", "fix"),
    [
        ("epochs=3", "epochs", "phases.0.epochs"),
        ("phases.9.epochs=3", "phases.9.epochs", "phases.0.epochs"),
        ("batchsize=3", "batchsize", "batch_size"),
        ("seed", "seed", "Write seed=VALUE"),
        ("seed=-1", "seed", "at least 0"),
        ("optimizer=adam", "optimizer", "'adamw' or 'sgd'"),
    ],
)
def test_a_wrong_override_is_told_with_a_hint(setting: str, where: str, fix: str) -> None:
    with pytest.raises(ProblemError) as caught:
        with_overrides(preset("two_phase", "resnet18", stages=STAGES), [setting])
    assert caught.value.problems[0].where == where
    assert fix in caught.value.problems[0].fix


def test_a_phase_more_shows_as_a_difference() -> None:
    two = preset("two_phase", "resnet18", stages=STAGES)
    one = two.model_copy(update={"phases": two.phases[:1]})
    fields = {difference.field: difference for difference in differences(one, two)}
    assert fields["phases.1.epochs"].a is None
    assert fields["phases.1.epochs"].b == 10


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("count", [1, 2, 5, 19])
def test_presets_draw_their_lines_between_real_stages(name: str, count: int) -> None:
    stages = tuple(f"s{i}" for i in range(count))
    recipe = preset(name, "net", stages=stages)
    assert all(phase.freeze in ("all", "none", *stages) for phase in recipe.phases)
    assert Recipe.from_toml(recipe.to_toml()) == recipe


def test_presets_are_what_their_names_say() -> None:
    features, two, progressive, scratch = (preset(name, "net", stages=STAGES) for name in PRESETS[:4])
    assert [phase.freeze for phase in features.phases] == ["all"]
    assert not features.augmentation.active
    assert [phase.freeze for phase in two.phases] == ["all", "layer3"]
    assert two.phases[1].learning_rate == pytest.approx(two.phases[0].learning_rate / 10)
    assert [phase.freeze for phase in progressive.phases] == ["all", "layer4", "layer3", "layer2"]
    rates = [phase.learning_rate for phase in progressive.phases]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == len(rates)
    assert (two.rate_per_stage, two.average_last, progressive.average_last) == (0.8, 3, 1)
    assert (scratch.rate_per_stage, scratch.average_last) == (1.0, 0)
    assert (two.batch_norm, progressive.batch_norm, scratch.batch_norm) == ("keep", "keep", "adapt")
    assert scratch.weights == "random"
    assert [phase.freeze for phase in scratch.phases] == ["none"]
    assert scratch.augmentation.active
    assert not scratch.augmentation.flip_vertical


def test_linear_heads_on_frozen_stages_are_solved_and_older_files_mean_what_they_meant() -> None:
    features, two, progressive, scratch = (preset(name, "net", stages=STAGES) for name in PRESETS[:4])
    assert features.phases[0].solver == two.phases[0].solver == progressive.phases[0].solver == "auto"
    assert {phase.solver for phase in (*two.phases[1:], *progressive.phases[1:], *scratch.phases)} == {
        "steps"
    }
    # As written before there was a choice.
    old = Recipe.from_toml(
        "schema_version = 1\nbackbone = 'a'\n[[phases]]\nfreeze = 'all'\nepochs = 3\nlearning_rate = 0.1"
    )
    assert (old.phases[0].solver, old.rate_per_stage, old.average_last) == ("steps", 1.0, 0)
    assert old.batch_norm == "adapt"


def test_a_chosen_line_gives_its_recipe() -> None:
    assert preset_for_line("net", "all", STAGES) == preset("feature_extraction", "net", stages=STAGES)
    assert [phase.freeze for phase in preset_for_line("net", "layer2", STAGES).phases] == ["all", "layer2"]
    assert preset_for_line("net", "none", STAGES).phases[1].freeze == "none"


def test_an_unknown_preset_is_told() -> None:
    with pytest.raises(ProblemError, match="two_phase"):
        preset("two-phase", "net", stages=STAGES)
