"""Sitters made up of even colours, with short and with long hair."""

import cv2
import numpy as np

from portraitify.faces.aligned_face import AlignedFace, FaceSource
from portraitify.faces.alignment import Crop
from tests.costume.made_up import oval_mesh

SIDE, WIDTH = 256, 76
CENTRE = (128.0, 104.0)
SKIN, HAIR, SHIRT, WALL = (205, 160, 135), (60, 35, 25), (40, 70, 150), (210, 215, 205)
# Half the height of the face; the chin is so far below its middle.
HALF = 0.7 * WIDTH


def sitter(long_hair: bool = False, raised: float = 0.0) -> tuple[AlignedFace, np.ndarray]:
    """A sitter before a wall, and the outline; ``raised`` pixels too high in the crop."""
    x, y = CENTRE[0], CENTRE[1] - raised
    pixels, outline = np.full((SIDE, SIDE, 3), WALL, np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    chin = y + HALF

    def paint(
        colour: tuple[int, int, int], shape: str, first: tuple[float, float], second: tuple[float, float]
    ) -> None:
        for picture, value in ((pixels, colour), (outline, 255)):
            a, b = (tuple(round(part) for part in pair) for pair in (first, second))
            if shape == "oval":
                cv2.ellipse(picture, a, b, 0, 0, 360, value, -1)
            else:
                cv2.rectangle(picture, a, b, value, -1)

    paint(SHIRT, "box", (x - 90, chin + 26), (x + 90, SIDE))
    if long_hair:
        paint(HAIR, "box", (x - 56, y), (x + 56, chin + 60))
    paint(SKIN, "box", (x - 26, y), (x + 26, chin + 26))
    paint(HAIR, "oval", (x, y - 12), (0.62 * WIDTH, HALF + 8))
    paint(SKIN, "oval", (x, y + 4), (0.5 * WIDTH, HALF - 4))
    mesh = oval_mesh((x, y), WIDTH)
    eyes, mouth = y - 0.1 * HALF, y + 0.5 * HALF
    five = np.array([[x - 16, eyes], [x + 16, eyes], [x, y + 12], [x - 12, mouth], [x + 12, mouth]])
    face = AlignedFace(
        pixels,
        np.full((SIDE, SIDE), 255, np.uint8),
        five,
        Crop(np.eye(2, 3), SIDE, 0.13, 1.0),
        FaceSource(np.zeros(4), 1.0),
        meshes=mesh[None],
    )
    return face, outline.astype(np.float32) / 255
