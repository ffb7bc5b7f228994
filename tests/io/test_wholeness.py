"""Files that still grow are told from whole ones by how they are built."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from portraitify.io.wholeness import is_whole


def encoded(kind: str, **options) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def with_preview(data: bytes) -> bytes:
    """A JPEG file with a whole one in a segment, as cameras write them."""
    preview = encoded("JPEG", quality=20)
    return data[:2] + b"\xff\xe2" + (len(preview) + 2).to_bytes(2, "big") + preview + data[2:]


FILES = {
    "jpeg": encoded("JPEG"),
    "progressive": encoded("JPEG", progressive=True),
    "preview": with_preview(encoded("JPEG")),
    "png": encoded("PNG"),
    "webp": encoded("WEBP"),
    "avif": encoded("AVIF"),
    "gif": encoded("GIF"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_whole_at_its_last_byte(kind):
    data = FILES[kind]
    assert is_whole(data) is True
    for length in (0, 5, 40, len(data) // 2, len(data) - 30, len(data) - 1):
        assert is_whole(data[:length]) is False, length


@pytest.mark.parametrize("kind", FILES)
def test_what_was_reserved_and_not_written_is_not_whole(kind):
    data = FILES[kind]
    half = data[: len(data) // 2] + bytes(len(data) - len(data) // 2)
    assert is_whole(half) is not True
    assert is_whole(bytes(5000)) is False


def test_what_follows_the_end_of_a_photo_does_not_matter():
    assert is_whole(FILES["jpeg"] + b"a film of two seconds") is True


def test_formats_that_do_not_tell_and_what_is_no_picture():
    assert is_whole(encoded("BMP")) is None
    assert is_whole(encoded("TIFF")) is None
    assert is_whole(b"this is no picture, and will be none") is True
