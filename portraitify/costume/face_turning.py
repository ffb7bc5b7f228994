"""A sitter's face turned as the head of a master's own sitter is, and led to its outline."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.imaging.distances import squared_distances
from portraitify.imaging.face_parts import MOVING, FacePart, outline_of
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.rotation import nearest_turn

_OUTLINE = list(FacePart.FACE.value)
# What has to come to lie on the master's own: outline, eyes and brows.
_ANCHORS = sorted({n for part in FacePart if part not in (FacePart.LIPS, FacePart.MOUTH) for n in part.value})
_LEFT, _RIGHT, _CHIN = 234, 454, 152


@dataclass(frozen=True)
class Turning:
    """How far a face follows the master's; lengths in widths of the face.

    Attributes:
        most_degrees: by which a head is turned or nods; within the picture it may tilt by any angle.
        upper, lower: shares of the way to the master's outline at the temples and at the chin.
        reach: how far inwards the outline takes the face along.
        spread: how far apart what is taken along is alike.
    """

    most_degrees: float = 22.0
    upper: float = 1.0
    lower: float = 0.75
    reach: float = 0.24
    spread: float = 0.1

    def turned(self, mesh: np.ndarray, master: np.ndarray) -> np.ndarray:
        """The sitter's face as the master's is turned and where it is, with the sitter's own proportions.

        The turn is that which brings both nearest to each other, cut off where the photo would have to show what it
        does not.

        Args:
            mesh: ``(468, 3)`` of the sitter, in any pixels.
            master: ``(468, 3)`` of the master's own sitter.

        Returns:
            ``(468, 3)`` float64 in the pixels of ``master``.
        """
        still, goal = (np.delete(points, MOVING, 0) for points in (mesh, master))
        still, goal = still - still.mean(0), goal - goal.mean(0)
        axis = cv2.Rodrigues(nearest_turn(still, goal)[0])[0].ravel()
        aside = float(np.hypot(axis[0], axis[1]))
        axis[:2] *= min(1.0, np.radians(self.most_degrees) / max(aside, 1e-6))
        points = (mesh - mesh.mean(0)) @ cv2.Rodrigues(axis)[0].T
        mine, own = points[_ANCHORS, :2], master[_ANCHORS, :2]
        middle = mine.mean(0)
        scale = float(((mine - middle) * (own - own.mean(0))).sum() / ((mine - middle) ** 2).sum())
        return np.asarray((points - [*middle, 0]) * scale + [*own.mean(0), master[:, 2].mean()])

    def led(self, mesh: np.ndarray, master: np.ndarray) -> np.ndarray:
        """The same face with its outline on the master's.

        Args:
            mesh: ``(468, 3)`` as :meth:`turned` gives.
            master: ``(468, 3)`` in the same pixels.

        Returns:
            ``(468, 3)`` float64; what lies far from the outline has not moved.
        """
        own, goal = outline_of(mesh, FacePart.FACE), outline_of(master, FacePart.FACE)
        width = float(np.ptp(own[:, 0]))
        along = np.roll(own, -1, 0) - np.roll(own, 1, 0)
        outwards = np.column_stack([along[:, 1], -along[:, 0]])
        outwards /= np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-6)
        ears = mesh[[_LEFT, _RIGHT], 1].mean()
        down = smoothstep((own[:, 1] - ears) / max(mesh[_CHIN, 1] - ears, 1e-6), 0.0, 1.0)
        share = self.upper + (self.lower - self.upper) * down
        # Along the outline points may slide as they like.
        moved = outwards * (share * ((goal - own) * outwards).sum(1))[:, None]
        away = np.sqrt(squared_distances(mesh, own)) / width
        near = np.exp(-0.5 * (away / self.spread) ** 2) + 1e-9
        taken = near @ moved / near.sum(1, keepdims=True)
        share = smoothstep(away.min(1), self.reach, 0.0)[:, None]
        led = mesh.copy()
        led[:, :2] += taken * share
        led[_OUTLINE, :2] = own + moved
        return np.asarray(led)


def place_on_face(mesh: np.ndarray, master: Master) -> np.ndarray:
    """Carry a sitter's crop onto a master's picture, so that the face comes to lie on the master's own.

    Args:
        mesh: ``(468, 3)`` of the sitter in crop pixels.
        master: the picture.

    Returns:
        ``(2, 3)`` float64 similarity from crop pixels to pixels of the plate, without a turn: that is in the warp.
    """
    turned = Turning().turned(mesh, master.mesh)
    scale = _spread(turned) / max(_spread(mesh), 1e-6)
    return np.asarray(np.column_stack([np.eye(2) * scale, turned[:, :2].mean(0) - scale * mesh[:, :2].mean(0)]))


def _spread(mesh: np.ndarray) -> float:
    return float(np.sqrt(((mesh - mesh.mean(0)) ** 2).sum(1).mean()))
