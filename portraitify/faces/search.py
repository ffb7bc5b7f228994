"""Finding the faces of a photo, whichever way up it is, and nothing that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from portraitify.errors import NoFaceError
from portraitify.faces.detection import FaceDetector, Faces, no_faces, prominence
from portraitify.faces.evidence import CERTAIN_PRESENCE, is_face, presences
from portraitify.faces.face_mesh import FaceMesh, square_around
from portraitify.faces.views import View, tiles, tiles_of_long, usual_views, views_in_need

# Log-odds that a face needs by several looks: more where the photo would have to be turned for it, because any
# texture has three more chances there, unless it clearly stands then.
UPRIGHT_ODDS, TURNED_ODDS = 0.5, 2.0
# Score that a face must have in the usual views of a photo; in others the detector may doubt it.
USUAL_SCORE = 0.85
# From this presence of the foremost face on a photo is the right way up: one of 225 inverted ones had 16. With less,
# so much more presence than turned otherwise does, without looking for faces in the turned photo.
UPRIGHT_PRESENCE, _CLEARLY_MORE = 20.0, 6.0
# So many faces of an orientation are looked at several times, the most prominent ones; what follows has to be
# certain at once.
_LOOKED_AT = 4
# Where left eye, right eye, nose, left and right corner of the mouth come from in a mirror.
_MIRRORED = [1, 0, 2, 4, 3]


@dataclass(frozen=True)
class _Orientation:
    """What one orientation of a view shows.

    Attributes:
        faces: that are faces, the most prominent first.
        evidence: how much speaks for this orientation; 0 without faces.
    """

    faces: Faces
    evidence: float


def find_faces(detector: FaceDetector, mesh: FaceMesh, image: np.ndarray) -> Faces:
    """Find faces, upright first and then in the other three orientations.

    The search runs on a copy of the photo, whatever its size, and goes on to
    others only while none has shown a face: see :mod:`portraitify.faces.views`.
    What is doubtful is looked at again: see :mod:`portraitify.faces.evidence`.

    Args:
        detector: finds upright faces.
        mesh: tells whether they are faces, and upright.
        image: ``(H, W, 3)`` uint8 RGB.

    Returns:
        At least one face; boxes and landmarks are in pixels of
        ``np.rot90(image, turns)``.

    Raises:
        NoFaceError: no orientation shows a face.
    """
    usual, patient = Search(detector, mesh, USUAL_SCORE), Search(detector, mesh, patient=True)
    # Of many tiles most show nothing, so that all are seen upright before any is turned, if any is.
    steps: tuple[tuple[Callable[[np.ndarray], Faces], Callable[[np.ndarray], Iterator[View]]], ...] = (
        (usual.in_view, usual_views),
        (patient.in_view, views_in_need),
        (patient.upright, tiles),
        (patient.in_view, tiles_of_long),
    )
    for search, views in steps:
        for view in views(image):
            found = search(view.pixels)
            if len(found):
                return _in_photo(found, view, image.shape[1], image.shape[0])
    raise NoFaceError("No face was found.")


@dataclass(frozen=True)
class Search:
    """Looks for faces in all orientations of one picture.

    Attributes:
        detector: finds upright faces.
        mesh: tells whether they are faces, and upright.
        min_score: what the detector is less certain of is not looked at again.
        patient: whether to look into the mirror, too, where nothing is found.
    """

    detector: FaceDetector
    mesh: FaceMesh
    min_score: float = 0.0
    patient: bool = False

    def in_view(self, pixels: np.ndarray) -> Faces:
        """The faces of the orientation for which most speaks; as given if the foremost certainly stands in it.

        Args:
            pixels: ``(h, w, 3)`` uint8 RGB.
        """
        found = self._detected(pixels, 0)
        seen = presences(self.mesh, pixels, found)
        best = self._confirmed(pixels, found, seen)
        if len(best.faces) and (seen[0] >= UPRIGHT_PRESENCE or self._stands_clearly(pixels, found.boxes[0], seen[0])):
            return best.faces
        for turns in (1, 3, 2):
            turned = np.ascontiguousarray(np.rot90(pixels, turns))
            found = self._detected(turned, turns)
            orientation = self._confirmed(turned, found, presences(self.mesh, turned, found))
            best = orientation if orientation.evidence > best.evidence else best
        return best.faces if len(best.faces) or not self.patient else self._mirrored(pixels)

    def _mirrored(self, pixels: np.ndarray) -> Faces:
        """Faces as they are found in the mirror: some profiles convince the detector from one side only."""
        mirror = np.ascontiguousarray(pixels[:, ::-1])
        found = self._detected(mirror, 0)
        found = self._confirmed(mirror, found, presences(self.mesh, mirror, found)).faces
        width = pixels.shape[1]
        boxes, landmarks = found.boxes[:, [2, 1, 0, 3]].copy(), found.landmarks[:, _MIRRORED].copy()
        boxes[:, [0, 2]] = width - boxes[:, [0, 2]]
        landmarks[..., 0] = width - landmarks[..., 0]
        return replace(found, boxes=boxes, landmarks=landmarks)

    def upright(self, pixels: np.ndarray) -> Faces:
        """The faces of a picture ``(h, w, 3)`` uint8 RGB as it is, if one of them certainly stands."""
        found = self._detected(pixels, 0)
        seen = presences(self.mesh, pixels, found)
        return self._confirmed(pixels, found, seen).faces if seen.max(initial=0) >= CERTAIN_PRESENCE else no_faces()

    def _detected(self, pixels: np.ndarray, turns: int) -> Faces:
        """What the detector finds, the most prominent first."""
        found = self.detector.detect(pixels)
        ranks = prominence(found.boxes, found.scores, pixels.shape[1], pixels.shape[0])
        order = np.argsort(-ranks, kind="stable")
        return replace(_chosen(found, order[found.scores[order] >= self.min_score]), quarter_turns=turns)

    def _stands_clearly(self, pixels: np.ndarray, box: np.ndarray, presence: float) -> bool:
        """Whether what a box shows would be much less of a face if the photo were turned."""
        square = square_around(box)
        turned = [replace(square, angle=turns * np.pi / 2) for turns in (1, 2, 3)]
        others = max(geometry.presence for geometry in self.mesh.measure(pixels, turned))
        return bool(presence > 0 and presence - others >= _CLEARLY_MORE)

    def _confirmed(self, pixels: np.ndarray, found: Faces, seen: np.ndarray) -> _Orientation:
        """The faces that are faces, and what they say for this orientation.

        Args:
            pixels: ``(h, w, 3)`` uint8 RGB, in this orientation.
            found: ordered.
            seen: ``(N,)`` presence of each.
        """
        ranks = prominence(found.boxes, found.scores, pixels.shape[1], pixels.shape[0])
        kept, evidence = [], 0.0
        for index, presence in enumerate(seen.tolist()):
            if presence < CERTAIN_PRESENCE and (
                index >= _LOOKED_AT or not self._is_face(pixels, found, index, presence)
            ):
                continue
            kept.append(index)
            # A face of no presence may still be a profile.
            evidence = max(evidence, float(ranks[index]) * (1 + max(presence, 0.0)))
        return _Orientation(_chosen(found, np.array(kept, int)), evidence)

    def _is_face(self, pixels: np.ndarray, found: Faces, index: int, presence: float) -> bool:
        clearly = found.quarter_turns == 0 or self._stands_clearly(pixels, found.boxes[index], presence)
        needed = UPRIGHT_ODDS if clearly else TURNED_ODDS
        return is_face(self.detector, self.mesh, pixels, found, index, presence, needed)


def _chosen(faces: Faces, which: np.ndarray) -> Faces:
    return replace(faces, boxes=faces.boxes[which], landmarks=faces.landmarks[which], scores=faces.scores[which])


def _in_photo(faces: Faces, view: View, width: int, height: int) -> Faces:
    """Faces of a turned view in pixels of the turned photo.

    Args:
        faces: in pixels of the turned view.
        view: in which they were found, not turned.
        width: of the photo, not turned, pixels.
        height: likewise.
    """
    rows, columns = view.pixels.shape[:2]
    # How far the view ends to the right of the photo and below it, in the view's pixels.
    right, bottom = columns - view.left - width * view.scale, rows - view.top - height * view.scale
    # Counter-clockwise, the right edge becomes the upper one.
    left, top = [(view.left, view.top), (view.top, right), (right, bottom), (bottom, view.left)][faces.quarter_turns]
    corner = np.array([left, top])
    return replace(
        faces,
        boxes=_rounded((faces.boxes - np.tile(corner, 2)) / view.scale),
        landmarks=_rounded((faces.landmarks - corner) / view.scale),
    )


def _rounded(places: np.ndarray) -> np.ndarray:
    """To sixty-fourths of a pixel: engines differ by a hundred-thousandth, and crops cut by that by a level or two."""
    return np.asarray(np.round(places * 64) / 64)
