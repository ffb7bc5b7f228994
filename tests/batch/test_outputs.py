"""Which files in a folder are photos, and which are earlier paintings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.batch.inputs import Input, expand
from portraitify.batch.jobs import Job, plan_jobs
from portraitify.config import BatchConfig
from portraitify.errors import ImageError
from portraitify.io import provenance
from portraitify.io.encoding import FORMATS, encode
from portraitify.io.provenance import Provenance

RECORD = Provenance(
    software="portraitify 0.1.0",
    weights="0123456789abcdef",
    style="oil",
    requested="auto",
    style_code="abc123",
    reference="A Painter",
    seed=0,
    size_px=128,
    options="{}",
    face="1/1",
    source="f00",
)


def names(found: list[Input]) -> list[str]:
    return [item.place.as_posix() for item in found]


def write_painting(path: Path, marked: bool = True, kind: str = "png") -> None:
    pixels = np.full((16, 16, 3), 90, np.uint8)
    path.write_bytes(encode(pixels, kind, marks=RECORD.marks() if marked else None))


def write_photos(folder: Path, *own_names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in own_names:
        Image.new("RGB", (8, 8), "grey").save(folder / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def test_photos_whose_own_names_end_like_those_of_paintings(folder):
    own = ("PXL_20260101_120000000.PORTRAIT.jpg", "a.Portrait.png", "b.portrait.JPG", "c.SHEET.png", "d.portrait.jpg")
    write_photos(folder, *own)
    assert names(expand([folder])) == sorted(own)
    assert {item.path.name for item in expand([folder / "*"])} == set(own)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_record_tells_a_painting_without_its_photo(folder, kind):
    for suffix in FORMATS[kind].suffixes:
        write_painting(folder / f"a.portrait{suffix}", kind=kind)
        write_painting(folder / f"b.2.1.sheet{suffix}", kind=kind)
    with pytest.raises(ImageError, match=r"holds no photos, only earlier paintings\. Add --recursive"):
        expand([folder])
    with pytest.raises(ImageError, match="only folders and earlier paintings match"):
        expand([folder / "*"])


@pytest.mark.parametrize(
    ("photo", "painting"),
    [
        ("a.jpg", "a.portrait.png"),
        ("A.JPG", "A.portrait.png"),
        ("a.heic", "a.sheet.jpg"),
        ("group.jpg", "group.2.portrait.png"),
        ("group.jpg", "group.2.11.portrait.tif"),
        ("IMG.2.jpg", "IMG.2.portrait.png"),
        # Photos that differ in their suffix keep it.
        ("img.heic", "img.heic.portrait.png"),
        ("PXL.PORTRAIT.jpg", "PXL.PORTRAIT.portrait.webp"),
        # Beside it lies or lay `K.jpg`.
        ("k.jpg", "k.jpg-2.portrait.png"),
        ("k.jpg", "k.jpg-2.1.portrait.png"),
    ],
)
def test_a_painting_without_a_record_lies_beside_its_photo(folder, photo, painting):
    (folder / photo).write_bytes(b"x")
    write_painting(folder / painting, marked=False)
    assert names(expand([folder])) == [photo]
    assert [item.path.name for item in expand([folder / "*"])] == [photo]


def test_a_photo_without_a_suffix_has_paintings_too(folder):
    write_painting(folder / "scan", marked=False)
    write_painting(folder / "scan.portrait.png", marked=False)
    (folder / "album").mkdir()
    write_painting(folder / "album.portrait.png", marked=False)
    assert names(expand([folder])) == ["album.portrait.png", "scan"]


def test_what_is_named_like_a_painting_and_cannot_be_read_is_told_of(folder):
    write_photos(folder, "a.jpg")
    (folder / "b.portrait.png").write_bytes(b"\x89PNG\r\n\x1a\nhalf")
    assert names(expand([folder])) == ["a.jpg", "b.portrait.png"]


def test_a_painting_that_is_named_is_painted(folder):
    write_painting(folder / "a.portrait.png")
    assert names(expand([folder / "a.portrait.png"])) == ["a.portrait.png"]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_record_tells_a_painting_whatever_its_name(folder, kind):
    write_photos(folder, "a.jpg", "b.png", "c.webp", "d.tif")
    for name in ("me", "Me.jpg", "grandmother.heic", f"gift{FORMATS[kind].suffixes[0]}"):
        write_painting(folder / name, kind=kind)
    write_painting(folder / f"unmarked{FORMATS[kind].suffixes[0]}", marked=False, kind=kind)
    expected = ["a.jpg", "b.png", "c.webp", "d.tif", f"unmarked{FORMATS[kind].suffixes[0]}"]
    assert names(expand([folder])) == expected
    assert {item.path.name for item in expand([folder / "*"])} == set(expected)


def test_a_photo_with_xmp_of_others_is_a_photo(folder):
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    for suffix, kind in (("jpg", "JPEG"), ("webp", "WEBP")):
        Image.new("RGB", (8, 8)).save(folder / f"a.{suffix}", kind, xmp=packet)
    assert names(expand([folder])) == ["a.jpg", "a.webp"]


def test_only_files_that_can_hold_a_record_are_read(folder, monkeypatch):
    write_photos(folder, "a.jpg", "b.gif", "c.bmp", "d.webp")
    (folder / "film.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (folder / "empty.jpg").write_bytes(b"")
    write_painting(folder / "a.portrait.png", marked=False)
    write_painting(folder / "other.png")
    asked: list[str] = []
    read = provenance.read_provenance

    def remember(path: Path) -> Provenance | None:
        asked.append(path.name)
        return read(path)

    monkeypatch.setattr(provenance, "read_provenance", remember)
    assert len(expand([folder])) == 6
    assert asked == ["a.jpg", "other.png"]


def test_a_photo_of_that_name_gets_a_painting_of_its_own(tmp_path):
    own = [Input(tmp_path / name, Path(name)) for name in ("x.PORTRAIT.jpg", "y.sheet.jpg")]
    targets = [job.target.name for job in plan_jobs(own, tmp_path / "out", BatchConfig(), folder_named=True)]
    assert targets == ["x.PORTRAIT.portrait.png", "y.sheet.portrait.png"]
    assert Job(Path("y"), Path("y.sheet.portrait.png")).numbered(2).name == "y.sheet.2.portrait.png"


def test_a_folder_of_such_photos_is_painted_once(paint, photo, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    shutil.move(photo, tmp_path / "in" / "PXL_1.PORTRAIT.jpg")
    for more in ((), ("--overwrite",), ("--overwrite", "--no-metadata"), ("--overwrite",)):
        assert paint(tmp_path / "in", *more) == 0
    files = sorted(path.name for path in (tmp_path / "in").iterdir())
    assert files == ["PXL_1.PORTRAIT.jpg", "PXL_1.PORTRAIT.portrait.png"]
