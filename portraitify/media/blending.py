"""A mixture of media as a medium of its own: one hand that works like several.

The first medium leads: it alone lays strokes, washes or lines. What the others
would make of the picture is worked out small, by their shares, and is what the
leading one then paints: washes over a drawing, strokes that follow washes. A
drawing that leads has no colours to do so with, and is washed with theirs.

The other way that was tried takes the broad colours of all and the leading
one's detail. At outlines, where the media do not agree, it left a glow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import cv2
import numpy as np

from portraitify.imaging.bands import upsampled_rows
from portraitify.imaging.channels import to_uint8
from portraitify.media.base import Medium, RowPainter, Surface
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene

Record = TypeVar("Record")


def blended(parts: Sequence[tuple[Medium, float]]) -> Medium:
    """Mix media.

    Args:
        parts: media with their shares, the leading one first.
    """
    total = sum(share for _, share in parts)
    shares = [share / total for _, share in parts]
    media = [medium for medium, _ in parts]
    lead = media[0]

    def mean(of: Callable[[Medium], float]) -> float:
        return sum(share * of(medium) for medium, share in zip(media, shares, strict=True))

    tolerances = [medium.hue_tolerance for medium in media if medium.hue_tolerance is not None]
    return replace(
        lead,
        surface=_mixed_surface(media, shares),
        palette=_mixed_palette(media, shares),
        preprocessing=_mixed([medium.preprocessing for medium in media], shares),
        # What is painted behind the sitter is the mixed colours of the paintings.
        background=replace(_mixed([medium.background for medium in media], shares), grounds=()),
        relighting=mean(lambda medium: medium.relighting),
        strength=_mixed([medium.strength for medium in media], shares),
        hue_tolerance=None if lead.hue_tolerance is None else max(tolerances),
        despeckle_share=mean(lambda medium: medium.despeckle_share),
        codes_of="",
    )


def _mixed(records: Sequence[Record], shares: Sequence[float]) -> Record:
    """A record of which all numbers are means, and the rest is the first one's."""
    first: Any = records[0]
    means = {
        item.name: sum(share * getattr(record, item.name) for record, share in zip(records, shares, strict=True))
        for item in fields(first)
        if isinstance(getattr(first, item.name), float)
    }
    mixed: Record = replace(first, **means)
    return mixed


def _mixed_palette(media: Sequence[Medium], shares: Sequence[float]) -> Palette | None:
    """The palettes of those who have one."""
    known = [(medium.palette, share) for medium, share in zip(media, shares, strict=True) if medium.palette]
    if not known:
        return None
    total = sum(share for _, share in known)
    return _mixed([palette for palette, _ in known], [share / total for _, share in known])


def _mixed_surface(media: Sequence[Medium], shares: Sequence[float]) -> Surface:
    lead, surfaces = media[0], [medium.surface for medium in media]

    def plan(scene: Scene) -> RowPainter:
        others = [_small(surface, scene) for surface in surfaces[1:]]
        paint = lead.surface(_painted_before(scene, others, shares[1:]))
        return _washed(paint, scene.size_px, others, shares[1:]) if lead.monochrome else paint

    return plan


def _small(surface: Surface, scene: Scene) -> np.ndarray:
    """What a surface makes of a scene at the size of its plan, ``(S, S, 3)`` float32 in 0 to 255."""
    side = len(scene.painting)
    plain = cv2.resize(scene.plain, (side, side), interpolation=cv2.INTER_AREA)
    return np.clip(surface(replace(scene, plain=plain))(0, side), 0, 255).astype(np.float32)


def _painted_before(scene: Scene, others: Sequence[np.ndarray], shares: Sequence[float]) -> Scene:
    """The scene as it looks when the others have painted it, as far as they have a share."""
    change = np.zeros_like(scene.painting)
    for other, share in zip(others, shares, strict=True):
        change += np.float32(share) * (other - scene.painting)
    painting = np.clip(scene.painting + change, 0, 255).astype(np.float32)
    larger = cv2.resize(change, (scene.size_px, scene.size_px), interpolation=cv2.INTER_LINEAR)
    return replace(scene, painting=painting, plain=to_uint8(scene.plain + larger))


def _washed(paint: RowPainter, size_px: int, others: Sequence[np.ndarray], shares: Sequence[float]) -> RowPainter:
    """A drawing through which the others' colours are seen as a wash: it darkens paper, and leaves lines black."""
    wash = np.full_like(others[0], 1 - sum(shares))
    for other, share in zip(others, shares, strict=True):
        wash += np.float32(share / 255) * other

    def paint_rows(top: int, bottom: int) -> np.ndarray:
        return np.asarray(paint(top, bottom) * upsampled_rows(wash, top, bottom, (size_px, size_px)))

    return paint_rows
