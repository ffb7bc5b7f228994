"""Whether what a detector found is an upright face: a second look, by the face mesh and by agreement between sizes.

MTCNN takes a pan, a wheel or gravel for a face now and then, and an inverted
face for an upright one, with a score that says little. On 1,636 photos, 524
paintings and drawings of people, and 1,319 pictures without any, score,
presence and agreement together part them as none of them does alone.
"""

from __future__ import annotations

import numpy as np

from portraitify.faces.alignment import warp
from portraitify.faces.detection import FaceDetector, Faces
from portraitify.faces.face_mesh import FaceMesh, Square, square_around

# From this presence on nothing else is asked: nine of ten photographed faces have more, inverted ones, wheels and
# apes less.
CERTAIN_PRESENCE = 15.0
# Weights of the score's log-odds, the presence and the agreement, fitted on the pictures named above; 0 is as
# likely a face as not.
_SCORE, _PRESENCE, _AGREEMENT, _BIAS = 0.55, 0.32, 3.08, -4.41
# A score closer to 1 says no more than this.
_BEST_SCORE = 1 - 1e-4
# Squares of other sizes, by that which the mesh usually looks at, and turned as the eyes lie.
_OTHER_SIZES = (0.8, 1.27)
# Side that a face has in the views which the detector has to agree on, and that of the views by it.
_FACE_PX, _VIEW = (44, 72, 110), 2.6
# How far off a face may be there, and by how much larger or smaller, to be the same.
_OFF, _SMALLER, _LARGER = 0.25, 0.6, 1.6


def presences(mesh: FaceMesh, image: np.ndarray, faces: Faces) -> np.ndarray:
    """Log-odds that each of N faces is an upright one, by one look: ``(N,)`` float64.

    Args:
        mesh: looks.
        image: ``(H, W, 3)`` uint8 RGB in which they were found.
        faces: found.
    """
    return np.array([found.presence for found in mesh.measure(image, [square_around(box) for box in faces.boxes])])


def is_face(
    detector: FaceDetector, mesh: FaceMesh, image: np.ndarray, faces: Faces, index: int, presence: float, needed: float
) -> bool:
    """Whether a face is an upright one, by as many looks as it takes to be sure: up to 0.1 s.

    Args:
        detector: has to find it again at other sizes, and mirrored.
        mesh: looks at it in squares of other sizes.
        image: ``(H, W, 3)`` uint8 RGB.
        faces: found in it.
        index: of the face.
        presence: what :func:`presences` said of it.
        needed: log-odds, 0 for what is as likely a face as not.
    """
    square = square_around(faces.boxes[index])
    squares = [Square(square.centre, square.side * size) for size in _OTHER_SIZES]
    across = faces.landmarks[index][1] - faces.landmarks[index][0]
    squares.append(Square(square.centre, square.side, float(np.arctan2(across[1], across[0]))))
    presence = max(presence, *(found.presence for found in mesh.measure(image, squares)))
    score = min(float(faces.scores[index]), _BEST_SCORE)
    known = float(_SCORE * np.log(score / (1 - score)) + _PRESENCE * presence + _BIAS)
    if known >= needed or known + _AGREEMENT < needed:
        return known >= needed
    return known + _AGREEMENT * _agreement(detector, image, faces.boxes[index]) >= needed


def _agreement(detector: FaceDetector, image: np.ndarray, box: np.ndarray) -> float:
    """Mean score with which a detector finds the face of a box again, 0 where it does not."""
    scores = []
    for face_px in _FACE_PX:
        view_px = round(_VIEW * face_px)
        square = Square((box[:2] + box[2:]) / 2, _VIEW * float((box[2:] - box[:2]).max()))
        view = warp(image, square.matrix(view_px), view_px)
        for seen in (view, np.ascontiguousarray(view[:, ::-1])):
            scores.append(_score_in_middle(detector.detect(seen), view_px, face_px))
    return float(np.mean(scores))


def _score_in_middle(faces: Faces, view_px: int, face_px: int) -> float:
    centres = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    sizes = (faces.boxes[:, 2:] - faces.boxes[:, :2]).max(1, initial=0) / face_px
    same = (np.abs(centres - view_px / 2) < _OFF * face_px).all(1) & (sizes > _SMALLER) & (sizes < _LARGER)
    return float(faces.scores[same].max(initial=0))
