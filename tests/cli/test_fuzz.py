"""Damaged files, made from good ones by a seeded hand: each is read or refused in one line, never worse."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image

from portraitify import PaintConfig, Portraitist
from portraitify.cli.main import main
from portraitify.errors import ImageError
from portraitify.io.reading import SourceImage, read_image

MUTATIONS_EACH = 70
KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "HEIC")


@pytest.fixture(scope="module")
def finder(random_weights) -> Portraitist:
    config = PaintConfig(style="oil", size_px=128, paint_px=128, finish=0, device="cpu")
    return Portraitist(config, random_weights)


@pytest.fixture(scope="module")
def originals() -> dict[str, bytes]:
    y, x = np.mgrid[:60, :80] * 3
    image = Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2020:02:03 04:05:06"
    files = {}
    for kind in KINDS:
        stream = io.BytesIO()
        if kind == "HEIC":
            import pillow_heif

            pillow_heif.from_pillow(image).save(stream)
        else:
            image.save(stream, kind, **({} if kind in ("BMP", "GIF") else {"exif": exif.tobytes()}))
        files[kind] = stream.getvalue()
    return files


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut, flip, zero, repeat or exchange a part."""
    body, kind = bytearray(data), rng.integers(6)
    at = int(rng.integers(len(body)))
    length = int(rng.integers(1, 64))
    if kind == 0:
        return bytes(body[:at])
    if kind == 1:
        for place in rng.integers(0, len(body), 8):
            body[place] ^= 1 << int(rng.integers(8))
    elif kind == 2:
        body[at : at + length] = bytes(length)
    elif kind == 3:
        body[at:at] = body[at : at + length]
    elif kind == 4:
        body[at : at + length] = rng.integers(0, 256, length).astype(np.uint8).tobytes()
    else:
        del body[at : at + length]
    return bytes(body)


def read_or_refuse(source) -> str:
    """The message of a refusal; nothing for a picture that can be read."""
    try:
        pixels = read_image(source, max_pixels=1_000_000).pixels
    except ImageError as error:
        return str(error)
    assert pixels.ndim == 3
    assert pixels.dtype == np.uint8
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_are_read_or_refused(originals, kind, tmp_path, capfd):
    rng = np.random.default_rng(KINDS.index(kind))
    refused = 0
    for number in range(MUTATIONS_EACH):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(mutated(originals[kind], rng))
        message = read_or_refuse(path)
        refused += bool(message)
        assert message.startswith(str(path)) or not message
    assert refused > 0


@pytest.mark.parametrize("kind", KINDS)
def test_truncations_at_many_offsets(originals, kind):
    data = originals[kind]
    for end in np.linspace(0, len(data) - 1, 25).astype(int):
        message = read_or_refuse(data[:end])
        assert message.startswith("bytes: ") or not message


def test_the_command_line_survives_a_folder_of_them(originals, random_weights, tmp_path, capfd):
    rng = np.random.default_rng(99)
    for number in range(40):
        (tmp_path / f"{number:02d}.jpg").write_bytes(mutated(originals[KINDS[number % len(KINDS)]], rng))
    code = main([str(tmp_path), "--weights", str(random_weights), "--size", "128", "--device", "cpu"])
    out, err = capfd.readouterr()
    assert code == 7
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.startswith("portraitify: error:")]
    # No face is in any of them, so each is named once, whether it can be read or not.
    assert len(lines) == 40
    assert all(f"{number:02d}.jpg" in line for number, line in enumerate(lines))
    assert out == ""
    assert not [name for name in os.listdir(tmp_path) if "portrait" in name]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("lying", [False, True])
def test_all_orientations_give_the_same_painting(finder, astronaut, as_stored, orientation, lying):
    if lying and orientation in (2, 4, 5, 7):
        # No camera writes a mirror image, and nothing in a face tells that it is one.
        orientation = {2: 1, 4: 3, 5: 6, 7: 8}[orientation]
    photo = Image.fromarray(astronaut[:320, 60:380])
    exif = Image.Exif()
    if lying:
        # The tag says upright, the pixels are turned: the face itself must tell.
        exif[0x0112] = 1
    else:
        exif[0x0112] = orientation
    stored = as_stored(photo, orientation)
    stream = io.BytesIO()
    stored.save(stream, "PNG", exif=exif.tobytes())
    first = finder.paint(stream.getvalue()).pixels.astype(int)
    second = finder.paint(SourceImage(np.asarray(photo), "upright")).pixels
    # A turned photo is searched on a turned grid, so that landmarks differ by parts of a pixel.
    assert np.abs(first - second).mean() < 6
