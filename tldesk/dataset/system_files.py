"""What systems and devices keep among pictures: rubbish bins, thumbnails, indexes."""

from __future__ import annotations

import re

_FOLDERS = frozenset(
    {
        # Synology, QNAP and other network storage
        "@eadir", "@tmp", "@database", "@quarantine", "@recently-snapshot", "@recycle", "@recycle.bin",
        "@thumb",
        "#recycle", "#snapshot", "~snapshot", ".snapshot", ".snapshots", ".@__thumb", ".@upload_cache",
        "network trash folder", "temporary items", "thevolumesettingsfolder",
        # Windows
        "$recycle.bin", "$recycler", "recycler", "system volume information", "$windows.~bt",
        "$windows.~ws", "$sysreset", "$extend", "config.msi",
        # Linux, Android
        "lost+found", "lost.dir", ".trash", ".thumbnails", ".thumbs", ".xvpics", ".thumbdata",
        # macOS
        "__macosx", ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".appledouble",
        ".appledb",
        ".appledesktop", ".documentrevisions-v100",
        # programs
        "__pycache__", ".ipynb_checkpoints", ".picasaoriginals", ".dtrash", "_gsdata_", ".stversions",
    }
)  # fmt: skip
_FOLDER_FORMS = re.compile(r"found\.\d{3}|\.trash-\d+|.+\.lrdata")
_FILES = frozenset(
    {
        "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".ds_store", "icon\r", ".localized",
        "picasa.ini", ".picasa.ini", ".nomedia", ".directory", "@synoresource", "zbthumbnail.info",
    }
)  # fmt: skip
_RESOURCE_FORK = "._"  # macOS writes ._photo.jpg beside photo.jpg where the disk has no place for its notes


def is_system_folder(name: str) -> bool:
    """Return whether a folder of this name, in any case, belongs to a system, a device or a program."""
    plain = name.casefold().strip()
    return plain in _FOLDERS or _FOLDER_FORMS.fullmatch(plain) is not None


def system_file(name: str) -> str | None:
    """Return the name under which a system's file is counted: itself, or ``._…``; None for other files."""
    if name.startswith(_RESOURCE_FORK):
        return f"{_RESOURCE_FORK}…"
    return name.strip() if name.casefold() in _FILES else None
