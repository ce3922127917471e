"""The training images that are most similar to a picture in the network's features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from tldesk.prediction import Answer
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.predict import work
from tldesk.ui.widgets.ask_for_files import LatestAnswers
from tldesk.ui.widgets.panel import Panel, label
from tldesk.ui.widgets.picture_list import PictureItem
from tldesk.ui.widgets.thumb_strip import ThumbStrip

if TYPE_CHECKING:
    from pathlib import Path

    from tldesk.dataset import Project
    from tldesk.imaging import PreparedCache


class SimilarPanel(Panel):
    """The files of the images are found in the open project by content hash."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_title(self.tr("Most similar training images"))
        self._answers = LatestAnswers(tasks)
        self.images = ThumbStrip(tasks, 76, lines=2, wrap=True, parent=self)
        self.images.setAccessibleName(self.tr("Most similar training images"))
        self._words = label(role="muted", wrap=True, parent=self)
        self.body.addWidget(self.images, 1)
        self.body.addWidget(self._words)

    def clear(self) -> None:
        """Clear the panel."""
        self._answers.forget("places")
        self.images.set_items(())
        self._words.setText("")

    def show_answer(
        self,
        answer: Answer,
        project: Project | None,
        prepared: PreparedCache | None,
        colours: Mapping[str, str],
    ) -> None:
        """Show the nearest training images of a picture; ``colours`` by class name."""
        contents = [one.content for one in answer.neighbours]
        self._words.setText(
            "" if contents else self.tr("This model file contains no training images to compare with.")
        )
        self._answers.ask(
            "places",
            lambda: work.places(project, contents),
            lambda paths: self._take(answer, paths, prepared, colours),
        )

    def _take(
        self,
        answer: Answer,
        paths: list[Path | None],
        prepared: PreparedCache | None,
        colours: Mapping[str, str],
    ) -> None:
        words = self.tr("{0} % match")
        self.images.set_items(
            [
                PictureItem(
                    path,
                    one.label,
                    words.format(f"{max(one.similarity, 0) * 100:.0f}"),
                    colours.get(one.label, ""),
                    one.content,
                )
                for one, path in zip(answer.neighbours, paths, strict=True)
            ],
            prepared,
        )
        if answer.neighbours and not any(paths):
            self._words.setText(self.tr("The training images are not in the open project."))
