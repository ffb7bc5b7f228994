"""Paintings whose styles somebody is to name."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.cli.exit_codes import USAGE
from portraitify.cli.main import main

COLOURS = {"renaissance": (60, 40, 30), "oil": (150, 60, 40), "watercolor": (200, 220, 240), "ink": (250, 250, 250)}


@pytest.fixture
def sheets(tmp_path):
    for style, colour in COLOURS.items():
        (tmp_path / style).mkdir()
        for name in ("anna", "bert", "carl", "dora"):
            Image.new("RGB", (64, 80), colour).save(tmp_path / style / f"{name}-{style}.png")
    output, key = tmp_path / "sheets", tmp_path / "key"
    folders = [str(tmp_path / style) for style in COLOURS]
    assert main(["evaluate", "naming", *folders, "-o", str(output), "--key", str(key), "--size", "64"]) == 0
    return output, key


def fill_in(output: Path, key: Path, wrong: tuple[int, ...] = (), photos: tuple[int, ...] = ()) -> Path:
    styles = {it["number"]: it["style"] for it in json.loads((key / "key.json").read_text(encoding="utf-8"))["entries"]}
    path = output / "answers.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    done = [header]
    for line in lines:
        comparison, number, *_ = line.split(",")
        other = "oil" if styles[int(number)] == "ink" else "ink"
        said = other if int(number) in wrong else styles[int(number)]
        done.append(f"{comparison},{number},{said},{'yes' if int(number) in photos else ''}")
    path.write_text("\n".join(done) + "\n", encoding="utf-8")
    return path


def test_sheets_hold_all_paintings_and_no_hint(sheets):
    output, key = sheets
    assert sorted(path.name for path in output.iterdir()) == ["answers.csv", "sheet-001.png", "sheet-002.png"]
    assert not any(style in (output / "answers.csv").read_text(encoding="utf-8") for style in COLOURS)
    entries = json.loads((key / "key.json").read_text(encoding="utf-8"))["entries"]
    assert [entry["number"] for entry in entries] == [*range(1, 17)]
    assert len({entry["file"] for entry in entries}) == 16
    # Neither as the folders were given nor in blocks.
    shown = [entry["style"] for entry in entries]
    assert sum(first != second for first, second in pairwise(shown)) > 6


def test_a_folder_named_twice_and_smaller_paintings_tell_nothing(sheets, tmp_path):
    oil = tmp_path / "oil"
    Image.new("RGB", (20, 25)).save(oil / "small-oil.png")
    arguments = ["evaluate", "naming", str(oil), str(oil), "--size", "64"]
    assert main([*arguments, "-o", str(tmp_path / "more"), "--key", str(tmp_path / "more-key")]) == 0
    key = json.loads((tmp_path / "more-key" / "key.json").read_text(encoding="utf-8"))
    assert len(key["entries"]) == 5
    with Image.open(tmp_path / "more" / "sheet-001.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    # All are as small as the smallest.
    assert (np.abs(pixels - COLOURS["oil"]).max(2) < 3).sum() <= 4 * 20 * 26


def test_names_are_counted_by_style(sheets, capsys):
    output, key = sheets
    path = fill_in(output, key, wrong=(3,), photos=(1, 2))
    assert main(["evaluate", "named", str(path), "--key", str(key)]) == 0
    printed = capsys.readouterr().out
    assert "| all | 16 | 94% [72, 99] | 12% [3, 36] |" in printed
    assert sum(line.startswith(f"| {style} | 4 |") for style in COLOURS for line in printed.splitlines()) == 4


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [(",oil,", ",fresco,", "is none of renaissance, oil"), (",oil,", ",oil,maybe", "neither yes nor no")],
)
def test_mangled_answers_are_told_of(sheets, capsys, before, after, message):
    output, key = sheets
    path = fill_in(output, key)
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    assert main(["evaluate", "named", str(path), "--key", str(key)]) == USAGE
    assert message in capsys.readouterr().err


def test_open_answers_and_keys_of_others_are_told_of(sheets, tmp_path, capsys):
    output, key = sheets
    assert main(["evaluate", "named", str(output / "answers.csv"), "--key", str(key)]) == USAGE
    assert "16 of 16 not answered" in capsys.readouterr().err
    (key / "key.json").write_text("{}")
    assert main(["evaluate", "named", str(output / "answers.csv"), "--key", str(key)]) == USAGE
    assert "no key that `portraitify evaluate naming` wrote" in capsys.readouterr().err


def test_a_painting_of_unknown_style_is_named(tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    Image.new("RGB", (64, 64)).save(folder / "plain.png")
    assert main(["evaluate", "naming", str(folder), "-o", str(tmp_path / "o"), "--key", str(tmp_path / "k")]) == USAGE
    assert "plain.png: neither its name nor a record" in capsys.readouterr().err
