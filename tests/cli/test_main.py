"""Which command runs, and what an error of any of them says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from portraitify.cli import main as program
from portraitify.cli.main import cli, main

COMMANDS = tuple(program._COMMANDS)


def subcommands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from subcommands(command, (*words, name))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize("named", [("./train",), ("--", "train"), ("train/",)])
def test_a_folder_that_is_named_like_a_command_is_painted(paint_with, photo, here, named):
    (here / "train").mkdir()
    shutil.copy(photo, here / "train" / "a.jpg")
    assert paint_with(*named) == 0
    assert (here / "train" / "a.portrait.png").exists()


@pytest.fixture
def paint_with(random_weights):
    """Call the command line with the inputs last, as it must be after ``--``."""

    def call(*inputs: str) -> int:
        options = ("--weights", str(random_weights), "--device", "cpu", "--size", "128")
        return main([*inputs, *options] if inputs[0] != "--" else [*options, *inputs])

    return call


def test_two_dashes_may_stand_first(here, capsys):
    (here / "train").write_text("no picture")
    assert main(["--", "train"]) == 3
    assert "train: not a picture" in capsys.readouterr().err


# The lists of masters and painters ask for nothing, and neither does making somebody up, so that they cannot be meant
# for a folder to paint.
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("masters", "painters", "imagine")])
def test_a_command_that_fails_says_how_to_paint_the_folder_of_its_name(here, capsys, command):
    assert main([command]) == 2
    assert "To paint" not in capsys.readouterr().err
    (here / command).mkdir()
    assert main([command]) == 2
    hint = f"portraitify: `{command}` is a command. To paint the folder of that name: portraitify ./{command}"
    assert capsys.readouterr().err.splitlines()[-1] == hint


@pytest.mark.parametrize("more", [("-o", "out/"), ("holiday",), ("--style", "oil")])
def test_options_that_only_painting_knows_bring_the_hint_too(here, capsys, more):
    (here / "train").write_bytes(b"")
    assert main(["train", *more]) == 2
    assert capsys.readouterr().err.endswith("To paint the file of that name: portraitify ./train\n")


def test_who_meant_the_command_is_spared_the_hint(here, capsys):
    (here / "train").mkdir()
    assert main(["train", "run"]) == 2
    assert main(["train", "sheet", "--bad"]) == 2
    assert main(["train", "sheet"]) != 0
    assert "To paint" not in capsys.readouterr().err


def test_help_says_how_to_paint_such_a_folder(capsys):
    assert main(["--help"]) == 0
    assert "portraitify ./train " in capsys.readouterr().out


@pytest.mark.parametrize("words", list(subcommands(cli)), ids=" ".join)
def test_every_command_takes_debug(words, capsys):
    assert main([*words, "--debug", "--help"]) == 0
    assert "--debug" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("train", "sheet", "--debug"), 2),
        (("train", "--debug", "mask"), 2),
        (("evaluate", "--debug"), 2),
        (("inspect", "--debug", "none.png"), 3),
        (("none.jpg", "--debug"), 3),
    ],
)
def test_debug_shows_the_traceback_and_keeps_message_and_code(here, capsys, words, code):
    assert main(words) == code
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last)")
    assert err.splitlines()[-1].startswith("portraitify: error: ")


def test_what_the_advice_after_an_unexpected_error_names_works(here, capsys, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("bad luck")

    monkeypatch.setattr("portraitify.training.export.prune_bank", fail)
    command = ["train", "prune", "abc"]
    assert main(command) == 1
    err = capsys.readouterr().err
    assert err == "portraitify: error: unexpected RuntimeError: bad luck. Run again with --debug to see where.\n"
    assert main([*command, "--debug"]) == 1
    err = capsys.readouterr().err
    assert "in fail" in err
    assert err.endswith("portraitify: error: unexpected RuntimeError: bad luck.\n")
