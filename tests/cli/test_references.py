"""``--reference``, ``--after``, mixtures of ``--style``, and ``portraitify painters``."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.style.personal import load_style
from portraitify.weights import WeightsFolder


@pytest.fixture
def wall(tmp_path):
    Image.fromarray(np.full((150, 200, 3), (40, 90, 160), np.uint8)).save(tmp_path / "wall.png")
    return tmp_path / "wall.png"


def test_a_painting_is_known_again_by_the_pictures_it_was_painted_after(paint, photo, wall, capsys):
    command = (photo, "--reference", wall, "--finish", "0", "--json")
    assert paint(*command) == 0
    (painting,) = json.loads(capsys.readouterr().out)["paintings"]
    assert painting["reference"] == {"painter": "", "title": "wall.png", "date": ""}
    assert painting["mixture"] == []
    assert paint(*command, "--skip-existing") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "skipped"
    renamed = wall.rename(wall.with_name("b.png"))
    assert paint(photo, "--reference", renamed, "--finish", "0", "--skip-existing", "-q") == 0
    Image.fromarray(np.zeros((150, 200, 3), np.uint8)).save(renamed)
    assert paint(photo, "--reference", renamed, "--finish", "0", "--skip-existing", "-q") == 3


def test_a_mixture_is_told_and_recorded(paint, photo, wall, capsys):
    options = ("--reference", f"{wall}:0.75", "--after", "a painter:0.25", "--style", "ink", "--finish", "0")
    assert paint(photo, *options, "--explain") == 0
    assert "ink (as asked), after the picture wall.png (75%) and A Painter" in capsys.readouterr().out
    painted = photo.with_name("selfie.portrait.png")
    assert main(["inspect", str(painted), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert json.loads(record["options"])["after"] == ["A Painter:0.25"]
    assert "wall" not in json.dumps(record)
    assert record["command"].count("--reference PICTURE-") == 1
    assert paint(photo, "--style", "oil:60,ink:40", "--finish", "0", "--overwrite", "--explain", "--json") == 0
    (painting,) = json.loads(capsys.readouterr().out)["paintings"]
    assert painting["style"] == "oil:0.6,ink:0.4"
    assert [(part["style"], part["share"]) for part in painting["mixture"]] == [("oil", 0.6), ("ink", 0.4)]


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--after", "nobody"), 2, "no such painter"),
        (("--after", ""), 2, "an empty name"),
        (("--reference", "none.jpg"), 3, "none.jpg: no such file"),
        (("--style", "oil:0.6,ink"), 2, "to each"),
        (("--style", "oil:0.6,pastel:0.4"), 2, "'pastel' is none of auto, renaissance"),
        (("--after", "a painter", "--sheet"), 2, "Leave out --sheet or --after"),
        (("--style", "oil:0.6,ink:0.4", "--costume", "auto"), 2, "Leave out --style"),
    ],
)
def test_what_makes_no_sense_ends_with_its_code(paint, photo, capsys, options, code, told):
    assert paint(photo, *options) == code
    assert told in capsys.readouterr().err


def test_a_sheet_shows_a_picture_in_all_media_and_names_no_file(paint, photo, wall, capsys):
    assert paint(photo, "--reference", wall, "--sheet", "--finish", "0") == 0
    assert main(["inspect", str(photo.with_name("selfie.sheet.png"))]) == 0
    told = capsys.readouterr().out
    assert "a sheet of renaissance, oil, watercolor, ink" in told
    assert "wall" not in told.split("a machine-made painting")[1]


def test_painters_are_listed(random_weights, capsys):
    assert main(["painters", "--weights", str(random_weights)]) == 0
    assert capsys.readouterr().out == "A Painter  renaissance 1, oil 1, watercolor 1, ink 1\n"
    assert main(["painters", "--json", "--style", "ink", "--weights", str(random_weights)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["name"] == "A Painter"
    assert record["paintings"][0] == {
        "style": "renaissance",
        "title": "A Title",
        "date": "1650",
        "style_code": "renaissance1",
    }


def test_a_style_is_taught_without_the_training_extra(random_weights, astronaut_path, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PORTRAITIFY_STYLES", str(tmp_path / "styles"))
    monkeypatch.setattr("portraitify.cli.train_style.missing_modules", lambda extra: ["torch"])
    folder = tmp_path / "paintings"
    folder.mkdir()
    command = ["train", "style", "mine", str(folder), "--weights", str(random_weights)]
    with Image.open(astronaut_path) as image:
        for number in range(5):
            image.rotate(number).save(folder / f"{number}.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "5 paintings used (left out: unreadable 1)" in out
    assert "pip install 'portraitify[train]'" in err
    taught = load_style("mine", WeightsFolder(random_weights).sha256("generator"))
    assert len(taught.entries) == 5
    (folder / "0.png").unlink()
    assert main(command) == 2
    assert "paint with --reference" in capsys.readouterr().err
