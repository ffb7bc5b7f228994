"""Contact sheets: the layout, and the command line."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify import PaintConfig, Portraitist, read_image
from portraitify.io.provenance import read_provenance
from portraitify.layout.contact_sheet import Tile, contact_sheet
from portraitify.media.registry import STYLES


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_every_picture_is_on_the_sheet(count):
    others = [Tile(np.full((60, 40, 3), 10 * number, np.uint8), "Oil", "after me") for number in range(1, count + 1)]
    sheet = contact_sheet(Tile(np.full((50, 30, 3), 200, np.uint8), "Photo"), others)
    for number in range(1, count + 1):
        assert (sheet == 10 * number).all(-1).sum() >= 60 * 40
    assert (sheet == 200).all(-1).sum() >= 50 * 30
    assert np.array_equal(sheet, contact_sheet(Tile(np.full((50, 30, 3), 200, np.uint8), "Photo"), others))


def test_a_sheet_of_all_styles(paint, photo, capsys):
    assert paint(photo, "--sheet") == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert "selfie.sheet.png: a sheet of renaissance, oil, watercolor, ink" in out
    assert err == ""
    path = photo.with_name("selfie.sheet.png")
    sheet = pixels(path)
    assert sheet.shape[0] > 2 * 128
    assert sheet.shape[1] > 3 * 128
    record = read_provenance(path)
    assert record.style == "sheet"
    assert record.command() == "portraitify PHOTO --seed 0 --size 128 --engine onnx --sheet"
    assert paint(photo, "--sheet", "--skip-existing") == 0
    assert "skipped" in capsys.readouterr().out


def test_the_sheet_shows_the_photo_and_the_paintings_themselves(paint, photo):
    assert paint(photo, "--sheet") == 0
    sheet = pixels(photo.with_name("selfie.sheet.png"))
    for number, style in enumerate(STYLES):
        target = photo.with_name(f"{style}.png")
        assert paint(photo, "--style", style, "-o", target) == 0
        assert holds(sheet, pixels(target)), (number, style)
    assert paint(photo, "--strength", "0", "-o", photo.with_name("plain.png")) == 0
    assert holds(sheet, pixels(photo.with_name("plain.png")))


def holds(sheet: np.ndarray, picture: np.ndarray) -> bool:
    high, wide = picture.shape[:2]
    found = (sheet[: 1 - high or None, : 1 - wide or None] == picture[0, 0]).all(-1)
    return any(np.array_equal(sheet[y : y + high, x : x + wide], picture) for y, x in np.argwhere(found))


def test_sheets_of_folders_pipes_and_all_faces(paint, photo, capsysbinary, monkeypatch):
    assert paint(photo.parent, "--sheet", "-o", photo.parent / "out", "--json") == 0
    record = json.loads(capsysbinary.readouterr().out)
    assert [part["style"] for part in record["paintings"]] == list(STYLES)
    assert (photo.parent / "out" / "selfie.sheet.png").exists()
    assert paint(photo, "--sheet", "--faces", "all", "-f", "jpeg") == 0
    assert photo.with_name("selfie.1.sheet.jpg").exists()
    capsysbinary.readouterr()
    assert paint(photo, "--sheet", "-o", "-") == 0
    assert Image.open(BytesIO(capsysbinary.readouterr().out)).size[0] > 3 * 128
    # Sheets beside their photos are not taken for photos.
    assert paint(photo.parent, "--skip-existing") == 0
    assert not photo.with_name("selfie.1.sheet.portrait.png").exists()


@pytest.mark.parametrize(("options", "reason"), [(("--group",), "--group and --sheet"), (("-s", "oil"), "--style")])
def test_what_makes_no_sense_with_a_sheet_is_refused(paint, photo, capsys, options, reason):
    assert paint(photo, "--sheet", *options) == 2
    assert reason in capsys.readouterr().err


def test_strength_zero_is_the_photo_in_the_frame(random_weights, astronaut_path):
    source = read_image(astronaut_path)
    config = PaintConfig(style="oil", size_px=300, paint_px=128, device="cpu", strength=0.0)
    portraitist = Portraitist(config, random_weights)
    (face,) = portraitist.find(source)
    painting = portraitist.paint(source)
    assert np.array_equal(painting.pixels, face.renditions.photo)
    assert painting.face.renditions.photo is None
    # Sharper than the frame that the generator got, and otherwise the same.
    small = np.asarray(Image.fromarray(face.renditions.photo).resize((128, 128), Image.Resampling.BOX)).astype(int)
    assert np.abs(small - face.pixels).mean() < 3
    blurred = np.asarray(Image.fromarray(face.pixels).resize((300, 300))).astype(int)
    fine = [np.abs(np.diff(picture.astype(int), axis=1)).mean() for picture in (face.renditions.photo, blurred)]
    assert fine[0] > fine[1]


def test_the_record_names_only_unusual_options(paint, photo, capsys):
    usual, other = photo.with_name("usual.png"), photo.with_name("other.png")
    assert paint(photo, "-o", usual, "--style", "oil") == 0
    assert read_provenance(usual).options == '{"engine": "onnx"}'
    options = ("--strength", "0.4", "--keep-color", "--skin-tone", "paint", "--frame", "wood")
    assert paint(photo, "-o", other, "--style", "oil", *options) == 0
    record = read_provenance(other)
    command = "portraitify PHOTO --style oil --seed 0 --size 128 --engine onnx --frame wood --keep-color"
    assert record.command() == f"{command} --skin-tone paint --strength 0.4"
    assert pixels(other).shape == (128 + 2 * 11, 128 + 2 * 11, 3)
    capsys.readouterr()
    assert paint(photo, "-o", other, "--style", "oil", *options, "--skip-existing") == 0
    assert "skipped" in capsys.readouterr().out
    assert paint(photo, "-o", other, "--style", "oil", *options[:-1], "gilt", "--skip-existing") == 3


@pytest.mark.parametrize("values", [{"strength": 1.5}, {"skin_tone": "tan"}, {"frame": "plastic"}])
def test_senseless_options_are_refused(values):
    from portraitify.errors import ConfigError

    with pytest.raises(ConfigError):
        PaintConfig(**values)
