"""From the colours of a file to sRGB: by its profile, or by what else it says of them."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image

from portraitify.io.signals import BT_709, HLG, PQ, SRGB, Encoding, Primaries
from portraitify.io.sources import DAMAGE

# Candelas per square metre: of white in a picture of high dynamic range (ITU-R BT.2408), and
# of the brightest light that is expected in one.
_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0
# SMPTE ST 2084.
_PQ_M1, _PQ_M2, _PQ_C1, _PQ_C2, _PQ_C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
# ITU-R BT.2100.
_HLG_A = 0.17883277
_HLG_B, _HLG_C = 1 - 4 * _HLG_A, 0.5 - _HLG_A * np.log(4 * _HLG_A)
_HLG_GAMMA = 1.2
_BT_2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
# Cone responses of Bradford (ICC.1:2010, annex E).
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_BAND_PX = 1 << 18
# Enough steps for the steepest part of the curve of sRGB to give each of its 256 numbers.
_STEPS = 1 << 14


def to_srgb(image: Image.Image, encoding: Encoding | None, notes: list[str]) -> Image.Image:
    """RGB in sRGB, of any mode of eight bits; what is transparent becomes white.

    Args:
        image: with its profile, if any, in ``info``.
        encoding: counts instead of the profile where it is given.
        notes: a warning is added where colours may be off.
    """
    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(paper, rgba).convert("RGB")
    elif image.mode not in ("RGB", "CMYK", "L", "LAB"):
        image = image.convert("RGB")
    if encoding is not None:
        if encoding.transfer in (PQ, HLG):
            notes.append(
                f"its light goes beyond white ({encoding.transfer}); highlights were toned down, and colours may "
                "be a little off"
            )
        return Image.fromarray(decoded(np.asarray(image.convert("RGB")), encoding))
    if profile:
        converted = _from_profile(image, profile)
        if converted is not None:
            return converted
        notes.append("its colour profile cannot be used; colours may be a little off")
    return image.convert("RGB")


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert to sRGB, or nothing where the profile is damaged or of another colour space."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(space) != image.mode:
            return image.convert("RGB") if space == "GRAY" and image.mode == "RGB" else None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *DAMAGE, OSError):
        return None


def decoded(pixels: np.ndarray, encoding: Encoding) -> np.ndarray:
    """Colours of an encoding in sRGB; those that it does not hold are cut off at its limits.

    Args:
        pixels: ``(H, W, 3)`` uint8.
        encoding: theirs.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    table, matrix = _light(encoding), _to_bt_709(encoding.primaries).T
    result = np.empty_like(pixels)
    rows = max(1, _BAND_PX // pixels.shape[1])
    for top in range(0, len(pixels), rows):
        light = table[pixels[top : top + rows]]
        if encoding.transfer == HLG:
            light *= np.maximum(light @ _BT_2020_LUMINANCE, 1e-6)[..., None] ** (_HLG_GAMMA - 1)
        if encoding.transfer in (PQ, HLG):
            light *= _toned_share(light.max(-1, keepdims=True))
        steps = np.clip(light @ matrix, 0, 1) * (_STEPS - 1) + 0.5
        result[top : top + rows] = _srgb_numbers()[steps.astype(np.uint16)]
    return result


def _light(encoding: Encoding) -> np.ndarray:
    """``(256,)`` float32: the light of each number, in units of white, or in those of the peak for PQ and HLG."""
    numbers = np.arange(256) / 255
    if not encoding.full_range:
        numbers = np.clip((np.arange(256) - 16) / 219, 0, 1)
    if encoding.transfer == SRGB:
        light = np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)
    elif encoding.transfer == PQ:
        light = np.minimum(_pq_nits(numbers) / _PEAK_NITS, 1)
    elif encoding.transfer == HLG:
        upper = (np.exp((np.maximum(numbers, 0.5) - _HLG_C) / _HLG_A) + _HLG_B) / 12
        light = np.where(numbers <= 0.5, numbers**2 / 3, upper)
    else:
        light = numbers ** float(encoding.transfer)
    return light.astype(np.float32)


@cache
def _srgb_numbers() -> np.ndarray:
    """``(_STEPS,)`` uint8: the number of sRGB for equal steps of light (IEC 61966-2-1)."""
    light = np.arange(_STEPS) / (_STEPS - 1)
    numbers = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (numbers * 255 + 0.5).astype(np.uint8)


def _pq_nits(numbers: np.ndarray) -> np.ndarray:
    root = np.asarray(numbers, np.float64) ** (1 / _PQ_M2)
    return np.asarray(10_000 * (np.maximum(root - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * root)) ** (1 / _PQ_M1))


def _pq_numbers(nits: np.ndarray) -> np.ndarray:
    power = (np.asarray(nits, np.float64) / 10_000) ** _PQ_M1
    return np.asarray(((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2)


def _toned_share(peak: np.ndarray) -> np.ndarray:
    """By what to multiply the light of pixels, so that it becomes that of white at most.

    Source: the electro-electrical transfer function of ITU-R BT.2390, applied to the
    brightest channel so that hues stay. Up to some 90 candelas per square metre nothing changes.

    Args:
        peak: the brightest channel, in units of ``_PEAK_NITS``.
    """
    places, toned = _tone_curve()
    return np.asarray(np.interp(peak, places, toned) / np.maximum(peak, places[1]), np.float32)


@cache
def _tone_curve() -> tuple[np.ndarray, np.ndarray]:
    """Light in units of ``_PEAK_NITS``, evenly spread as the eye sees it, and what it becomes in those of white."""
    top, most = (float(_pq_numbers(np.array(nits))) for nits in (_PEAK_NITS, _WHITE_NITS))
    most /= top
    knee = 1.5 * most - 0.5
    numbers = np.linspace(0, 1, 4096)
    t = np.clip((numbers - knee) / (1 - knee), 0, 1)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    toned = np.where(numbers < knee, numbers, bent)
    return _pq_nits(numbers * top) / _PEAK_NITS, _pq_nits(toned * top) / _WHITE_NITS


def _to_bt_709(primaries: Primaries) -> np.ndarray:
    """``(3, 3)`` float32 from light in these primaries to light in those of sRGB, white to white."""
    source, target = _to_xyz(primaries), _to_xyz(BT_709)
    cones = (_BRADFORD @ target.sum(1)) / (_BRADFORD @ source.sum(1))
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    return np.asarray(np.linalg.inv(target) @ adapted @ source, np.float32)


def _to_xyz(primaries: Primaries) -> np.ndarray:
    """``(3, 3)`` from light in these primaries to XYZ, where white has a luminance of 1 (SMPTE RP 177)."""
    x, y = np.array(primaries[0::2]), np.array(primaries[1::2])
    white, *corners = np.stack([x / y, np.ones(4), (1 - x - y) / y], -1)
    columns = np.stack(corners, -1)
    return columns * np.linalg.solve(columns, white)
