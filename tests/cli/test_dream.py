"""``portraitify dream`` from the command line."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from PIL import Image

from portraitify import extras
from portraitify.cli.main import main
from portraitify.io.provenance import read_provenance

QUICK = ("--octaves", "1", "--steps", "2")


@pytest.fixture
def dream():
    def run(*arguments):
        return main(["dream", *map(str, arguments)])

    return run


def test_a_dream_is_painted_and_says_so(dream, photo, tmp_path, capsys):
    target = tmp_path / "dream.png"
    assert dream(photo, *QUICK, "-s", "oil", "--size", "128", "-o", target, "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(target)]
    told = read_provenance(target)
    assert json.loads(told.options)["dream"].startswith("layer eyes, octaves 1, steps 2, dream-strength 0.6; ")
    assert told.command().startswith("portraitify dream PHOTO --layer eyes --octaves 1 --steps 2 --dream-strength 0.6")


def test_the_photo_keeps_its_size_and_its_face_without_paint(dream, photo, tmp_path):
    target = tmp_path / "dream.png"
    assert dream(photo, *QUICK, "--no-paint", "-q", "-o", target) == 0
    with Image.open(photo) as before, Image.open(target) as after:
        assert before.size == after.size
        away = np.abs(np.asarray(before, int) - np.asarray(after.convert("RGB"), int)).mean(2)
    # The face of the example, and its suit.
    assert away[100:150, 205:245].mean() < 0.5 * away[300:450, 80:180].mean()
    assert dream(photo, *QUICK, "--no-paint", "-q", "-o", target) == 3


def test_without_torch_it_says_what_to_install(dream, photo, monkeypatch, capsys):
    found = importlib.util.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "torch" else found(name))
    assert dream(photo) == 2
    assert "portraitify[gpu]" in capsys.readouterr().err


def test_a_broken_photo_stops_no_other(dream, photo, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    assert dream(photo, broken, *QUICK, "--no-paint", "-q", "-o", tmp_path / "out/") == 7
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["selfie.portrait.png"]
