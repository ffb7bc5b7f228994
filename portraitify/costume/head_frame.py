"""The coarse grid on which head and clothes are told apart, measured by the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.costume.placement import neck_axis
from portraitify.imaging.face_parts import FacePart, outline_of

# Side of the grid, cells.
COARSE_PX = 128
# Number of the mesh's point at the chin.
_CHIN = 152


@dataclass(frozen=True)
class HeadFrame:
    """The face as an upright rectangle, and the middles of neck and chin, in cells.

    Attributes:
        top: of the face.
        chin: its lower end.
        middle: of the face from the left.
        width: of the face.
        neck: where the neck's axis passes the ears, from the left.
        point: where the chin is, from the left.
    """

    top: float
    chin: float
    middle: float
    width: float
    neck: float
    point: float

    @classmethod
    def of(cls, mesh: np.ndarray) -> HeadFrame:
        """Measure a mesh ``(468, 3)`` in cells."""
        outline = outline_of(mesh, FacePart.FACE)
        (left, top), (right, chin) = outline.min(0), outline.max(0)
        middle, width = float((left + right) / 2), max(float(right - left), 1.0)
        return cls(float(top), float(chin), middle, width, float(neck_axis(mesh)[0]), float(mesh[_CHIN, 0]))

    @property
    def height(self) -> float:
        """Of the face."""
        return self.chin - self.top

    @property
    def columns(self) -> np.ndarray:
        """Middles of the columns of cells, ``(COARSE_PX,)``."""
        return np.arange(COARSE_PX) + 0.5

    @property
    def below(self) -> np.ndarray:
        """Level of each row, ``(COARSE_PX, 1)``: 0 at the face's top, 1 at the chin."""
        return np.asarray((np.arange(COARSE_PX)[:, None] + 0.5 - self.top) / self.height)

    @property
    def aside(self) -> np.ndarray:
        """How far each column is from the face's middle, ``(COARSE_PX,)``, in widths of the face."""
        return np.asarray(np.abs(self.columns - self.middle) / self.width)

    def halves(self) -> tuple[slice, slice]:
        """The columns on either side of the neck."""
        middle = int(np.clip(round(self.neck), 1, COARSE_PX - 1))
        return slice(0, middle), slice(middle, COARSE_PX)
