"""Names that may tell classes are noticed; those that tell nothing are not."""

from __future__ import annotations

import pytest

from tldesk.dataset.scan.classes_in_names import names_note


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["cat.0.jpg", "dog.1.jpg", "cat.2.jpg", "dog.3.jpg"], "begin with one of 2 words (cat 2, dog 2)"),
        (["benign (1).png", "benign (2).png", "Malign (1).png", "malign (2).png"], "benign 2, malign 2"),
        (
            ["IMG_fox_0001.jpg", "IMG_fox_0002.jpg", "IMG_Bär_3.jpg", "IMG_bär_4.jpg"],
            "end with one of 2 words",
        ),
        (["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"], ""),
        (["1.jpg", "2.jpg", "cat.jpg"], ""),
        (["anna.jpg", "bert.jpg", "carl.jpg", "dora.jpg"], ""),
        ([], ""),
    ],
)
def test_words_of_names(names: list[str], said: str) -> None:
    note = names_note([f"folder/{name}" for name in names])
    assert said in note if said and note else note is None and not said
