"""Whether a sitter is a child, grown-up or old, so that nobody gets a body of another age.

Two straight lines of a linear discriminant each: proportions of the face for
a child, those and the surface of the face for the old. What they were fitted
on and how far they can be trusted stands in ``weights/MODEL_CARD.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import cv2
import numpy as np

from portraitify.costume.master import ADULT, CHILD, OLD
from portraitify.faces.alignment import warp
from portraitify.faces.face_mesh import POINTS, FaceGeometry
from portraitify.imaging.cielab import rgb_to_lab
from portraitify.imaging.filters import blur, smoothstep
from portraitify.weights import WeightsFolder

NAME = "age"
SHAPE_VALUES = 3 * POINTS
# The view of a face that its surface is read from: side, and how far the mesh reaches and where its middle lies, parts
# of the side. Hair is above it, the neck below.
_VIEW_PX, _REACH, _MIDDLE = 128, 0.27, (0.5, 0.58)
# Fields a side that the surface is read in.
_FIELDS = 8
SURFACE_VALUES = 3 * _FIELDS**2
# The middle of the face, in rows and columns of fields.
_FACE = slice(3, 6), slice(2, 6)
# Pores and lines are what the first blur takes away, folds what the second takes further, pixels of the view.
_FINE_PX, _COARSE_PX = 1.5, 4.0
# Black has no depth, so darks are lifted, L*; least depth that is told from none, as a share of lightness.
_LIFT, _LEAST_DEPTH = 3.0, 0.003
# Size of a step of colour, CIELAB.
_COLOUR_STEP = 10.0
# Further than this from what is usual a value tells of a bad measurement, deviations.
_MOST_DEVIATIONS = 4.0
# A grown-up in a child's dress is worse than a child in a grown-up's plain cloak.
_SURE_CHILD = 0.75
# Turns of a head between which it stops to tell an age, degrees.
_LAST_YAW, _LAST_PITCH = (28.0, 40.0), (24.0, 36.0)


@dataclass(frozen=True)
class AgeGuess:
    """How old a sitter looks.

    Attributes:
        child: 0 to 1, whether under about 12.
        old: 0 to 1, whether over about 65.
    """

    child: float
    old: float

    @property
    def group(self) -> str:
        """One of ``portraitify.costume.master.AGES``."""
        if self.child >= max(self.old, _SURE_CHILD):
            return CHILD
        return OLD if self.old >= 0.5 else ADULT


@dataclass(frozen=True)
class AgeModel:
    """What was fitted; log-odds are sums of values and weights.

    Attributes:
        child_shape: ``(SHAPE_VALUES,)``.
        old_shape: ``(SHAPE_VALUES,)``.
        old_surface: ``(SURFACE_VALUES,)``, of standardised values.
        surface_mean: ``(SURFACE_VALUES,)``.
        surface_deviation: ``(SURFACE_VALUES,)``, positive.
        bias: ``(2,)`` of child and old.
    """

    child_shape: np.ndarray
    old_shape: np.ndarray
    old_surface: np.ndarray
    surface_mean: np.ndarray
    surface_deviation: np.ndarray
    bias: np.ndarray

    @classmethod
    def load(cls, weights: WeightsFolder) -> AgeModel:
        """Read it from a folder of weights.

        Raises:
            WeightsError: it is missing or damaged.
        """
        return cls(**weights.load(NAME))

    @property
    def digest(self) -> str:
        """A short digest of what was fitted."""
        return hashlib.sha256(b"".join(getattr(self, part.name).tobytes() for part in fields(self))).hexdigest()[:16]

    def log_odds(self, shapes: np.ndarray, surfaces: np.ndarray) -> np.ndarray:
        """Of being a child, and of being old.

        Args:
            shapes: ``(N, SHAPE_VALUES)`` of :func:`shape_of`.
            surfaces: ``(N, SURFACE_VALUES)`` of :func:`surface_of`.

        Returns:
            ``(N, 2)`` float64.
        """
        usual = standardised(surfaces, self.surface_mean, self.surface_deviation)
        child = shapes @ self.child_shape
        old = shapes @ self.old_shape + usual @ self.old_surface
        return np.asarray(np.column_stack([child, old]) + self.bias)


def age_of(mesh: np.ndarray, crop: np.ndarray, model: AgeModel) -> AgeGuess:
    """Guess how old a sitter is.

    Args:
        mesh: ``(468, 3)`` float64 in pixels of the crop.
        crop: ``(S, S, 3)`` uint8 RGB.
        model: what was fitted.
    """
    log_odds = model.log_odds(shape_of(mesh)[None], surface_of(crop, mesh)[None])[0]
    child, old = _straightness(mesh) / (1 + np.exp(-np.clip(log_odds, -50, 50)))
    return AgeGuess(float(child), float(old))


def shape_of(mesh: np.ndarray) -> np.ndarray:
    """Proportions of a face, whatever its size and however the head is turned: ``(SHAPE_VALUES,)`` float64."""
    turned = (mesh - mesh.mean(0)) @ FaceGeometry(mesh, 0.0).axes.T
    size = np.sqrt(np.square(turned[:, :2]).sum(1).mean())
    return np.asarray(turned / max(float(size), 1e-9)).ravel()


def surface_of(crop: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """How deep lines and folds are, and how colourful, in fields of an upright view of the face and the hair above it.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        mesh: ``(468, 3)`` in its pixels.

    Returns:
        ``(SURFACE_VALUES,)`` float64: logarithms of the depth of lines, then of folds, then colourfulness less that of
        the middle of the face, so that the tone of skin does not count.
    """
    view = warp(crop, _view_matrix(mesh), _VIEW_PX, cv2.BORDER_REPLICATE)
    lab = rgb_to_lab(view.astype(np.float32) * np.float32(1 / 255))
    light = np.log(np.maximum(lab[..., 0], 0) + _LIFT)
    calm, calmer = blur(light, _FINE_PX), blur(light, _COARSE_PX)
    depths = [np.log(_fields(np.abs(part)) + _LEAST_DEPTH) for part in (light - calm, calm - calmer)]
    chroma = np.hypot(*(_fields(lab[..., channel]) for channel in (1, 2))) / _COLOUR_STEP
    return np.concatenate([part.ravel() for part in (*depths, chroma - chroma[_FACE].mean())]).astype(np.float64)


def standardised(values: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Values as deviations from what is usual, limited."""
    return np.asarray(np.clip((values - mean) / deviation, -_MOST_DEVIATIONS, _MOST_DEVIATIONS))


def _straightness(mesh: np.ndarray) -> float:
    """How far a head is turned to the viewer, 1 to 0: the depth of a face seen from the side is made up."""
    pose = FaceGeometry(mesh, 0.0).pose
    turned = [smoothstep(np.array(abs(pose.yaw)), *_LAST_YAW), smoothstep(np.array(abs(pose.pitch)), *_LAST_PITCH)]
    return 1 - float(max(turned))


def _view_matrix(mesh: np.ndarray) -> np.ndarray:
    """Crop pixels to pixels of the upright view, ``(2, 3)`` float64."""
    places = mesh[:, :2]
    middle = places.mean(0)
    reach = float(np.sqrt(np.square(places - middle).sum(1).mean()))
    turn = np.radians(FaceGeometry(mesh, 0.0).pose.roll)
    cos, sin = np.array([np.cos(turn), np.sin(turn)]) * (_VIEW_PX * _REACH / max(reach, 1e-6))
    linear = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([linear, np.multiply(_MIDDLE, _VIEW_PX) - linear @ middle])


def _fields(values: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (_FIELDS, _FIELDS), interpolation=cv2.INTER_AREA))
