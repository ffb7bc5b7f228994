"""The geometry of a face: 468 points in three dimensions, whether there is a face at all, and how it is turned.

The network is MediaPipe's ``face_landmark``, after Kartynnik et al.,
Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs, CVPR
workshops 2019 (arXiv 1907.06724); its points are numbered as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from portraitify.faces.alignment import warp
from portraitify.imaging.affine import inverse, scale_of, transform_points

# Takes (N, 3, MESH_PX, MESH_PX) float32 in 0 to 1; gives points (N, 3 * POINTS, 1, 1) and presence (N, 1, 1, 1).
MeshNetwork = Callable[[np.ndarray], "list[np.ndarray]"]
MESH_PX, POINTS = 192, 468
# What the network looks at, by the longer side of a detector's box.
REACH = 1.5
# Squares that the network takes together; a crowd would take a gigabyte.
_AT_ONCE = 16
# Points on the sitter's right and left (the viewer's left and right) that a mirror would exchange: outer corners of
# the eyes, corners of the mouth, temples, cheeks, angles of the jaw.
_RIGHT, _LEFT = [33, 61, 127, 234, 172], [263, 291, 356, 454, 397]
_FOREHEAD, _CHIN = 10, 152
# Corners and lids of the eye on the viewer's left, and of the one on the right.
_EYES = [33, 133, 159, 145], [362, 263, 386, 374]
# Where a detector's box lies by its five landmarks: its middle from the eyes (0) to the mouth (1), and its longer side
# by the distance between the eyes or that down to the mouth, whichever is the greater; medians of 39 photos.
_BOX_CENTRE, _BOX_SIDE, _TALL = 0.31, 2.85, 0.9
# What a mesh must show to be taken for the face of its landmarks: presence, and how near its eyes lie to theirs, by the
# same distance.
_LEAST_PRESENCE, _MOST_APART = 6.0, 0.2


@dataclass(frozen=True)
class Square:
    """A turned square of a picture.

    Attributes:
        centre: ``(2,)`` float64, pixels.
        side: pixels.
        angle: by which what it shows is turned clockwise from upright, radians.
    """

    centre: np.ndarray
    side: float
    angle: float = 0.0

    def matrix(self, size_px: int) -> np.ndarray:
        """Picture pixels to pixels of the square, shown upright with ``size_px`` a side: ``(2, 3)`` float64."""
        scale = size_px / self.side
        cos, sin = np.cos(self.angle) * scale, np.sin(self.angle) * scale
        linear = np.array([[cos, sin], [-sin, cos]])
        return np.column_stack([linear, size_px / 2 - linear @ self.centre])


@dataclass(frozen=True)
class Pose:
    """How a head is turned, degrees; all are 0 in a face that looks straight into the camera.

    The median of sixty front views in the training photos is less than half a degree in each.

    Attributes:
        yaw: to the viewer's right is positive.
        pitch: downwards is positive.
        roll: clockwise, as the viewer sees it, is positive.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class FaceGeometry:
    """What the network says of one square.

    Attributes:
        points: ``(468, 3)`` float64, x and y in pixels of the picture, z likewise and smaller nearer to the viewer,
            0 about the middle of the head.
        presence: log-odds that the square shows an upright face.
    """

    points: np.ndarray
    presence: float

    @property
    def axes(self) -> np.ndarray:
        """Unit vectors across the head to the viewer's right, down it, and away from its face: ``(3, 3)`` float64."""
        across = _unit((self.points[_LEFT] - self.points[_RIGHT]).mean(0))
        down = self.points[_CHIN] - self.points[_FOREHEAD]
        down = _unit(down - (down @ across) * across)
        return np.stack([across, down, np.cross(across, down)])

    @property
    def pose(self) -> Pose:
        """How the head is turned."""
        across, down, ahead = self.axes
        yaw = np.arctan2(across[2], np.hypot(across[0], across[1]))
        # Seen from the side of an unturned head, so that a turned one does not nod.
        pitch = np.arctan2(down[2], ahead[2])
        roll = np.arctan2(across[1], across[0])
        return Pose(*np.degrees([yaw, pitch, roll]).tolist())


class FaceMesh:
    """Looks for the geometry of faces.

    Args:
        network: anything that runs the graph ``face_mesh``.
    """

    def __init__(self, network: MeshNetwork):
        self._network = network

    def measure(self, image: np.ndarray, squares: Sequence[Square]) -> list[FaceGeometry]:
        """Look at squares of a picture.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.
            squares: each about one and a half times as wide as a face, and turned as it is, within 20 degrees.

        Returns:
            One for each square.
        """
        return [
            geometry
            for start in range(0, len(squares), _AT_ONCE)
            for geometry in self._measure(image, squares[start : start + _AT_ONCE])
        ]

    def _measure(self, image: np.ndarray, squares: Sequence[Square]) -> Iterator[FaceGeometry]:
        matrices = [square.matrix(MESH_PX) for square in squares]
        views = np.stack([warp(image, matrix, MESH_PX) for matrix in matrices])
        points, presence = self._network(
            np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) * np.float32(1 / 255)
        )
        places = points.reshape(-1, POINTS, 3).astype(np.float64)
        for found, matrix, odds in zip(places, matrices, presence.ravel().tolist(), strict=True):
            yield FaceGeometry(_in_picture(found, matrix), odds)


def square_around(box: np.ndarray, angle: float = 0.0) -> Square:
    """What the network has to see of a face in a detector's box ``(4,)`` xyxy, turned clockwise by an angle."""
    return Square((box[:2] + box[2:]) / 2, REACH * float((box[2:] - box[:2]).max()), angle)


def square_of(landmarks: np.ndarray) -> Square:
    """What the network has to see of the face of five landmarks ``(5, 2)``."""
    return _square_of(landmarks, _unit_of(landmarks))


def meshes_of(mesh: FaceMesh, image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The points of the faces whose landmarks are known, of those that the network sees clearly.

    Args:
        mesh: looks.
        image: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(N, 5, 2)`` in its pixels.

    Returns:
        ``(M, 468, 3)`` float64 in pixels of the picture, M at most N.
    """
    units = np.array([_unit_of(five) for five in landmarks])
    found = mesh.measure(image, [_square_of(five, unit) for five, unit in zip(landmarks, units, strict=True)])
    seen = [
        geometry.points
        for geometry, five, unit in zip(found, landmarks, units, strict=True)
        if geometry.presence >= _LEAST_PRESENCE and _apart(geometry.points, five) <= _MOST_APART * unit
    ]
    return np.array(seen).reshape(-1, POINTS, 3)


def _unit_of(landmarks: np.ndarray) -> float:
    across, down = landmarks[1] - landmarks[0], landmarks[3:].mean(0) - landmarks[:2].mean(0)
    return max(float(np.linalg.norm(across)), _TALL * float(np.linalg.norm(down)), 1.0)


def _square_of(landmarks: np.ndarray, unit: float) -> Square:
    eyes, across = landmarks[:2].mean(0), landmarks[1] - landmarks[0]
    centre = eyes + _BOX_CENTRE * (landmarks[3:].mean(0) - eyes)
    return Square(centre, REACH * _BOX_SIDE * unit, float(np.arctan2(across[1], across[0])))


def _apart(points: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean distance of the eyes of a mesh from those of five landmarks, pixels."""
    eyes = np.stack([points[corners, :2].mean(0) for corners in _EYES])
    return float(np.linalg.norm(eyes - landmarks[:2], axis=1).mean())


def _in_picture(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points ``(N, 3)`` of a square's view in pixels of the picture, from the matrix that leads to the view."""
    return np.column_stack([transform_points(inverse(matrix), points[:, :2]), points[:, 2] / scale_of(matrix)])


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))
