"""Cells are matched with files: by whole paths first, never against the folders that a cell names."""

from __future__ import annotations

from pathlib import Path

from tldesk.dataset.tables.named_files import FileNames, NamedFiles


def named(files: list[str], cells: list[str], root: Path | None = None, *, whole: bool = False) -> NamedFiles:
    return FileNames(files, root).named_by(cells, whole=whole)


def test_names_are_found_by_path_name_stem_or_number() -> None:
    files = ["a/x.jpg", "b/x.jpg", "b/Größe 7.PNG", "012.bmp"]
    one = {
        "a/x": "a/x.jpg",
        "a\\X.JPG": "a/x.jpg",
        "./b/x.jpg": "b/x.jpg",
        "Gro\u0308ße 7": "b/Größe 7.PNG",  # as macOS writes it
        "12": "012.bmp",
        "12.0": "012.bmp",  # as programs write it that know only decimals
    }
    for cell, path in one.items():
        found = named(files, [cell])
        assert (found.files, found.lost, found.several) == ((path,), (), ())
    found = named(files, ["x.jpg", "13", "", "x"])
    assert found.files == (None,) * 4
    assert (found.several, found.lost, found.blank) == (("x.jpg", "x"), ("13",), 1)


def test_a_cell_that_names_folders_is_never_matched_in_other_folders() -> None:
    files = [f"siteA/IMG_{number}.JPG" for number in range(3)]
    for cells in (["siteB/IMG_0.JPG", "siteA/IMG_1.JPG"], ["siteB/IMG_0.JPG"], ["/x/siteB/IMG_0.JPG"]):
        found = named(files, cells)
        assert found.files[0] is None
        assert found.elsewhere == ((cells[0], "siteA/IMG_0.JPG"),)
    deeper = named(["siteA/day1/1.jpg"], ["siteB/day1/1.jpg"])
    assert (deeper.matched, len(deeper.elsewhere)) == (0, 1)


def test_an_exact_path_wins_over_the_same_name_below_and_above() -> None:
    files = ["1.jpg", "2.jpg", "sub/1.jpg", "sub/2.jpg", "sub/deep/sub/3.jpg", "sub/3.jpg"]
    cells = ["1.jpg", "2.jpg", "sub/1.jpg", "sub/2.jpg", "sub/3.jpg"]
    assert named(files, cells).files == tuple(cells)
    assert named(["A.jpg", "a.jpg"], ["a.jpg", "A.jpg"]).files == ("a.jpg", "A.jpg"), "case is kept apart"


def test_a_bare_name_gives_way_to_the_row_that_names_the_file_whole() -> None:
    found = named(["sub/1.jpg", "sub/2.jpg"], ["1.jpg", "sub/1.jpg", "2.jpg"])
    assert found.files == (None, "sub/1.jpg", "sub/2.jpg")
    assert found.lost == ("1.jpg",)


def test_paths_of_another_computer_lose_what_all_of_them_begin_with(tmp_path: Path) -> None:
    files = ["Cam1/1.png", "Cam2/1.png"]
    found = named(files, ["D:\\fotos\\Cam1\\1.png", "D:\\fotos\\Cam2\\1.png"], tmp_path)
    assert (found.files, found.removed) == (tuple(files), "D:/fotos")
    found = named(["1.png", "2.png"], ["images/1.png", "images/2.png"], tmp_path)
    assert (found.matched, found.removed) == (2, "images")


def test_folders_that_differ_are_removed_only_if_they_are_the_folder_of_pictures(tmp_path: Path) -> None:
    root = tmp_path / "siteA"
    cells = ["x/siteA/1.png", "x/siteB/1.png", "x/siteA/2.png"]
    found = named(["1.png", "2.png"], cells, root)
    assert found.files == ("1.png", None, "2.png")
    assert found.removed == ""
    other_year = named(["1.png"], ["2019/siteA/1.png", "2020/siteA/1.png"], tmp_path / "2020" / "siteA")
    assert other_year.files == (None, "1.png")


def test_a_folder_that_exists_beside_the_pictures_is_not_removed(tmp_path: Path) -> None:
    for name in ("siteA", "siteB"):
        (tmp_path / name).mkdir()
    assert named(["1.png"], ["siteB/1.png"], tmp_path / "siteA").matched == 0
    assert named(["1.png"], [f"{tmp_path}/siteB/1.png"], tmp_path / "siteA").matched == 0
    for name in ("siteA", "siteB"):
        (tmp_path / name / "images").mkdir()
    pictures = tmp_path / "siteA" / "images"
    assert named(["1.png"], ["siteB/images/1.png"], pictures).matched == 0
    assert named(["1.png"], ["elsewhere/images/1.png"], pictures).matched == 1


def test_what_is_left_out_names_the_opened_folder_or_says_nothing(tmp_path: Path) -> None:
    for opened, cell in [
        ("siteA", "siteB/1.png"),
        ("siteA", "siteB/images/1.png"),
        ("siteA", "/home/anna/siteB/1.png"),
        ("siteA", r"D:\data\siteB\1.png"),
        ("val", "train/1.png"),
    ]:
        found = named(["1.png"], [cell], tmp_path / opened)
        assert (found.files, found.elsewhere) == ((None,), ((cell, "1.png"),)), cell
    for opened, cell in [
        ("siteA", "SITEA/1.png"),
        ("Größe", "x/Gro\u0308ße/1.png"),
        ("siteA", "/home/anna/siteA/1.png"),
        ("siteA", r"D:\1.png"),
        ("siteA", "images/train/1.png"),
        ("train", "Training/1.png"),
        ("siteA", "data/siteA/images/1.png"),
    ]:
        assert named(["1.png"], [cell], tmp_path / opened).files == ("1.png",), cell


def test_the_closest_row_wins() -> None:
    assert named(["A.jpg", "b.jpg"], ["A.jpg", "a.jpg", "b.jpg"]).files == ("A.jpg", None, "b.jpg")
    assert named(["001.jpg"], ["1", "001"]).files == (None, "001.jpg")
    assert named(["sub/A.jpg"], ["a.jpg", "A.jpg", "A"]).files == (None, "sub/A.jpg", None)
    assert named(["A.jpg"], ["a.jpg", "a.JPG"]).lost == (), "neither is closer"


def test_other_zeros_are_one_convention_or_none() -> None:
    found = named(["001.jpg", "012.jpg"], ["1", "12"])
    assert found.padded == (("1", "001.jpg"), ("12", "012.jpg"))
    assert named(["1.jpg", "12.jpg"], ["1.0", "12.0"]).files == ("1.jpg", "12.jpg")
    for files, cells in [
        (["001.jpg", "0012.jpg"], ["1", "12"]),
        (["1.jpg", "002.jpg"], ["1", "2"]),
        (["1.jpg", "02.jpg"], ["1.0", "2"]),
    ]:
        assert not named(files, cells).padded, cells


def test_another_ending_is_taken_and_told_only_where_nothing_else_has_the_name() -> None:
    found = named(["1.jpg", "2.jpg"], ["1.dcm", "2.jpg"])
    assert (found.files, found.other_suffix) == (("1.jpg", "2.jpg"), (("1.dcm", "1.jpg"),))
    both = named(["1.jpg"], ["1.NEF", "1.jpg"])
    assert both.files == (None, "1.jpg"), "the row of the file itself"
    assert named(["1.jpg", "1.png"], ["1.dcm"]).matched == 0, "two could be meant"
    assert named(["plot1.jpg"], ["plot1.7"]).matched == 0, "7 is no ending"


def test_whole_paths_below_the_folder_mean_the_top_where_they_have_no_folder() -> None:
    files = ["sub/1.jpg", "2.jpg"]
    assert named(files, ["1.jpg", "2.jpg"], whole=True).files == (None, "2.jpg")
    assert named(files, ["1.jpg", "2.jpg"]).files == ("sub/1.jpg", "2.jpg")


def test_names_as_other_programs_write_them() -> None:
    files = ["leaf 1.png", "set/2.png", "12345.jpg"]
    cells = [
        "/data/upload/1/0a1b2c3d-leaf%201.png",
        "/data/local-files/?d=set%2F2.png",
        "https://inaturalist-open-data.s3.amazonaws.com/photos/12345/medium.jpg?x=1",
    ]
    assert named(files, cells).files == tuple(files)
