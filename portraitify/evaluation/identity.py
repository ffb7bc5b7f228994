"""Who is in a picture, according to dlib, which had no part in training.

It comes with the extra ``evaluate``. Its landmark model was trained on
300-W, which is not for commercial use; nothing of it ships.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portraitify.errors import ConfigError

# Below this distance dlib's author calls two faces the same person.
SAME_PERSON = 0.6
# dlib's outline depends on the box that it starts from and, on hatching, on single lines: read off a softened
# picture from many boxes and both ways round, its mean hardly does. Shifts and scale in parts of the box.
_BOXES = (
    (0, 0, 1),
    *((x, y, scale) for scale in (0.94, 1.06) for x, y in ((-0.05, 0), (0.05, 0), (0, -0.05), (0, 0.05))),
)
_SOFTNESS = 0.007
# Which of the 68 landmarks is which in a mirror.
_JAW, _BROWS, _NOSE = range(16, -1, -1), range(26, 16, -1), (27, 28, 29, 30, 35, 34, 33, 32, 31)
_EYES = (45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40)
MIRRORED_MOUTH = (*range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65)
_MIRRORED = (*_JAW, *_BROWS, *_NOSE, *_EYES, *MIRRORED_MOUTH)
INSTALL_HINT = "install portraitify[evaluate]"


@dataclass(frozen=True)
class FaceReading:
    """A face as dlib sees it.

    Attributes:
        descriptor: ``(128,)`` float64.
        points: ``(68, 2)`` float64 landmarks in pixels, in the order of 300-W, each the mean of several readings.
    """

    descriptor: np.ndarray
    points: np.ndarray


class FaceReader:
    """Finds, outlines and describes faces.

    Source: King, Dlib-ml, JMLR 10, 2009; the networks and the threshold of
    0.6 are those of dlib's example ``dnn_face_recognition``.

    Raises:
        ConfigError: the extra ``evaluate`` is not installed.
    """

    def __init__(self) -> None:
        folder = _models_folder()
        try:
            import dlib
        except ImportError as error:
            raise ConfigError(f"Identity and smiles need dlib: {INSTALL_HINT}.") from error
        self._detector = dlib.get_frontal_face_detector()
        self._any_detector = dlib.cnn_face_detection_model_v1(str(folder / "mmod_human_face_detector.dat"))
        self._shape = dlib.shape_predictor(str(folder / "shape_predictor_68_face_landmarks.dat"))
        self._network = dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))

    def read(self, image: np.ndarray, nose: np.ndarray) -> FaceReading | None:
        """Read the face at a place.

        Args:
            image: ``(H, W, 3)`` uint8 RGB; faces should be 80 pixels wide or more.
            nose: ``(2,)`` where its nose should be, xy in pixels.

        Returns:
            None where dlib finds no face around that point.
        """
        image = np.ascontiguousarray(image)
        box = self._box(image, nose)
        if box is None:
            return None
        descriptor = self._network.compute_face_descriptor(image, self._shape(image, box))
        return FaceReading(np.array(descriptor), self._mean_points(image, box))

    def outlines(self, image: np.ndarray, nose: np.ndarray, copies: Sequence[np.ndarray] = ()) -> np.ndarray | None:
        """Only the landmarks of :meth:`read`, in a fraction of its time.

        Args:
            image: see :meth:`read`.
            nose: see :meth:`read`.
            copies: pictures of the same face at the same place, read where it was found in the first.

        Returns:
            ``(1 + len(copies), 68, 2)``, or None where dlib finds no face around that point.
        """
        box = self._box(np.ascontiguousarray(image), nose)
        if box is None:
            return None
        return np.stack([self._mean_points(np.ascontiguousarray(picture), box) for picture in (image, *copies)])

    def _box(self, image: np.ndarray, nose: np.ndarray) -> Any:
        # The network costs fifty times as much, and finds turned faces that the other detector misses.
        for detect in (self._detect_frontal, self._detect_any):
            around = [box for box in detect(image) if _holds(box, nose)]
            if around:
                return min(around, key=lambda b: np.hypot(b.center().x - nose[0], b.center().y - nose[1]))
        return None

    def _mean_points(self, image: np.ndarray, box: Any) -> np.ndarray:
        soft = cv2.GaussianBlur(image, (0, 0), _SOFTNESS * box.width())
        mirror = np.ascontiguousarray(soft[:, ::-1])
        last = image.shape[1] - 1
        mirrored_box = type(box)(last - box.right(), box.top(), last - box.left(), box.bottom())
        straight = np.mean([_points(self._shape(soft, around)) for around in _boxes(box)], 0)
        back = np.mean([_points(self._shape(mirror, around)) for around in _boxes(mirrored_box)], 0)
        back = back[list(_MIRRORED)] * [-1, 1] + [last, 0]
        return np.asarray((straight + back) / 2)

    def _detect_frontal(self, image: np.ndarray) -> list[Any]:
        return list(self._detector(image, 0))

    def _detect_any(self, image: np.ndarray) -> list[Any]:
        half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return [_doubled(found.rect) for found in self._any_detector(half, 0)]


def open_face_reader() -> FaceReader | None:
    """The reader, or None where the extra ``evaluate`` is not installed."""
    try:
        return FaceReader()
    except ConfigError:
        return None


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    """Cosine of the angle between two descriptors."""
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


def _doubled(box: Any) -> Any:
    return type(box)(2 * box.left(), 2 * box.top(), 2 * box.right(), 2 * box.bottom())


def _boxes(box: Any) -> list[Any]:
    wide, middle = box.width(), box.center()
    found = []
    for right, down, scale in _BOXES:
        x, y, half = middle.x + right * wide, middle.y + down * wide, scale * wide / 2
        found.append(type(box)(*(round(edge) for edge in (x - half, y - half, x + half, y + half))))
    return found


def _points(shape: Any) -> np.ndarray:
    return np.array([[point.x, point.y] for point in shape.parts()], np.float64)


def _holds(box: Any, nose: np.ndarray) -> bool:
    return bool(box.left() <= nose[0] <= box.right() and box.top() <= nose[1] <= box.bottom())


def _models_folder() -> Path:
    # Importing the package asks for pkg_resources, which newer setuptools lack.
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"Identity and smiles need face_recognition_models: {INSTALL_HINT}.")
    return Path(spec.submodule_search_locations[0]) / "models"
