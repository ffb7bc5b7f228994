"""From which side the light falls on a face, and the form on which it falls."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import normalized_blur

# Side of the grid on which the form of a face is known, cells, and the share of it that the face fills.
_GRID, _FILLED = 64, 0.8
# Standard deviations of Gaussians in cells: of what counts as form, and of the light that is measured.
_FORM_SIGMA, _LIGHT_SIGMA = 2.0, 1.5
# Luma, 0 to 1, that is added before logarithms so that noise in the dark does not count.
_TOE = 0.05
# Rounds of the robust fit, and the residual in logarithms of luma from which on a place counts less: beards, brows.
_ROUNDS, _OUTLIER = 4, 0.15
# Slope of log luma against the normal that makes the side of the light certain, and how far a flat light comes from the
# left: light from the upper left is what painters choose.
_CERTAIN, _PREFERRED = 0.12, -0.05
# Height of the light above the horizon, as the tangent in the plane of the picture.
_UPPER = 0.75


@dataclass(frozen=True)
class FaceForm:
    """The form of a face on a grid.

    Attributes:
        normals: ``(G, G, 2)`` float32, the parts to the right and downwards of unit vectors out of the surface.
        weight: ``(G, G)`` float32 in 0 to 1, where the face is.
        matrix: ``(2, 3)`` float64 from pixels of the picture to cells, continuous coordinates.
    """

    normals: np.ndarray
    weight: np.ndarray
    matrix: np.ndarray


def form_of(mesh: np.ndarray) -> FaceForm:
    """The form of a face from the points ``(468, 3)`` of its mesh in pixels, depth growing away from the viewer."""
    low, high = mesh[:, :2].min(0), mesh[:, :2].max(0)
    scale = _FILLED * _GRID / max(float((high - low).max()), 1e-6)
    matrix = np.column_stack([np.eye(2) * scale, _GRID / 2 - scale * (low + high) / 2])
    places = mesh[:, :2] * scale + matrix[:, 2]
    cells = np.clip(places.astype(int), 0, _GRID - 1)
    heights, counts = np.zeros((_GRID, _GRID), np.float32), np.zeros((_GRID, _GRID), np.float32)
    np.add.at(heights, (cells[:, 1], cells[:, 0]), (-scale * mesh[:, 2]).astype(np.float32))
    np.add.at(counts, (cells[:, 1], cells[:, 0]), 1)
    height, _ = normalized_blur(heights, counts, _FORM_SIGMA)
    slopes = [cv2.Sobel(height, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1))]
    length = np.sqrt(1 + slopes[0] ** 2 + slopes[1] ** 2)
    inside = np.zeros((_GRID, _GRID), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(places).astype(np.int32)), 1)
    weight = cv2.GaussianBlur(cv2.erode(inside, np.ones((5, 5), np.uint8)).astype(np.float32), (0, 0), _FORM_SIGMA)
    return FaceForm(np.dstack([-slopes[0] / length, -slopes[1] / length]), weight, matrix)


def light_slope(luma: np.ndarray, form: FaceForm) -> np.ndarray:
    """By how much log luma grows with the normal to the right and downwards, ``(2,)`` float64.

    Least squares, in rounds that count less what fits badly (Huber, Annals of Mathematical Statistics 35(1), 1964).

    Args:
        luma: ``(H, W)`` float32 in 0 to 1.
        form: of a face in it.
    """
    cells = form.matrix - [[0, 0, 0.5], [0, 0, 0.5]]
    cells = np.column_stack([cells[:, :2], cells[:, 2] + cells[:, :2].sum(1) * 0.5])
    seen = cv2.warpAffine(luma, cells, (_GRID, _GRID), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    logs = np.log(cv2.GaussianBlur(seen, (0, 0), _LIGHT_SIGMA) + _TOE).ravel().astype(np.float64)
    known = np.column_stack([form.normals.reshape(-1, 2), np.ones(_GRID * _GRID)]).astype(np.float64)
    weight = form.weight.ravel().astype(np.float64)
    found = np.zeros(3)
    for _ in range(_ROUNDS):
        weighted = known * weight[:, None]
        found = np.linalg.solve(weighted.T @ known + 1e-3 * np.eye(3), weighted.T @ logs)
        residual = np.abs(known @ found - logs)
        weight = form.weight.ravel() * np.minimum(1, _OUTLIER / np.maximum(residual, 1e-6))
    return found[:2]


def light_of(luma: np.ndarray, meshes: np.ndarray) -> np.ndarray:
    """Where the one upper light of a picture comes from: the side from which the first face is lit already.

    Args:
        luma: ``(H, W)`` float32 in 0 to 1.
        meshes: ``(M, 468, 3)`` in its pixels; without any, and in flat light, it comes from the upper left.

    Returns:
        ``(2,)`` float64 of length 1, towards the light, to the right and downwards.
    """
    sideways = float(light_slope(luma, form_of(meshes[0]))[0]) if len(meshes) else 0.0
    towards = np.array([np.tanh((sideways + _PREFERRED) / _CERTAIN), -_UPPER])
    return np.asarray(towards / np.linalg.norm(towards))
