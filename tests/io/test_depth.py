"""TIFF files of all depths and layouts, and which value in them is white."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ImageError
from portraitify.io import reading
from portraitify.io.reading import read_image
from tests.io.tiffs import make_tiff

LAYOUTS = [
    pytest.param(
        {"order": order, "planar": planar, "tile": tile, "deflate": predictor > 0, "predictor": max(predictor, 1)},
        id=f"{'little' if order == '<' else 'big'}-{'planar' if planar else 'chunky'}-{tile or 'strips'}-{predictor}",
    )
    for order, planar, tile, predictor in itertools.product("<>", (False, True), (0, 16), (0, 1, 2))
]


def colours(dtype: type, white: int, channels: int = 3) -> np.ndarray:
    """``(40, 57, channels)`` smooth colours of which 0 is black; alpha is opaque."""
    y, x = np.mgrid[:40, :57] / 56.0
    scene = np.stack([x, 0.2 + 0.6 * y, 0.9 - 0.7 * x * y, np.ones_like(x)], -1)[..., :channels]
    return (scene * white + (0.5 if white > 1 else 0)).astype(dtype)


def difference(pixels: np.ndarray, values: np.ndarray, white: float) -> float:
    """The largest one to what the values mean, in steps of eight bits."""
    values = values.reshape(*values.shape[:2], -1)[..., :3] / white
    return float(np.abs(pixels - 255 * values).max())


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_integers_is_read_right(layout, dtype, channels):
    white = np.iinfo(dtype).max
    values = colours(dtype, white, channels)
    read = read_image(make_tiff(values, **layout))
    assert difference(read.pixels, values, white) <= 1
    assert read.warnings == ()


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout.values[0]["predictor"] == 1])
def test_every_layout_of_floating_point_is_read_right_or_refused(layout):
    grey = colours(np.float32, 1, 1)
    assert difference(read_image(make_tiff(grey, **layout)).pixels, grey, 1) <= 1
    for channels, dtype in itertools.product((1, 3, 4), (np.float32, np.float16)):
        if (channels, dtype) != (1, np.float32):
            with pytest.raises(ImageError, match=r"TIFF file of a kind .* Save it with 8 or 16 bits"):
                read_image(make_tiff(colours(dtype, 1, channels), **layout))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint32])
def test_signed_and_long_greys(order, deflate, dtype):
    values = colours(np.float64, 1, 1) * np.iinfo(dtype).max
    tags = {339: (2,)} if dtype != np.uint32 else {}
    data = make_tiff(values.astype(dtype), order=order, deflate=deflate, tags=tags)
    if dtype == np.uint32 and order == ">":
        with pytest.raises(ImageError, match="TIFF file of a kind"):
            read_image(data)
    else:
        assert difference(read_image(data).pixels, values, np.iinfo(dtype).max) <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_white_may_be_zero(dtype):
    white = 1 if dtype == np.float32 else np.iinfo(dtype).max
    values = colours(dtype, white, 1)
    values[0, 0] = white
    pixels = read_image(make_tiff(values, tags={262: (0,)})).pixels
    assert difference(255 - pixels, values, white) <= 1


def test_planes_that_cannot_be_read_are_refused():
    cmyk = np.full((20, 30, 4), 40000, np.uint16)
    for deflate in (False, True):
        # Four inks, none of them alpha.
        data = make_tiff(cmyk, planar=True, deflate=deflate, tags={262: (5,), 338: ()})
        with pytest.raises(ImageError, match=r"channels of 16 bits .* Save it with interleaved channels"):
            read_image(data)


@pytest.mark.parametrize("highest", [100, 255, 300])
def test_a_dark_png_of_sixteen_bits_stays_dark(highest):
    values = np.full((20, 30), highest, np.uint16)
    values[0, 0] = 0
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "PNG")
    read = read_image(stream.getvalue())
    assert read.pixels.max() <= 2
    assert read.warnings == ()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("largest", "bits"), [(4095, 12), (3000, 12), (16383, 14), (9000, 14)])
@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if not layout.values[0]["planar"]])
def test_fewer_bits_than_the_file_says_are_told_of(layout, largest, bits, channels):
    values = colours(np.uint16, largest, channels)
    values[..., 3:] = 2**bits - 1
    read = read_image(make_tiff(values, **layout))
    assert difference(read.pixels, values, 2**bits - 1) <= 1
    assert len(read.warnings) == 1
    assert f"fill {bits} of the 16 bits" in read.warnings[0]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize(("tag", "stated"), [(281, 4095), (341, 4095), (281, 4000), (281, 255)])
def test_the_largest_value_that_the_file_states_counts(tag, stated, planar, channels):
    white = 2 ** stated.bit_length() - 1
    values = colours(np.uint16, stated, channels)
    read = read_image(make_tiff(values, planar=planar, tags={tag: (stated,) * channels}))
    assert difference(read.pixels, values, white) <= 1
    assert read.warnings == ()


def test_a_stated_value_does_not_stretch_the_picture():
    # It is the brightest value that is there, by the standard, and not to be made white.
    values = colours(np.uint16, 40000)
    read = read_image(make_tiff(values, tags={281: (40000,) * 3}))
    assert difference(read.pixels, values, 65535) <= 1


def test_a_stated_value_that_is_exceeded_is_not_believed():
    values = colours(np.uint16, 65535, 1)
    assert difference(read_image(make_tiff(values, tags={281: (4095,)})).pixels, values, 65535) <= 1


@pytest.mark.parametrize("width", [56, 57])
def test_packed_twelve_bits(width):
    # Two values in three bytes, each row beginning with a new byte.
    values = np.tile((np.arange(width) * 4095 // (width - 1)).astype(np.uint16), (40, 1))
    even = np.pad(values, ((0, 0), (0, width % 2))).astype(np.uint32)
    pairs = even[:, ::2] << 12 | even[:, 1::2]
    rows = np.stack([pairs >> 16, pairs >> 8 & 255, pairs & 255], -1).astype(np.uint8).reshape(40, -1)
    rows = rows[:, : (width * 12 + 7) // 8]
    data = make_tiff(rows[..., None], tags={256: (width,), 258: (12,)})
    read = read_image(data)
    assert difference(read.pixels, values, 4095) <= 1
    assert read.warnings == ()


def test_long_values_that_hold_sixteen_bits():
    values = colours(np.int32, 65535, 1)
    read = read_image(make_tiff(values, tags={339: (2,)}))
    assert difference(read.pixels, values, 65535) <= 1
    assert "fill 16 of the 31 bits" in read.warnings[0]


def test_a_black_picture_is_no_reason_for_a_warning():
    read = read_image(make_tiff(np.zeros((20, 30), np.uint16)))
    assert not read.pixels.any()
    assert read.warnings == ()


def test_planes_of_fewer_bits_that_are_compressed_are_refused():
    with pytest.raises(ImageError, match="Save it with interleaved channels"):
        read_image(make_tiff(colours(np.uint16, 4095), planar=True, deflate=True))


@pytest.mark.parametrize("largest", [4095, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_deep_pictures_are_turned_and_shrunk(channels, largest, monkeypatch):
    values = colours(np.uint16, largest, channels)
    data = make_tiff(values, tags={274: (6,), 281: (largest,) * channels})
    upright = np.rot90(values.reshape(40, 57, -1), -1)
    assert difference(read_image(data).pixels, upright, largest) <= 1
    monkeypatch.setattr(reading, "WORKING_PIXELS", 40 * 57 // 3)
    assert read_image(data).pixels.shape == (29, 20, 3)


def test_a_profile_of_grey_counts_in_deep_pictures_too():
    from tests.io.profiles import grey_profile

    values = colours(np.uint16, 65535, 1)
    stream = io.BytesIO()
    Image.fromarray(values[..., 0]).save(stream, "PNG", icc_profile=grey_profile(1.0))
    pixels = read_image(stream.getvalue()).pixels
    linear = values / 65535
    expected = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055) * 255
    assert np.abs(pixels - expected).mean() < 2
