"""``portraitify imagine`` from the command line."""

from __future__ import annotations

import json

import pytest

from portraitify.cli import imagine as command
from portraitify.cli.main import main
from portraitify.imagining.imaginer import TRAITS
from portraitify.imagining.painted import open_imaginer
from portraitify.io.provenance import read_provenance
from portraitify.weights import WeightsFolder, default_folder

QUICK = ("--size", "128", "-s", "ink")


@pytest.fixture(scope="module")
def imaginer():
    return open_imaginer(WeightsFolder(default_folder()))


@pytest.fixture
def imagine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return main(["imagine", *map(str, arguments)])

    return run


def test_somebody_is_painted_where_one_is(imagine, tmp_path, capsys):
    assert imagine("--seed", "3", *QUICK) == 0
    target = tmp_path / "imagined-3.portrait.png"
    assert "somebody of seed 3" in capsys.readouterr().out
    told = read_provenance(target)
    assert told.command().startswith("portraitify imagine --seed 3 --master ")
    before = target.read_bytes()
    # Nothing is overwritten unasked; the same seed gives the same bytes.
    assert imagine("--seed", "3", *QUICK) == 3
    assert imagine("--seed", "3", *QUICK, "--skip-existing") == 0
    assert imagine("--seed", "3", *QUICK, "--overwrite") == 0
    assert target.read_bytes() == before


def test_the_command_in_a_painting_paints_it_again(imagine, tmp_path):
    assert imagine("--seed", "4", "--age", "60", *QUICK, "-q", "-o", "first.png") == 0
    words = read_provenance(tmp_path / "first.png").command().split()
    assert words[:2] == ["portraitify", "imagine"]
    assert imagine(*words[2:], "-q", "-o", "again.png") == 0
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_several_have_the_next_seeds(imagine, tmp_path, capsys):
    assert imagine("--count", "2", "--seed", "5", *QUICK, "-o", "people", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["painted", "painted"]
    names = sorted(path.name for path in (tmp_path / "people").iterdir())
    assert names == ["imagined-5.portrait.png", "imagined-6.portrait.png"]


def test_it_goes_into_a_pipe(imagine, capfdbinary):
    assert imagine(*QUICK, "-o", "-") == 0
    assert capfdbinary.readouterr().out.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--age", "8"], "must lie between 20 and 60"),
        (["--master", "stuart-child"], "only grown-ups"),
        (["--count", "0"], "--count"),
        (["--count", "2", "-o", "-"], "one stream"),
    ],
)
def test_wrong_wishes_are_usage_errors(imagine, arguments, words, capsys):
    assert imagine(*arguments) == 2
    assert words in capsys.readouterr().err


def test_the_options_are_the_traits():
    assert list(command._TRAITS) == [trait.name for trait in TRAITS]
    for trait in TRAITS:
        assert f"{trait.most:g}" in command._TRAITS[trait.name]


def test_help_speaks_of_nobodys_photos(imagine, capsys):
    assert imagine("--help") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Who it is: the same seed gives the same person" in out
    assert "0 paints after the most fitting" not in out
    for option in ("--background", "--keep-date", "--max-pixels"):
        assert option not in out
    assert imagine("--background", "paint") == 2


def test_the_list_names_limits_and_pictures(imagine, imaginer, capsys):
    assert imagine("--list") == 0
    out = capsys.readouterr().out
    assert "--age          20 to 60   years" in out
    for entry in imaginer.masters:
        assert f"--master {entry.name} " in out
