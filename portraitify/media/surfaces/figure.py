"""The sitter on bare paper: where there is anything to draw, and what of it is skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.head_areas import crown_areas, face_areas
from portraitify.imaging.skin import mean_color, skin_likeness, skin_weights
from portraitify.media.scene import Scene

# Half the breadth of a throat by that of its face.
_THROAT = 0.65
# Standard deviation of the Gaussian over what lies beside a hair, pixels of half the plan.
_TEXTURE_PX = 1.25
# Contrast, L*, above which an edge counts no more than hair; and what the noise of a dark photo comes to.
_MOST_CONTRAST, _NOISE = 6.0, 8.0
# Texture, as a fraction of the lightness, at which skin is surely hairy, and up to which it surely is not.
_HAIRY = (0.09, 0.05)
# Distance from the skin's colour, CIELAB units with lightness counting half, and texture that each make a place above a
# face half hair; and sums of both, so counted, from which on it begins to be and surely is.
_APART, _STRANDED, _HAIR = 16.0, 0.05, (1.4, 2.0)
# How far above a face and to its sides hair is looked for, in heights and widths of the face.
_ABOVE, _ASIDE = 1.0, 1.3
# Standard deviation of the blur of a nose, pixels of the plan: no hair grows there, however deep its shadow is.
_NOSE_SIGMA_PX = 2.0
# Part of a face that a fringe hardly reaches.
_BELOW_FRINGE = 0.8
# L* from which on a colour has a hue, and up to which it has none.
_HUELESS = (22.0, 12.0)
# L* above the skin's mean between which light on it takes its hue away.
_BLEACHED = (5.0, 12.0)


@dataclass(frozen=True)
class PhotoSkin:
    """The skin of a photo at half the plan's size.

    Attributes:
        lightness: ``(S / 2, S / 2)`` float32, L* of the photo.
        weights: ``(S / 2, S / 2)`` float32 in 0 to 1, by which the mean colour of the skin is taken.
        likeness: ``(S / 2, S / 2)`` float32 in 0 to 1, how near each colour is to that mean; lips count as skin.
        smooth: the same whatever the lightness, where there is no texture: skin in light or shadow, but no beard.
        black: the same of what is too dark to have a hue: the deepest shadow on skin, or black cloth.
        bleached: the same of what is lighter than the skin, whatever its hue: light on skin, or white cloth.
        hair: the same of what is no scalp above a face: neither of the skin's colour nor as smooth as it is.
        held: the same as ``likeness``, and the whole of faces with known geometry: beards and shadows have tones too.
        mean: L* of the skin.
        eyes_px: distance between the eyes, pixels.
    """

    lightness: np.ndarray
    weights: np.ndarray
    likeness: np.ndarray
    smooth: np.ndarray
    black: np.ndarray
    bleached: np.ndarray
    hair: np.ndarray
    held: np.ndarray
    mean: float
    eyes_px: float

    @classmethod
    def of(cls, scene: Scene) -> PhotoSkin | None:
        """The skin of the first face; nothing if the scene has no photo."""
        if scene.photo is None:
            return None
        side = len(scene.photo) // 2
        lab = to_lab(cv2.resize(scene.photo, (side, side), interpolation=cv2.INTER_AREA))
        mask = cv2.resize(scene.subject_mask, (side, side), interpolation=cv2.INTER_AREA)
        weights = skin_weights(lab, mask, scene.landmarks[0] / 2)
        mean = mean_color(lab, weights)
        lightness, level = lab[..., 0], lab.copy()
        level[..., 0] = mean[0]
        texture = _texture(lightness)
        bare = smoothstep(texture, *_HAIRY)
        apart = np.linalg.norm((lab - mean) * (0.5, 1, 1), axis=-1)
        hair = smoothstep(apart / _APART + texture / _STRANDED, *_HAIR).astype(np.float32)
        meshes = scene.meshes / 2
        lips, mouth = (part_mask(meshes, (part,), lightness.shape, 0) for part in (FacePart.LIPS, FacePart.MOUTH))
        likeness = np.maximum(skin_likeness(lab, mean), np.clip(lips - mouth, 0, 1))
        smooth, black = skin_likeness(level, mean) * bare, smoothstep(lightness, *_HUELESS) * bare
        bleached = smoothstep(lightness - mean[0], *_BLEACHED) * bare
        held = np.maximum(likeness, part_mask(meshes, (FacePart.FACE,), lightness.shape, 0))
        eyes_px = float(np.linalg.norm(scene.landmarks[0, 1] - scene.landmarks[0, 0])) / 2
        return cls(lightness, weights, likeness, smooth, black, bleached, hair, held, float(mean[0]), eyes_px)


def _texture(lightness: np.ndarray) -> np.ndarray:
    """How strongly a lightness ``(H, W)`` in L* varies from pixel to pixel, as a fraction of itself."""
    fine = np.minimum(np.abs(lightness - blur(lightness, _TEXTURE_PX)), _MOST_CONTRAST)
    return np.asarray(np.sqrt(blur(fine * fine, 2 * _TEXTURE_PX)) / (blur(lightness, 2 * _TEXTURE_PX) + _NOISE))


@dataclass(frozen=True)
class Figure:
    """The shape of the sitter, without what a matte leaves of the old background.

    Attributes:
        mask_range: values of the subject mask, 0 to 1, between which the sitter ends.
        doubt_range: values of the subject mask, 0 to 1, between which a face is taken to be there.
        thread_px: breadth of what joins nothing to the sitter, pixels of the plan.
        sigma_px: standard deviation of the blur of the outline, pixels of the plan.
        skin_sigma: standard deviation of the blur of what is skin, in parts of the side.
        skin_range: likeness to skin, 0 to 1, between which hair and cloth turn into skin.
    """

    mask_range: tuple[float, float] = (0.6, 0.95)
    doubt_range: tuple[float, float] = (0.1, 0.35)
    thread_px: int = 9
    sigma_px: float = 1.5
    skin_sigma: float = 0.008
    skin_range: tuple[float, float] = (0.3, 0.65)

    def shape(self, scene: Scene) -> np.ndarray:
        """The sitter: ``(S, S)`` float32, 0 outside to 1 inside."""
        mask = smoothstep(scene.subject_mask, *self.mask_range)
        # What hangs on by a thread is an island too.
        seen = (mask > 0.5).astype(np.uint8)
        _, parts = cv2.connectedComponents(cv2.morphologyEx(seen, cv2.MORPH_OPEN, _square(self.thread_px)))
        side = len(mask)
        seats = np.clip(scene.landmarks.reshape(-1, 2), 0, side - 1).astype(int)
        faces = [part for part in np.unique(parts[seats[:, 1], seats[:, 0]]) if part]
        if faces:
            near = cv2.dilate(np.isin(parts, faces).astype(np.uint8), _square(2 * self.thread_px))
            mask = mask * blur(near.astype(np.float32), self.sigma_px)
        # Where a matte is in doubt about a cheek, the mesh knows better.
        doubt = smoothstep(scene.subject_mask, *self.doubt_range)
        mask = np.maximum(mask, doubt * part_mask(scene.meshes, (FacePart.FACE,), mask.shape, 0))
        return blur(mask.astype(np.float32), self.sigma_px)

    def skin(self, scene: Scene, photo: PhotoSkin | None) -> np.ndarray:
        """Bare skin, ``(S, S)`` float32 in 0 to 1: all else is hair, cloth or a hat, and is drawn in strands."""
        if photo is None:
            return scene.face
        side, half = len(scene.subject_mask), len(photo.likeness)
        # Shadows are skin where no hair of its hue can be: in the face and on the throat.
        face, throat = _face_and_throat(scene, half)
        core = blur(np.maximum(face, throat), 2 * self.skin_sigma * half)
        meshes = scene.meshes * (half / side)
        above = crown_areas(meshes, half, _ABOVE, _ASIDE) * (1 - face_areas(meshes, half, _BELOW_FRINGE))
        like = blur(photo.likeness * (1 - above * photo.hair), self.skin_sigma * half)
        # A black collar has nothing lit below it, as the shadow of a chin has.
        black = photo.black * np.maximum(face, np.maximum.accumulate((like * throat)[::-1])[::-1])
        bare = np.maximum(np.maximum(photo.smooth, black), photo.bleached * face)
        like = np.maximum(like, blur(core * bare, self.skin_sigma * half))
        like = cv2.resize(like, (side, side), interpolation=cv2.INTER_LINEAR)
        nose = part_mask(scene.meshes, (FacePart.NOSE,), like.shape, _NOSE_SIGMA_PX)
        return np.asarray(np.maximum.reduce([smoothstep(like, *self.skin_range), scene.features, nose]), np.float32)


def _face_and_throat(scene: Scene, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces with known geometry, and what lies straight below their chins: each ``(side, side)`` float32, 0 or 1."""
    meshes = scene.meshes * (side / len(scene.subject_mask))
    face = part_mask(meshes, (FacePart.FACE,), (side, side), 0)
    throats = np.zeros_like(face)
    for mesh in meshes:
        outline = outline_of(mesh, FacePart.FACE)
        (left, top), (right, bottom) = outline.min(0), outline.max(0)
        middle, half = (left + right) / 2, (right - left) / 2
        throat = np.array(
            [
                [middle - _THROAT * half, (top + bottom) / 2],
                [middle + _THROAT * half, (top + bottom) / 2],
                [middle + _THROAT * half, bottom + half],
                [middle - _THROAT * half, bottom + half],
            ]
        )
        cv2.fillConvexPoly(throats, np.rint(throat).astype(np.int32), 1.0)
    return face, throats


def _square(side_px: int) -> np.ndarray:
    return np.ones((side_px, side_px), np.uint8)
