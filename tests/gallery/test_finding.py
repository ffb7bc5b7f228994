"""Which files of a folder are shown."""

import pytest

from portraitify.errors import ImageError
from portraitify.gallery.finding import find_paintings, reported_file
from tests.gallery.made_up import record_of, write_painting


@pytest.fixture
def folder(tmp_path):
    write_painting(tmp_path / "b.png", record_of())
    write_painting(tmp_path / "a.portrait.jpg", None, kind="jpeg")
    write_painting(tmp_path / "photo.png")
    write_painting(tmp_path / ".gallery" / "c.portrait.png", record_of())
    write_painting(tmp_path / ".d.portrait.png", record_of())
    write_painting(tmp_path / "sub" / "e.png", record_of())
    (tmp_path / "f.portrait.txt").write_text("no picture")
    return tmp_path


def test_paintings_are_known_by_record_and_name(folder):
    assert [path.name for path in find_paintings(folder, False)] == ["a.portrait.jpg", "b.png"]
    assert [path.name for path in find_paintings(folder, True)] == ["a.portrait.jpg", "b.png", "e.png"]


def test_what_a_report_names_is_a_painting(folder):
    found = find_paintings(folder, False, [folder / "photo.png"])
    assert [path.name for path in found] == ["a.portrait.jpg", "b.png", "photo.png"]


def test_a_folder_without_paintings_is_told(tmp_path):
    write_painting(tmp_path / "sub" / "photo.png")
    with pytest.raises(ImageError, match="--recursive"):
        find_paintings(tmp_path, False)
    with pytest.raises(ImageError, match=r"holds no paintings\.$"):
        find_paintings(tmp_path, True)


def test_files_of_a_report_are_found_where_the_folder_was_moved_to(folder, tmp_path_factory):
    inside = folder / "sub" / "e.png"
    assert reported_file(folder, inside) == inside
    for old in ("/elsewhere/painted/sub/e.png", "painted/sub/e.png", "sub/e.png"):
        assert reported_file(folder, type(folder)(old)) == inside
    outside = write_painting(tmp_path_factory.mktemp("other") / "b.png")
    assert reported_file(folder, outside) == folder / "b.png"
