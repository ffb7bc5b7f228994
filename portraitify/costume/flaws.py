"""What may spoil a picture that somebody adds: measured before its clean plate is made, and on the plate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.faces.detection import FaceDetector, Faces
from portraitify.faces.face_mesh import FaceMesh, Square
from portraitify.imaging.affine import between_pixel_centres
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.head_areas import face_areas, face_height

# How large another face must be by the sitter's to be seen as somebody, the score that the detector gives it, and how
# much of it the crop must show.
_OTHER_FACE, _OTHER_SCORE, _SHOWN = 0.3, 0.8, 0.2
# Of 31 pictures outlined by hand the surest half has less than 0.37 of doubt, and of those above 0.58 the outlines are
# wrong by more than a third.
_MOST_DOUBT = 0.58
# Ground that is seen above the chin by the head that hides the rest of it.
_LEAST_GROUND = 0.5
# Where skin is looked for below the chin, this share of the lower half may have its colour. Of 63 pictures 12 have
# more: two with bare shoulders, and ten whose dress or lace would be painted as skin.
_MOST_SKIN = 0.45
# Presence of a face from which one is still seen on the plate, and sides of the squares that are looked at, in heights
# of the face: 31 plates made by hand have -0.2 at the most, usually -8.
_PRESENCE, _SQUARES = 1.0, (1.3, 1.7, 2.1)
# Longer side of the plate when it is searched for faces, pixels.
_SEARCHED_PX = 640
# Height of the picture when colours beside the head are compared, pixels, and how softly, pixels.
_COMPARED_PX, _SOFT_PX = 192, 1.5
# Beside the head, heights of the face, remains are looked for; farther away all is ground.
_BESIDE, _FAR = 0.16, 0.3
# Colours of hair and of ground; how near to the first and how far from the second a remainder is, CIELAB; and the share
# of what lies beside the head that may be such.
_COLOURS, _ALIKE, _UNLIKE, _MOST_REMAINS = 6, 12.0, 8.0, 0.05
# Fewer pixels than this tell nothing.
_LEAST_PX = 20
_CHIN = 152


@dataclass(frozen=True)
class Flaw:
    """Something that is likely to show in every picture that is made with this one.

    Attributes:
        words: a sentence without its full stop, for people.
        of_face: whether it is about faces, rather than about the picture as a whole.
    """

    words: str
    of_face: bool = False


def other_faces(faces: Faces, crop: tuple[float, float, float, float]) -> Iterator[Flaw]:
    """People beside the sitter.

    Args:
        faces: of the picture, the sitter's first.
        crop: left, top, right and bottom of what is used, in its pixels.
    """
    heights = faces.boxes[:, 3] - faces.boxes[:, 1]
    shown = np.minimum(faces.boxes[:, 2:], crop[2:]) - np.maximum(faces.boxes[:, :2], crop[:2])
    inside = np.clip(shown, 0, None).prod(1) > _SHOWN * (faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(1)
    others = int((inside & (heights > _OTHER_FACE * heights[0]) & (faces.scores > _OTHER_SCORE))[1:].sum())
    if others:
        yield Flaw("it shows more than one person, and the others would stay. Cut out one of them", True)


def unsure_outline(doubt: float, head: np.ndarray, body: np.ndarray, above_chin: np.ndarray) -> Iterator[Flaw]:
    """What speaks against an outline.

    Args:
        doubt: 0 to 1, see :class:`portraitify.costume.sitter_telling.Telling`.
        head: ``(S, S)`` bool.
        body: likewise.
        above_chin: likewise, what the picture shows above the chin.
    """
    if doubt > _MOST_DOUBT:
        yield Flaw("head and hair cannot be told from the ground for certain")
    ground = float((above_chin & ~head & ~body).sum()) / max(float((above_chin & head).sum()), 1.0)
    if ground < _LEAST_GROUND:
        yield Flaw("head, hair and hat leave too little ground from which the plate could be carried on")


def unsure_neck(share: float) -> Iterator[Flaw]:
    """What speaks against a neck, by the share of the lower half of its column that has the colour of skin."""
    if share > _MOST_SKIN:
        yield Flaw("dress and bare skin have the same colour, so that one would be painted as the other")


def plate_flaws(master: Master, detector: FaceDetector, mesh: FaceMesh) -> Iterator[Flaw]:
    """What is left of the sitter on the clean plate, and beside the place of the head.

    Args:
        master: with its plate.
        detector: finds faces.
        mesh: tells whether there is one.
    """
    height = face_height(master.mesh)
    squares = [Square(master.mesh[:, :2].mean(0), part * height) for part in _SQUARES]
    still = max(found.presence for found in mesh.measure(master.plate, squares)) >= _PRESENCE
    if still or _somebody(master.plate, height, detector):
        yield Flaw("a face is still seen on the clean plate", True)
    if remains(master, height) > _MOST_REMAINS:
        yield Flaw("hair, hat or veil reach beyond what was found of the head, and remains would show")


def _somebody(plate: np.ndarray, height: float, detector: FaceDetector) -> bool:
    """Whether the plate shows a face large enough to be seen."""
    scale = min(_SEARCHED_PX / max(plate.shape), 1.0)
    found = detector.detect(cv2.resize(plate, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    large = found.boxes[:, 3] - found.boxes[:, 1] > _OTHER_FACE * height * scale
    return bool(large.any())


def remains(master: Master, face_px: float) -> float:
    """Share of what lies close beside the head that has the colours of hair or hat, and not those of the ground.

    Args:
        master: the picture.
        face_px: from its forehead to its chin.
    """
    scale = _COMPARED_PX / len(master.picture)
    side = max(master.picture.shape)
    onto = between_pixel_centres(np.array([[scale, 0, 0], [0, scale, 0.0]]))
    size = (round(scale * master.picture.shape[1]), _COMPARED_PX)

    def small(field: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.warpAffine(cv2.GaussianBlur(field, (0, 0), _SOFT_PX * side / _COMPARED_PX), onto, size))

    head, hair, body = (small(getattr(master.masks, name)) for name in ("head", "hair", "body"))
    lab, unit = to_lab(small(master.picture)), scale * face_px
    above = np.arange(_COMPARED_PX)[:, None] < scale * master.mesh[_CHIN, 1]
    free = above & (body < 64)
    outside = (head < 64).astype(np.uint8)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / unit
    near, far = free & (away > 0) & (away < _BESIDE), free & (away > _FAR)
    worn = (hair > 200) & (face_areas(master.mesh[None] * scale, _COMPARED_PX, 1.0)[:, : size[0]] < 0.1) & above
    if min(near.sum(), far.sum(), worn.sum()) < _LEAST_PX:
        return 0.0
    beside = lab[near]
    found = (_distance(beside, _colours(lab[worn])) < _ALIKE) & (_distance(beside, _colours(lab[far])) > _UNLIKE)
    return float(found.mean())


def _colours(lab: np.ndarray) -> np.ndarray:
    """The colours ``(k, 3)`` that most often occur among others ``(N, 3)``."""
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.1)
    centres = np.zeros((_COLOURS, 3), np.float32)
    labels = np.zeros((len(lab), 1), np.int32)
    cv2.kmeans(lab.astype(np.float32), _COLOURS, labels, criteria, 3, cv2.KMEANS_PP_CENTERS, centres)
    return centres


def _distance(lab: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """From each of ``(N, 3)`` to the nearest of ``(k, 3)``."""
    return np.asarray(np.linalg.norm(lab[:, None] - colours, axis=2).min(1))
