"""The net of cracks in old paint."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.media.scene import Scene

# Islands of paint along the picture's side, across and along the panel's grain.
_ACROSS, _ALONG = 52, 38
# Of all possible cracks.
_OPEN = 0.72


def draw_cracks(scene: Scene, stream: str) -> np.ndarray:
    """Lines between islands of paint, drawn at the picture's own size.

    The islands are the Voronoi cells of scattered points; real cracks meet
    in the same way, three at a joint.

    Args:
        scene: the picture.
        stream: of random numbers, see `Scene.random`.

    Returns:
        ``(N, N)`` uint8, 0 for sound paint to 255 for an open crack.
    """
    random = scene.random(stream)
    ends = _edges(random)
    size = scene.size_px
    sheet = np.zeros((size, size), np.uint8)
    ends = ends[random.random(len(ends)) < _OPEN]
    depth = random.integers(70, 256, len(ends))
    thickness = max(1, round(size / 1200))
    points = np.rint((ends * size - 0.5) * 16).astype(np.int32)
    for (start, end), value in zip(points, depth, strict=True):
        cv2.line(sheet, start.tolist(), end.tolist(), int(value), thickness, cv2.LINE_AA, 4)
    return sheet


def _edges(random: np.random.Generator) -> np.ndarray:
    """Borders of the islands, each once: ``(N, 2, 2)`` float32 in parts of the side."""
    grid = np.stack(np.meshgrid(np.arange(-1, _ACROSS + 1), np.arange(-1, _ALONG + 1)), -1).reshape(-1, 2)
    places = (grid + random.random(grid.shape)) / (_ACROSS, _ALONG)
    plane = cv2.Subdiv2D((-1000, -1000, 3000, 3000))
    plane.insert([(float(x), float(y)) for x, y in places * 1000])
    facets, _ = plane.getVoronoiFacetList([])
    corners = np.concatenate(facets)
    following = np.arange(1, len(corners) + 1)
    closing = np.cumsum([len(facet) for facet in facets]) - 1
    following[closing] -= [len(facet) for facet in facets]
    ends = np.stack([corners, corners[following]], 1) / 1000
    ends = ends[(np.abs(ends - 0.5) < 0.6).all((1, 2))]
    # Both neighbours name their common border; keep the one that runs to the right.
    return ends[ends[:, 0, 0] < ends[:, 1, 0]].astype(np.float32)
