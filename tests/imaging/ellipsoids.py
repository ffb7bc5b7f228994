"""Meshes of heads that are ellipsoids."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.face_parts import FacePart


def ellipsoid_mesh(centre: tuple[float, float], half_width: float, half_height: float) -> np.ndarray:
    """A face ``(468, 3)`` float64 in pixels that looks at the viewer, numbered as MediaPipe's as to its outline."""
    numbers = np.arange(468)
    radius, angle = 0.95 * np.sqrt((numbers + 0.5) / 468), numbers * np.pi * (3 - np.sqrt(5))
    ring = np.array(FacePart.FACE.value)
    radius[ring], angle[ring] = 1.0, 2 * np.pi * np.arange(len(ring)) / len(ring)
    # The tip of the nose, by which turned heads are told.
    radius[1] = 0.0
    x, y = radius * np.sin(angle), -radius * np.cos(angle)
    depth = -np.sqrt(np.maximum(1 - radius**2, 0))
    return np.column_stack([centre[0] + half_width * x, centre[1] + half_height * y, half_width * depth])


def lit_ellipsoid(
    side: int, centre: tuple[float, float], half_width: float, half_height: float, light: tuple[float, float, float]
) -> np.ndarray:
    """Luma ``(side, side)`` float32 in 0 to 1 of the same, lit from a direction: right, down, towards the viewer."""
    y, x = np.mgrid[:side, :side] + 0.5
    u, v = (x - centre[0]) / half_width, (y - centre[1]) / half_height
    facing = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    shade = np.maximum(np.dstack([u, v, facing]) @ (np.array(light) / np.linalg.norm(light)), 0)
    return np.where(u * u + v * v < 1, 0.25 + 0.5 * shade, 0.1).astype(np.float32)
