"""The project's splits: splitting, assigning images added later, rule, balance and lock."""

from __future__ import annotations

from collections.abc import Mapping

from tldesk.dataset.groups import rules
from tldesk.dataset.groups.alike_contents import alike_contents
from tldesk.dataset.groups.rules import GroupBy
from tldesk.dataset.records import Split
from tldesk.dataset.splits import split_rule
from tldesk.dataset.splits.balance import Balance, balance
from tldesk.dataset.splits.split_rule import SplitRule
from tldesk.dataset.store import meta
from tldesk.dataset.store.database import Database


class Splits:
    """The splits of a project, available as ``project.splits``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def balance(self) -> Balance:
        """Return the current distribution of the classes over the splits."""
        with self._database.read() as connection:
            return balance(connection)

    @property
    def rule(self) -> SplitRule | None:
        """The rule of the last split, None before the first."""
        with self._database.read() as connection:
            return split_rule.kept_rule(connection)

    @property
    def group_by(self) -> GroupBy | None:
        """The group rule, None before one was chosen."""
        with self._database.read() as connection:
            stored = meta.get(connection, "group_by")
        return None if stored is None else rules.group_by_from_json(stored)

    @property
    def locked(self) -> bool:
        """Whether the test set is locked; ``project.edit.lock_test`` changes it."""
        with self._database.read() as connection:
            return split_rule.is_locked(connection)

    def given(self) -> Mapping[Split, int]:
        """Return how many labelled, readable images folders or a table put in each split; {} if none."""
        with self._database.read() as connection:
            return split_rule.given_counts(connection)

    def divide(self, rule: SplitRule, by_group: GroupBy | None) -> Mapping[Split, int]:
        """Split the images; see ``Project.split``."""
        alike = self.alike() if rule.tie_alike else []  # slow, so before the transaction
        with self._database.write() as connection:
            edits = rules.set_groups(connection, by_group) if by_group is not None else []
            return split_rule.split(connection, rule, alike, edits)

    def join(self) -> None:
        """Assign images added after the last split to splits."""
        with self._database.read() as connection:
            rule = split_rule.rule_to_extend(connection)
        if rule is not None:
            alike = self.alike() if rule.tie_alike else []
            with self._database.write() as connection:
                split_rule.extend_split(connection, rule, alike)

    def alike(self) -> list[tuple[str, str, float]]:
        """Return the near duplicates; see ``Project.alike``."""
        with self._database.read() as connection:
            return alike_contents(connection)
