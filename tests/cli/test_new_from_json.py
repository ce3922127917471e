"""``tldesk new --labels`` with the JSON that labelling programs export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw

TASKS = [
    ("0f3a2b1c-0.png", ["a"]), ("1f3a2b1c-1.png", ["b"]), ("2f3a2b1c-2.png", ["a", "b"]),
    ("3f3a2b1c-3.png", ["a"]), ("4f3a2b1c-4.png", []),
]  # fmt: skip


def studio(kind: str, *, old: bool = False) -> str:
    answers = [
        {
            "data": {"image": f"/data/upload/1/{name}", "site": "north"},
            "completions" if old else "annotations": [
                {
                    "was_cancelled": not names,
                    "result": [
                        {"from_name": "q", "to_name": "image", "type": kind, "value": {kind: names or ["b"]}}
                    ],
                }
            ],
        }
        for name, names in TASKS
    ]
    return json.dumps(answers)


def coco(folder: str = "") -> str:
    pairs = [
        (number, name) for number, (_, names) in enumerate(TASKS) for name in names * 2
    ]  # two boxes of each
    return json.dumps(
        {
            "categories": [{"id": 0, "name": "all"}, {"id": 3, "name": "a"}, {"id": 5, "name": "b"}],
            "images": [
                {"id": number, "file_name": folder + name[9:]} for number, (name, _) in enumerate(TASKS)
            ],
            "annotations": [
                {"image_id": image, "category_id": {"a": 3, "b": 5}[name]} for image, name in pairs
            ],
        }
    )


def via(*, project: bool) -> str:
    entries = {
        f"{name[9:]}123": {
            "filename": name[9:],
            "size": 123,
            "file_attributes": {},
            "regions": [{"region_attributes": {"species": one}} for one in names],
        }
        for name, names in TASKS
    }
    return json.dumps({"_via_img_metadata": entries, "_via_settings": {}} if project else entries)


LISTED = [{"image": f"/data/upload/{name}", "choice": names[0]} for name, names in TASKS if len(names) == 1]


@pytest.mark.parametrize(
    ("text", "several"),
    [
        (studio("choices"), 1),
        (studio("rectanglelabels", old=True), 1),
        (coco(), 1),
        (coco("images\\"), 1),
        (via(project=True), 1),
        (via(project=False), 1),
        (json.dumps(LISTED), 0),
        ("\n".join(map(json.dumps, LISTED)), 0),
        ('{"0.png": "a", "1.png": "b", "3.png": "a"}', 0),
    ],
    ids=[
        "studio",
        "studio boxes",
        "coco",
        "coco folder",
        "via project",
        "via",
        "studio min",
        "lines",
        "object",
    ],
)
def test_json_of_labelling_programs_is_a_table(text: str, several: int, call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path)
    ended = call("new", "p", "--images", images, "--labels", written(tmp_path, text), "--dry-run", "--json")
    found = ended.document["found"]
    assert found["classes"] == {"a": 2, "b": 1}
    assert sum("more than one class" in note and "2.png (a, b)" in note for note in found["notes"]) == several


def test_an_export_of_json_without_labels_is_refused(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path)
    for text in ('[{"data": {"image": "0.png"}, "annotations": []}]', '{"images": [], "annotations": []}'):
        table = written(tmp_path, text)
        told = one_line(call("new", tmp_path / "p", "--images", images, "--labels", table))
        assert "gives none of its pictures a class" in told


def pictures(root: Path) -> Path:
    for number in range(6):
        draw(root / "x" / f"{number}.png", number)
    return root / "x"


def written(root: Path, text: str) -> Path:
    (root / "t.json").write_text(text)
    return root / "t.json"
