"""What shells complete."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from portraitify.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell, capsys):
    assert main(["completion", shell]) == 0
    assert "_PORTRAITIFY_COMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("portraitify --sty", "--style"),
        ("portraitify --style wa", "watercolor"),
        ("portraitify me.jpg --faces la", "largest"),
        ("portraitify ins", "inspect"),
        ("portraitify train ru", "run"),
        ("portraitify completion f", "fish"),
    ],
)
def test_words_are_completed(words, expected):
    environment = os.environ | {
        "_PORTRAITIFY_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    command = [sys.executable, "-m", "portraitify"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert expected in {line.split(",")[-1] for line in done.stdout.decode().splitlines()}
