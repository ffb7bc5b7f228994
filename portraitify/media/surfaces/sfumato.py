"""Soft modelling: strokes worked into each other, and contours that are lost (sfumato)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import blur
from portraitify.media.scene import PLAN_PX, Scene, rows_of
from portraitify.media.surfaces.strokes import Brushwork

# Side of the picture on which colours are worked out, whatever the size that is made: they have no finer detail.
FIELD_PX = 1024


@dataclass(frozen=True)
class Sfumato:
    """How smoothly forms are modelled.

    Attributes:
        filter_px: side of the bilateral filter's window, pixels of the plan.
        filter_range: deviation of the colours that it mixes, 0 to 255.
        filter_sigma_px: deviation of the distance over which it mixes, pixels of the plan.
        detail: 0 to 1, of what the filter takes away, kept outside faces.
        face_detail: the same in faces.
        brushed_share: 0 to 1, of the strokes' colours; the rest is smooth.
        face_brushed_reduction: 0 to 1, how much less it is in faces.
        worked_sigma: blur that works strokes into each other, in parts of the side.
        outline_sigma: how far from the outline contours are lost, deviation in parts of the side.
        lost_share: 0 to 4, how far they are lost: at 4 wholly, halfway between subject and background.
        lost_sigma: blur of lost contours, in parts of the side.
    """

    filter_px: int = 9
    filter_range: float = 22.0
    filter_sigma_px: float = 3.0
    detail: float = 0.4
    face_detail: float = 0.5
    brushed_share: float = 0.5
    face_brushed_reduction: float = 0.15
    worked_sigma: float = 1.1 / 1024
    outline_sigma: float = 3 / PLAN_PX
    lost_share: float = 2.4
    lost_sigma: float = 4 / 1024

    def paint(self, scene: Scene, brushwork: Brushwork, medium: str) -> np.ndarray:
        """Model a picture.

        Args:
            scene: the picture.
            brushwork: the strokes over the smooth underpainting.
            medium: with whose name the streams of random numbers begin.

        Returns:
            ``(FIELD_PX, FIELD_PX, 3)`` uint8.
        """
        soft = _on_field(self._underpainting(scene))
        brushed = gray_to_rgb(_on_field(self.brushed_share * (1 - self.face_brushed_reduction * scene.face)))
        soft += (self._strokes(scene, brushwork, medium, soft) - soft) * brushed
        outline = blur(scene.subject_mask, self.outline_sigma * scene.subject_mask.shape[0])
        lost = gray_to_rgb(_on_field(self.lost_share * outline * (1 - outline)))
        return to_uint8(soft + (blur(soft, self.lost_sigma * FIELD_PX) - soft) * lost)

    def _underpainting(self, scene: Scene) -> np.ndarray:
        calm = cv2.bilateralFilter(scene.even, self.filter_px, self.filter_range, self.filter_sigma_px)
        detail = self.detail + (self.face_detail - self.detail) * gray_to_rgb(scene.face)
        under: np.ndarray = calm + detail * (scene.even - calm)
        return under

    def _strokes(self, scene: Scene, brushwork: Brushwork, medium: str, under: np.ndarray) -> np.ndarray:
        strokes = brushwork.lay(scene, brushwork.directions.angles(scene), medium)
        seen = brushwork.draw(strokes, FIELD_PX).astype(np.int32)
        table = np.vstack([np.zeros((1, 3), np.float32), strokes.colour])
        picture = np.take(table, seen.ravel(), axis=0).reshape(*seen.shape, 3)
        bare = seen == 0
        picture[bare] = under[bare]
        return blur(picture, self.worked_sigma * FIELD_PX)


def _on_field(plan: np.ndarray) -> np.ndarray:
    return rows_of(plan, 0, FIELD_PX, FIELD_PX)
