"""The images, classes, labels, groups and splits of a project, stored in one database."""

from __future__ import annotations

from tldesk.dataset.check_project import check, checking, findings_of_inspection
from tldesk.dataset.checks.findings import Finding, FindingKind, Resolution, findings_of
from tldesk.dataset.checks.report import CheckReport
from tldesk.dataset.class_colours import OKABE_ITO, class_colour
from tldesk.dataset.edits import Edits
from tldesk.dataset.groups.proposals import GroupPreview, GroupProposal
from tldesk.dataset.groups.rules import (
    BurstGroups,
    ColumnGroups,
    CopyGroups,
    FilenamePattern,
    FolderGroups,
    GroupBy,
    NoGroups,
    group_by_text,
    parse_group_by,
    refuse_without_match,
)
from tldesk.dataset.project import Project
from tldesk.dataset.project_folder import project_path
from tldesk.dataset.records import (
    Action,
    ClassInfo,
    ColumnFacts,
    ColumnGuess,
    Columns,
    Facts,
    Filter,
    ImageEvent,
    ImageRecord,
    LayoutChoice,
    Mark,
    Reading,
    ScanReport,
    Source,
    Split,
)
from tldesk.dataset.snapshot import Snapshot, SnapshotItem
from tldesk.dataset.splits.balance import Balance, Spread
from tldesk.dataset.splits.split_rule import SplitRule
from tldesk.dataset.tables.cells import EXPORT_SUFFIXES, TABLE_SUFFIXES
from tldesk.dataset.tables.guess_columns import describe_columns, guess_columns

__all__ = [
    "EXPORT_SUFFIXES",
    "OKABE_ITO",
    "TABLE_SUFFIXES",
    "Action",
    "Balance",
    "BurstGroups",
    "CheckReport",
    "ClassInfo",
    "ColumnFacts",
    "ColumnGroups",
    "ColumnGuess",
    "Columns",
    "CopyGroups",
    "Edits",
    "Facts",
    "FilenamePattern",
    "Filter",
    "Finding",
    "FindingKind",
    "FolderGroups",
    "GroupBy",
    "GroupPreview",
    "GroupProposal",
    "ImageEvent",
    "ImageRecord",
    "LayoutChoice",
    "Mark",
    "NoGroups",
    "Project",
    "Reading",
    "Resolution",
    "ScanReport",
    "Snapshot",
    "SnapshotItem",
    "Source",
    "Split",
    "SplitRule",
    "Spread",
    "check",
    "checking",
    "class_colour",
    "describe_columns",
    "findings_of",
    "findings_of_inspection",
    "group_by_text",
    "guess_columns",
    "parse_group_by",
    "project_path",
    "refuse_without_match",
]
