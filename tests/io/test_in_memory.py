"""Pictures that a program holds: file objects, PIL images and arrays give what a file with the same pixels gives."""

from __future__ import annotations

import gzip
import io
import os
import pathlib
import tarfile

import numpy as np
import pytest
from PIL import Image, ImageCms

from portraitify.errors import ImageError
from portraitify.io.reading import SourceImage, read_image
from tests.io.profiles import grey_profile


@pytest.fixture(scope="module")
def colours() -> np.ndarray:
    y, x = np.mgrid[:40, :60]
    return np.stack([x * 4, y * 6, (x * y) % 256], -1).astype(np.uint8)


def png(image: Image.Image, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


class Trickle(io.RawIOBase):
    """Gives a byte or two at a time, as a socket may, and has neither a name nor a number."""

    def __init__(self, data: bytes):
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 2) if size >= 0 else 2)


def test_all_that_holds_a_file_is_read(colours, tmp_path):
    data = png(Image.fromarray(colours))
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with gzip.open(tmp_path / "picture.png.gz", "wb") as packed:
        packed.write(data)
    with tarfile.open(tmp_path / "picture.tar", "w") as archive:
        archive.add(path, "picture.png")
    expected = read_image(path)
    sources = [
        str(path),
        pathlib.PurePath(path),
        data,
        bytearray(data),
        memoryview(data),
        io.BytesIO(data),
        Trickle(data),
    ]
    with (
        path.open("rb") as plain,
        path.open("rb", buffering=0) as raw,
        gzip.open(tmp_path / "picture.png.gz") as unpacked,
        tarfile.open(tmp_path / "picture.tar") as archive,
        archive.extractfile("picture.png") as member,
    ):
        for source in (*sources, plain, raw, unpacked, member):
            found = read_image(source)
            assert np.array_equal(found.pixels, expected.pixels)
            assert found.digest == expected.digest


def test_a_path_of_any_kind(colours, tmp_path):
    class Named(os.PathLike):
        def __fspath__(self) -> str:
            return str(tmp_path / "picture.png")

    (tmp_path / "picture.png").write_bytes(png(Image.fromarray(colours)))
    assert read_image(Named()).name == str(tmp_path / "picture.png")


def test_a_compressed_stream_is_read_to_its_end(tmp_path):
    # Longer than its file, whose length its number tells.
    data = png(Image.new("RGB", (500, 500), "teal"), compress_level=0)
    with gzip.open(tmp_path / "picture.gz", "wb") as packed:
        packed.write(data)
    assert os.path.getsize(tmp_path / "picture.gz") < len(data) // 10
    with gzip.open(tmp_path / "picture.gz") as stream:
        assert read_image(stream).pixels.shape == (500, 500, 3)


def test_a_file_object_is_read_from_where_it_stands(colours):
    stream = io.BytesIO(b"before" + png(Image.fromarray(colours)))
    stream.seek(6)
    assert read_image(stream).pixels.shape == (40, 60, 3)
    with pytest.raises(ImageError, match=r"file object: nothing is left to read\. Rewind it with seek\(0\)"):
        read_image(stream)
    with pytest.raises(ImageError, match="file object: the file is empty"):
        read_image(io.BytesIO())


def test_file_objects_that_cannot_be_read(tmp_path):
    with (tmp_path / "new.png").open("wb") as stream, pytest.raises(ImageError, match=r"new\.png: .*not open for read"):
        read_image(stream)
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(ImageError, match=r"file object: cannot be read .*closed"):
        read_image(closed)
    with pytest.raises(ImageError, match="file object: not a picture"):
        read_image(io.BytesIO(b"some words that are no picture"))


class Tensor:
    """Can be made an array, as a tensor of torch can."""

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise AssertionError("nobody asked for it")


@pytest.mark.parametrize("source", [None, 3, 2.5, [1, 2], (), {}, object(), io.StringIO("text"), Tensor()])
def test_anything_else_is_a_type_error_that_says_what_is_taken(source):
    expected = (
        r"A picture must be a path, bytes, a binary file object, a PIL image, a NumPy array or a SourceImage, not "
    )
    with pytest.raises(TypeError, match=expected + type(source).__name__):
        read_image(source)


def test_a_file_that_is_open_for_text_is_a_type_error(tmp_path):
    (tmp_path / "picture.png").write_bytes(png(Image.new("L", (8, 8))))
    with (tmp_path / "picture.png").open(encoding="latin-1") as stream, pytest.raises(TypeError, match="TextIOWrapper"):
        read_image(stream)


@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_an_array_equals_its_file(colours, channels):
    array = np.dstack([colours, colours[::-1, :, 0]])[..., :channels] if channels else colours[..., 0]
    kept = array.copy()
    flat = array[..., 0] if channels == 1 else array
    expected = read_image(png(Image.fromarray(np.ascontiguousarray(flat))))
    found = read_image(array)
    assert np.array_equal(found.pixels, expected.pixels)
    assert np.array_equal(array, kept)
    assert found.name == "NumPy array"
    assert found.warnings == ()


@pytest.mark.parametrize(
    "view",
    [np.s_[::-1, ::-1], np.s_[::2, ::3], np.s_[:, :, ::-1], np.s_[5:9, 7:8]],
    ids=["turned", "coarse", "bgr", "part"],
)
def test_views_of_an_array(colours, view):
    seen = colours[view]
    assert np.array_equal(read_image(seen).pixels, np.array(seen))
    frozen = seen.copy()
    frozen.flags.writeable = False
    assert np.array_equal(read_image(frozen).pixels, frozen)
    assert np.array_equal(read_image(np.asfortranarray(seen)).pixels, frozen)


def test_the_pixels_are_no_view_of_the_array(colours):
    array = colours.copy()
    found = read_image(array)
    array[:] = 0
    assert np.array_equal(found.pixels, colours)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16, np.int64, bool, np.int8, object])
def test_arrays_of_other_values_are_refused(dtype):
    with pytest.raises(ImageError, match=r"NumPy array: its values are .*, and pixels must be uint8 from 0 to 255"):
        read_image(np.zeros((20, 20, 3), dtype))


@pytest.mark.parametrize(
    "shape", [(), (4,), (3, 20, 20), (20, 20, 2), (20, 20, 5), (1, 20, 20, 3), (0, 5, 3), (5, 0), (5, 5, 0)]
)
def test_arrays_of_other_shapes_are_refused(shape):
    with pytest.raises(ImageError, match=r"NumPy array: its shape is .*, and must be \(H, W, 3\) for RGB"):
        read_image(np.zeros(shape, np.uint8))


def test_the_limit_of_pixels_counts_for_arrays_too():
    with pytest.raises(ImageError, match="100 x 100 pixels are more than the limit"):
        read_image(np.zeros((100, 100), np.uint8), max_pixels=9_999)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_pil_image_equals_its_file(colours, mode):
    if mode == "I;16":
        image = Image.fromarray(colours[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(colours).convert(mode)
    kept = image.tobytes(), image.size, image.mode, dict(image.info)
    assert np.array_equal(read_image(image).pixels, read_image(png(image)).pixels)
    assert (image.tobytes(), image.size, image.mode, dict(image.info)) == kept


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "F", "RGBX", "RGBa", "La", "PA"])
def test_a_pil_image_of_a_mode_that_png_does_not_have(mode):
    image = Image.new("RGB", (30, 20), (90, 90, 90)).convert("L")
    if mode == "LAB":
        image = ImageCms.profileToProfile(
            image.convert("RGB"), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
    elif mode in ("La", "PA"):
        image = image.convert("LA").convert(mode)
    elif mode == "RGBa":
        image = image.convert("RGBA").convert(mode)
    else:
        image = image.convert("RGB" if mode in ("CMYK", "YCbCr", "HSV", "RGBX") else mode).convert(mode)
    pixels = read_image(image).pixels
    assert pixels.shape == (20, 30, 3)
    assert np.abs(pixels.astype(int) - 90).max() <= 3


def test_numbers_of_32_bits_are_taken_as_those_of_16(colours):
    values = colours[..., 0].astype(np.uint16) * 257
    whole = read_image(Image.fromarray(values.astype(np.int32))).pixels
    assert np.array_equal(whole, read_image(Image.fromarray(values)).pixels)


def test_a_palette_with_transparency(colours):
    image = Image.fromarray(colours).quantize(16)
    image.info["transparency"] = 3
    assert np.array_equal(read_image(image).pixels, read_image(png(image, transparency=3)).pixels)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_orientation_and_date_count_as_in_a_file(colours, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769)[0x9003] = "2020:02:03 04:05:06"
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, kind, exif=exif)
    expected = read_image(stream.getvalue())
    with Image.open(stream) as image:
        found = read_image(image)
        again = read_image(image)
    assert np.array_equal(found.pixels, expected.pixels)
    assert np.array_equal(again.pixels, expected.pixels)
    assert found.taken == expected.taken


def test_the_profile_counts_as_in_a_file(colours):
    grey = Image.fromarray(colours[..., 0])
    grey.info["icc_profile"] = grey_profile(1.0)
    found = read_image(grey)
    assert np.array_equal(found.pixels, read_image(png(grey, icc_profile=grey_profile(1.0))).pixels)
    assert not np.array_equal(found.pixels[..., 0], colours[..., 0])
    assert grey.info["icc_profile"] == grey_profile(1.0)


def test_pil_images_that_cannot_be_read(colours):
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, "JPEG")
    with Image.open(io.BytesIO(stream.getvalue()[:-500])) as image, pytest.raises(ImageError, match="PIL image: "):
        read_image(image)
    with pytest.raises(ImageError, match="PIL image: "):
        read_image(Image.new("RGB", (0, 5)))
    with pytest.raises(ImageError, match="PIL image: "):
        read_image(image)


def test_the_digest_is_that_of_the_pixels(colours):
    found = read_image(colours)
    assert len(found.digest) == 32
    assert found.digest == read_image(Image.fromarray(colours)).digest
    assert found.digest != read_image(colours[::-1]).digest
    # Of the same bytes in another shape.
    assert found.digest != read_image(colours.reshape(60, 40, 3)).digest


def test_what_was_read_is_given_back(colours):
    image = SourceImage(colours, "seen")
    assert read_image(image) is image
    for pixels in (colours[..., 0], colours.astype(float), np.dstack([colours, colours[..., 0]])):
        with pytest.raises(ImageError, match="seen: "):
            read_image(SourceImage(pixels, "seen"))
