"""What libtiff prints past Python is kept from the terminal; our own words are not."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from portraitify.io.reading import read_image
from portraitify.io.tiff_messages import silence_libtiff
from tests.io.tiffs import make_tiff

PIXELS = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)


def damaged(name: str) -> bytes:
    """A TIFF file of which libtiff says something."""
    if name == "deflate":
        data = bytearray(make_tiff(PIXELS, deflate=True))
        data[3000:3010] = bytes(10)
        return bytes(data)
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "TIFF", compression="tiff_lzw")
    data = bytearray(stream.getvalue())
    data[300:320] = b"\xff" * 20
    return bytes(data)


@pytest.mark.parametrize("kind", ["deflate", "lzw"])
def test_libtiff_says_nothing_and_we_say_what_we_have_to(random_weights, tmp_path, kind):
    for number in range(3):
        (tmp_path / f"{number}.tif").write_bytes(damaged(kind))
    command = [sys.executable, "-m", "portraitify", str(tmp_path), "--weights", str(random_weights)]
    done = subprocess.run(command, capture_output=True, timeout=60, text=True)
    assert done.returncode == 7
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("portraitify: ") for line in lines)
    assert sum("damaged or incomplete" in line for line in lines) == 3


def test_a_whole_one_is_read_as_before():
    silence_libtiff()
    assert np.array_equal(read_image(make_tiff(PIXELS, deflate=True)).pixels, PIXELS)


def test_a_pillow_whose_libtiff_is_out_of_reach_stays_as_it_is(monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda path: object())
    silence_libtiff()
