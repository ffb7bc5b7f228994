"""Somebody who does not exist, with hair, dress and ground of an old master's picture."""

from __future__ import annotations

import numpy as np

from portraitify.costume.bare_face import empty_face
from portraitify.costume.borrowed_hair import HairBorrower
from portraitify.costume.face_setting import FaceSetter
from portraitify.costume.face_turning import place_on_face
from portraitify.costume.hanging import hang
from portraitify.costume.master import Master
from portraitify.faces.aligned_face import AlignedFace, FaceSource
from portraitify.faces.alignment import Crop
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imagining.people import Person

# Number of the mesh's point at the tip of the nose.
_NOSE = 1
# No hair falls over faces of the model: forehead and temples are their own farther up than those of a photo.
_BORROWER = HairBorrower(setter=FaceSetter(brows=(0.5, 0.9), sides=(0.1, 0.04), top=(1.0, 0.8)))


def portrait_of(person: Person, master: Master) -> np.ndarray:
    """Set a face into a master's picture, in place of that of the master's own sitter.

    Args:
        person: whose.
        master: gives hair, dress, ground and light; hands and neck take the person's skin.

    Returns:
        ``(H, W, 3)`` uint8, as large as the master's picture.
    """
    matrix = place_on_face(person.mesh, master)
    dressed = _BORROWER.dress(person.picture, _aligned(person), master, empty_face(master), matrix)
    size_px = max(master.picture.shape[:2])
    return hang(dressed.painted, dressed.mask, dressed.master, dressed.matrix, size_px)


def _aligned(person: Person) -> AlignedFace:
    side = len(person.picture)
    eyes = [outline_of(person.mesh, part).mean(0) for part in (FacePart.LEFT_EYE, FacePart.RIGHT_EYE)]
    lips = outline_of(person.mesh, FacePart.LIPS)
    corners = [lips[np.argmin(lips[:, 0])], lips[np.argmax(lips[:, 0])]]
    landmarks = np.stack([*sorted(eyes, key=lambda eye: float(eye[0])), person.mesh[_NOSE, :2], *corners])
    apart = float(np.linalg.norm(landmarks[1] - landmarks[0])) / side
    box = np.concatenate([person.mesh[:, :2].min(0), person.mesh[:, :2].max(0)])
    crop = Crop(np.eye(2, 3), side, apart, 1.0)
    valid = np.full((side, side), 255, np.uint8)
    return AlignedFace(person.picture, valid, landmarks, crop, FaceSource(box, 1.0), meshes=person.mesh[None])
