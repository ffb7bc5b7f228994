"""What is written down agrees with what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from portraitify.cli import exit_codes
from portraitify.cli.paint import paint
from portraitify.cli.reference import reference
from portraitify.cli.values import OTHER_COMMANDS
from portraitify.config import FORMAT_NAMES
from portraitify.io.encoding import FORMATS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    """Words and options; how click decorates them differs from version to version."""
    return re.findall(r"[\w'.-]+", text)


def test_the_reference_is_current():
    written = (ROOT / "portraitify" / "REFERENCE.md").read_text(encoding="utf-8")
    assert words(written) == words(reference()), "run: make reference"


def test_every_option_of_the_painting_command_stands_in_the_readme():
    for parameter in paint.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("version", "help"):
            assert any(f"`{option}" in README or f", {option}" in README for option in parameter.opts), parameter.name


@pytest.mark.parametrize(
    "code", [exit_codes.DONE, exit_codes.IMAGE, exit_codes.FACE, exit_codes.SOME_FAILED, exit_codes.INTERRUPTED]
)
def test_exit_codes_stand_in_the_readme(code):
    assert re.search(rf"^\| {code} \|", README, re.MULTILINE)


def test_names_that_are_written_twice_agree():
    assert tuple(FORMATS) == FORMAT_NAMES
    from portraitify.cli.main import _COMMANDS

    assert {"paint", *OTHER_COMMANDS} == set(_COMMANDS)
