"""The user's limits on the disk space of the caches, stored in ``cache.toml``."""

from __future__ import annotations

import logging
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from tldesk.base.files import write_atomic
from tldesk.base.paths import user_dir
from tldesk.base.problem import Problem, ProblemError

_UNITS = {
    "": 1,
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_SPELLED = ("TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE | re.ASCII)
_MOST = 2**60  # larger than any disk, and below the limit of TOML integers (2 ** 63)
_MEND = "Write it like 4 GiB, 500 MB or 1.5 TB, or as a plain number of bytes"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """The largest size of each kind of cache, in bytes; with 0 nothing is kept after use.

    Attributes:
        prepared: prepared pictures, per project.
        features: outputs of frozen trunks, per project.
        engines: converted networks, per user, shared by all projects.
    """

    prepared: int = 4 * 2**30
    features: int = 8 * 2**30
    engines: int = 2 * 2**30


def cache_limits() -> CacheLimits:
    """Return the user's limits. Missing values get their default; so do invalid ones, with a log message."""
    path = _path()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return CacheLimits()
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read (%s); the usual cache limits hold", path, error)
        return CacheLimits()
    return CacheLimits(**_understood(values, path))


def set_cache_limits(limits: CacheLimits) -> None:
    """Save the limits for this user; the file's comments and other entries are preserved.

    Raises:
        ProblemError: the file cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = _path()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TOMLKitError):  # missing or invalid: no limit in it was in effect
        document = tomlkit.document()
        document.add(tomlkit.comment("How much disk the caches of tldesk may take"))
    for field in fields(limits):
        document[field.name] = size_text(getattr(limits, field.name))
    write_atomic(path, tomlkit.dumps(document))


def parse_size(text: str, where: str = "size") -> int:
    """Return the bytes of a size such as ``4 GiB``, ``500 MB``, ``1.5tb`` or ``1048576``.

    kB, MB, GB are powers of 1000, KiB, MiB, GiB powers of 1024; upper and lower case are equal.

    Args:
        text: the size as the user wrote it.
        where: the field or argument to name in the error.

    Raises:
        ProblemError: ``text`` is not a size, or is larger than any disk.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2].lower() not in _UNITS:
        raise ProblemError(Problem(where, f"“{text}” is not a size", _MEND))
    size = float(found[1]) * _UNITS[found[2].lower()]
    if size > _MOST:
        raise ProblemError(Problem(where, f"“{text}” is more than any disk holds", _MEND))
    return round(size)


def size_text(size: int) -> str:
    """Return the shortest text that ``parse_size`` reads back as ``size``: ``4 GiB``, ``1.5 TB``."""
    for unit in _SPELLED:
        number = f"{size / _UNITS[unit.lower()]:g}"
        if "e" not in number and float(number) >= 1 and parse_size(f"{number} {unit}") == size:
            return f"{number} {unit}"
    return str(size)


def _understood(values: dict[str, object], path: Path) -> dict[str, int]:
    limits = {}
    for field in fields(CacheLimits):
        if field.name in values:
            try:
                limits[field.name] = parse_size(str(values[field.name]), field.name)
            except ProblemError as error:
                log.warning("%s: %s The usual limit holds.", path, error)
    return limits


def _path() -> Path:
    return user_dir() / "cache.toml"
