"""Possible groups: what rules would give, and which rules fit. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from tldesk.dataset.groups import proposals, rules
from tldesk.dataset.groups.proposals import GroupPreview, GroupProposal
from tldesk.dataset.groups.rules import GroupBy
from tldesk.dataset.store.database import Database


class Grouping:
    """Possible groups; ``project.grouping``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def preview(self, by: GroupBy) -> GroupPreview:
        """What a rule would give.

        Raises:
            ProblemError: the rule is broken.
        """
        with self._database.read() as connection:
            return proposals.preview(connection, by)

    def names(self, by: GroupBy) -> Mapping[int, str]:
        """The group that a rule would give each image that gets one, by the image's id.

        Raises:
            ProblemError: the rule is broken.
        """
        with self._database.read() as connection:
            names = rules.group_names(connection, by)
        return {number: name for number, name in names if name is not None}

    def proposals(self) -> tuple[GroupProposal, ...]:
        """Rules for what belongs together that fit these images, the surest first."""
        with self._database.read() as connection:
            return proposals.group_proposals(connection)

    def columns(self) -> tuple[str, ...]:
        """The columns of tables and the facts of files that images can be grouped by."""
        with self._database.read() as connection:
            return rules.columns(connection)
