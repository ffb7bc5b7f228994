"""The form of head and shoulders, along which an engraver's lines bend."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep
from portraitify.media.scene import Scene

# Points of the mesh between the brows and under the chin.
_BROWS, _CHIN = 9, 152
# The mesh is splatted on a grid of so many plan pixels a cell.
_CELL_PX = 4


@dataclass(frozen=True)
class HeadForm:
    """Height of the form above the paper; lines are cut from it by parallel planes.

    Above the brows they arch, and below them they sag, as circles of latitude do on a head at the height of the eye.

    Attributes:
        body: height of the subject above the background, in parts of the side.
        body_sigmas: standard deviations of the blurs of the subject's shape whose mean rounds the subject off, in
            parts of the side.
        face: height of the face above its outline, in parts of its height.
        face_sigma: standard deviation of the blur of the mesh, in parts of the face's height.
        arch: how far lines arch at the brows and sag at the chin, as a factor of the height.
        light: height of broad light by its brightness, 0 to 1, in parts of the side.
        light_sigma: standard deviation of the blur that gives it, in parts of the side.
    """

    body: float = 0.11
    body_sigmas: tuple[float, ...] = (0.02, 0.045, 0.09)
    face: float = 0.13
    face_sigma: float = 0.1
    arch: float = 0.9
    light: float = 0.012
    light_sigma: float = 0.02

    def of(self, scene: Scene, shape: np.ndarray, luma: np.ndarray) -> np.ndarray:
        """By how much lines rise.

        Args:
            scene: the picture.
            shape: ``(S, S)`` float32 in 0 to 1, the subject.
            luma: ``(S, S)`` float32 in 0 to 1.

        Returns:
            ``(S, S)`` float32 in parts of the picture's side.
        """
        side = len(shape)
        body = sum(blur(shape, sigma * side) for sigma in self.body_sigmas) / len(self.body_sigmas)
        height = self.body * body
        for mesh in scene.meshes:
            height = height + self._face(mesh, side)
        brows, chin = _brows_and_chin(scene)
        turn = 1 - 2 * smoothstep(np.arange(side, dtype=np.float32), brows - 0.6 * (chin - brows), chin)
        light = self.light * blur(luma, self.light_sigma * side)
        return np.asarray(self.arch * height * turn[:, None] + light, np.float32)

    def _face(self, mesh: np.ndarray, side: int) -> np.ndarray:
        """Height of a face above its outline, ``(side, side)`` float32: as on a ball, but never steep at the rim."""
        height_px = float(np.ptp(mesh[:, 1]))
        cells = max(side // _CELL_PX, 8)
        columns, rows = (np.clip(mesh[:, axis] * cells / side, 0, cells - 1).astype(int) for axis in (0, 1))
        near = np.clip((mesh[:, 2].max() - mesh[:, 2]) / max(np.ptp(mesh[:, 2]), 1e-6), 0, 1) ** 2
        known, splat = np.zeros((2, cells, cells), np.float32)
        np.add.at(known, (rows, columns), 1)
        np.add.at(splat, (rows, columns), near.astype(np.float32))
        sigma = max(self.face_sigma * height_px * cells / side, 0.8)
        smooth, _ = normalized_blur(splat, known, sigma)
        inside = part_mask(mesh[None] * (cells / side), (FacePart.FACE,), (cells, cells), 1.5 * sigma)
        field = (self.face * height_px / side * smooth * inside).astype(np.float32)
        return np.asarray(cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC))


@dataclass(frozen=True)
class Turning:
    """A light shade where forms turn away from the eye, so that a face in full light has a form too.

    Attributes:
        outline: darkness, 0 to 1, at the outline of the sitter.
        jaw: the same at that of the lower face.
        sigma: standard deviation of the blur whose difference from the shape it is, in parts of the face's width.
    """

    outline: float = 0.2
    jaw: float = 0.14
    sigma: float = 0.06

    def of(self, scene: Scene, shape: np.ndarray) -> np.ndarray:
        """Darkness, ``(S, S)`` float32 in 0 to 1, of a subject's shape of that size."""
        half = (len(shape) // 2,) * 2
        body, turned = cv2.resize(shape, half, interpolation=cv2.INTER_AREA), np.zeros(half, np.float32)
        for mesh in scene.meshes / 2:
            sigma_px = self.sigma * float(np.ptp(mesh[:, 0]))
            face = part_mask(mesh[None], (FacePart.FACE,), half, 0.5)
            # The mesh ends on the forehead, where no form turns.
            rows = np.arange(half[0], dtype=np.float32)
            face = face * smoothstep(rows, mesh[_BROWS, 1], 0.5 * (mesh[_BROWS, 1] + mesh[_CHIN, 1]))[:, None]
            for part, dark in ((body, self.outline), (face, self.jaw)):
                rim = np.clip(2 * (part - blur(part, sigma_px)), 0, 1)
                np.maximum(turned, dark * rim, out=turned)
        return np.asarray(cv2.resize(turned, shape.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _brows_and_chin(scene: Scene) -> tuple[float, float]:
    """Rows between brows and chin of the first face, pixels of the plan."""
    if len(scene.meshes):
        return float(scene.meshes[0][_BROWS, 1]), float(scene.meshes[0][_CHIN, 1])
    eyes, mouth = scene.landmarks[0][:2, 1].mean(), scene.landmarks[0][3:, 1].mean()
    return float(eyes - 0.3 * (mouth - eyes)), float(mouth + 0.6 * (mouth - eyes))
