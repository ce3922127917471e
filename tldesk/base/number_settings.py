"""The decimal mark of the user's own settings, without touching this process's locale."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping

# After the Unicode CLDR: languages that write a decimal comma, and territories of theirs that write a point.
_COMMA = (
    "af az be bg bs ca cs da de el es et eu fi fo fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no "
    "pl pt ro ru sk sl sq sr sv tr uk uz vi"
)
_POINT = "de_CH de_LI it_CH es_MX es_US es_PR es_GT es_HN es_NI es_PA es_SV es_DO es_PE es_CU es_419"


def decimal_mark(environment: Mapping[str, str] | None = None) -> str:
    """Return "," or ".": Windows' setting, elsewhere that of LC_ALL, LC_NUMERIC or LANG.

    ``setlocale`` is not used: it needs the locale to be installed, and changes how libraries read numbers.
    """
    if environment is None:
        found = _of_windows()
        if found:
            return found
        environment = os.environ
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_NUMERIC", "LANG"))
    locale = next(filter(None, names), "").partition(".")[0].partition("@")[0].replace("-", "_")
    language = locale.partition("_")[0].lower()
    return "," if language in _COMMA.split() and locale not in _POINT.split() else "."


def _of_windows() -> str:
    """Return Windows' setting; "" on other systems or if there is none."""
    if sys.platform == "win32":
        import winreg

        with (
            contextlib.suppress(OSError),
            winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Control Panel\International") as key,
        ):
            return "," if winreg.QueryValueEx(key, "sDecimal")[0] == "," else "."
    return ""
