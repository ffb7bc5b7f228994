"""A statistical model of faces, with directions in which they can be changed.

Source: Cootes, Edwards and Taylor, Active Appearance Models, IEEE TPAMI
23(6), 2001; the directions are the partial effects of a linear regression on
labels of photos, see :mod:`portraitify.training.face_space`.

Shapes are points of the face mesh in a frame whose side is 1, seen from the
front and upright; appearance is CIELAB in that frame, of the mean shape.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from portraitify.weights import WeightsFolder

NAME = "face_space"
# Sides of the maps that directions and faces are kept in, pixels: lightness, colour, and how strong fine detail is.
FRAME_PX, CHROMA_PX, DETAIL_PX = 128, 64, 64
FACE_PX, FACE_CHROMA_PX = 96, 48
# Standard deviation of the Gaussian that parts fine detail from form, pixels of the frame.
FINE_PX = 1.6
# What can be changed, in the order in which it is kept, and what a unit of each is.
DIRECTIONS = ("age", "smile", "open", "masculine", "weight", "light")


@dataclass(frozen=True)
class FaceSpace:
    """The model; D directions, K components of shape and M of appearance.

    Attributes:
        points: ``(468, 3)`` of the mean face.
        light: ``(FACE_PX, FACE_PX)`` its L*.
        chroma: ``(FACE_CHROMA_PX, FACE_CHROMA_PX, 2)`` its a* and b*.
        shape_components: ``(K, 468, 3)``, each for one deviation.
        light_components: ``(M, FACE_PX, FACE_PX)``, each for one deviation.
        chroma_components: ``(M, FACE_CHROMA_PX, FACE_CHROMA_PX, 2)``, each for one deviation.
        covariance: ``(K + M, K + M)`` of what faces have of these components, in deviations.
        shape_moves: ``(D, 468, 3)``, what a unit of each direction moves.
        light_moves: ``(D, FRAME_PX, FRAME_PX)``, what it adds to L*.
        chroma_moves: ``(D, CHROMA_PX, CHROMA_PX, 2)``, what it adds to a* and b*.
        detail_moves: ``(D, DETAIL_PX, DETAIL_PX)``, what it adds to the logarithm of the strength of fine detail.
        component_moves: ``(D, K + M)``, what it moves of the components, in deviations.
        readings: ``(D, K + M)``, what a deviation of each component adds to the labels.
        usual: ``(D, 2)`` mean and deviation of the labels.
    """

    points: np.ndarray
    light: np.ndarray
    chroma: np.ndarray
    shape_components: np.ndarray
    light_components: np.ndarray
    chroma_components: np.ndarray
    covariance: np.ndarray
    shape_moves: np.ndarray
    light_moves: np.ndarray
    chroma_moves: np.ndarray
    detail_moves: np.ndarray
    component_moves: np.ndarray
    readings: np.ndarray
    usual: np.ndarray

    @classmethod
    def load(cls, weights: WeightsFolder) -> FaceSpace:
        """Read it from a folder of weights.

        Raises:
            WeightsError: it is missing or damaged.
        """
        tensors = weights.load(NAME)
        return cls(**{item.name: unpacked(tensors, item.name) for item in fields(cls)})


def packed(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Values ``(N, ...)`` in a byte each, with a scale for each of the N.

    Args:
        name: under which they are kept.
        values: float.
    """
    scale = np.abs(values).reshape(len(values), -1).max(1) / 127 + 1e-12
    steps = np.rint(values / scale.reshape(-1, *[1] * (values.ndim - 1)))
    return {name: steps.astype(np.int8), f"{name}.scale": scale.astype(np.float32)}


def unpacked(tensors: dict[str, np.ndarray], name: str) -> np.ndarray:
    """What :func:`packed` kept, or what was kept as it is: float32."""
    values = tensors[name].astype(np.float32)
    scale = tensors.get(f"{name}.scale")
    return values if scale is None else values * scale.reshape(-1, *[1] * (values.ndim - 1))
