"""Colours that a file describes without a profile: PNG chunks, and boxes of HEIC and AVIF."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from portraitify.io.reading import read_image
from portraitify.io.signals import BT_709

P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
EXCHANGED = (*BT_709[:2], *BT_709[6:], *BT_709[4:6], *BT_709[2:4])
# Light in Display P3 to light in sRGB (CSS Color 4 gives these numbers to more places).
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
BT_2020_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """Colours that are not so strong that sRGB would lack them."""
    y, x = np.mgrid[:48, :64] / 64.0
    return (np.stack([0.4 + 0.3 * x, 0.35 + 0.4 * y, 0.65 - 0.3 * x * y], -1) * 255).astype(np.uint8)


def to_light(numbers: np.ndarray) -> np.ndarray:
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def to_numbers(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def png(pixels: np.ndarray, *chunks: tuple[bytes, bytes], **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", **options)
    data = stream.getvalue()
    # The signature and the header take up 33 bytes.
    inserted = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return data[:33] + inserted + data[33:]


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chromaticity(primaries: tuple[float, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in primaries))


def code_points(primaries: int, transfer: int, matrix: int = 0, full_range: int = 1) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, matrix, full_range])


def boxed(pixels: np.ndarray, kind: str, primaries: int, transfer: int) -> bytes:
    """A HEIC or AVIF file without loss, with code points."""
    import pillow_heif

    stream, image = io.BytesIO(), Image.fromarray(pixels)
    if kind == "HEIC":
        options = {"color_primaries": primaries, "transfer_characteristics": transfer}
        pillow_heif.from_pillow(image).save(stream, quality=100, chroma=444, **options)
        return stream.getvalue()
    image.save(stream, "AVIF", quality=100, subsampling="4:4:4")
    data = stream.getvalue()
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def distance(pixels: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(pixels - 255 * expected).max())


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.6])
def test_the_gamma_of_a_png_is_applied(scene, exponent):
    read = read_image(png(scene, gamma(1 / exponent)))
    assert distance(read.pixels, to_numbers((scene / 255) ** exponent)) <= 1
    assert read.warnings == ()


def test_the_gamma_of_a_grey_png_is_applied(scene):
    read = read_image(png(scene[..., 0], gamma(1)))
    assert distance(read.pixels, to_numbers(scene[..., :1] / 255)) <= 1


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma(0.45455)],
        [gamma(0.45455), chromaticity(BT_709)],
        [(b"sRGB", b"\0"), gamma(1), chromaticity(EXCHANGED)],
        [code_points(1, 13)],
        [code_points(1, 1)],
        [code_points(2, 2)],
        [gamma(1), chromaticity(EXCHANGED), code_points(1, 13)],
    ],
)
def test_srgb_in_other_words_stays_as_it_is(scene, chunks):
    read = read_image(png(scene, *chunks))
    assert np.array_equal(read.pixels, scene)
    assert read.warnings == ()


def test_the_primaries_of_a_png_are_applied(scene):
    read = read_image(png(scene, chromaticity(EXCHANGED)))
    assert distance(read.pixels[..., ::-1], scene / 255) <= 1
    read = read_image(png(scene, gamma(0.45455), chromaticity(P3)))
    assert distance(read.pixels, to_numbers(to_light(scene / 255) @ P3_TO_SRGB.T)) <= 1


def test_another_white_becomes_that_of_srgb():
    d50 = (0.3457, 0.3585, *BT_709[2:])
    pixels = read_image(png(np.full((8, 8, 3), 255, np.uint8), chromaticity(d50))).pixels
    assert (pixels == 255).all()


def test_a_profile_counts_before_gamma_and_after_code_points(scene):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"~XYZ").replace(b"bXYZ", b"rXYZ").replace(b"~XYZ", b"bXYZ")
    by_profile = read_image(png(scene, icc_profile=swapped)).pixels
    assert distance(by_profile[..., ::-1], scene / 255) < 4
    assert np.array_equal(read_image(png(scene, gamma(1), icc_profile=swapped)).pixels, by_profile)
    read = read_image(png(scene, code_points(12, 13), icc_profile=swapped))
    assert distance(read.pixels, to_numbers(to_light(scene / 255) @ P3_TO_SRGB.T)) <= 1
    # What they say cannot be used, and the profile can.
    read = read_image(png(scene, code_points(12, 200), icc_profile=swapped))
    assert np.array_equal(read.pixels, by_profile)
    assert read.warnings == ()


@pytest.mark.parametrize(("primaries", "matrix"), [(12, P3_TO_SRGB), (9, BT_2020_TO_709)])
@pytest.mark.parametrize("kind", ["PNG", "HEIC", "AVIF"])
def test_wide_colours_are_converted(scene, kind, primaries, matrix):
    data = png(scene, code_points(primaries, 13)) if kind == "PNG" else boxed(scene, kind, primaries, 13)
    plain = scene if kind == "PNG" else read_image(boxed(scene, kind, 1, 13)).pixels
    read = read_image(data)
    assert distance(read.pixels, to_numbers(to_light(plain / 255) @ matrix.T)) <= 1.5
    assert read.warnings == ()
    assert np.abs(read.pixels.astype(int) - plain).max() > 3


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_a_profile_counts_before_code_points_in_boxes(scene, kind):
    import pillow_heif

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream, image = io.BytesIO(), Image.fromarray(scene)
    if kind == "HEIC":
        image.info["icc_profile"] = srgb
        pillow_heif.from_pillow(image).save(stream, quality=100, color_primaries=9, transfer_characteristics=16)
    else:
        image.save(stream, "AVIF", quality=100, icc_profile=srgb)
    read = read_image(stream.getvalue())
    assert np.abs(read.pixels.astype(int) - scene).mean() < 3
    assert read.warnings == ()


def pq(nits: np.ndarray) -> np.ndarray:
    power = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(nits: np.ndarray) -> np.ndarray:
    """Signal of grey on a screen of 1000 candelas per square metre."""
    scene = (nits / 1000) ** (1 / 1.2)
    upper = 0.17883277 * np.log(np.maximum(12 * scene, 1) - 0.28466892) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)


@pytest.mark.parametrize("kind", ["PNG", "HEIC", "AVIF"])
@pytest.mark.parametrize(("transfer", "encode", "word"), [(16, pq, "PQ"), (18, hlg, "HLG")])
def test_light_beyond_white_is_toned_down(kind, transfer, encode, word):
    # Black, dark and light skin, white paper, a lamp and a brighter one.
    nits = np.array([0.0, 20.0, 60.0, 203.0, 600.0, 1000.0])
    greys = np.repeat((encode(nits) * 255 + 0.5).astype(np.uint8), 16)
    pixels = np.tile(greys[None, :, None], (32, 1, 3))
    read = read_image(png(pixels, code_points(9, transfer)) if kind == "PNG" else boxed(pixels, kind, 9, transfer))
    found = read.pixels[16, 8::16].astype(int)
    assert np.ptp(found, 1).max() <= 2
    # What is not bright keeps its light; white leaves room for what is brighter.
    assert np.abs(found[:3, 0] - 255 * to_numbers(nits[:3] / 203)).max() <= 5
    assert 210 <= found[3, 0] <= 240
    assert found[3, 0] < found[4, 0] < found[5, 0]
    assert found[5, 0] >= 253
    assert len(read.warnings) == 1
    assert f"beyond white ({word})" in read.warnings[0]


def test_toning_down_keeps_hues():
    from portraitify.io.colour import decoded
    from portraitify.io.signals import Encoding

    light = np.array([300.0, 150.0, 60.0])
    bright, dim = ((pq(light * share) * 255 + 0.5).astype(np.uint8) for share in (1.0, 0.1))
    bright, dim = (to_light(decoded(pixel[None, None], Encoding(transfer="PQ"))[0, 0] / 255) for pixel in (bright, dim))
    assert np.abs(bright / bright.max() - dim / dim.max()).max() < 0.03


def test_a_narrow_range_is_widened(scene):
    narrow = (16 + scene / 255 * 219 + 0.5).astype(np.uint8)
    assert distance(read_image(png(narrow, code_points(1, 13, 0, 0))).pixels, scene / 255) <= 1


@pytest.mark.parametrize(
    "chunk",
    [
        gamma(0),
        gamma(0.00001),
        gamma(40_000),
        chromaticity((0.3, 0.3, *[0.0] * 6)),
        chromaticity((0.3, 0.3, *[0.5] * 6)),
        chromaticity((0.9, 0.9, *BT_709[2:])),
        (b"cHRM", b"\xff" * 32),
        (b"cICP", b"\1"),
        (b"cICP", b""),
        (b"cICP", bytes(40)),
        code_points(3, 13),
        code_points(1, 200),
        code_points(9, 13, 9),
    ],
)
def test_senseless_descriptions_are_told_of(scene, chunk):
    read = read_image(png(scene, chunk))
    assert np.array_equal(read.pixels, scene)
    assert read.warnings == ("what it says of its colours cannot be used; they may be a little off",)


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_unknown_code_points_are_told_of(scene, kind):
    read = read_image(boxed(scene, kind, 1, 9))
    assert "what it says of its colours cannot be used" in read.warnings[0]


def test_damaged_boxes_are_no_trouble():
    from portraitify.io.signals import _box_code_points

    data = boxed(np.zeros((16, 16, 3), np.uint8), "AVIF", 9, 16)
    assert _box_code_points(data) == (9, 16)
    rng = np.random.default_rng(0)
    for _ in range(3000):
        body = bytearray(data[: int(rng.integers(1, len(data) + 1))])
        for place in rng.integers(0, len(body), 4):
            body[place] = int(rng.integers(256))
        with contextlib.suppress(ValueError, IndexError, struct.error):
            _box_code_points(bytes(body))


def test_the_main_picture_says_which_code_points_count():
    import pillow_heif

    stream = io.BytesIO()
    file = pillow_heif.from_pillow(Image.new("RGB", (64, 64), (200, 120, 90)))
    file.add_from_pillow(Image.new("RGB", (64, 64), (200, 120, 90)))
    file.save(stream, primary_index=1, quality=100, color_primaries=1, transfer_characteristics=13)
    data = bytearray(stream.getvalue())
    plain = read_image(bytes(data)).pixels
    # Only the code points of the other picture are exchanged, if each has its own.
    places = [at for at in range(len(data)) if data[at : at + 8] == b"colrnclx"]
    changed = []
    for at in places:
        copy = bytearray(data)
        copy[at + 8 : at + 12] = struct.pack(">HH", 9, 16)
        changed.append(not np.array_equal(read_image(bytes(copy)).pixels, plain))
    assert sum(changed) == 1
