import io
import struct

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ImageError
from portraitify.io.reading import check_image, read_image


def _bytes(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def picture() -> Image.Image:
    smoothstep = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    return Image.fromarray(smoothstep)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK", "1"])
def test_every_mode_becomes_rgb(picture, mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    pixels = read_image(_bytes(picture.convert(mode), kind)).pixels
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8


def test_sixteen_bits_become_eight():
    values = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    pixels = read_image(_bytes(Image.fromarray(values), "PNG")).pixels
    assert np.abs(pixels[..., 0].astype(int) - np.arange(256).reshape(16, 16)).max() <= 1


def test_transparent_becomes_white():
    pixels = read_image(_bytes(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG")).pixels
    assert (pixels == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(as_stored, orientation):
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:20, :30] = 255
    stored = as_stored(Image.fromarray(upright), orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = read_image(_bytes(stored, "PNG", exif=exif)).pixels
    assert np.array_equal(pixels, upright)


def test_damaged_pictures_are_named(tmp_path, picture):
    whole = _bytes(picture.resize((400, 300)), "JPEG")
    cases = {"text.jpg": b"hello", "empty.jpg": b"", "cut.jpg": whole[: len(whole) // 2]}
    for name, data in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ImageError, match=name):
            read_image(path)
    with pytest.raises(ImageError, match=r"missing\.jpg: no such file"):
        read_image(tmp_path / "missing.jpg")
    with pytest.raises(ImageError):
        read_image(tmp_path)


def test_the_header_is_enough_to_refuse(tmp_path):
    path = tmp_path / "text.png"
    path.write_text("no picture")
    with pytest.raises(ImageError, match="not a picture"):
        check_image(path)
    path.write_bytes(b"")
    with pytest.raises(ImageError, match="empty"):
        check_image(path)


def test_a_picture_that_claims_to_be_huge_is_refused(tmp_path):
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    import zlib

    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path = tmp_path / "bomb.png"
    path.write_bytes(data + b"\0\0\0\0IDAT\x35\xaf\x06\x1e")
    with pytest.raises(ImageError, match=r"megapixels|too large"):
        read_image(path)
