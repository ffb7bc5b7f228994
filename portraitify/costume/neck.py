"""A neck for the sitter's head: of the sitter's skin, as wide as the jaw needs, lit as the picture is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import blur, smoothstep

# Numbers of the mesh's points: in front of the ears, and the chin.
_LEFT, _RIGHT, _CHIN = 234, 454, 152


@dataclass(frozen=True)
class Neck:
    """How a neck is built; lengths in widths of the face, measured in space.

    Attributes:
        half_width: of the neck.
        length: how far below the chin it is painted at the most.
        flare: how much wider it is there.
        side: how much darker the side away from the light is, as a logarithm.
        rim: how much darker both edges are, likewise.
        cast: how much darker it is under the jaw, likewise.
        cast_reach: how far down the jaw's shadow reaches.
    """

    half_width: float = 0.385
    length: float = 0.75
    flare: float = 0.12
    side: float = 0.3
    rim: float = 0.25
    cast: float = 0.5
    cast_reach: float = 0.3

    def shape(self, mesh: np.ndarray, foot: float, size_px: int) -> np.ndarray:
        """Where the neck is.

        Args:
            mesh: ``(468, 3)`` in pixels of the canvas.
            foot: middle of the neck at its lower end, from the left, pixels.
            size_px: side of the canvas.

        Returns:
            ``(size_px, size_px)`` float32 in 0 to 1; behind the head too.
        """
        width = float(np.linalg.norm(mesh[_RIGHT] - mesh[_LEFT]))
        ears, chin = (mesh[_LEFT, :2] + mesh[_RIGHT, :2]) / 2, mesh[_CHIN, :2]
        start = ears + 0.35 * (chin - ears)
        end = np.array([foot, chin[1] + self.length * width])
        ticks = np.linspace(0, 1, 24)[:, None]
        middle = start + (end - start) * ticks
        half = width * (self.half_width + self.flare * ticks[:, 0] ** 3)
        sides = np.concatenate([middle - np.c_[half, 0 * half], (middle + np.c_[half, 0 * half])[::-1]])
        drawn = np.zeros((size_px, size_px), np.uint8)
        cv2.fillPoly(drawn, [np.rint((sides - 0.5) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return blur(drawn.astype(np.float32) * np.float32(1 / 255), 0.012 * width)

    def shading(self, shape: np.ndarray, mesh: np.ndarray, light: np.ndarray) -> np.ndarray:
        """Logarithm of the light on it, ``(S, S)`` float32, for a light ``(2,)`` to the right and downwards."""
        width = float(np.linalg.norm(mesh[_RIGHT] - mesh[_LEFT]))
        columns = np.arange(shape.shape[1], dtype=np.float32) + 0.5
        total = np.maximum(shape.sum(1), 1e-3)
        middle = (shape * columns).sum(1) / total
        across = np.clip((columns - middle[:, None]) / np.maximum(total[:, None] / 2, 1), -1, 1)
        jaw = np.zeros(shape.shape, np.uint8)
        cv2.fillPoly(jaw, [np.rint(outline_of(mesh, FacePart.FACE)).astype(np.int32)], 1)
        # The shadow falls away from the light.
        shift = np.array([[1, 0, -0.1 * width * light[0]], [0, 1, 0.12 * width]])
        fallen = cv2.warpAffine(jaw.astype(np.float32), shift, shape.shape[::-1])
        cast = blur(fallen, self.cast_reach * width / 2.5)
        side = across * np.sign(light[0]) * min(abs(float(light[0])) * 1.4, 1)
        return np.asarray(
            self.side * (np.minimum(side, 0.4) - 0.4) - self.rim * across**4 - self.cast * smoothstep(cast, 0.0, 0.7),
            np.float32,
        )
