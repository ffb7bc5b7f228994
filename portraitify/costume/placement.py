"""Where a sitter's head goes in a master's picture, and how large."""

from __future__ import annotations

import numpy as np

from portraitify.costume.master import Master
from portraitify.imaging.face_parts import FacePart

# Numbers of the mesh's points: in front of the ears on the left and right, and the chin.
_EARS, _CHIN = [234, 454], 152
# The joint of head and neck, from the point between the ears (0) to the chin (1): sideways, and downwards.
_JOINT = np.array([0.35, 0.7])
# What moves with the expression says nothing about the size of a head.
_MOVING = sorted({*FacePart.LIPS.value, *FacePart.MOUTH.value})


def place(mesh: np.ndarray, master: Master) -> np.ndarray:
    """Carry a sitter's crop onto a master's picture, so that head and shoulders have the proportions of life.

    Heads are compared in space, so that it does not matter how each is turned. The sitter's own tilt stays.

    Args:
        mesh: ``(468, 3)`` of the sitter in crop pixels.
        master: the picture.

    Returns:
        ``(2, 3)`` float64 similarity from crop pixels to pixels of the plate.
    """
    scale = head_size(master.mesh) / max(head_size(mesh), 1e-6)
    return np.column_stack([np.eye(2) * scale, joint_of(master.mesh) - scale * joint_of(mesh)])


def head_size(mesh: np.ndarray) -> float:
    """Root mean square distance of the points ``(468, 3)`` of a head, less its mouth, from their middle, pixels."""
    still = np.delete(mesh, _MOVING, 0)
    return float(np.sqrt(((still - still.mean(0)) ** 2).sum(1).mean()))


def joint_of(mesh: np.ndarray) -> np.ndarray:
    """Where a head ``(468, 3)`` sits on its neck: ``(2,)`` float64 in pixels."""
    between_ears = mesh[_EARS, :2].mean(0)
    return np.asarray(between_ears + _JOINT * (mesh[_CHIN, :2] - between_ears))
