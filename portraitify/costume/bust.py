"""The master's bust under a sitter's head: ground, dress, neck and chest, in the skin of the sitter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.costume.neck import Collar, Neck, face_width
from portraitify.imaging.affine import between_pixel_centres, inverse, scale_of, transform_points
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.morphology import disc

# Shadows on skin are warm: how much more of a shade red, green and blue take, and the saturation of skin from which on.
_WARM_SHADE, _COLOURED = np.array([-0.2, 0.0, 0.1], np.float32), 0.25
# Bare neck, in squares of the face's width, that tells its colour, how far it is followed, and the most it may differ
# from the cheeks, as a logarithm.
_ENOUGH_NECK, _OWN_NECK, _FAR_NECK = 0.05, 0.7, 0.3
# How softly the master's own paint of a neck begins below the jaw, in widths of the face.
_CHEST_EDGE = 0.04
# How much darker and lighter than cheeks the master's skin may be, and by what its colours are multiplied at the most.
_LIGHTER, _TINGES = (0.8, 1.1), (0.1, 3.0)
# Numbers of the mesh's points on cheeks and jaw, and what around each is looked at, in widths of the face.
_CHEEKS, _CHEEK_REACH = [50, 280, 205, 425, 187, 411], 0.03
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Canvas:
    """A square that is painted.

    Attributes:
        size_px: its side.
        matrix: ``(2, 3)`` float64 to pixels of the plate.
    """

    size_px: int
    matrix: np.ndarray

    def show(self, field: np.ndarray) -> np.ndarray:
        """What of a field of the plate it shows, as float32."""
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (self.size_px, self.size_px)
        centres = between_pixel_centres(self.matrix)
        return np.asarray(
            cv2.warpAffine(field, centres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
        )


@dataclass(frozen=True)
class Bust:
    """What is painted under a head; fields are ``(C, C)`` float32, in 0 to 1 where nothing else is said.

    Attributes:
        mesh: ``(468, 3)`` of the sitter, in pixels of the canvas.
        plate: ``(C, C, 3)`` in 0 to 255, the picture without its head.
        picture: likewise, as it was painted.
        shading: light on a neck that is made, a logarithm.
        neck: where a neck is seen, or lies behind the head.
        bare: where it is the sitter's own.
        chest: where the master's paint of skin and its border is used.
        skin: where of that skin is.
        master: the picture.
    """

    mesh: np.ndarray
    plate: np.ndarray
    picture: np.ndarray
    shading: np.ndarray
    neck: np.ndarray
    bare: np.ndarray
    chest: np.ndarray
    skin: np.ndarray
    master: Master

    @classmethod
    def of(cls, master: Master, canvas: Canvas, mesh: np.ndarray, bare: np.ndarray, beside: np.ndarray) -> Bust:
        """Plan it.

        Args:
            master: the picture.
            canvas: shows a part of it.
            mesh: ``(468, 3)`` of the sitter, in pixels of the canvas.
            bare: ``(C, C)`` float32 in 0 to 1, neck that the photo shows.
            beside: likewise, where the photo shows that none is.
        """
        plan, back, masks = Neck(), inverse(canvas.matrix), master.masks
        collar = plan.collar_of(master)
        on_canvas = Collar(transform_points(back, collar.foot), collar.half_width * scale_of(back))
        shape = plan.shape(mesh, on_canvas, canvas.size_px)
        hidden = canvas.show(np.maximum(masks.before, masks.body)) * np.float32(1 / 255)
        neck, bare = np.maximum(shape * (1 - beside), bare) * (1 - hidden), bare * (1 - hidden)
        chest, skin = _chest(master, canvas)
        shading = plan.shading(shape, hidden, mesh, master.light)
        plate, picture = canvas.show(master.plate), canvas.show(master.picture)
        return cls(mesh, plate, picture, shading, neck, bare, chest, skin, master)

    @property
    def painted(self) -> np.ndarray:
        """Where it is not the plate."""
        return np.asarray(np.maximum(self.neck, self.chest * self.skin))

    def under(self, own: np.ndarray) -> np.ndarray:
        """Paint it.

        Args:
            own: ``(C, C, 3)`` uint8, the head whose skin it shows.

        Returns:
            ``(C, C, 3)`` float32 in 0 to 255.
        """
        cheeks = cheek_colour(own, self.mesh)
        coloured = min(float(np.ptp(cheeks) / max(cheeks.max(), 1.0)) / _COLOURED, 1.0)
        shade = gray_to_rgb(self.shading) * (1 + np.float32(coloured) * _WARM_SHADE)
        flesh = self._neck_colour(own, cheeks) * np.exp(shade)
        flesh += (own - flesh) * gray_to_rgb(self.bare)
        done = self.plate + (flesh - self.plate) * gray_to_rgb(self.neck)
        if self.chest.any():
            change = _tinge(cheeks, self.master) - 1
            breast = self.picture + self.picture * change * gray_to_rgb(self.skin)
            done += (breast - done) * gray_to_rgb(self.chest * (1 - self.bare))
        return np.asarray(done, np.float32)

    def _neck_colour(self, own: np.ndarray, cheeks: np.ndarray) -> np.ndarray:
        """Colour of the neck, ``(3,)``: between that of the cheeks and, as far as it is seen, its own."""
        seen = float(self.bare.sum()) / (_ENOUGH_NECK * face_width(self.mesh) ** 2)
        if seen < 1e-3:
            return cheeks
        colour = np.array(cv2.mean(own * gray_to_rgb(self.bare))[:3]) / float(self.bare.mean())
        away = np.clip(np.log(np.maximum(colour, 1) / np.maximum(cheeks, 1)), -_FAR_NECK, _FAR_NECK)
        return np.asarray(cheeks * np.exp(min(seen, 1.0) * _OWN_NECK * away), np.float32)


def cheek_colour(picture: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Median colour of the cheeks of a face, ``(3,)`` float32; the mesh ``(468, 3)`` in pixels of the picture."""
    reach = max(int(_CHEEK_REACH * np.ptp(mesh[:, 0])), 1)
    middles = np.clip(mesh[_CHEEKS, :2].astype(int), reach, np.array(picture.shape[1::-1]) - reach - 1)
    patches = [picture[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3) for x, y in middles]
    return np.asarray(np.median(np.concatenate(patches), 0), np.float32)


def with_hands_of(master: Master, cheeks: np.ndarray) -> Master:
    """A picture whose hands have the skin of a sitter whose cheeks are of a colour ``(3,)``."""
    skin = master.masks.skin
    columns, rows = np.flatnonzero(skin.max(0)), np.flatnonzero(skin.max(1))
    if not len(columns):
        return master
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    plate, shown = master.plate.copy(), master.plate[part].astype(np.float32)
    share = gray_to_rgb(skin[part].astype(np.float32) * np.float32(1 / 255))
    plate[part] = to_uint8(shown + shown * (_tinge(cheeks, master) - 1) * share)
    return replace(master, plate=plate)


def _chest(master: Master, canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Where the master's paint of neck, chest and their border is used, and where skin is: ``(C, C)`` float32 each."""
    head, skin = (canvas.show(mask) * np.float32(1 / 255) for mask in (master.masks.head, master.masks.skin))
    if not skin.any():
        return skin, skin
    soft = _CHEST_EDGE * face_width(master.mesh) / scale_of(canvas.matrix)
    near = smoothstep(blur(cv2.dilate(skin, disc(soft)), 0.5 * soft), 0.1, 0.6)
    free = smoothstep(blur(1 - head, soft), 0.5, 0.95) * (1 - head)
    return np.asarray(near * free), skin


def _tinge(cheeks: np.ndarray, master: Master) -> np.ndarray:
    """By what the colours of a master's bare skin are multiplied to become the sitter's, ``(3,)`` float32.

    Its mean gets the hue of the sitter's cheeks, and keeps how much darker or lighter than cheeks it is.
    """
    own, skin = cheek_colour(master.picture, master.mesh), np.array(cv2.mean(master.picture, master.masks.skin)[:3])
    lighter = float(np.clip((skin @ _LUMA) / max(float(own @ _LUMA), 1.0), *_LIGHTER))
    return np.asarray(np.clip(cheeks * lighter / np.maximum(skin, 1), *_TINGES), np.float32)
