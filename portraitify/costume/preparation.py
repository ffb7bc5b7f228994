"""From a master's picture and its outlines to what a sitter can sit in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from portraitify.costume.clean_plate import Regions, clean_plate
from portraitify.costume.curation import Curation
from portraitify.costume.master import Master, MasterMasks
from portraitify.errors import ConfigError, NoFaceError
from portraitify.faces.detection import FaceDetector
from portraitify.faces.face_mesh import FaceMesh, Square, meshes_of
from portraitify.faces.search import find_faces
from portraitify.imaging.affine import between_pixel_centres, scale_of, transform_points
from portraitify.imaging.face_light import light_of
from portraitify.imaging.guided_filter import guided_filter

# Width of a plate for its height.
ASPECT = 0.8
# Windows of the guided filter, in parts of the height: of outlines in general, and of collars, whose edge is exact;
# and the variance of luma that is an edge.
_SOFT, _SHARP, _EDGE = 0.006, 0.002, 1e-3
# Presence from which a mesh is a face, where nothing else says so, and sides of the square that is looked at, by
# the height of the outline of the head.
_PRESENCE, _SQUARES = 2.0, (0.8, 1.0, 1.2, 0.65)
# Fractional bits of what is drawn.
_SHIFT = 4
_REGIONS = ("head", "neck", "skin", "body", "before")


def prepare(image: np.ndarray, curation: Curation, detector: FaceDetector, mesh: FaceMesh) -> Master:
    """Make a picture ready.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, the original.
        curation: its outlines.
        detector: finds its face.
        mesh: measures it.

    Raises:
        ConfigError: no face was found where the outline of the head is, or the outline is missing.
    """
    matrix, size = plate_matrix(curation)
    picture, outside = _cut(image, matrix, size)
    points = face_of(image, curation, detector, mesh)
    points = np.column_stack([transform_points(matrix, points[:, :2]), points[:, 2] * scale_of(matrix)])
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    drawn = {name: _drawn(lines, matrix, luma.shape) for name, lines in curation.outlines.items()}
    regions = Regions(outside=outside, away=drawn.pop("paint_away"), **{n: drawn[n] for n in _REGIONS})
    picture, plate = clean_plate(picture, regions)
    light = light_of(luma, points[None]) if curation.light is None else curation.light
    drawn["skin"] = np.maximum(drawn["skin"], drawn.pop("neck"))
    masks = {
        name: np.rint(255 * _fitted(area, luma, _SHARP if name == "before" else _SOFT)).astype(np.uint8)
        for name, area in drawn.items()
    }
    return Master(
        curation.name,
        curation.style,
        curation.credits,
        curation.traits,
        points,
        light,
        plate,
        picture,
        MasterMasks(**masks),
    )


def plate_matrix(curation: Curation) -> tuple[np.ndarray, tuple[int, int]]:
    """Where the plate lies in the original.

    Returns:
        ``(2, 3)`` float64 from pixels of the original to those of the plate, and its width and height.
    """
    left, top, right, bottom = curation.crop
    scale = min(ASPECT * curation.most_px / (right - left), curation.most_px / (bottom - top), 1.0)
    height = round((bottom - top) * scale)
    width = round(ASPECT * height)
    middle = (left + right) / 2
    return np.array([[scale, 0, width / 2 - scale * middle], [0, scale, -scale * top]]), (width, height)


def face_of(image: np.ndarray, curation: Curation, detector: FaceDetector, mesh: FaceMesh) -> np.ndarray:
    """The geometry ``(468, 3)`` float64 of the face within the outline of the head, pixels of the original.

    Raises:
        ConfigError: there is none.
    """
    if not len(curation.outlines["head"]):
        raise ConfigError(f"{curation.name}: has no outline of the head.")
    outline = curation.outlines["head"][0].astype(np.float32)
    found: list[np.ndarray] = []
    try:
        faces = find_faces(detector, mesh, image)
        if faces.quarter_turns == 0:
            found = list(meshes_of(mesh, image, faces.landmarks))
    except NoFaceError:
        pass
    low, high = outline.min(0), outline.max(0)
    for part in () if found else _SQUARES:
        looked = mesh.measure(image, [Square((low + high) / 2, part * float((high - low).max()))])[0]
        found += [looked.points] if looked.presence >= _PRESENCE else []
    for points in found:
        middle = points[:, :2].mean(0)
        if cv2.pointPolygonTest(outline, (float(middle[0]), float(middle[1])), False) >= 0:
            return points
    raise ConfigError(f"{curation.name}: no face was found within the outline of the head.")


def _cut(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The crop of a picture, and what of it lies outside, ``(H, W)`` float32 in 0 to 1."""
    scale = scale_of(matrix)
    if scale < 1:
        high, wide = (max(round(scale * side), 1) for side in image.shape[:2])
        shrink = np.diag([image.shape[1] / wide, image.shape[0] / high])
        image = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA)
        matrix = np.column_stack([matrix[:, :2] @ shrink, matrix[:, 2]])
    onto = between_pixel_centres(matrix)
    picture = cv2.warpAffine(image, onto, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = np.zeros(image.shape[:2], np.uint8)
    # The outermost pixels are often those of a frame.
    inside[2:-2, 2:-2] = 255
    shown = cv2.warpAffine(inside, onto, size, flags=cv2.INTER_LINEAR, borderValue=0)
    return picture, 1 - shown.astype(np.float32) / 255


def _drawn(lines: Sequence[np.ndarray], matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What outlines in pixels of the original surround, ``(H, W)`` float32 in 0 to 1."""
    drawn = np.zeros(shape, np.uint8)
    for line in lines:
        places = np.rint((transform_points(matrix, line) - 0.5) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(drawn, [places], 255, cv2.LINE_AA, _SHIFT)
    return drawn.astype(np.float32) / 255


def _fitted(area: np.ndarray, luma: np.ndarray, radius: float) -> np.ndarray:
    """An area with edges that follow the picture's."""
    # A little steeper, so that inside it is whole and outside nothing is left.
    return np.clip(1.04 * guided_filter(luma, area, radius, _EDGE) - 0.02, 0, 1) if area.any() else area
