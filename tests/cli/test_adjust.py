"""``portraitify adjust`` from the command line."""

from __future__ import annotations

import json
import shutil

import pytest

from portraitify.cli.main import main
from portraitify.io.provenance import read_provenance


@pytest.fixture
def adjust():
    def run(*arguments):
        return main(["adjust", *map(str, arguments)])

    return run


def test_what_was_changed_is_said(adjust, photo, tmp_path, capsys):
    target = tmp_path / "older.png"
    assert adjust(photo, "--age", "20", "--hair", "grey", "--size", "256", "-s", "oil", "-o", target, "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(target)]
    told = read_provenance(target)
    assert json.loads(told.options)["adjust"].startswith("age 20, hair grey; ")
    assert told.command().startswith("portraitify adjust PHOTO --age 20 --hair grey --style oil")
    before = target.read_bytes()
    again = (photo, "--size", "256", "-s", "oil", "-o", target, "--skip-existing")
    assert adjust(*again, "--age", "20", "--hair", "grey") == 0
    assert "skipped" in capsys.readouterr().out
    assert target.read_bytes() == before
    # Another wish is another painting.
    assert adjust(*again, "--age", "10") == 3


def test_one_of_several_that_fails_stops_no_other(adjust, photo, tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(photo, folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"no picture")
    assert adjust(folder, "--smile", "0.3", "--size", "128", "-s", "ink", "-o", tmp_path / "out") == 7
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.portrait.png"]


def test_the_list_names_limits(adjust, capsys):
    assert adjust("--list") == 0
    out = capsys.readouterr().out
    assert "--age         -12 to 25" in out
    assert "black, brown, blond, red, grey, white" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Nothing to adjust"),
        (["--age", "60"], "must lie between -12 and 25"),
        (["--hair", "green"], "'green' is not one of"),
    ],
)
def test_wrong_wishes_are_usage_errors(adjust, photo, arguments, words, capsys):
    assert adjust(photo, *arguments) == 2
    assert words in capsys.readouterr().err
