"""``portraitify masters``: the list, the sheet, pictures of one's own."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.costume.master import Credits, Traits
from portraitify.costume.personal import add_master
from portraitify.costume.storage import write_library
from tests.costume.made_up import made_up_master


@pytest.fixture
def weights(random_weights, tmp_path, monkeypatch):
    monkeypatch.setenv("PORTRAITIFY_MASTERS", str(tmp_path / "own"))
    shutil.copytree(random_weights, tmp_path / "weights")
    made_up = made_up_master()
    master = type(made_up)(
        "grey",
        "oil",
        Credits("A Painter", "A Coat", "1600"),
        Traits("a plain coat", anyone=True),
        *(made_up.mesh, made_up.light, made_up.plate, made_up.picture, made_up.masks),
    )
    write_library(tmp_path / "weights" / "masters", [master])
    return tmp_path / "weights"


def test_the_list_says_whose_and_what(weights, capsys):
    assert main(["masters", "--weights", str(weights)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("* grey")
    assert "A Painter, A Coat, 1600" in out
    assert "in a plain coat; adult, short hair; oil" in out
    assert main(["masters", "--json", "--weights", str(weights)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["name"], record["anyone"], record["width"]) == ("grey", True, 128)


def test_the_sheet_is_drawn(weights, tmp_path):
    assert main(["masters", "--sheet", str(tmp_path / "sheet.png"), "--weights", str(weights)]) == 0
    with Image.open(tmp_path / "sheet.png") as image:
        assert np.asarray(image).std() > 10
    before = (tmp_path / "sheet.png").read_bytes()
    assert main(["masters", "--sheet", str(tmp_path / "sheet.png"), "--weights", str(weights)]) == 2
    assert (tmp_path / "sheet.png").read_bytes() == before


def test_what_cannot_be_added_is_told(weights, tmp_path, capsys):
    Image.fromarray(np.full((200, 160, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    add = ["masters", "add", "--weights", str(weights)]
    assert main([*add, "wall", str(tmp_path / "wall.png")]) == 4
    assert "no face was found" in capsys.readouterr().err
    assert main([*add, "grey", str(tmp_path / "wall.png")]) == 2
    assert "shipped master" in capsys.readouterr().err
    assert main(["masters", "remove", "wall"]) == 2


def test_the_right_to_a_picture_is_left_to_its_user(capsys):
    assert main(["masters", "add", "--help"]) == 0
    assert "yours to judge" in " ".join(capsys.readouterr().out.split())


def test_warnings_stay_with_a_picture_that_was_forced(weights, capsys):
    flawed = replace(made_up_master(), name="flawed", warnings=("remains would show",))
    add_master(flawed)
    assert main(["masters", "--weights", str(weights)]) == 0
    assert "    warning: remains would show" in capsys.readouterr().out
    assert main(["masters", "--json", "--weights", str(weights)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["warnings"] for record in records] == [[], ["remains would show"]]


@pytest.mark.weights
def test_what_would_be_spoilt_is_refused_and_can_be_forced(astronaut, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PORTRAITIFY_MASTERS", str(tmp_path / "own"))
    pair = np.hstack([astronaut[:400, 60:310], astronaut[:400, 130:380]])
    Image.fromarray(pair).save(tmp_path / "pair.png")
    add = ["masters", "add", "pair", str(tmp_path / "pair.png")]
    assert main(add) == 4
    assert "more than one person" in capsys.readouterr().err
    assert not (tmp_path / "own").exists()
    assert main([*add, "--force"]) == 0
    assert "warning: pair: it shows more than one person" in capsys.readouterr().err
