"""An even face on an even ground, with dark irises."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.media.scene import Scene
from tests.media.test_works_on_paper import MESHES

SIDE = 128
LANDMARKS = np.array([[[46, 46], [74, 46], [60, 60], [50, 76], [70, 76.0]]])


def even_face() -> Scene:
    """The face, as large as :data:`tests.media.test_works_on_paper.MESHES`."""
    painting = np.full((SIDE, SIDE, 3), 200, np.float32)
    for x in (46, 74):
        cv2.circle(painting, (x, 46), 3, (30, 30, 30), -1)
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (60, 50), (30, 44), 0, 0, 360, 1.0, -1)
    return Scene(painting, mask, LANDMARKS, np.zeros((SIDE, SIDE, 3), np.uint8), 0, meshes=MESHES)
