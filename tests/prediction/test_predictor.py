"""The predictor against the run that made its model, and its saliency on a trained network."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.neighbors import NearestNeighbors

from tldesk.base import ProblemError
from tldesk.dataset import Project, Split
from tldesk.engine import device_named, read_input
from tldesk.engine.trunk import to_input
from tldesk.evaluation import softmax
from tldesk.imaging import UnreadableImage
from tldesk.model import card
from tldesk.prediction import Answer, Failure, Predictor
from tldesk.prediction.find_pictures import find_pictures
from tldesk.recipe import preset, with_overrides
from tldesk.run import Run
from tldesk.trainer.plan import make_plan

SIDE = 96


def _spot(random: np.random.Generator, colour: tuple[int, int, int], place: tuple[int, int]) -> np.ndarray:
    """Grey noise with a coloured square of 32 px whose upper left corner is at ``place``."""
    pixels = random.normal(128, 20, (SIDE, SIDE, 3))
    down, right = place
    pixels[down : down + 32, right : right + 32] = colour
    return np.clip(pixels, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def spots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes told apart by the colour of a square that may lie anywhere."""
    folder = tmp_path_factory.mktemp("spots")
    random = np.random.default_rng(1)
    for name, colour in {"blau": (30, 30, 230), "rot": (230, 30, 30)}.items():
        (folder / name).mkdir()
        for number in range(40):
            place = tuple(random.integers(0, SIDE - 32, 2))
            Image.fromarray(_spot(random, colour, place)).save(folder / name / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def run(spots: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small network trained from nothing on the spots."""
    project = Project.create(tmp_path_factory.mktemp("project") / "spots", spots)
    project.split()
    recipe = preset("from_scratch", "squeezenet1_1", stages=card("squeezenet1_1").stage_names)
    changes = ["input_size=96", "phases.0.epochs=12", "phases.0.learning_rate=0.0005", "fit=stretch"]
    recipe = with_overrides(recipe, changes)
    made = Run.create(project, make_plan(project, recipe, device=device_named("cpu")))
    for _ in made.train():
        pass
    made.finish()
    return made


@pytest.fixture(scope="module")
def predictor(run: Run) -> Predictor:
    return Predictor.open(run, device_named("cpu"))


def test_same_probabilities_as_the_run(run: Run, predictor: Predictor) -> None:
    items = run.snapshot.of(Split.TEST)
    stored = run.predictions(Split.TEST)
    assert stored is not None
    expected = softmax(stored.logits, predictor.model.temperature)
    by_content = dict(zip(stored.contents, expected, strict=True))
    answers = list(predictor.predict_many([item.path for item in items]))
    for item, answer in zip(items, answers, strict=True):
        assert isinstance(answer, Answer)
        np.testing.assert_allclose(answer.probabilities, by_content[item.content], atol=0.02)
        assert answer.predicted == predictor.classes[int(np.argmax(answer.probabilities))]
        assert answer.probability == max(answer.probabilities)
        assert answer.unsure == (answer.probability < predictor.model.unsure_below)
    right = [
        answer.predicted == predictor.classes[item.label] for item, answer in zip(items, answers, strict=True)
    ]
    assert np.mean(right) >= 0.9


def test_one_picture_as_among_many(spots: Path, predictor: Predictor) -> None:
    paths = find_pictures([spots]).paths[:20]
    many = list(predictor.predict_many(paths))
    one = predictor.predict(paths[17])
    assert isinstance(many[17], Answer)
    np.testing.assert_allclose(one.probabilities, many[17].probabilities, atol=1e-3)
    assert tuple(answer.path for answer in many) == paths


def test_a_training_image_finds_itself(run: Run, predictor: Predictor) -> None:
    item = run.snapshot.of(Split.TRAIN)[0]
    answer = predictor.predict(item.path)
    assert answer.neighbours[0].content == item.content
    assert answer.neighbours[0].similarity > 0.999
    assert answer.neighbours[0].label == predictor.classes[item.label]
    similarities = [neighbour.similarity for neighbour in answer.neighbours]
    assert similarities == sorted(similarities, reverse=True)


def test_novelty_is_the_rank_of_the_fifth_neighbour(predictor: Predictor, spots: Path) -> None:
    paths = find_pictures([spots]).paths[::9]
    trunk = torch.nn.Sequential(
        predictor._network.trunk("all"), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
    )
    inputs = np.stack([read_input(path, predictor.preprocessing) for path in paths])
    with torch.no_grad():
        vectors = trunk(to_input(torch.from_numpy(inputs), predictor.preprocessing, predictor.device)).numpy()
    known = np.asarray(predictor.model.embeddings, np.float32)
    distances, _ = NearestNeighbors(n_neighbors=5, metric="cosine").fit(known).kneighbors(vectors)
    expected = [np.mean(np.array(predictor.model.novelty) < distance) for distance in distances[:, 4]]
    found = [predictor.predict(path).novelty for path in paths]
    # the run may have computed its features in half precision: a place or two in the ranking
    np.testing.assert_allclose(found, expected, atol=2.5 / len(predictor.model.novelty))


def test_unreadable_pictures_keep_their_place(predictor: Predictor, spots: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"")
    paths = [spots / "rot" / "00.png", broken, spots / "blau" / "00.png", tmp_path / "gone.png"]
    rows = list(predictor.predict_many(paths))
    assert [row.path for row in rows] == paths
    assert [isinstance(row, Failure) for row in rows] == [False, True, False, True]
    assert "empty" in rows[1].error  # type: ignore[union-attr]
    with pytest.raises(UnreadableImage):
        predictor.predict(broken)


def test_stop_and_closing_leave_no_thread(predictor: Predictor, spots: Path) -> None:
    stop = threading.Event()
    stream = predictor.predict_many(find_pictures([spots]).paths, stop)
    next(stream)
    stop.set()
    assert len(list(stream)) < 80
    stream = predictor.predict_many(find_pictures([spots]).paths)
    next(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("predict-decode")]


def test_saliency_finds_the_square(predictor: Predictor, tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    inside, passed = [], []
    for number, place in enumerate([(4, 60), (60, 4), (4, 4), (60, 60)]):
        path = tmp_path / f"{number}.png"
        Image.fromarray(_spot(random, (230, 30, 30), place)).resize((192, 96)).save(path)
        saliency = predictor.explain(path, "rot")
        assert saliency.marks.shape == saliency.pixels.shape[:2] == (96, 192)
        assert saliency.marks.dtype == np.float32
        assert 0 <= saliency.marks.min() <= saliency.marks.max() <= 1 + 1e-6
        down, right = place[0], place[1] * 2
        square = saliency.marks[down : down + 32, right : right + 64]
        inside.append(square.mean() / saliency.marks.mean())
        passed.append(saliency.check.passed)
    assert np.mean(inside) > 2  # the square is a ninth of the picture; a map that knows nothing gives 1
    assert sum(passed) >= 3


def test_explain_smaller_and_unknown_class(predictor: Predictor, spots: Path) -> None:
    path = spots / "rot" / "01.png"
    saliency = predictor.explain(path, longest_side=48)
    assert saliency.pixels.shape == (48, 48, 3)
    assert saliency.class_name == predictor.predict(path).predicted
    with pytest.raises(ProblemError, match="no such class"):
        predictor.explain(path, "grün")


def test_project_without_a_model(spots: Path, tmp_path: Path) -> None:
    with (
        Project.create(tmp_path / "empty", spots) as project,
        pytest.raises(ProblemError, match="no model yet"),
    ):
        Predictor.open(project)


def test_candidates(spots: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    found = find_pictures([spots / "rot", spots / "rot" / "03.png", tmp_path / "notes.txt"]).paths
    assert [path.name for path in found] == [*(f"{number:02d}.png" for number in range(40)), "notes.txt"]
    with pytest.raises(ProblemError, match="no picture"):
        find_pictures([tmp_path])
    with pytest.raises(ProblemError, match="no such file"):
        find_pictures([tmp_path / "nowhere"])
