"""Pictures of more than eight bits a channel: which value is white, and their eight-bit form.

What white is follows from the format wherever the format says so: 65535 in
a PNG of 16 bits, however dark the picture. TIFF files only say how many bits
a value takes up, and scanners and scientific cameras fill 16 of them with
values of 12 or 14. So, in this order, white in a TIFF of integers is

1. the largest value of the bits that MaxSampleValue or SMaxSampleValue needs, where they are given,
2. the largest value of 12, 14 or 16 bits, the fewest that hold the brightest value, where those are fewer
   than a value takes up; a warning says so,
3. the largest value of the bits that a value takes up.

Grey of floating point runs to 1, where it does not go beyond 4; else to 255 or 65535.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
from PIL import Image, ImageFile

from portraitify.errors import ImageError

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import TiffImageFile

DEEP_GREYS = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _PLANES, _FORMAT = 256, 257, 258, 262, 284, 339
_LARGEST_VALUE = (281, 341)
_WHITE_IS_ZERO, _IN_PLANES, _SIGNED = 0, 2, 2
_FEWER_BITS = (12, 14, 16)
_WHITE_16 = 65535
# What libtiff hands on is in this machine's order of bytes; Pillow takes some of it to be in that of the file.
_NATIVE = {"F;32BF": "F;32NF", "I;32BS": "I;32NS", "I;16BS": "I;16NS"}
# By exchanging the bytes of a value Pillow, which keeps the high one, gives the low one.
_EXCHANGED = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}


def prepare(image: ImageFile.ImageFile) -> None:
    """Mend how Pillow would decode a TIFF file; to be called before its pixels are loaded.

    Raises:
        ImageError: its channels are stored in a way that cannot be read.
    """
    if not _is_tiff(image) or not image.tile:
        return
    # Without a canvas Pillow would make one, and check its own limit of pixels, that of the whole process.
    image.im = Image.new(image.mode, (image.tag_v2[_WIDTH], image.tag_v2[_HEIGHT])).im
    deep_planes = image.tag_v2.get(_PLANES) == _IN_PLANES and _bits(image) > 8
    if deep_planes and image.mode not in ("RGB", "RGBA", *DEEP_GREYS):
        raise _unreadable(image)
    if image.tile[0].codec_name == "libtiff":
        _set_raw_modes(image, lambda raw: _NATIVE.get(raw, raw))
    elif deep_planes:
        # Pillow asks for planes of eight bits.
        _set_raw_modes(image, lambda raw: _plane_mode(raw, image))


def _is_tiff(image: Image.Image) -> TypeGuard[TiffImageFile]:
    # Compared by name, since the class is not imported before there is such a file.
    return image.format == "TIFF"


def _set_raw_modes(image: TiffImageFile, mended: Callable[[str], str]) -> None:
    for number, tile in enumerate(image.tile):
        assert isinstance(tile.args, tuple)
        image.tile[number] = tile._replace(args=(mended(tile.args[0]), *tile.args[1:]))


def _plane_mode(band: str, image: TiffImageFile) -> str:
    """Pillow's name for the values of one plane, such as ``R;16L``."""
    big_endian = image.tag_v2.prefix == b"MM"
    if image.mode in ("RGB", "RGBA"):
        if band not in "RGBA":
            raise _unreadable(image)
        return f"{band};16{'B' if big_endian else 'L'}"
    if image.mode.startswith("I;16"):
        return image.mode
    return f"{image.mode};{_bits(image)}{'B' if big_endian else ''}{'F' if image.mode == 'F' else 'S'}"


def _unreadable(image: TiffImageFile) -> ImageError:
    return ImageError(
        f"a TIFF file whose channels of {_bits(image)} bits are stored in a way that cannot be read. "
        "Save it with interleaved channels, or as PNG."
    )


def to_eight_bits(
    image: Image.Image, reopened: Callable[[], AbstractContextManager[Image.Image]], notes: list[str]
) -> Image.Image:
    """The picture with eight bits a channel.

    Args:
        image: prepared and loaded; given back if it has eight bits already.
        reopened: opens the same file again.
        notes: a warning is added where white had to be guessed.

    Returns:
        Without EXIF data and colour profile, unless it is the picture that was given.

    Raises:
        ImageError: its values have fewer bits than the file says, in a layout that cannot be read.
    """
    if image.mode in DEEP_GREYS:
        return Image.fromarray(_grey(image, notes))
    if _is_tiff(image) and image.mode in ("RGB", "RGBA") and _bits(image) == 16:
        return _colour(image, reopened, notes)
    return image


def _grey(image: Image.Image, notes: list[str]) -> np.ndarray:
    """``(H, W)`` uint8 of a grey picture of 12, 16 or 32 bits, or of floating point."""
    values = np.asarray(image)
    if image.mode == "F":
        values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
        highest = float(values.max(initial=0.0))
        # Lights may be a little brighter than white.
        white: float = 1 if highest <= 4 else 255 if highest <= 255 else _WHITE_16
    elif _is_tiff(image):
        if _bits(image) == 32 and not _is_signed(image):
            values = values.view(np.uint32)
        white = _white(image, int(values.max(initial=0)), notes)
    else:
        white = _WHITE_16 if values.max(initial=0) <= _WHITE_16 else 2**31 - 1
    grey = _scaled(values, white)
    return 255 - grey if _is_tiff(image) and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else grey


def _colour(
    image: TiffImageFile, reopened: Callable[[], AbstractContextManager[Image.Image]], notes: list[str]
) -> Image.Image:
    """Colours of 16 bits, of which Pillow has kept the high byte, which may hold next to nothing."""
    high = np.asarray(image)
    white = _white(image, int(high[..., :3].max(initial=0)) << 8 | 255, notes)
    if white == _WHITE_16:
        return image
    with reopened() as again:
        assert _is_tiff(again)
        prepare(again)
        _set_raw_modes(again, lambda raw: _low_byte_mode(raw, again))
        values = np.asarray(again).astype(np.uint16)
    values |= high.astype(np.uint16) << 8
    return Image.fromarray(_scaled(values, white))


def _low_byte_mode(raw: str, image: TiffImageFile) -> str:
    band, _, order = raw.partition(";16")
    in_planes = image.tag_v2.get(_PLANES) == _IN_PLANES
    # libtiff hands on planes as it likes, and alpha that was multiplied in is taken out of a whole value only.
    if order not in _EXCHANGED or "a" in band or (in_planes and len(band) > 1):
        raise _unreadable(image)
    return f"{band};16{_EXCHANGED[order]}"


def _white(image: TiffImageFile, highest: int, notes: list[str]) -> int:
    """The value that stands for white; see the rule at the top of this file."""
    bits = _bits(image) - _is_signed(image)
    stated = _stated(image)
    if stated:
        fewer = max(stated, highest).bit_length()
    else:
        fewer = next((count for count in _FEWER_BITS if highest < 1 << count), bits)
        if highest and fewer < bits:
            notes.append(
                f"its values fill {fewer} of the {bits} bits that they have in the file; {(1 << fewer) - 1} was "
                "taken for white, so it may be too bright"
            )
    return (1 << min(fewer, bits)) - 1


def _bits(image: TiffImageFile) -> int:
    return int(max(image.tag_v2.get(_BITS, (1,))))


def _is_signed(image: TiffImageFile) -> bool:
    return _SIGNED in image.tag_v2.get(_FORMAT, ())


def _stated(image: TiffImageFile) -> int:
    """The largest value that the file says it holds, of any channel; 0 where it says none."""
    found = 0
    for tag in _LARGEST_VALUE:
        given = image.tag_v2.get(tag, ())
        for value in given if isinstance(given, tuple) else (given,):
            if isinstance(value, (int, float)) and 0 < value < 2**32:
                found = max(found, int(value))
    return found


def _scaled(values: np.ndarray, white: float) -> np.ndarray:
    """uint8 of any values, of which 0 becomes 0 and ``white`` 255."""
    if values.dtype.itemsize > 2:
        result: np.ndarray = (np.clip(values.astype(np.float32) / white, 0, 1) * 255 + 0.5).astype(np.uint8)
    else:
        result = (np.minimum(np.arange(1 << 16) / white, 1) * 255 + 0.5).astype(np.uint8)[values]
    return result
