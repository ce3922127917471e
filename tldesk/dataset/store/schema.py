"""The project database's tables, and the steps from each version to the next.

``PRAGMA user_version`` is the version: the number of steps done. A released step is never changed; new ones
are appended. Statements are separate strings, because sqlite3's ``executescript`` would end the transaction.
"""

from __future__ import annotations

APPLICATION_ID = 0x746C646B  # "tldk": distinguishes a project database from other SQLite files

_VERSION_1 = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        images TEXT NOT NULL,            -- absolute folder
        relative TEXT,                   -- the same from the project's own folder, for projects that travel
        labels TEXT,                     -- table of labels
        columns TEXT                     -- JSON of Columns
    )""",
    """CREATE TABLE classes (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        position INTEGER NOT NULL UNIQUE,
        colour TEXT NOT NULL
    )""",
    """CREATE TABLE former_names (         -- a renamed class still is what folders and tables call it
        name TEXT PRIMARY KEY,
        class_id INTEGER NOT NULL REFERENCES classes (id)
    )""",
    """CREATE TABLE images (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources (id),
        path TEXT NOT NULL,              -- from the source's folder, with forward slashes
        size INTEGER NOT NULL,           -- bytes
        mtime_ns INTEGER NOT NULL,
        content TEXT NOT NULL,           -- hash of the bytes, hex; '' if it could not be read
        format TEXT NOT NULL DEFAULT '',
        width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0,
        grey INTEGER NOT NULL DEFAULT 0,
        reason TEXT,                     -- why it is in quarantine
        missing INTEGER NOT NULL DEFAULT 0,
        class_id INTEGER REFERENCES classes (id),   -- the journal's last word, kept here for speed
        label_how TEXT,                  -- how of the journal's last word; NULL = never labelled
        split TEXT CHECK (split IN ('train', 'validation', 'test')),
        given_split TEXT CHECK (given_split IN ('train', 'validation', 'test')),
        group_name TEXT,
        metadata TEXT NOT NULL DEFAULT '{}',
        facts TEXT NOT NULL DEFAULT '{}'
    )""",
    # A missing image may have the same path as a new one.
    "CREATE UNIQUE INDEX images_place ON images (source_id, path) WHERE NOT missing",
    "CREATE INDEX images_order ON images (source_id, path)",
    "CREATE INDEX images_content ON images (content)",
    "CREATE INDEX images_class ON images (class_id)",
    """CREATE TABLE looks (                -- how a content looks, for near duplicates
        content TEXT PRIMARY KEY,
        dhash INTEGER NOT NULL,          -- 64 bits, as a signed number
        tiny BLOB NOT NULL               -- 16 x 16 grey values, uint8, row by row
    ) WITHOUT ROWID""",
    """CREATE TABLE actions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,                -- ISO 8601, UTC
        author TEXT NOT NULL,
        how TEXT NOT NULL,
        verb TEXT NOT NULL,
        undoable INTEGER NOT NULL,
        target INTEGER REFERENCES actions (id)      -- what an undo or redo is about
    )""",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (id),
        image_id INTEGER NOT NULL REFERENCES images (id),
        before INTEGER REFERENCES classes (id),
        after INTEGER REFERENCES classes (id)
    )""",
    "CREATE INDEX events_action ON events (action_id)",
    "CREATE INDEX events_image ON events (image_id)",
    *(
        f"""CREATE TRIGGER {table}_keep_{verb} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the label journal is only ever added to'); END"""
        for table in ("actions", "events")
        for verb in ("UPDATE", "DELETE")
    ),
)

_VERSION_2 = (
    # Deleted classes are kept because the journal refers to them; their names and positions can be reused.
    """CREATE TABLE classes_2 (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        position INTEGER,                -- NULL = deleted
        colour TEXT NOT NULL
    )""",
    "INSERT INTO classes_2 SELECT id, name, position, colour FROM classes",
    "DROP TABLE classes",
    "ALTER TABLE classes_2 RENAME TO classes",
    "CREATE UNIQUE INDEX classes_name ON classes (name) WHERE position IS NOT NULL",
    # Marks and notes that a user can set on an image in addition to its label.
    "ALTER TABLE images ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE images ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE images ADD COLUMN noted TEXT NOT NULL DEFAULT '{}'",  # overrides the table; null = none
    "ALTER TABLE images ADD COLUMN known TEXT AS (json_patch(metadata, noted)) VIRTUAL",
    "CREATE INDEX images_excluded ON images (id) WHERE excluded",
    "CREATE INDEX images_unsure ON images (id) WHERE unsure",
    """CREATE TABLE readings (             -- what further readers say, apart from the label
        image_id INTEGER NOT NULL REFERENCES images (id),
        reader TEXT NOT NULL,
        class_id INTEGER NOT NULL REFERENCES classes (id),
        PRIMARY KEY (image_id, reader)
    ) WITHOUT ROWID""",
    """CREATE TABLE edits (                -- what an action changed beside labels
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (id),
        kind TEXT NOT NULL CHECK (kind IN ('image', 'class', 'setting')),
        subject INTEGER NOT NULL,        -- image or class; 0 for a setting
        name TEXT NOT NULL,              -- field or key
        before TEXT,
        after TEXT
    )""",
    "CREATE INDEX edits_action ON edits (action_id)",
    "CREATE INDEX edits_image ON edits (subject) WHERE kind = 'image'",
    *(
        f"""CREATE TRIGGER edits_keep_{verb} BEFORE {verb} ON edits
        BEGIN SELECT RAISE(ABORT, 'the label journal is only ever added to'); END"""
        for verb in ("UPDATE", "DELETE")
    ),
)

_VERSION_3 = (
    # Images with missing files can be forgotten; label and history are kept in case the file reappears.
    "ALTER TABLE images ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX images_missing ON images (id) WHERE missing",
    # group_name combines the group of the rule with the groups made by hand.
    "ALTER TABLE images ADD COLUMN rule_group TEXT",
    "ALTER TABLE images ADD COLUMN hand_group TEXT",
    "UPDATE images SET rule_group = group_name",
    "CREATE INDEX images_rule_group ON images (rule_group) WHERE rule_group IS NOT NULL",
    "CREATE INDEX images_hand_group ON images (hand_group) WHERE hand_group IS NOT NULL",
    "CREATE INDEX images_joined ON images (id) WHERE group_name IS NOT rule_group",
    """CREATE TABLE dismissed (            -- what a check finds and a person has looked at and left
        finding TEXT NOT NULL,
        image_id INTEGER NOT NULL REFERENCES images (id),
        PRIMARY KEY (finding, image_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE softness (             -- of a content, measured when images are checked
        content TEXT PRIMARY KEY,
        value REAL NOT NULL
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
