"""One light from an upper side, where the photo's is flat or comes from everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_light import FaceForm, form_of, light_slope
from portraitify.imaging.filters import smoothstep, weighted_mean
from portraitify.painting.grounds import Sitting

# Side of the grid on which light is worked out, cells.
_GRID = 128
# Standard deviation of the Gaussian, in cells of the face's form, that makes the light turn softly.
_SOFT = 2.0


@dataclass(frozen=True)
class Relighting:
    """How light is moved; amounts are logarithms of brightness.

    Source: after the ratio images of Wen, Liu and Huang, Face Relighting with Radiance Environment Maps, CVPR 2003.

    Attributes:
        form: share of the light that one lamp would give.
        undone: share of the photo's own light that is taken back.
        ambient: 0 to 1, light that reaches everything.
        slant: towards the light in the plane of the picture and towards the viewer.
        reflected: what comes back at the rim of the shadow side.
        least, most: bounds of the change.
        broad: how much darker the far side of head and shoulders is.
        lower: how much darker the dress is at the lower edge.
        warmth: how much less shadows darken red, and more they darken blue, as a share.
    """

    form: float = 0.85
    undone: float = 0.35
    ambient: float = 0.35
    slant: tuple[float, float] = (0.75, 0.66)
    reflected: float = 0.06
    least: float = -0.55
    most: float = 0.22
    broad: float = 0.24
    lower: float = 0.18
    warmth: float = 0.3

    def apply(
        self,
        picture: np.ndarray,
        luma: np.ndarray,
        meshes: np.ndarray,
        sitting: Sitting,
        amount: float,
    ) -> np.ndarray:
        """Relight a sitter.

        Args:
            picture: ``(S, S, 3)`` uint8.
            luma: ``(s, s)`` float32 in 0 to 1, of the photo.
            meshes: ``(M, 468, 3)`` in pixels of ``luma``.
            sitting: how the sitter sits, and from where the light comes.
            amount: 0 to 1, of everything.

        Returns:
            ``(S, S, 3)`` uint8.
        """
        if amount <= 0:
            return picture
        change = self._broad(sitting)
        for mesh in meshes:
            change = self._with_face(change, luma, form_of(mesh), sitting.light)
        change = (amount * change).astype(np.float32)
        warm = self.warmth * np.minimum(change, 0)
        tinted = np.exp(np.dstack([change - warm, change, change + warm]))
        # Lights grow as far as there is room above them.
        room = 1 - cv2.resize(picture, (_GRID, _GRID), interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
        tinted = np.minimum(tinted, 1) + np.maximum(tinted - 1, 0) * room
        factor = cv2.resize(tinted.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.multiply(picture, factor, dtype=cv2.CV_8U))

    def _broad(self, sitting: Sitting) -> np.ndarray:
        ticks = (np.arange(_GRID, dtype=np.float32) + 0.5) / _GRID
        x, y = np.meshgrid(ticks, ticks)
        right, below = ((axis - middle) / sitting.radius for axis, middle in zip((x, y), sitting.centre, strict=True))
        lit = np.tanh(0.8 * (right * sitting.light[0] + 0.4 * below * sitting.light[1]))
        return np.asarray(self.broad * (0.6 * lit - 0.4) - self.lower * smoothstep(below, 1.0, 2.6))

    def _with_face(
        self, change: np.ndarray, luma: np.ndarray, form: FaceForm, light: tuple[float, float]
    ) -> np.ndarray:
        """The same with the light on one face, which keeps its mean brightness."""
        plane = form.normals @ np.array(light, np.float32)
        facing = np.sqrt(np.maximum(1 - (form.normals**2).sum(-1), 0))
        lambert = np.maximum(self.slant[0] * plane + self.slant[1] * facing, 0)
        wanted = np.log(self.ambient + (1 - self.ambient) * lambert)
        own = form.normals @ light_slope(luma, form).astype(np.float32)
        rim = self.reflected * smoothstep(plane, -0.45, -0.8)
        moved = cv2.GaussianBlur((self.form * wanted - self.undone * own + rim).astype(np.float32), (0, 0), _SOFT)
        moved = np.clip(moved - weighted_mean(moved, form.weight), self.least, self.most).astype(np.float32)
        # From cells of the form to those of the picture.
        matrix = form.matrix.copy()
        matrix[:, :2] *= luma.shape[0] / _GRID
        centres = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2].sum(1) * 0.5 - 0.5])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        share = cv2.warpAffine(form.weight, centres, (_GRID, _GRID), flags=flags)
        shown = cv2.warpAffine(moved * form.weight, centres, (_GRID, _GRID), flags=flags)
        share = cv2.GaussianBlur(share, (0, 0), 1.5)
        return np.asarray(change * (1 - share) + cv2.GaussianBlur(shown, (0, 0), 1.5))
