"""Every kind of file that phones, cameras and scanners make, made here and read back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from portraitify.errors import ImageError
from portraitify.io import reading
from portraitify.io.reading import read_image


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    """Smooth colours that survive lossy compression."""
    y, x = np.mgrid[:96, :128] / 128.0
    pixels = np.stack([x, 0.3 + 0.5 * y, 0.8 - 0.6 * x * y], -1)
    return Image.fromarray((pixels * 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def heic(image: Image.Image) -> bytes:
    import pillow_heif

    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=95)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("PNG", {"interlace": 1}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg", "quality": 95}),
        ("BMP", {}),
        ("AVIF", {"quality": 95}),
        ("MPO", {"quality": 95}),
        ("HEIC", {}),
    ],
)
def test_colours_come_through_every_format(scene, kind, options):
    data = heic(scene) if kind == "HEIC" else encoded(scene, kind, **options)
    read = read_image(data)
    assert read.pixels.shape == (96, 128, 3)
    assert np.abs(read.pixels.astype(int) - np.asarray(scene)).mean() < 4
    assert read.warnings == ()


def test_grey_jpeg(scene):
    pixels = read_image(encoded(scene.convert("L"), "JPEG", quality=95)).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_cmyk_jpeg_has_the_right_sign(scene):
    pixels = read_image(encoded(scene.convert("CMYK"), "JPEG", quality=95)).pixels
    assert np.abs(pixels.astype(int) - np.asarray(scene)).mean() < 4


def test_palette_and_transparency(scene):
    pixels = read_image(encoded(scene.quantize(64), "PNG")).pixels
    assert np.abs(pixels.astype(int) - np.asarray(scene)).mean() < 8
    palette = scene.quantize(4)
    clear = read_image(encoded(palette, "PNG", transparency=int(np.asarray(palette)[0, 0]))).pixels
    assert tuple(clear[0, 0]) == (255, 255, 255)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_deep_greys_become_eight_bits(dtype):
    smoothstep = np.tile(np.linspace(0, 1, 64), (8, 1))
    values = smoothstep if dtype == np.float32 else smoothstep * 65535
    pixels = read_image(encoded(Image.fromarray(values.astype(dtype)), "TIFF")).pixels
    assert np.abs(pixels[..., 0] - smoothstep * 255).max() <= 1


def test_sixteen_bit_colour_png():
    # Pillow writes none: four pixels of 16-bit RGB, by hand.
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"\0" + struct.pack(">6H", 65535, 0, 32768, 0, 65535, 257)
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 2)) + chunk(b"IEND", b"")
    pixels = read_image(b"\x89PNG\r\n\x1a\n" + body).pixels
    assert np.abs(pixels[0].astype(int) - [[255, 0, 128], [0, 255, 1]]).max() <= 1


@pytest.mark.parametrize(
    ("kind", "word"), [("GIF", "frames"), ("PNG", "frames"), ("WEBP", "frames"), ("TIFF", "pages")]
)
def test_the_first_of_several_frames_counts_and_is_told_of(scene, kind, word):
    others = [Image.new("RGB", scene.size, colour) for colour in ("red", "blue")]
    read = read_image(encoded(scene, kind, save_all=True, append_images=others))
    assert np.abs(read.pixels.astype(int) - np.asarray(scene)).mean() < 12
    assert read.warnings == (f"the file holds 3 {word}; the first one was painted",)


def test_the_main_picture_of_a_heic_file_counts(scene):
    import pillow_heif

    stream = io.BytesIO()
    file = pillow_heif.from_pillow(Image.new("RGB", scene.size, "red"))
    file.add_from_pillow(scene)
    file.save(stream, primary_index=1, quality=95)
    read = read_image(stream.getvalue())
    assert np.abs(read.pixels.astype(int) - np.asarray(scene)).mean() < 4
    assert read.warnings == ("the file holds 2 pictures; the main one was painted",)


def test_light_above_white_in_floating_point():
    smoothstep = np.tile(np.linspace(0, 1.2, 64, dtype=np.float32), (8, 1))
    pixels = read_image(encoded(Image.fromarray(smoothstep), "TIFF")).pixels
    assert np.abs(pixels[..., 0] - np.clip(smoothstep, 0, 1) * 255).max() <= 1


def test_colour_profiles_are_converted(scene):
    # A profile whose red and blue are exchanged shows that it is used.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"~XYZ").replace(b"bXYZ", b"rXYZ").replace(b"~XYZ", b"bXYZ")
    plain = read_image(encoded(scene, "PNG", icc_profile=srgb)).pixels
    swapped = read_image(encoded(scene, "PNG", icc_profile=exchanged)).pixels
    assert np.abs(plain.astype(int) - np.asarray(scene)).max() <= 2
    assert np.abs(swapped[..., ::-1].astype(int) - np.asarray(scene)).mean() < 4


def test_a_damaged_profile_is_left_out_and_told_of(scene):
    read = read_image(encoded(scene, "PNG", icc_profile=b"no profile at all"))
    assert np.array_equal(read.pixels, np.asarray(scene))
    assert "colour profile" in read.warnings[0]


def test_the_name_of_a_file_does_not_matter(scene, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(scene, "JPEG"))
    bare = tmp_path / "photo"
    bare.write_bytes(encoded(scene, "WEBP"))
    assert read_image(path).pixels.shape == read_image(bare).pixels.shape


def test_a_page_named_like_a_photo_is_refused(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_text("<!DOCTYPE html><html><body>404</body></html>")
    with pytest.raises(ImageError, match="not a picture"):
        read_image(path)


@pytest.mark.parametrize("size", [(1, 1), (20000, 10), (10, 20000)])
def test_odd_shapes_are_read(size):
    assert read_image(encoded(Image.new("RGB", size), "PNG")).pixels.shape == (size[1], size[0], 3)


def test_the_limit_of_pixels_is_checked_before_decoding(scene):
    data = encoded(scene, "PNG")
    with pytest.raises(ImageError, match=r"128 x 96 pixels .* --max-pixels"):
        read_image(data, max_pixels=10_000)
    assert read_image(data, max_pixels=128 * 96).pixels.shape == (96, 128, 3)


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "CMYK", "I;16"])
def test_large_pictures_of_all_modes_are_read_smaller(scene, mode, monkeypatch):
    monkeypatch.setattr(reading, "WORKING_PIXELS", 128 * 96 // 3)
    image = scene.convert("L").convert("I;16") if mode == "I;16" else scene.convert(mode)
    assert read_image(encoded(image, "TIFF" if mode == "CMYK" else "PNG")).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_is_too_large_to_work_on_is_read_smaller(scene, kind, monkeypatch):
    monkeypatch.setattr(reading, "WORKING_PIXELS", 128 * 96 // 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    read = read_image(encoded(scene, kind, exif=exif))
    assert read.pixels.shape == (64, 48, 3)
    upright = scene.transpose(Image.Transpose.ROTATE_270).reduce(2)
    assert np.abs(read.pixels.astype(int) - np.asarray(upright)).mean() < 6


def test_other_users_of_pillow_keep_their_limit(scene):
    before = Image.MAX_IMAGE_PIXELS
    read_image(encoded(scene, "PNG"))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize(
    ("stored", "kept"),
    [("2021:05:06 07:08:09", "2021:05:06 07:08:09"), ("yesterday", ""), ("", ""), ("2021:05:06 07:08:0\n9", "")],
)
def test_only_the_date_is_kept_of_exif_data(scene, stored, kept):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = stored
    exif[0x010F] = "A Camera"
    assert read_image(encoded(scene, "JPEG", exif=exif.tobytes())).taken == kept


def test_the_digest_is_of_the_file(scene):
    import hashlib

    data = encoded(scene, "PNG")
    assert read_image(data).digest == hashlib.sha256(data).hexdigest()[:32]
