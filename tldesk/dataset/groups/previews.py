"""Previews of group rules, and suggested rules. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from tldesk.dataset.groups import proposals, rules
from tldesk.dataset.groups.proposals import GroupPreview, GroupProposal
from tldesk.dataset.groups.rules import GroupBy
from tldesk.dataset.store.database import Database


class Grouping:
    """Previews and suggestions of group rules, available as ``project.grouping``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def preview(self, by: GroupBy) -> GroupPreview:
        """Return the result that a rule would have.

        Raises:
            ProblemError: the rule is invalid.
        """
        with self._database.read() as connection:
            return proposals.preview(connection, by)

    def names(self, by: GroupBy) -> Mapping[int, str]:
        """Return the group names that a rule would assign, by image id; images without a group are left out.

        Raises:
            ProblemError: the rule is invalid.
        """
        with self._database.read() as connection:
            names = rules.group_names(connection, by)
        return {number: name for number, name in names if name is not None}

    def proposals(self) -> tuple[GroupProposal, ...]:
        """Return the suggested group rules for these images, the most reliable first."""
        with self._database.read() as connection:
            return proposals.group_proposals(connection)

    def sure_rule(self) -> GroupBy | None:
        """Return the rule to take without asking: by the person of whom the images are; None without one."""
        with self._database.read() as connection:
            return proposals.sure_rule(connection)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of tables and the facts of files by which images can be grouped."""
        with self._database.read() as connection:
            return rules.columns(connection)
