"""Outlines of a picture that nobody has drawn any on: by the face's geometry, the subject mask and colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.bust import cheek_colour
from portraitify.costume.curation import Curation
from portraitify.costume.flaws import Flaw, other_faces, unsure_neck, unsure_outline
from portraitify.costume.master import Credits, Traits
from portraitify.costume.placement import neck_axis
from portraitify.costume.sitter_telling import MaskOf, tell_sitter
from portraitify.errors import FaceError, ImageError, NoFaceError
from portraitify.faces.alignment import warp
from portraitify.faces.detection import FaceDetector, Faces
from portraitify.faces.face_mesh import FaceGeometry, FaceMesh, meshes_of
from portraitify.faces.search import find_faces
from portraitify.imaging.affine import inverse, scale_of, transform_points
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.head_areas import below_neck, crown_areas, ear_areas, face_areas, face_height
from portraitify.imaging.morphology import disc, touching

# Side of the square in which outlines are looked for, pixels.
_VIEW_PX = 512
# A face turned further to the side shows too little of its geometry, degrees; and one smaller, from forehead to chin
# in pixels, too little of its paint.
_MOST_TURNED, _LEAST_FACE_PX = 48.0, 90.0
# In heights of the face: how high the crop is and how much of it lies above the forehead, how much of the body it
# must show below the chin, and how far below the chin the neck may reach.
_CROP, _ABOVE, _LEAST_BODY, _NECK = 3.6, 0.95, 0.55, 0.9
# Share of the square above the chin that the sitter may fill.
_MOST_FILLED = 0.75
# Skin has the hue of the cheeks: how far its logarithms of colour may be from theirs, as a share of how far those are
# from grey, on necks, and on hands, which may lie anywhere; least saturation that is taken for theirs; and its
# lightness, as a share of theirs.
_SKIN_REACH, _HANDS_REACH, _LEAST_SATURATION, _SKIN_LIGHT, _TOE = 0.6, 0.35, 0.12, (0.3, 1.3), 8.0
# Half the width of the column of neck and chest, by how much it widens with its length, and from where on below the
# chin, in heights of the face.
_COLUMN = (0.36, 0.8, 0.25)
# Where shoulders begin: below the chin, in heights of the face, and by how much the line falls with each pixel beside.
_SHOULDERS, _FALL = 0.1, -0.25
# Distance in CIELAB within which a colour is that of the hair, and how far below the chin hair is looked for, and
# beside the face, in its heights.
_HAIR_REACH, _HAIR_BELOW, _HAIR_BESIDE = 13.0, 0.7, 1.0
# Margin around the head, and width of the strip of dress that counts as its collar, in heights of the face.
_MARGIN, _COLLAR = 0.05, 0.4
# Number of the mesh's points: forehead and chin; two of both eyes' corners lie between the temples.
_FOREHEAD, _CHIN = 10, 152
# Outlines smaller than this part of the view are no things.
_LEAST_AREA = 0.001


@dataclass(frozen=True)
class _View:
    """A square around head and shoulders.

    Attributes:
        pixels: ``(S, S, 3)`` uint8 RGB.
        matrix: ``(2, 3)`` from pixels of the picture.
        mesh: ``(468, 3)`` in pixels of the square.
        subject: ``(S, S)`` bool.
        doubt: 0 to 1, how unsure that is.
    """

    pixels: np.ndarray
    matrix: np.ndarray
    mesh: np.ndarray
    subject: np.ndarray
    doubt: float

    @property
    def face_px(self) -> float:
        """From forehead to chin."""
        return face_height(self.mesh)


@dataclass(frozen=True)
class Outlined:
    """A picture with outlines that nobody has drawn.

    Attributes:
        curation: the outlines.
        flaws: what may spoil it.
    """

    curation: Curation
    flaws: tuple[Flaw, ...]


def outline(
    image: np.ndarray,
    name: str,
    style: str,
    credits: Credits,
    traits: Traits,
    networks: tuple[FaceDetector, FaceMesh, MaskOf],
) -> Outlined:
    """Find head, neck and dress of the most prominent sitter of a picture.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, upright.
        name: by which the picture will be asked for.
        style: the medium in which sitters will be painted.
        credits: whose picture it is.
        traits: whom it suits.
        networks: find faces, measure them, and give subject masks.

    Raises:
        FaceError: there is no face, or it is seen from the side, too small, or without shoulders.
        ImageError: the picture lies on its side, or nothing of its ground is seen.
    """
    detector, mesh, mask_of = networks
    faces = _faces(image, name, detector, mesh)
    points = _measured(image, name, mesh, faces)
    crop = _crop(image, name, points)
    view = _view(image, points, crop, mask_of)
    above = view.subject[: max(round(view.mesh[_CHIN, 1]), 1)]
    if above.mean() > _MOST_FILLED:
        raise ImageError(f"{name}: the sitter cannot be told from the ground, so no clean plate can be made.")
    areas = _areas(view)
    back = inverse(view.matrix)
    outlines = {key: _contours(areas[key], back) for key in ("neck", "hair", "body", "skin", "before")}
    # Of heads there is one.
    outlines["head"] = _contours(areas["head"], back)[:1]
    outlines["paint_away"] = []
    flaws = (*other_faces(faces, crop), *_flaws(view, areas, crop))
    return Outlined(Curation(name, "", crop, outlines, style, None, credits, traits), flaws)


def _flaws(view: _View, areas: dict[str, np.ndarray], crop: tuple[float, float, float, float]) -> Iterator[Flaw]:
    columns, rows = np.arange(_VIEW_PX) + 0.5, np.arange(_VIEW_PX)[:, None] + 0.5
    wide = 0.5 * (crop[2] - crop[0]) * scale_of(view.matrix)
    above_chin = (np.abs(columns - _VIEW_PX / 2) < wide) & (rows < view.mesh[_CHIN, 1])
    yield from unsure_outline(view.doubt, areas["head"], areas["body"], above_chin)
    low = _column(view) & (rows > view.mesh[_CHIN, 1] + _NECK / 2 * view.face_px)
    yield from unsure_neck(float(areas["neck"][low].mean()) if low.any() else 0.0)


def _faces(image: np.ndarray, name: str, detector: FaceDetector, mesh: FaceMesh) -> Faces:
    try:
        faces = find_faces(detector, mesh, image)
    except NoFaceError as error:
        raise NoFaceError(f"{name}: no face was found in the picture, so nobody can sit in it.") from error
    if faces.quarter_turns:
        raise ImageError(f"{name}: the picture lies on its side. Turn it, and add it again.")
    return faces


def _measured(image: np.ndarray, name: str, mesh: FaceMesh, faces: Faces) -> np.ndarray:
    """The geometry of the foremost face, ``(468, 3)`` in pixels of the picture."""
    found = meshes_of(mesh, image, faces.landmarks[:1])
    if not len(found):
        raise FaceError(f"{name}: the face is not seen clearly enough to measure it; a profile cannot be sat in.")
    points = found[0]
    if abs(FaceGeometry(points, 0.0).pose.yaw) > _MOST_TURNED:
        raise FaceError(f"{name}: the face is seen from the side; a profile cannot be sat in.")
    if face_height(points) < _LEAST_FACE_PX:
        raise FaceError(f"{name}: the face is too small, less than {_LEAST_FACE_PX:.0f} pixels from forehead to chin.")
    return np.asarray(points)


def _crop(image: np.ndarray, name: str, points: np.ndarray) -> tuple[float, float, float, float]:
    """Head and shoulders within the picture, four to five.

    Raises:
        FaceError: the picture ends below the chin.
    """
    forehead, chin = points[_FOREHEAD, :2], points[_CHIN, :2]
    face = float(np.linalg.norm(chin - forehead))
    tall = min(_CROP * face, image.shape[0], image.shape[1] / 0.8)
    wide = 0.8 * tall
    left = float(np.clip(points[:, 0].mean() - wide / 2, 0, image.shape[1] - wide))
    top = float(np.clip(forehead[1] - _ABOVE / _CROP * tall, 0, image.shape[0] - tall))
    if top + tall < chin[1] + _LEAST_BODY * face:
        raise FaceError(f"{name}: the picture shows no shoulders, so there is nothing to be dressed in.")
    return left, top, left + wide, top + tall


def _view(image: np.ndarray, points: np.ndarray, crop: tuple[float, float, float, float], mask_of: MaskOf) -> _View:
    left, top, right, bottom = crop
    side = bottom - top
    scale = _VIEW_PX / side
    matrix = np.array([[scale, 0, -scale * ((left + right - side) / 2)], [0, scale, -scale * top]])
    pixels = warp(image, matrix, _VIEW_PX, cv2.BORDER_REPLICATE)
    mesh = np.column_stack([transform_points(matrix, points[:, :2]), points[:, 2] * scale_of(matrix)])
    told = tell_sitter(image, points, matrix, _VIEW_PX, mask_of)
    return _View(pixels, matrix, mesh, told.subject, told.doubt)


def _areas(view: _View) -> dict[str, np.ndarray]:
    """What lies where, ``(S, S)`` bool each."""
    meshes, face = view.mesh[None], view.face_px
    lab = to_lab(view.pixels)
    features = face_areas(meshes, _VIEW_PX, 1.04) > 0.5
    below = below_neck(meshes, _VIEW_PX, _SHOULDERS, _FALL) > 0.5
    skull = np.maximum(ear_areas(meshes, _VIEW_PX), crown_areas(meshes, _VIEW_PX, 0.3, 0.6)) > 0.5
    head = features | (view.subject & ~below) | (skull & view.subject) | _hair_below(view, lab, features)
    skin, surely = _skin(view, _SKIN_REACH), _skin(view, _HANDS_REACH)
    neck = skin & view.subject & ~head & _column(view)
    neck = touching(cv2.morphologyEx(neck.astype(np.uint8), cv2.MORPH_OPEN, disc(3)) > 0, head)
    head = cv2.dilate(head.astype(np.uint8), disc(_MARGIN * face)) > 0
    body = view.subject & below & ~neck
    near = cv2.dilate((head | neck).astype(np.uint8), disc(_COLLAR * face)) > 0
    hands = surely & body & ~head & ~_beneath(view, 1.2, _NECK)
    return {
        "head": head & ~(body & ~_hair_below(view, lab, features)),
        "hair": head & ~features & ~neck,
        "neck": neck,
        "body": body,
        "skin": cv2.morphologyEx(hands.astype(np.uint8), cv2.MORPH_OPEN, disc(4)) > 0,
        "before": body & near & ~head,
    }


def _skin(view: _View, share: float) -> np.ndarray:
    """What has the colour of the cheeks, in light or shade, up to such a share of their distance from grey."""
    pixels = cv2.medianBlur(view.pixels, 5)
    cheeks = cheek_colour(pixels, view.mesh)
    away, usual = _hue(pixels.astype(np.float32)), _hue(cheeks)
    reach = share * max(float(np.linalg.norm(usual)), _LEAST_SATURATION)
    light = pixels.mean(2) / max(float(cheeks.mean()), 1.0)
    alike = np.linalg.norm(away - usual, axis=2) < reach
    return np.asarray(alike & (light > _SKIN_LIGHT[0]) & (light < _SKIN_LIGHT[1]))


def _hue(colours: np.ndarray) -> np.ndarray:
    """Logarithms of red and blue by green ``(..., 2)``, which shade hardly changes."""
    light = np.log(colours + _TOE)
    return np.asarray(light[..., ::2] - light[..., 1:2])


def _hair_below(view: _View, lab: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Hair that falls beside the face and below it."""
    crown = view.subject & ~features & (np.arange(_VIEW_PX)[:, None] < view.mesh[_FOREHEAD, 1])
    dress = view.subject & (np.arange(_VIEW_PX)[:, None] > view.mesh[_CHIN, 1] + _NECK * view.face_px)
    if min(crown.sum(), dress.sum()) < _LEAST_AREA * crown.size:
        return np.zeros_like(crown)
    usual = np.median(lab[crown], 0)
    if np.linalg.norm(usual - np.median(lab[dress], 0)) < 1.5 * _HAIR_REACH:
        # Hair and dress cannot be told apart, and either fills the other's place.
        return np.zeros_like(crown)
    alike = np.linalg.norm(lab - usual, axis=2) < _HAIR_REACH
    hair = alike & view.subject & _beneath(view, _HAIR_BESIDE, _HAIR_BELOW, from_top=True)
    return touching(cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_OPEN, disc(3)) > 0, crown)


def _column(view: _View) -> np.ndarray:
    """Where neck and chest may be seen: a column that widens downwards."""
    columns, rows = np.arange(_VIEW_PX) + 0.5, np.arange(_VIEW_PX)[:, None] + 0.5
    below = (rows - view.mesh[_CHIN, 1]) / view.face_px
    beside = np.abs(columns - neck_axis(view.mesh)[0]) / view.face_px
    wide = _COLUMN[0] + _COLUMN[1] * np.clip(below - _COLUMN[2], 0, None)
    return np.asarray((beside < wide) & (below > -0.3) & (below < _NECK))


def _beneath(view: _View, beside: float, below: float, from_top: bool = False) -> np.ndarray:
    """What lies so far to both sides of the face's middle and below the chin, in heights of the face."""
    columns, rows = np.arange(_VIEW_PX) + 0.5, np.arange(_VIEW_PX)[:, None] + 0.5
    chin, middle = float(view.mesh[_CHIN, 1]), float(view.mesh[:, 0].mean())
    first = 0.0 if from_top else chin - 0.3 * view.face_px
    high = (rows > first) & (rows < chin + below * view.face_px)
    return np.asarray(high & (np.abs(columns - middle) < beside * view.face_px))


def _contours(area: np.ndarray, back: np.ndarray) -> list[np.ndarray]:
    """The outlines of an area in pixels of the picture, the largest first."""
    smooth = cv2.GaussianBlur(area.astype(np.float32), (0, 0), 1.5) > 0.5
    lines, _ = cv2.findContours(smooth.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    kept = sorted((line for line in lines if cv2.contourArea(line) > _LEAST_AREA * area.size), key=cv2.contourArea)
    return [transform_points(back, cv2.approxPolyDP(line, 0.7, True)[:, 0] + 0.5) for line in kept[::-1]]
