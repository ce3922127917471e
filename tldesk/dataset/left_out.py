"""What lies among the pictures of a folder and was left out: kinds that tldesk does not read, pipes, bins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from tldesk.base import plural
from tldesk.base.file_names import shown
from tldesk.base.regular_files import special_kind
from tldesk.dataset.system_files import is_system_folder, system_file
from tldesk.imaging import IMAGE_SUFFIXES

NO_SUFFIX = ""
"""The kind of files without a suffix."""

MOST_NAMED = 5
"""How many kinds and paths a sentence names."""
_LONGEST = 12  # characters: what follows a dot in "Rev. 2 by Anna" is no suffix

# Kinds that people often bring and tldesk does not read, in the order in which they are named.
_PICTURES = (
    # cameras
    "nef", "nrw", "cr2", "cr3", "crw", "arw", "srf", "sr2", "dng", "raf", "orf", "rw2", "raw", "rwl", "pef",
    "ptx",
    "srw", "3fr", "fff", "iiq", "x3f", "erf", "mrw", "mos", "mef", "kdc", "dcr", "gpr",
    "jxl", "jxr", "wdp", "hdp",
    # microscopes and slide scanners
    "czi", "lsm", "lif", "nd2", "oib", "oif", "vsi", "svs", "ndpi", "mrxs", "scn", "bif", "ims", "zvi", "stk",
    # volumes and measurements
    "nii", "mha", "mhd", "nrrd", "fits", "fit", "fts", "hdr", "exr", "npy", "npz", "mat", "h5", "hdf5",
    # drawings, documents, films, archives
    "svg", "svgz", "eps", "ai", "pdf", "djvu", "xcf", "kra", "psb", "mp4", "mov", "avi", "mkv", "webm", "zip",
    "tar",
    "gz", "7z", "rar",
)  # fmt: skip
_RANK = {kind: place for place, kind in enumerate(_PICTURES)}

# What belongs beside pictures and is not missed among them: tables, texts, settings, programs.
_BESIDE = frozenset(
    {
        "txt", "csv", "tsv", "tab", "xls", "xlsx", "xlsm", "xlsb", "ods", "json", "jsonl", "ndjson", "xml",
        "yaml",
        "yml", "toml", "ini", "cfg", "conf", "md", "rst", "htm", "html", "css", "js", "log", "db", "sqlite",
        "sqlite3",
        "py", "ipynb", "r", "m", "sh", "bat", "ps1", "lnk", "url", "webloc", "xmp", "aae", "lrcat", "pp3",
        "exif",
        "md5", "sha1", "sha256", "tlmodel", "names", "data", "pbtxt", "doc", "docx", "odt", "rtf",
    }
)  # fmt: skip
_TEXTS = frozenset({"readme", "license", "licence", "copying", "authors", "changelog", "notice", "makefile"})


@dataclass(frozen=True)
class LeftOut:
    """What was left out of a folder of pictures, or of all folders of a project.

    Attributes:
        kinds: number of files of each kind that tldesk does not read, by suffix in capitals ("NEF"); "" for
            files without a suffix. Tables and texts do not count.
        system: number of folders and files of systems and devices, by name ("@eaDir").
        special: what each pipe, device or socket is ("a pipe"), by path.
        hidden: number of files with the ending of a picture whose names begin with a dot.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    system: Mapping[str, int] = field(default_factory=dict)
    special: Mapping[str, str] = field(default_factory=dict)
    hidden: int = 0

    def __bool__(self) -> bool:
        """Return whether anything was left out."""
        return bool(self.kinds or self.system or self.special or self.hidden)

    def __add__(self, other: LeftOut) -> LeftOut:
        """Return what was left out of two folders."""
        kinds, system = Counter(self.kinds), Counter(self.system)
        kinds.update(other.kinds)
        system.update(other.system)
        return LeftOut(
            dict(kinds), dict(system), {**self.special, **other.special}, self.hidden + other.hidden
        )

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> LeftOut:
        """Return what ``dataclasses.asdict`` stored."""
        return cls(**stored)

    @property
    def named_kinds(self) -> tuple[tuple[str, int], ...]:
        """The kinds with their counts, in the order in which they are named: the most frequent first."""
        return tuple(sorted(self.kinds.items(), key=lambda kind: (-kind[1], *_rank(kind[0]))))

    def as_dict(self) -> dict[str, dict[str, int] | dict[str, str] | int]:
        """Return the entries of the JSON documents of commands that read folders."""
        return {
            "left_out": dict(self.named_kinds),
            "passed_over": dict(self.system),
            "not_files": dict(self.special),
            "hidden": self.hidden,
        }

    def notes(self) -> tuple[str, ...]:
        """Return what was left out, one sentence each, without a closing stop."""
        found = (self._unread_kinds(), self._not_files(), self._hidden_files(), self._of_systems())
        return tuple(filter(None, found))

    def _unread_kinds(self) -> str:
        if not self.kinds:
            return ""
        were = "was left out: tldesk does not read it"
        if sum(self.kinds.values()) > 1:
            were = "were left out: tldesk does not read them"
        return f"{_counted_files(self.named_kinds)} {were}"

    def _not_files(self) -> str:
        if not self.special:
            return ""
        named = [f"{path} ({kind})" for path, kind in sorted(self.special.items())]
        rest = len(named) - MOST_NAMED
        more = [f"{rest:,} more"] if rest > 0 else []
        are = "is not a file and was" if len(named) == 1 else "are not files and were"
        return f"{_joined([*named[:MOST_NAMED], *more])} {are} never opened"

    def _hidden_files(self) -> str:
        if not self.hidden:
            return ""
        was = "was" if self.hidden == 1 else "were"
        return f"{plural(self.hidden, 'hidden picture')}, with a dot before the name, {was} left out"

    def _of_systems(self) -> str:
        if not self.system:
            return ""
        # A name like "@eaDir" takes no plural.
        ordered = sorted(self.system.items(), key=lambda one: (-one[1], one[0]))
        named = [f"{count:,} × {name}" for name, count in ordered]
        return f"Passed over, because systems and devices keep their own files there: {', '.join(named)}"


NOTHING_LEFT_OUT = LeftOut()


class Passed:
    """Collects what a walk through a folder passes over."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._system: Counter[str] = Counter()
        self._special: dict[str, str] = {}
        self._hidden = 0

    def left_out(self) -> LeftOut:
        """Return what was collected."""
        return LeftOut(dict(self._kinds), dict(self._system), self._special, self._hidden)

    def special(self, path: str, mode: int) -> None:
        """Note a pipe, device or socket, given its file mode."""
        self._special[path] = special_kind(mode) or "not a file"

    def system(self, name: str) -> None:
        """Note a folder or file of a system."""
        self._system[shown(name)] += 1

    def hidden(self, name: str) -> None:
        """Note a hidden folder or file, if it is known to be a system's or is named like a picture."""
        known = name if is_system_folder(name) else system_file(name)
        if known is not None:
            self.system(known)
        elif PurePath(name).suffix.lower() in IMAGE_SUFFIXES:
            self._hidden += 1

    def file(self, name: str) -> bool:
        """Note a file that is no picture by its name; return whether it is of a known kind of pictures."""
        known = system_file(name)
        if known is not None:
            self.system(known)
        elif (kind := _kind(name)) is not None:
            self._kinds[kind] += 1
            return kind.lower() in _RANK
        return False


def _kind(name: str) -> str | None:
    """Return the kind under which a file is counted, None for tables and texts."""
    suffix = PurePath(shown(name)).suffix[1:].lower()
    if not suffix or suffix.isdigit() or " " in suffix or len(suffix) > _LONGEST:
        return None if name.casefold() in _TEXTS else NO_SUFFIX
    return None if suffix in _BESIDE else suffix.upper()


def _rank(kind: str) -> tuple[bool, int, str]:
    """Order kinds of the same count: known pictures first; files without a suffix last."""
    return kind == NO_SUFFIX, _RANK.get(kind.lower(), len(_RANK)), kind


def _counted_files(kinds: Sequence[tuple[str, int]]) -> str:
    """Return ``3 NEF, 3 JXL and 7 other files``."""
    named = [(kind, count) for kind, count in kinds if kind != NO_SUFFIX]
    rest = sum(count for _, count in named[MOST_NAMED:])
    bare = dict(kinds).get(NO_SUFFIX, 0)
    counted = [*named[:MOST_NAMED], *([("other", rest)] if rest else [])]
    if not counted:
        return plural(bare, "file without an extension", "files without an extension")
    if len(counted) < 3 and any(count == 1 for _, count in counted):  # not "3 NEF and 1 CR2 files"
        files = _joined([plural(count, f"{kind} file") for kind, count in counted])
    else:
        files = f"{_joined([f'{count:,} {kind}' for kind, count in counted])} files"
    return f"{files}, and {plural(bare, 'file')} without an extension," if bare else files


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
