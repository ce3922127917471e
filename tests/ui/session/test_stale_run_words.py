"""The banner over a run's scores says whether they belong to earlier labels, earlier files, or both."""

from __future__ import annotations

import pytest

from tldesk.run import Staleness
from tldesk.ui.session.stale_run_words import banner_words
from tldesk.ui.session.stale_runs import Changed

FILES = "These scores are about the files at the time of the run; a new run uses the present ones."
LABELS = "These scores use the labels at the time of the run."
BOTH = "These scores are about the files and labels at the time of the run."


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Staleness(redrawn=(1, 2)), FILES),
        (Staleness(relabelled=(1,)), LABELS),
        (Staleness(moved=(1,)), LABELS),
        (Staleness(relabelled=(1,), redrawn=(2,)), BOTH),
        (Staleness(excluded=(1,), redrawn=(1,)), BOTH),
    ],
)
def test_what_the_scores_are_about(found: Staleness, told: str) -> None:
    here = Changed(found, {"train": Staleness(), "test": found})
    assert banner_words(here, "test", "run 3").endswith(f". {told}")
    elsewhere = Changed(found, {"train": found, "test": Staleness()})
    assert banner_words(elsewhere, "test", "run 3").endswith(f". {told}")
