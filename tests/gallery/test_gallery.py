"""The files of a gallery: what is written, kept, replaced and removed."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.batch.inputs import expand
from portraitify.errors import ConfigError
from portraitify.gallery.gallery import Gallery
from portraitify.gallery.page import read_entries
from portraitify.gallery.told import Told, told_of
from tests.gallery.made_up import ODD_NAMES, record_of, report_line, write_painting


def make(folder: Path, *files: Path, told: Told | None = None, before: np.ndarray | None = None, **options):
    """Make a gallery of some files, with what an earlier one shows."""
    with Gallery(folder, **options) as gallery:
        for path in files:
            gallery.add(path, told, before)
        gallery.keep_earlier()
        gallery.write()
    return gallery, read_entries(folder / "index.html")


def copies(folder: Path) -> list[str]:
    return sorted(os.listdir(folder / ".gallery"))


def test_a_painting_is_shown_with_all_that_is_known(tmp_path):
    path = write_painting(
        tmp_path / "sub" / "a.png", record_of("oil", "Raphael, “A Lady”, 1510", options='{"crop": "face"}')
    )
    told = dict(told_of(report_line(path)))[path]
    _, entries = make(tmp_path, path, told=told)
    entry = entries["sub/a.png"]
    assert (entry.width, entry.height, entry.size_px) == (32, 40, 40)
    # The painting knows better after whom it is.
    assert (entry.reference, entry.painters) == ("Raphael, “A Lady”, 1510", ("Raphael",))
    assert entry.warnings == told.warnings
    assert entry.reasons == (("dark key", 2.0),)
    assert entry.command == "portraitify PHOTO --style oil --seed 0 --size 40 --crop face"
    with Image.open(tmp_path / ".gallery" / entry.thumbnail) as small:
        assert small.size == (32, 40)
        assert not set(small.info) & {"exif", "xmp", "icc_profile", "comment"}


def test_what_a_report_tells_of_another_painting_does_not_count(tmp_path):
    path = write_painting(tmp_path / "a.png", record_of("ink", seed=3))
    _, entries = make(tmp_path, path, told=dict(told_of(report_line(path)))[path])
    assert (entries["a.png"].style, entries["a.png"].reasons, entries["a.png"].photo) == ("ink", (), "")


def test_a_later_run_keeps_what_an_earlier_one_knew(tmp_path):
    first = write_painting(tmp_path / "a.png", record_of())
    told = dict(told_of(report_line(first)))[first]
    _, before = make(tmp_path, first, told=told)
    second = write_painting(tmp_path / "b.png", record_of("ink"))
    _, entries = make(tmp_path, second)
    assert set(entries) == {"a.png", "b.png"}
    assert entries["a.png"] == before["a.png"]
    # A copied folder has other times.
    os.utime(first, (1, 1))
    _, entries = make(tmp_path)
    assert entries["a.png"].warnings == told.warnings
    # Painted anew, nothing that was told of it holds any more, and its old small copy goes.
    write_painting(first, record_of("ink", seed=1), 10)
    second.unlink()
    _, entries = make(tmp_path)
    assert list(entries) == ["a.png"]
    assert entries["a.png"].warnings == ()
    assert copies(tmp_path) == [entries["a.png"].thumbnail]


def test_photos_leave_only_where_they_are_asked_for(tmp_path):
    path = write_painting(tmp_path / "a.png", record_of())
    pixels = np.random.default_rng(0).integers(0, 255, (700, 600, 3)).astype(np.uint8)
    _, entries = make(tmp_path, path, before=pixels)
    assert entries["a.png"].before == ""
    assert len(copies(tmp_path)) == 1
    _, entries = make(tmp_path, path, before=pixels, photos=True)
    with Image.open(tmp_path / ".gallery" / entries["a.png"].before) as small:
        assert max(small.size) == 512
        assert not small.getexif()
    # A later run without new ones keeps them, and one that wants none takes them away.
    _, entries = make(tmp_path, photos=True)
    assert entries["a.png"].before
    _, entries = make(tmp_path)
    assert entries["a.png"].before == ""
    assert len(copies(tmp_path)) == 1


def test_small_copies_are_no_photos_for_the_next_batch(tmp_path):
    path = write_painting(tmp_path / "a.portrait.png", record_of())
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg")
    make(tmp_path, path, photos=True, before=np.zeros((8, 8, 3), np.uint8))
    assert [item.path.name for item in expand([tmp_path], recursive=True)] == ["a.jpg"]


def test_a_page_of_somebody_else_stays(tmp_path):
    (tmp_path / "index.html").write_text("<h1>My pictures</h1>")
    with pytest.raises(ConfigError, match="no gallery"):
        Gallery(tmp_path)
    path = write_painting(tmp_path / "a.png", record_of())
    _, entries = make(tmp_path, path, overwrite=True)
    assert list(entries) == ["a.png"]


def test_other_files_among_small_copies_stay(tmp_path):
    (tmp_path / ".gallery").mkdir()
    (tmp_path / ".gallery" / "mine.jpg").write_bytes(b"")
    (tmp_path / ".gallery" / "0123456789abcdef.jpg").write_bytes(b"")
    _, entries = make(tmp_path, write_painting(tmp_path / "a.png", record_of()))
    assert copies(tmp_path) == sorted([entries["a.png"].thumbnail, "mine.jpg"])


def test_a_damaged_painting_is_told_of_and_left_out(tmp_path):
    whole = write_painting(tmp_path / "a.png", record_of())
    broken = tmp_path / "b.png"
    broken.write_bytes(whole.read_bytes()[:-60])
    gallery, entries = make(tmp_path, whole, broken)
    assert list(entries) == ["a.png"]
    assert len(gallery.problems) == 1
    assert "b.png" in gallery.problems[0]


def test_odd_names_and_a_moved_folder(tmp_path):
    folder = tmp_path / "painted"
    files = [write_painting(folder / name, record_of(), number) for number, name in enumerate(ODD_NAMES)]
    _, entries = make(folder, *files)
    assert set(entries) == set(ODD_NAMES)
    shutil.move(folder, tmp_path / "moved")
    before = {name: os.stat(tmp_path / "moved" / ".gallery" / name).st_mtime_ns for name in copies(tmp_path / "moved")}
    _, again = make(tmp_path / "moved")
    assert again == entries
    # Nothing is made anew.
    assert before == {
        name: os.stat(tmp_path / "moved" / ".gallery" / name).st_mtime_ns for name in copies(tmp_path / "moved")
    }
