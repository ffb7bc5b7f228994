"""Which photos are meant, and where their paintings go."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from portraitify.batch.inputs import STANDARD_STREAM, Input, expand, read_list
from portraitify.batch.jobs import Job, plan_jobs
from portraitify.config import BatchConfig
from portraitify.errors import ConfigError, ImageError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.HEIC", "b.png", "notes.txt", ".hidden.jpg", "a.portrait.png", "sub/c.webp", ".git/d.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    Image.new("RGB", (4, 4)).save(tmp_path / "photos" / "scan", "PNG")
    (tmp_path / "photos" / "README").write_text("no picture")
    return tmp_path / "photos"


def names(found: list[Input]) -> list[str]:
    return [item.place.as_posix() for item in found]


def plan(inputs, output=None, folder_named=False, **options) -> list[Job]:
    found = [Input(Path(path), Path(Path(path).name)) for path in inputs]
    return plan_jobs(found, output, BatchConfig(**options), folder_named)


def test_a_folder_gives_its_photos_in_order(tree):
    assert names(expand([tree])) == ["a.jpg", "b.HEIC", "b.png", "scan"]
    assert names(expand([tree], recursive=True)) == ["a.jpg", "b.HEIC", "b.png", "scan", "sub/c.webp"]


def test_the_folder_of_outputs_is_not_painted(tree):
    assert names(expand([tree], recursive=True, without=tree / "sub")) == ["a.jpg", "b.HEIC", "b.png", "scan"]
    assert len(expand([tree], recursive=True, without=tree)) == 5


def test_patterns_are_for_shells_that_leave_them(tree):
    assert [item.path.name for item in expand([tree / "*.jpg"])] == ["a.jpg"]
    with pytest.raises(ImageError, match="no file matches"):
        expand([tree / "*.xyz"])
    odd = tree / "[1].jpg"
    odd.write_bytes(b"x")
    assert expand([odd])[0].path == odd


def test_each_photo_counts_once(tree):
    assert len(expand([tree / "a.jpg", tree, tree / "a.jpg"])) == 4


def test_an_empty_folder_is_told_of(tmp_path):
    with pytest.raises(ImageError, match=r"holds no photos.*--recursive"):
        expand([tmp_path])


@pytest.mark.parametrize(
    "data",
    [
        b"a.jpg\ntwo words.jpg\r\n\n",
        b"\n  \n\r\na.jpg\n \t\ntwo words.jpg",
        b"a.jpg\0two words.jpg\0",
        b"\xef\xbb\xbfa.jpg\ntwo words.jpg",
    ],
)
def test_lists_of_names(tmp_path, data):
    (tmp_path / "list").write_bytes(data)
    assert read_list(tmp_path / "list") == [Path("a.jpg"), Path("two words.jpg")]


def test_a_list_from_stdin_and_wrong_lists(tmp_path, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"x\ny.jpg\0")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert read_list(STANDARD_STREAM) == [Path("x\ny.jpg")]
    with pytest.raises(ConfigError, match="names no photo"):
        read_list(STANDARD_STREAM)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_list(tmp_path / "none")
    (tmp_path / "wide").write_bytes("a.jpg".encode("utf-16"))
    with pytest.raises(ConfigError, match="UTF-16"):
        read_list(tmp_path / "wide")


def test_paintings_lie_beside_their_photos(tmp_path):
    assert plan([tmp_path / "me.jpg"])[0].target == tmp_path / "me.portrait.png"
    assert plan([tmp_path / "me.jpg"], format="jpeg")[0].target == tmp_path / "me.portrait.jpg"


def test_photos_that_differ_in_their_suffix_keep_it(tmp_path):
    jobs = plan([tmp_path / "img.heic", tmp_path / "IMG.jpg", tmp_path / "other.jpg"], tmp_path / "out")
    assert [job.target.name for job in jobs] == [
        "img.heic.portrait.png",
        "IMG.jpg.portrait.png",
        "other.portrait.png",
    ]


def test_photos_of_one_name_keep_the_folders_in_which_they_differ(tmp_path):
    jobs = plan([tmp_path / "x" / "a.jpg", tmp_path / "y" / "a.jpg", tmp_path / "y" / "b.jpg"], tmp_path / "out")
    places = [job.target.relative_to(tmp_path / "out").as_posix() for job in jobs]
    assert places == ["x/a.portrait.png", "y/a.portrait.png", "y/b.portrait.png"]


def test_of_several_entries_a_wrong_one_fails_by_itself(tree):
    (tree / "empty").mkdir()
    found = expand([tree / "a.jpg", tree / "*.xyz", tree / "empty"])
    assert [item.path.name for item in found] == ["a.jpg", "*.xyz", "empty"]
    with pytest.raises(ImageError, match="holds no photos"):
        Job(tree / "empty", tree / "x.png").check(1000)


def test_patterns_leave_out_folders_and_earlier_paintings(tree):
    assert {item.path.name for item in expand([tree / "*"])} == {
        "a.jpg",
        "b.HEIC",
        "b.png",
        "notes.txt",
        "scan",
        "README",
    }
    with pytest.raises(ImageError, match="only folders and earlier paintings"):
        expand([tree / "*.portrait.png"])


def test_two_names_of_one_photo_count_once(tree):
    (tree / "link.jpg").symlink_to("a.jpg")
    assert len(expand([tree / "a.jpg", tree / "sub" / ".." / "a.jpg", tree / "link.jpg"])) == 1


def test_a_tree_is_mirrored(tree, tmp_path):
    found = expand([tree], recursive=True)
    jobs = plan_jobs(found, tmp_path / "out", BatchConfig(), folder_named=True)
    assert jobs[-1].target == tmp_path / "out" / "sub" / "c.portrait.png"
    # Its folder is made with the first painting in it.
    assert not (tmp_path / "out" / "sub").exists()


def test_several_faces_are_numbered():
    assert Job(Path("g.jpg"), Path("out/group.portrait.png")).numbered(2) == Path("out/group.2.portrait.png")
    assert Job(Path("g.jpg"), Path("out/group.jpg")).numbered(2) == Path("out/group.2.jpg")
    assert Job(Path("g.jpg"), Path("a.b.portrait.tif")).numbered(1) == Path("a.b.1.portrait.tif")


@pytest.mark.parametrize(
    ("inputs", "output", "options", "message"),
    [
        (["-", "a.jpg"], None, {}, "cannot be mixed"),
        (["a.jpg", "b.jpg"], "-", {}, "one stream"),
        (["a.jpg"], "-", {"faces": "all"}, "--group"),
        (["a.jpg"], "me.svg", {}, "cannot be written in that format"),
        (["a.jpg"], "me.png", {"format": "jpeg"}, "does not fit --format"),
    ],
)
def test_pairings_that_make_no_sense(tmp_path, monkeypatch, inputs, output, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        plan(inputs, Path(output) if output else None, **options)


def test_a_name_without_a_known_suffix_needs_a_format(tmp_path):
    assert plan([tmp_path / "a.jpg"], tmp_path / "me", format="webp")[0].kind == "webp"
    with pytest.raises(ImageError, match="does not exist"):
        plan([tmp_path / "a.jpg"], tmp_path / "none" / "me.png")


def test_a_photo_is_not_replaced_by_another_name_of_it(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    os.link(tmp_path / "a.png", tmp_path / "b.png")
    with pytest.raises(ConfigError, match="would overwrite a photo"):
        plan([tmp_path / "a.png"], tmp_path / "b.png", overwrite=True)


@pytest.mark.parametrize(
    "values",
    [
        {"faces": "0"},
        {"faces": "some"},
        {"faces": 2},
        {"faces": None},
        {"faces": "\u00b2"},
        {"quality": 0},
        {"quality": 101},
        {"max_pixels": 0},
        {"max_pixels": -1},
    ],
)
def test_senseless_options_are_refused(values):
    with pytest.raises(ConfigError):
        BatchConfig(**values)


def test_skipping_needs_the_metadata():
    with pytest.raises(ConfigError, match="--no-metadata"):
        BatchConfig(skip_existing=True, metadata=False)
