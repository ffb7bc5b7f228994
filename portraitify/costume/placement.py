"""Where a sitter's head goes in a master's picture, and how large."""

from __future__ import annotations

import numpy as np

from portraitify.costume.master import Master
from portraitify.imaging.face_parts import MOVING

# Numbers of the mesh's points: in front of the ears on the left and right, the chin, and the forehead.
_EARS, _CHIN, _FOREHEAD = [234, 454], 152, 10
# Where the neck's axis passes the ears: from the point between them to the chin, and backwards in widths of the face.
_FORWARD, _BACK = 0.25, 0.08
# How far down to the chin a head sits on its neck.
_JOINT = 0.7
# Size of a head by that of the master's: one that faces us looks larger than one that is turned.
_LIFE = 0.9
# How far hair and a little air reach above the forehead, in heights of the face, and how much smaller a head is made
# for them at the most.
_CROWN, _LEAST = 0.45, 0.92


def place(mesh: np.ndarray, master: Master) -> np.ndarray:
    """Carry a sitter's crop onto a master's picture, so that head and shoulders have the proportions of life.

    Heads are compared in space, so that it does not matter how each is turned. The sitter's own tilt stays.

    Args:
        mesh: ``(468, 3)`` of the sitter in crop pixels.
        master: the picture.

    Returns:
        ``(2, 3)`` float64 similarity from crop pixels to pixels of the plate.
    """
    return place_on(mesh, master.mesh)


def place_on(mesh: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Likewise, for the mesh ``(468, 3)`` of the master's own sitter in pixels of the plate."""
    scale = _LIFE * head_size(other) / max(head_size(mesh), 1e-6)
    # Where there is no air above the head, it is a little smaller.
    joint, goal, height = joint_of(mesh), joint_of(other), mesh[_CHIN, 1] - mesh[_FOREHEAD, 1]
    room = goal[1] / max(float(joint[1] - mesh[_FOREHEAD, 1] + _CROWN * height), 1e-6)
    scale = min(scale, max(room, _LEAST * scale))
    return np.column_stack([np.eye(2) * scale, goal - scale * joint])


def head_size(mesh: np.ndarray) -> float:
    """Root mean square distance of the points ``(468, 3)`` of a head, less its mouth, from their middle, pixels."""
    still = np.delete(mesh, MOVING, 0)
    return float(np.sqrt(((still - still.mean(0)) ** 2).sum(1).mean()))


def joint_of(mesh: np.ndarray) -> np.ndarray:
    """Where a head ``(468, 3)`` sits on its neck: ``(2,)`` float64 in pixels."""
    top = mesh[_EARS, 1].mean()
    return np.array([neck_axis(mesh)[0], top + _JOINT * (mesh[_CHIN, 1] - top)])


def neck_axis(mesh: np.ndarray) -> np.ndarray:
    """Where the axis of the neck passes the ears of a head ``(468, 3)``: ``(2,)`` float64 in pixels."""
    across, down = mesh[_EARS[1]] - mesh[_EARS[0]], mesh[_CHIN] - mesh[_FOREHEAD]
    ahead = np.cross(across, down)
    behind = -_BACK * np.linalg.norm(across) * ahead / max(float(np.linalg.norm(ahead)), 1e-6)
    between = mesh[_EARS].mean(0)
    return np.asarray((between + _FORWARD * (mesh[_CHIN] - between) + behind)[:2])
