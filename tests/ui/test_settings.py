"""Settings are kept, and a file that cannot be read never stops the window."""

from __future__ import annotations

from tldesk.ui.settings import Settings


def test_values_are_there_after_a_restart(home):
    first = Settings()
    first.put("theme", "dark")
    first.put("thumbnail", 160)
    first.put("geometry", b"\x00\x01\xff")
    second = Settings()
    assert second.text("theme") == "dark"
    assert second.number("thumbnail", 1) == 160
    assert second.data("geometry") == b"\x00\x01\xff"
    assert (home / "settings.json").is_file()


def test_recent_projects_are_newest_first_once_each_and_only_those_that_exist(home, tmp_path):
    paths = [tmp_path / f"{number}.tldesk" for number in range(12)]
    settings = Settings()
    for path in paths:
        path.mkdir()
        settings.add_recent(path)
    settings.add_recent(paths[5])
    paths[11].rmdir()
    assert Settings().recent() == (paths[5], *[paths[n] for n in (10, 9, 8, 7, 6, 4, 3, 2)])


def test_a_broken_file_means_the_defaults(home):
    (home / "settings.json").write_text("{ not json", encoding="utf-8")
    settings = Settings()
    assert settings.text("theme", "system") == "system"
    assert settings.recent() == ()
    settings.put("theme", "light")
    assert Settings().text("theme") == "light"


def test_values_of_the_wrong_kind_are_ignored(home):
    (home / "settings.json").write_text(
        '{"theme": 3, "thumbnail": "x", "geometry": "%%%", "recent": 1}', encoding="utf-8"
    )
    settings = Settings()
    assert settings.text("theme", "system") == "system"
    assert settings.number("thumbnail", 104) == 104
    assert settings.data("geometry") == b""
    assert settings.recent() == ()
