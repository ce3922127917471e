"""``tldesk train``, ``runs`` and ``evaluate`` with real trainings from scratch, and killed ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, one_line

from tldesk.dataset import Project
from tldesk.recipe import DOMAINS, Recipe, augmentation_for

LONG = [*QUICK, "--set", "phases.0.epochs=40", "--set", "early_stopping=0"]


def test_train_and_evaluate(trained: Path, call: Call) -> None:
    found = call("train", trained, *QUICK, "--set", "phases.0.epochs=1", "--seed", 3, "--json").document
    assert found["run"] == 2
    assert found["backbone"] == "squeezenet1_1"
    assert found["best_epoch"] == 1
    assert found["seconds"] > 0
    assert found["device"].startswith("CPU") or found["device"]
    assert 0 <= found["validation"]["accuracy"]["value"] <= 1
    assert Path(found["model"]).is_file()
    recipe = Recipe.load(Path(found["folder"]) / "recipe.toml")
    assert (recipe.seed, recipe.input_size, recipe.weights) == (3, 64, "random")
    values = call("evaluate", trained, "2", "--json").document
    assert (values["run"], values["split"]) == (2, "test")
    _is_evaluation(values)
    assert (
        call("evaluate", trained, "2", "--split", "validation", "--json").document["n"]
        == found["validation"]["n"]
    )


def _is_evaluation(values: dict) -> None:
    assert set(values["accuracy"]) >= {"value", "low", "high"}
    assert values["accuracy"]["low"] <= values["accuracy"]["value"] <= values["accuracy"]["high"]
    assert set(values) >= {"balanced_accuracy", "macro_f1", "ece", "classes", "confusion", "per_class"}
    assert values["classes"] == ["blau", "grün", "rot"]
    assert sum(map(sum, values["confusion"])) == values["n"]
    right = sum(values["confusion"][place][place] for place in range(3))
    assert values["accuracy"]["value"] == pytest.approx(right / values["n"])
    assert [row["class"] for row in values["per_class"]] == values["classes"]
    assert all({"n", "precision", "recall"} <= set(row) for row in values["per_class"])


def test_told_for_people(trained: Path, call: Call) -> None:
    ended = call("train", trained, *QUICK, "--set", "phases.0.epochs=1")
    assert ended.code == 0
    assert "Phase 1 of 1: everything is trained" in ended.out
    assert "Model file: " in ended.out
    shown = call("evaluate", trained).out
    assert "accuracy" in shown
    assert "Confusion matrix" in shown
    table = call("runs", trained).out.splitlines()
    assert table[0].split()[:2] == ["run", "status"]
    assert [line.split()[:2] for line in table[1:]] == [["1", "finished"], ["2", "finished"]]


def test_runs_and_comparison(trained: Path, call: Call) -> None:
    assert call("train", trained, *QUICK, "--set", "phases.0.epochs=1", "--quiet").code == 0
    runs = call("runs", trained, "--json").document["runs"]
    assert [(run["run"], run["status"], run["epochs"]) for run in runs] == [
        (1, "finished", 2),
        (2, "finished", 1),
    ]
    compared = call("runs", trained, "--compare", 1, 2, "--json").document
    assert {"field": "phases.0.epochs", "a": 2, "b": 1} in compared["recipe"]
    assert "phases.0.epochs" in call("runs", trained, "--compare", 1, 2).out


def test_labels_that_changed_since_a_run_are_told_and_counted(trained: Path, call: Call) -> None:
    from tldesk.dataset import Project, Split
    from tldesk.run import Run

    fresh = call("evaluate", trained, "--json").document
    assert (fresh["stale"], fresh["labels"]) == (0, "then")
    with Project.open(trained) as project:
        stored = Run.open(project, 1).predictions(Split.TEST)
        assert stored is not None
        image, said = int(stored.image_ids[0]), stored.logits.argmax(axis=1)
        other = (int(stored.labels[0]) + 1) % 3
        project.edit.label([image], project.classes[other].id)
    ended = call("evaluate", trained)
    assert "run 1: 1 image changed since (1 with another label)" in ended.out
    assert "1 --today" in ended.out
    then = call("evaluate", trained, "--json").document
    assert (then["stale"], then["changed"]["relabelled"], then["accuracy"]) == (1, 1, fresh["accuracy"])
    today = call("evaluate", trained, "--today", "--json").document
    labels = stored.labels.copy()
    labels[0] = other
    right = sum(int(a == b) for a, b in zip(said, labels, strict=True))
    assert today["accuracy"]["value"] == pytest.approx(right / len(labels))
    assert (today["labels"], today["left_out"]) == ("today", 0)
    assert call("runs", trained, "--json").document["runs"][0]["stale"] == 1
    ended = call("runs", trained)
    assert ended.out.splitlines()[0].endswith("changed since")
    assert ended.out.splitlines()[1].endswith("1 image")
    assert "--today" in ended.out
    with Project.open(trained) as project:
        project.edit.undo()
    assert call("runs", trained, "--json").document["runs"][0]["stale"] == 0
    assert "changed since" not in call("runs", trained).out.lower()


def test_recipe_from_file(trained: Path, call: Call, tmp_path: Path) -> None:
    text = (trained / "runs" / "0001" / "recipe.toml").read_text(encoding="utf-8")
    file = tmp_path / "rezept für Blätter.toml"
    file.write_text(text, encoding="utf-8")
    overrides = ["--set", "phases.0.epochs=1", "--freeze", "none"]
    found = call("train", trained, "--recipe", file, *overrides, "--json").document
    assert found["epochs"] == 1
    file.write_text(text.replace("batch_size = ", "batch_sise = "), encoding="utf-8")
    assert "batch_sise" in one_line(call("train", trained, "--recipe", file, "--quiet"))
    file.write_text("phases = [", encoding="utf-8")
    assert file.name in one_line(call("train", trained, "--recipe", file, "--quiet"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backbone", "mobilnet_v2"], "mobilenet_v2"),
        (["--backbone", "squeezenet1_1", "--freeze", "all"], "weights"),
        (["--preset", "magic", "--backbone", "squeezenet1_1"], "magic"),
        ([*QUICK, "--freeze", "layer9"], "layer9"),
        ([*QUICK, "--freeze", "nonsense"], "Choose one of all, none, "),
        (["--seed", "x"], "must be a whole number, not 'x'"),
        ([*QUICK, "--set", "batch_size"], "batch_size"),
        ([*QUICK, "--set", "batch_size=0"], "batch_size"),
        ([*QUICK, "--device", "cuda:7"], "cuda:7"),
        (["--recipe", "nowhere.toml"], "nowhere.toml"),
        (["--resume", "1"], "finished"),
        (["--resume", "9"], "no such run"),
        (["--resume", "1", "--seed", "3"], "--resume"),
    ],
)
def test_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    assert words in one_line(call("train", made, *arguments, "--quiet"))
    assert [folder.name for folder in (made / "runs").iterdir()] == ["0001"]


def test_no_project(tmp_path: Path, call: Call) -> None:
    for command in ("train", "runs", "evaluate", "check"):
        assert "there is no project" in one_line(call(command, tmp_path / "nowhere"))
    assert "not a project" in one_line(call("runs", tmp_path))


def test_evaluate_mistakes(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    assert "no such run" in one_line(call("evaluate", made, "7"))
    call("new", tmp_path / "p", "--images", leaves)
    assert "tldesk train" in one_line(call("evaluate", tmp_path / "p"))


def test_no_test_images(leaves: Path, call: Call, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    for split, numbers in (("train", range(6)), ("val", range(6, 10))):
        for folder in leaves.iterdir():
            target = pictures / split / folder.name
            target.mkdir(parents=True)
            for number in numbers:
                picture = sorted(folder.iterdir())[number]
                (target / picture.name).write_bytes(picture.read_bytes())
    call("new", tmp_path / "p", "--images", pictures)
    assert call("train", tmp_path / "p", *QUICK, "--set", "phases.0.epochs=1", "--quiet").code == 0
    ended = call("evaluate", tmp_path / "p", "--json")
    assert (ended.document["split"], ended.document["n"]) == ("validation", 12)
    assert "There are no test images" in ended.err


def test_nothing_to_evaluate_with_is_one_line(leaves: Path, call: Call, tmp_path: Path) -> None:
    for folder in leaves.iterdir():
        (tmp_path / "few" / folder.name).mkdir(parents=True)
        picture = min(folder.iterdir())
        (tmp_path / "few" / folder.name / picture.name).write_bytes(picture.read_bytes())
    call("new", tmp_path / "p", "--images", tmp_path / "few")
    assert call("train", tmp_path / "p", *QUICK, "--set", "phases.0.epochs=1", "--quiet").code == 0
    assert "3 images in train" in one_line(call("evaluate", tmp_path / "p"))


def test_a_command_to_copy_is_quoted(leaves: Path, call: Call, tmp_path: Path) -> None:
    project = tmp_path / "my leaves.tldesk"
    call("new", project, "--images", leaves)
    quoted = f'"{project}"' if sys.platform == "win32" else f"'{project}'"
    assert f"tldesk train {quoted}" in call("runs", project).out
    assert f"tldesk train {quoted}" in one_line(call("evaluate", project))


@pytest.mark.slow
def test_killed_run_is_interrupted_and_goes_on(trained: Path, call: Call) -> None:
    with _start([*_TLDESK, "train", str(trained), *LONG]) as process:
        _wait(lambda: _epochs(trained) > 0, process)
        process.kill()
        process.communicate()
    runs = call("runs", trained, "--json").document["runs"]
    assert [run["status"] for run in runs] == ["finished", "interrupted"]
    with Project.open(trained) as project:
        assert project.facts().labelled == 48
    assert call("check", trained).code == 0
    with _start([*_TLDESK, "train", str(trained), "--resume", "2"]) as resumed:
        done = _epochs(trained)
        _wait(lambda: _epochs(trained) > done, resumed)
        resumed.send_signal(signal.SIGINT)
        out, err = resumed.communicate(timeout=120)
    assert resumed.returncode == 130, err
    assert "the best weights so far are kept" in err
    assert "Model file: " in out
    run = call("runs", trained, "--json").document["runs"][1]
    assert run["status"] == "stopped"
    assert Path(run["model"]).is_file()
    assert call("evaluate", trained, "2").code == 0


_TLDESK = [sys.executable, "-m", "tldesk"]


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def _epochs(project: Path) -> int:
    metrics = project / "runs" / "0002" / "metrics.jsonl"
    return len(metrics.read_text(encoding="utf-8").splitlines()) if metrics.exists() else 0


def _wait(condition, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_begins_from_the_recipe_of_another_with_other_changes(trained: Path, call: Call) -> None:
    changed = ("--set", "phases.0.epochs=1", "--seed", 9, "--augment", "leaf")
    found = call("train", trained, "--like", "last", *changed, "--json").document
    before, after = (
        Recipe.load(Path(found["folder"]).parent / name / "recipe.toml") for name in ("0001", "0002")
    )
    assert after.augmentation == augmentation_for("leaf")
    assert (after.seed, after.phases[0].epochs) == (9, 1)
    assert (
        after.model_copy(
            update={"augmentation": before.augmentation, "phases": before.phases, "seed": before.seed}
        )
        == before
    )
    line = one_line(call("train", trained, "--like", "last", "--preset", "two_phase"))
    assert "already selects a recipe" in line
    assert "'microscope'" in one_line(call("train", trained, *QUICK, "--augment", "microscope"))


def test_the_kinds_of_pictures_are_named_in_the_help(call: Call) -> None:
    ended = call("train", "--help")
    assert all(domain.name in " ".join(ended.out.split()) for domain in DOMAINS)
