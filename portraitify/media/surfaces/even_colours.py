"""Even colours such as a broad brush lays, where the generator leaves stipple and specks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import blur, normalized_blur, smoothstep, weighted_mean
from portraitify.imaging.skin import skin_mask, skin_weights
from portraitify.media.scene import Scene

# Standard deviations of the blurs of eyes and lips, of brows and of a known face, in parts of the distance between the
# outer corners of the eyes, and by how much the blurred eyes and lips are raised so that the brush stays small all
# over them.
_EYE_SIGMA, _BROW_SIGMA, _FACE_SIGMA, _EYE_GAIN = 0.03, 0.03, 0.1, 2.0
# How small the brush is in brows, beside eyes and lips.
_BROWS = 0.7
# Points of the face mesh: outer corners of the eyes.
_OUTER_CORNERS = (33, 263)
# Side at which flesh is looked for, pixels; in a crowd nobody's neck is large.
_FLESH_PX, _MAX_FACES = 96, 4
# Values of the subject mask of what may have the background's colours, and of what surely has its own.
_OWN = (0.6, 0.95)
# Share of own colours near by from which on they tell all of a colour at the outline.
_ENOUGH_KNOWN = 0.05
# Diameter of the median filter that takes specks out of skin, pixels of half the plan.
_SPECK_PX = 5
# Added to the brightness, 0 to 255, of the photo before its hues are taken: those of black are noise.
_TOE = 16.0
# Paper shines through the lights of skin: from a darkness of so many times less than their brightness its hue fades.
_SKIN_FADE = 1.2


def box_of(where: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around what is above 0 in ``(H, W)`` float32; never empty."""
    left, top, width, height = cv2.boundingRect((where > 0).astype(np.uint8))
    return slice(top, top + max(height, 1)), slice(left, left + max(width, 1))


@dataclass(frozen=True)
class Faces:
    """How faces are painted, beside the rest; ``(S, S)`` float32 in 0 to 1 each.

    Attributes:
        skin: the faces with soft borders.
        fine: eyes, lips and brows, where a small brush paints.
        flesh: the skin of faces, necks and arms.
    """

    skin: np.ndarray
    fine: np.ndarray
    flesh: np.ndarray

    @classmethod
    def of(cls, scene: Scene) -> Faces:
        """Find them: by the face mesh where there is one, by five landmarks elsewhere."""
        side = len(scene.subject_mask)
        size, shape = (side, side), (side // 2, side // 2)
        skin, fine = scene.face, scene.features
        for mesh in scene.meshes / 2:
            one, wide = mesh[None], float(np.linalg.norm(np.diff(mesh[list(_OUTER_CORNERS), :2], axis=0)))
            known = part_mask(one, (FacePart.FACE,), shape, _FACE_SIGMA * wide)
            features = part_mask(one, (FacePart.LEFT_EYE, FacePart.RIGHT_EYE, FacePart.LIPS), shape, _EYE_SIGMA * wide)
            brows = part_mask(one, (FacePart.LEFT_BROW, FacePart.RIGHT_BROW), shape, _BROW_SIGMA * wide)
            small = np.maximum(np.clip(_EYE_GAIN * features, 0, 1), _BROWS * brows)
            known = resample(known, size)
            skin = np.maximum(skin, known * scene.subject_mask)
            fine = np.maximum(fine * (1 - known), resample(small, size))
        return cls(np.asarray(skin), np.asarray(fine), np.maximum(skin, _flesh(scene)))


def _flesh(scene: Scene) -> np.ndarray:
    """What has the colours of the faces' skin in the photo: ``(S, S)`` float32 in 0 to 1."""
    side = len(scene.subject_mask)
    flesh = np.zeros((_FLESH_PX, _FLESH_PX), np.float32)
    if scene.photo is None:
        return np.zeros((side, side), np.float32)
    seen = to_lab(resample(scene.photo, flesh.shape))
    subject = resample(scene.subject_mask, flesh.shape)
    for points in scene.landmarks[:_MAX_FACES] * (_FLESH_PX / side):
        flesh = np.maximum(flesh, skin_mask(seen, subject, points, skin_weights(seen, subject, points)))
    return cv2.resize(blur((flesh * subject).astype(np.float32), 1.0), (side, side), interpolation=cv2.INTER_LINEAR)


@dataclass(frozen=True)
class Hues:
    """The hues that washes have in common.

    Attributes:
        sigma: standard deviation of the Gaussian over the hues of darks, in parts of the side.
        depths: darkness, 0 to 1, between which hues become so even.
        own: 0 to 1, how far darks outside eyes and mouth take the hue of the photo.
        own_chroma: of that hue, as a fraction of the photo's.
        brightest: of a dark beside its photo, as a factor, up to which that hue grows with it.
        skin: 0 to 1, how far the skin of a face takes one hue.
        skin_chroma: factor of its chroma, which lights of bare paper thin.
    """

    sigma: float = 0.02
    depths: tuple[float, float] = (0.35, 0.75)
    own: float = 0.8
    own_chroma: float = 0.85
    brightest: float = 1.2
    skin: float = 0.55
    skin_chroma: float = 1.18

    def even(self, scene: Scene, faces: Faces, colour: np.ndarray) -> np.ndarray:
        """Take specks of other hues out: ``(h, h, 3)`` float32 in 0 to 255, changed in place."""
        size = colour.shape[1::-1]
        luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        colour -= gray_to_rgb(luma)
        dark = smoothstep(1 - luma * np.float32(1 / 255), *self.depths)
        wide = blur(colour, self.sigma * len(colour))
        if scene.photo is not None:
            # Painted hues of skin hold, except in its deepest darks and in beards.
            body = resample(scene.subject_mask * (1 - faces.fine), size)
            body *= 1 - resample(faces.skin, size) * (1 - dark * dark * dark)
            wide += gray_to_rgb(self.own * body) * (self._of_photo(scene.photo, luma) - wide)
        skin = resample(faces.skin * (1 - faces.fine), size)
        light = weighted_mean(luma, skin)
        shares = [weighted_mean(colour[..., channel], skin) / max(light, 1.0) for channel in range(3)]
        usual = tint(np.minimum(luma, _SKIN_FADE * (255 - luma)), shares)
        colour += gray_to_rgb(self.skin * skin) * (usual - colour)
        colour *= gray_to_rgb(1 + (self.skin_chroma - 1) * skin)
        colour += gray_to_rgb(dark) * (wide - colour)
        return np.asarray(colour + gray_to_rgb(luma))

    def _of_photo(self, photo: np.ndarray, luma: np.ndarray) -> np.ndarray:
        """The photo's hues at a painting's brightness, as differences from grey: ``(h, h, 3)`` float32."""
        size = luma.shape[1::-1]
        small = resample(photo, (size[0] // 2, size[1] // 2)).astype(np.float32)
        soft = resample(blur(small, self.sigma * len(small)), size) + np.float32(_TOE)
        grey = cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY)
        soft -= gray_to_rgb(grey)
        soft *= gray_to_rgb(self.own_chroma * np.minimum(luma / grey, self.brightest))
        return np.asarray(soft)


@dataclass(frozen=True)
class EvenColours:
    """Even colours with the forms of the picture.

    Attributes:
        broad: 0 to 1, how far a bilateral filter at half the plan's size evens colours out.
        broad_skin: the same in the skin of faces.
        bilateral_px: diameter of that filter, pixels of half the plan.
        bilateral_range: standard deviation of that filter in colour, 0 to 255.
        bilateral_sigma_px: standard deviation of that filter in the plane, pixels of half the plan.
        form: 0 to 1, how far faces are modelled as in the photo, where the generator left blotches.
        form_sigma: standard deviation of the Gaussian, in parts of the side: broader light is the painting's.
        outline_sigma_px: standard deviation of the Gaussian that carries the subject's colours over its outline,
            pixels of half the plan.
        fine_px: diameter of the bilateral filter for small things, pixels of the plan.
        fine_range: standard deviation of that filter in colour, 0 to 255.
        fine_sigma_px: standard deviation of that filter in the plane, pixels of the plan.
        hues: of the washes.
        deep_chroma: factor of chroma that layered washes add in the darks of the subject.
        deep_dark: 0 to 1, how much darker they are.
        deep: darkness, 0 to 1, between which both come in.
    """

    broad: float = 0.3
    broad_skin: float = 1.0
    bilateral_px: int = 11
    bilateral_range: float = 48.0
    bilateral_sigma_px: float = 4.0
    form: float = 0.45
    form_sigma: float = 0.06
    outline_sigma_px: float = 3.0
    fine_px: int = 5
    fine_range: float = 26.0
    fine_sigma_px: float = 3.0
    hues: Hues = Hues()
    deep_chroma: float = 0.3
    deep_dark: float = 0.3
    deep: tuple[float, float] = (0.45, 0.8)

    def of(self, scene: Scene, faces: Faces) -> np.ndarray:
        """The subject in even colours, which reach beyond its outline.

        Args:
            scene: the picture.
            faces: how they are painted.

        Returns:
            ``(S, S, 3)`` float32 in 0 to 1.
        """
        side = len(scene.subject_mask)
        fine = cv2.bilateralFilter(scene.even, self.fine_px, self.fine_range, self.fine_sigma_px)
        half = resample(fine, (side // 2, side // 2))
        skin = resample(faces.flesh * (1 - faces.fine), (side // 2, side // 2))
        # Specks differ too much from skin for a bilateral filter.
        clean = half + gray_to_rgb(skin) * (cv2.medianBlur(half, _SPECK_PX) - half)
        broad = cv2.bilateralFilter(clean, self.bilateral_px, self.bilateral_range, self.bilateral_sigma_px)
        changed = half + gray_to_rgb(self.broad * (1 - skin) + self.broad_skin * skin) * (broad - half)
        if scene.photo is not None:
            changed += gray_to_rgb(self._form(faces, scene.photo, broad))
        changed = self._deepen(self.hues.even(scene, faces, changed))
        # Cubic interpolation would leave ripples along steep edges.
        fine += cv2.resize(changed - half, (side, side), interpolation=cv2.INTER_LINEAR)
        own = smoothstep(scene.subject_mask, *_OWN)
        carried = cv2.resize(self._beyond_outline(scene, changed), (side, side), interpolation=cv2.INTER_LINEAR)
        carried += gray_to_rgb(own) * (fine - carried)
        return np.asarray(np.clip(carried * np.float32(1 / 255), 0, 1))

    def _form(self, faces: Faces, photo: np.ndarray, colour: np.ndarray) -> np.ndarray:
        """What is added to the brightness of faces: ``(h, h)`` float32 in 0 to 255."""
        size = colour.shape[1::-1]
        away = blur(resample(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), size).astype(np.float32), 1.0)
        away -= cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        return np.asarray(self.form * resample(faces.skin, size) * (away - blur(away, self.form_sigma * len(away))))

    def _deepen(self, colour: np.ndarray) -> np.ndarray:
        """Layered washes are deeper: ``(h, h, 3)`` float32 in 0 to 255."""
        luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        deep = smoothstep(1 - luma * np.float32(1 / 255), *self.deep)
        colour = colour + gray_to_rgb(self.deep_chroma * deep) * (colour - gray_to_rgb(luma))
        return np.asarray(colour * gray_to_rgb(1 - self.deep_dark * deep))

    def _beyond_outline(self, scene: Scene, colour: np.ndarray) -> np.ndarray:
        """Carry the subject's colours over its outline: ``(h, h, 3)`` float32."""
        own = smoothstep(resample(scene.subject_mask, colour.shape[1::-1]), *_OWN)
        near, known = normalized_blur(colour * gray_to_rgb(own), own, self.outline_sigma_px)
        share = (1 - own) * np.clip(known * np.float32(1 / _ENOUGH_KNOWN), 0, 1)
        return np.asarray(colour + gray_to_rgb(share) * (near - colour))
