"""``portraitify blend`` from the command line, with small random networks."""

from __future__ import annotations

import json
import re

import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.io.provenance import read_provenance


@pytest.fixture
def pair(astronaut_path):
    return str(astronaut_path), str(astronaut_path.with_name("grace_hopper.jpg"))


@pytest.fixture
def blend(random_weights):
    def run(*arguments):
        return main(["blend", *map(str, arguments), "--weights-folder", str(random_weights), "--size", "128"])

    return run


def test_a_blend_is_painted_and_says_of_whom(blend, pair, tmp_path, capsys):
    assert blend(*pair, "--weights", "60,40", "-o", tmp_path, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["files"] == [str(tmp_path / "astronaut+grace_hopper.portrait.png")]
    assert record["source"] == f"{pair[0]} and {pair[1]}"
    told = read_provenance(tmp_path / "astronaut+grace_hopper.portrait.png")
    shares = [part.split(" ") for part in json.loads(told.options)["blend"].split(", ")]
    assert [share for share, _ in shares] == ["60%", "40%"]
    assert len({digest for _, digest in shares}) == 2
    assert told.command().startswith("portraitify blend PHOTO PHOTO --weights 60,40 --style")


def test_the_same_blend_is_passed_over_and_another_is_not(blend, pair, tmp_path, capsys):
    target = tmp_path / "both.png"
    assert blend(*pair, "-o", target) == 0
    before = target.read_bytes()
    assert blend(*pair, "-o", target, "--skip-existing") == 0
    assert "skipped" in capsys.readouterr().out
    assert target.read_bytes() == before
    assert blend(*pair, "-o", target) == 3
    assert blend(*pair, "--head", "2", "-o", target, "--overwrite") == 0
    assert target.read_bytes() != before


def test_versions_get_numbers(blend, pair, tmp_path):
    assert blend(*pair, "-o", tmp_path, "--variants", "2", "-f", "jpg") == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["astronaut+grace_hopper.1.portrait.jpg", "astronaut+grace_hopper.2.portrait.jpg"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weights", "1"], "1 for 2 photos"),
        (["--weights", "one,two"], "no list of numbers"),
        (["--weights", "0,0"], "not all 0"),
        (["--weights", "2,-1"], "0 or more"),
        (["--head", "3"], "there are 2 photos"),
    ],
)
def test_what_makes_no_sense_is_told_of(blend, pair, tmp_path, capsys, arguments, words):
    assert blend(*pair, *arguments, "-o", tmp_path) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_a_sheet_shows_the_way_from_one_to_the_other(blend, pair, tmp_path, capsys):
    assert blend(*pair, "--sheet", "-o", tmp_path) == 0
    assert re.search(r", (?!0\.0)\d+\.\d s", "".join(capsys.readouterr()))
    sheet = tmp_path / "astronaut+grace_hopper.sheet.png"
    with Image.open(sheet) as image:
        assert image.width > 5 * 128
        assert image.height < 2 * 128
    assert json.loads(read_provenance(sheet).options)["sheet"] is True
    assert blend(*pair, "--sheet", "-o", tmp_path) == 3
    assert blend(*pair, "--sheet", "--weights", "1,2", "-o", tmp_path) == 2


def test_one_photo_is_no_blend(blend, pair, capsys):
    assert blend(pair[0]) == 2
    assert "2 to 12 photos" in capsys.readouterr().err


def test_no_photo_is_written_over(blend, pair, tmp_path, capsys):
    copy = tmp_path / "copy.png"
    Image.open(pair[0]).save(copy)
    assert blend(copy, pair[1], "-o", copy, "--overwrite") == 2
    assert "would overwrite a photo" in capsys.readouterr().err


def test_a_photo_without_a_face_ends_with_4(blend, pair, tmp_path, capsys):
    plain = tmp_path / "plain.png"
    Image.new("RGB", (200, 200), "grey").save(plain)
    assert blend(pair[0], plain, "-o", tmp_path) == 4
    assert "plain.png: no face was found" in capsys.readouterr().err
