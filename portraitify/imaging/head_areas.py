"""Where on a picture heads, ears and bodies go with the faces whose mesh is known."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import blur, smoothstep

# Numbers of the mesh's points: forehead, chin, left and right in front of the ears, tip of the nose, brows.
_TOP, _CHIN, _LEFT, _RIGHT, _NOSE = 10, 152, 234, 454, 1
# Half axes of ears in widths and heights of the face, and how far outwards their middle lies, in widths.
_EAR, _EAR_OUTWARDS = (0.10, 0.18), 0.05
# Turn of a head from which on its far ear is hidden; see :func:`turn_of`.
_HIDDEN_EAR = (0.15, 0.35)
# Turn from which on nothing is seen beyond the far cheek.
_FAR_CHEEK_LAST = (0.3, 0.5)
# How much narrower the face of a turned head is than its mesh.
_FAR_CHEEK = 0.05
# Fractional bits of what is drawn.
_SHIFT = 4


def turn_of(mesh: np.ndarray) -> float:
    """How far a face is turned, as the nose shows: -1 to the left, 0 to the viewer, 1 to the right."""
    left, right, nose = mesh[_LEFT, :2], mesh[_RIGHT, :2], mesh[_NOSE, :2]
    across = right - left
    return float(np.clip(2 * (nose - left) @ across / max(float(across @ across), 1e-6) - 1, -1, 1))


def face_height(mesh: np.ndarray) -> float:
    """From the forehead to the chin of a face ``(468, 3)`` as it is seen, pixels."""
    return float(np.linalg.norm(mesh[_CHIN, :2] - mesh[_TOP, :2]))


def face_areas(meshes: np.ndarray, side: int, factor: float) -> np.ndarray:
    """The faces, so many times as large.

    Args:
        meshes: ``(M, 468, 3)`` in pixels.
        side: of the result.
        factor: of their size.

    Returns:
        ``(side, side)`` float32 in 0 to 1.
    """
    drawn = np.zeros((side, side), np.uint8)
    for mesh in meshes:
        outline = _seen_outline(mesh)
        outline = outline.mean(0) + (outline - outline.mean(0)) * factor
        cv2.fillPoly(drawn, [np.rint((outline - 0.5) * 2**_SHIFT).astype(np.int32)], 255, cv2.LINE_AA, _SHIFT)
    return _shares(drawn)


def ear_areas(meshes: np.ndarray, side: int) -> np.ndarray:
    """Where ears may be, ``(side, side)`` float32 in 0 to 1; the far one of a turned head is hidden."""
    drawn = np.zeros((side, side), np.float32)
    for mesh in meshes:
        across, turn = mesh[_RIGHT, :2] - mesh[_LEFT, :2], turn_of(mesh)
        width, height = float(np.linalg.norm(across)), face_height(mesh)
        for number, sign in ((_LEFT, -1), (_RIGHT, 1)):
            ear = np.zeros((side, side), np.uint8)
            middle = mesh[number, :2] + sign * _EAR_OUTWARDS * across
            _fill_ellipse(ear, middle, np.multiply(_EAR, (width, height)), float(np.degrees(np.arctan2(*across[::-1]))))
            drawn = np.maximum(drawn, _shares(ear) * float(smoothstep(np.array(sign * turn), *_HIDDEN_EAR[::-1])))
    return drawn


def crown_areas(meshes: np.ndarray, side: int, above: float, half_width: float) -> np.ndarray:
    """Where heads go on above faces.

    Args:
        meshes: ``(M, 468, 3)`` in pixels.
        side: of the result.
        above: how far above the face, in its heights.
        half_width: of the head, in widths of the face.

    Returns:
        ``(side, side)`` float32 in 0 to 1.
    """
    drawn = np.zeros((side, side), np.uint8)
    for mesh in meshes:
        top, chin, left, right = (mesh[number, :2] for number in (_TOP, _CHIN, _LEFT, _RIGHT))
        height, width = float(np.linalg.norm(chin - top)), float(np.linalg.norm(right - left))
        middle, up = (left + right) / 2, (top - chin) / max(height, 1e-6)
        axes = np.array([half_width * width, max(float((top - middle) @ up + above * height), 1.0)])
        _fill_ellipse(drawn, middle, axes, float(np.degrees(np.arctan2(up[0], -up[1]))), 180)
    return blur(_shares(drawn), 1.5)


def below_neck(meshes: np.ndarray, side: int, neck: float, fall: float) -> np.ndarray:
    """What lies below lines from the necks.

    Args:
        meshes: ``(M, 468, 3)`` in pixels.
        side: of the result.
        neck: how far below the chin the line is, in heights of the face.
        fall: by how much it falls for each pixel beside the face; rises if below 0.

    Returns:
        ``(side, side)`` float32 in 0 to 1.
    """
    area = np.zeros((side, side), np.float32)
    columns, rows = np.arange(side) + 0.5, np.arange(side)[:, None] + 0.5
    for mesh in meshes:
        (left, top), (right, chin) = (part(outline_of(mesh, FacePart.FACE), 0) for part in (np.min, np.max))
        beside = np.maximum(np.abs(columns - (left + right) / 2) - (right - left) / 2, 0)
        first = chin + neck * (chin - top) + fall * beside
        area = np.maximum(area, np.clip(rows - first, 0, 1).astype(np.float32))
    return area


def beyond_far_cheek(meshes: np.ndarray, side: int) -> np.ndarray:
    """What lies beside the far cheek of turned faces, ``(side, side)`` float32 in 0 to 1; there is no ear."""
    area = np.zeros((side, side), np.float32)
    columns, rows = np.arange(side) + 0.5, np.arange(side)[:, None] + 0.5
    for mesh in meshes:
        turn = turn_of(mesh)
        (left, top), (right, chin) = (part(outline_of(mesh, FacePart.FACE), 0) for part in (np.min, np.max))
        beside = (columns > (left + right) / 2) if turn > 0 else (columns < (left + right) / 2)
        level = (rows > top + 0.25 * (chin - top)) & (rows < chin)
        shown = float(smoothstep(np.array(abs(turn)), *_FAR_CHEEK_LAST))
        area = np.maximum(area, (beside & level) * (1 - face_areas(mesh[None], side, 1.0)) * shown)
    return blur(area.astype(np.float32), 0.7)


def _seen_outline(mesh: np.ndarray) -> np.ndarray:
    """The outline of a face ``(n, 2)``, less what the mesh of a turned one takes of what lies beyond its far cheek."""
    outline, turn = outline_of(mesh, FacePart.FACE), turn_of(mesh)
    near = mesh[_LEFT, :2] if turn > 0 else mesh[_RIGHT, :2]
    across = (mesh[_RIGHT, :2] - mesh[_LEFT, :2]).astype(np.float64)
    across /= max(float(np.linalg.norm(across)), 1e-6)
    less = _FAR_CHEEK * float(smoothstep(np.array(abs(turn)), *_FAR_CHEEK_LAST))
    return np.asarray(outline - less * ((outline - near) @ across)[:, None] * across)


def _fill_ellipse(drawn: np.ndarray, middle: np.ndarray, axes: np.ndarray, turn: float, start: int = 0) -> None:
    place, size = (tuple(int(value) for value in np.rint(pair * 2**_SHIFT)) for pair in (middle - 0.5, axes))
    cv2.ellipse(drawn, place, size, turn, start, 360, 255, -1, cv2.LINE_AA, _SHIFT)


def _shares(drawn: np.ndarray) -> np.ndarray:
    return np.asarray(drawn.astype(np.float32) * np.float32(1 / 255))
