import io
import struct

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ImageError
from portraitify.images import check_image, encode_png, read_image, write_atomically


def _bytes(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def picture() -> Image.Image:
    ramp = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    return Image.fromarray(ramp)


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
def test_exif_orientation_is_applied(orientation):
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:20, :30] = 255
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = Image.fromarray(upright)
    stored = image.transpose(undo[orientation]) if orientation in undo else image
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


def test_png_is_the_same_each_time_and_tells_what_it_is(picture):
    pixels = np.asarray(picture)
    first = encode_png(pixels, {"Software": "portraitify"})
    assert first == encode_png(pixels, {"Software": "portraitify"})
    image = Image.open(io.BytesIO(first))
    assert image.text["Software"] == "portraitify"
    assert np.array_equal(np.asarray(image), pixels)


def test_writing_is_all_or_nothing(tmp_path):
    target = tmp_path / "out.png"
    write_atomically(target, b"first")
    write_atomically(target, b"second")
    assert target.read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    with pytest.raises(ImageError, match="cannot be written"):
        write_atomically(tmp_path / "no" / "out.png", b"x")
    folder = tmp_path / "folder.png"
    folder.mkdir()
    with pytest.raises(ImageError, match="cannot be written"):
        write_atomically(folder, b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "out.png"]
