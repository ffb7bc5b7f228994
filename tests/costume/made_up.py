"""A master's picture made up of even colours, and a head as a mesh."""

import numpy as np

from portraitify.costume.master import Credits, Master, MasterMasks, Traits
from portraitify.imaging.face_parts import FacePart


def oval_mesh(centre: tuple[float, float], width: float, turn: float = 0.0) -> np.ndarray:
    """Points ``(468, 3)`` spread over the front of an ellipsoid, turned to the viewer's right by radians.

    Ears, forehead and chin are where the mesh has them.
    """
    along = (np.arange(468) + 0.5) / 468
    height, angle = 2 * along - 1, 2.4 * np.arange(468)
    across = np.sqrt(1 - height**2)
    ball = np.stack([across * np.sin(angle), height, -across * np.abs(np.cos(angle))], 1)
    ball[234], ball[454], ball[10], ball[152] = (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0)
    ball *= np.array([0.5, 0.7, 0.5]) * width
    cos, sin = np.cos(turn), np.sin(turn)
    return ball @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + [*centre, 0]


def outlined(mesh: np.ndarray) -> np.ndarray:
    """The same, with a face's outline as the ellipse around it, where else single points lie."""
    numbers, done = list(FacePart.FACE.value), mesh.copy()
    (left, top), (right, bottom) = mesh[:, :2].min(0), mesh[:, :2].max(0)
    angle = np.arange(len(numbers)) * (2 * np.pi / len(numbers))
    done[numbers, 0] = (left + right + (right - left) * np.sin(angle)) / 2
    done[numbers, 1] = (top + bottom - (bottom - top) * np.cos(angle)) / 2
    return done


def made_up_master(width: int = 128, height: int = 160) -> Master:
    """Grey ground, a head in the middle, a dark dress below."""
    plate = np.full((height, width, 3), 90, np.uint8)
    body = np.zeros((height, width), np.uint8)
    body[round(0.62 * height) :] = 255
    plate[body > 0] = 30
    head, nothing = np.zeros_like(body), np.zeros_like(body)
    head[round(0.2 * height) : round(0.6 * height), round(0.3 * width) : round(0.7 * width)] = 255
    masks = MasterMasks(head, nothing, nothing, nothing, body)
    mesh = oval_mesh((width / 2, 0.42 * height), 0.3 * width)
    light = np.array([-0.6, -0.8])
    return Master("made-up", "oil", Credits("Nobody", "Nothing"), Traits("a dress"), mesh, light, plate, plate, masks)
