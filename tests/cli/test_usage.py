"""Wrong usage, and what is taken for right: one or two lines, and code 2."""

from __future__ import annotations

import pytest

from portraitify.cli.main import main

EMPTY = "an empty name. Is a variable unset?"


@pytest.mark.parametrize(
    "words",
    [
        ("",),
        ("a.jpg", ""),
        ("a.jpg", "-o", ""),
        ("a.jpg", "--output="),
        ("--from-file", ""),
        ("a.jpg", "--report", ""),
        ("a.jpg", "--weights", ""),
        ("inspect", ""),
        ("train", "run", ""),
        ("train", "prepare", ""),
        ("train", "sheet", "-o", ""),
        ("evaluate", "--photos", ""),
    ],
)
def test_an_empty_name_is_no_folder(words, capsys, tmp_path, monkeypatch, photo):
    monkeypatch.chdir(tmp_path)
    photo.rename(tmp_path / "a.jpg")
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert EMPTY in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ((), "portraitify"),
        (("--bad",), "portraitify"),
        (("a.jpg", "--size", "1"), "portraitify"),
        (("a.jpg", "-f", "jpx"), "portraitify"),
        (("a.jpg", "--sheet", "--style", "oil"), "portraitify"),
        (("inspect",), "portraitify inspect"),
        (("train", "--bad"), "portraitify train"),
        (("train", "run"), "portraitify train run"),
        (("completion", "csh"), "portraitify completion"),
    ],
)
def test_usage_errors_take_two_lines(words, command, capsys):
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("portraitify: error: ")
    assert lines[1] == f"Try '{command} --help' for help."


@pytest.mark.parametrize(
    ("name", "kind", "suffix"),
    [
        ("jpg", "JPEG", ".jpg"),
        ("JPEG", "JPEG", ".jpg"),
        (".jpg", "JPEG", ".jpg"),
        ("PNG", "PNG", ".png"),
        ("tif", "TIFF", ".tif"),
        ("WebP", "WEBP", ".webp"),
    ],
)
def test_formats_as_people_call_them(paint, photo, name, kind, suffix):
    from PIL import Image

    assert paint(photo, "-f", name) == 0
    with Image.open(photo.with_name(f"selfie.portrait{suffix}")) as image:
        assert image.format == kind


def test_names_of_choices_in_capitals(paint, photo, capsys):
    assert paint(photo, "--crop", "FACE", "--engine", "ONNX", "--style", "Oil") == 0
    assert main(["inspect", str(photo.with_name("selfie.portrait.png"))]) == 0
    assert "--crop face" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), ["--engine onnx"]),
        (("-f", "jpeg"), ["--engine onnx", "--format jpeg", "--quality 92"]),
        (("-f", "webp", "--quality", "40"), ["--format webp", "--quality 40"]),
        (("-f", "tiff", "--quality", "40", "--engine", "torch"), ["--engine torch", "--format tiff"]),
    ],
)
def test_inspect_names_all_that_makes_the_same_file(paint, photo, tmp_path, capsys, more, expected):
    import json

    assert paint(photo, *more, "-o", f"{tmp_path}/one/") == 0
    (first,) = (tmp_path / "one").iterdir()
    capsys.readouterr()
    assert main(["inspect", str(first), "--json"]) == 0
    command = json.loads(capsys.readouterr().out)["command"]
    assert all(part in command for part in expected)
    assert ("--quality" in command) == (first.suffix in (".jpg", ".webp"))
    words = [word for word in command.split()[2:] if word not in ("--size", "128")]
    assert paint(photo, *words, "-o", f"{tmp_path}/two/") == 0
    (second,) = (tmp_path / "two").iterdir()
    assert second.name == first.name
    from portraitify.io.reading import read_image

    assert (read_image(first).pixels == read_image(second).pixels).all()
