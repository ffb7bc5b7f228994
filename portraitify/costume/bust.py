"""The master's bust under a sitter's head: ground, dress, neck and chest, in the skin of the sitter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.costume.neck import Collar, Neck, face_width, opened
from portraitify.imaging.affine import between_pixel_centres, inverse, scale_of, transform_points
from portraitify.imaging.channels import gray_to_rgb, tint, to_uint8
from portraitify.imaging.face_parts import EXPRESSION, FacePart, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.morphology import disc

# Shadows on skin are warm: how much more of a shade red, green and blue take, and the saturation of skin from which on.
_WARM_SHADE, _COLOURED = np.array([-0.2, 0.0, 0.1], np.float32), 0.25
# How softly the master's own paint of a neck begins below the jaw, in widths of the face.
_CHEST_EDGE = 0.04
# How far from the master's jaw his own shadow and the edge of his face may still be, likewise.
_JAW = 0.05
# How much darker and lighter than cheeks the master's skin may be, and by what its colours are multiplied at the most.
_LIGHTER, _TINGES = (0.8, 1.05), (0.1, 3.0)
# How far its hue is made even, 0 to 1.
_EVEN = np.float32(0.6)
# Numbers of the mesh's points on cheeks, jaw and forehead, and what around each is looked at, in widths of the face.
_CHEEKS, _CHEEK_REACH = [50, 280, 205, 425, 187, 411, 108, 337, 151], 0.03
# From how far below the chin on, in widths of the face, a neck stays where the master's was, and is nowhere else.
_CHIN, _FREE = 152, (0.2, 0.05)
# From how far below the chin on the master's neck is seen beside the sitter's, likewise.
_NAPE = (-0.05, 0.12)
# How far below the master's head and neck the sitter's may still be seen, likewise.
_BELOW = 0.2
# How wide gaps between the master's neck and the sitter's are closed, likewise, on a grid so many times coarser.
_GAP, _COARSER = 0.3, 4
# How far beside its column a neck may be seen, likewise.
_BESIDE = 0.03
# Standard deviation of the blur around what is no skin in a face, in widths of the face; and the shares of its
# brightness, 0 to 1, between which skin is as usual.
_AROUND, _USUAL_SKIN = 0.02, (0.35, 0.9)
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
        shading: light on a neck, a logarithm.
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
        chest, skin = _chest(master, canvas)
        rows = (np.arange(len(shape), dtype=np.float32) + 0.5)[:, None]
        # The nape of a turned head is seen beside it; that of the sitter's is not.
        chest *= np.maximum(shape, smoothstep((rows - mesh[_CHIN, 1]) / face_width(mesh), *_NAPE))
        # Below the jaw a neck stays where the master's own head and neck were, and ends in the dress.
        gone = _lowered(np.maximum(canvas.show(masks.head) * np.float32(1 / 255), skin), _BELOW * face_width(mesh))
        gone = _down_to(hidden, gone, _GAP * face_width(mesh))
        stays = np.maximum(gone, smoothstep((rows - mesh[_CHIN, 1]) / face_width(mesh), *_FREE))
        # A neck is a column; what is beside it is shoulder.
        near = smoothstep(_widened(shape, _BESIDE * face_width(mesh)), 0.2, 0.8)
        bare = bare * stays * near
        if plan.chest_end(master) is None:
            chest = chest * near
        neck = np.maximum.reduce([shape * stays * (1 - beside), bare, skin * chest])
        neck = np.maximum(neck, _joined(neck, _GAP * face_width(mesh)) * gone * near) * (1 - hidden)
        bare = bare * (1 - hidden)
        shading = plan.shading(shape, hidden, mesh, master.light)
        plate, picture = canvas.show(master.plate), canvas.show(master.picture)
        return cls(mesh, plate, picture, shading, neck, bare, chest, skin, master)

    def halved(self) -> Bust:
        """The same, half as large."""
        size = (len(self.neck) // 2,) * 2
        names = ("plate", "picture", "shading", "neck", "bare", "chest", "skin")
        fields = {name: cv2.resize(getattr(self, name), size, interpolation=cv2.INTER_AREA) for name in names}
        return replace(self, mesh=self.mesh * (size[0] / len(self.neck)), **fields)

    @property
    def painted(self) -> np.ndarray:
        """Where it is not the plate."""
        return np.asarray(np.maximum(self.neck, self.chest * self.skin))

    def under(self, own: np.ndarray, skin: np.ndarray) -> np.ndarray:
        """Paint it.

        Args:
            own: ``(C, C, 3)`` uint8, the head whose skin it shows.
            skin: ``(3,)`` of that, see :func:`skin_colour`.

        Returns:
            ``(C, C, 3)`` float32 in 0 to 255.
        """
        coloured = min(float(np.ptp(skin) / max(skin.max(), 1.0)) / _COLOURED, 1.0)
        flesh = skin + (own - skin) * gray_to_rgb(self.bare)
        flesh = opened(np.asarray(flesh, np.float32), skin, self.neck, face_width(self.mesh))
        # As light as the face on the whole, as masters paint necks, and round for all that.
        seen = self.neck * (1 - part_mask(self.mesh[None], (FacePart.FACE,), self.neck.shape, 0))
        usual = float((self.shading * seen).sum()) / max(float(seen.sum()), 1.0)
        flesh *= np.exp(gray_to_rgb(self.shading - usual) * (1 + np.float32(coloured) * _WARM_SHADE))
        done = self.plate + (flesh - self.plate) * gray_to_rgb(self.neck)
        if self.chest.any():
            breast = _in_skin_of(self.picture, self.skin, skin, self.master)
            done += (breast - done) * gray_to_rgb(self.chest * (1 - self.bare))
        return np.asarray(done, np.float32)


def cheek_colour(picture: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Median colour of the cheeks of a face, ``(3,)`` float32; the mesh ``(468, 3)`` in pixels of the picture."""
    reach = max(int(_CHEEK_REACH * np.ptp(mesh[:, 0])), 1)
    middles = np.clip(mesh[_CHEEKS, :2].astype(int), reach, np.array(picture.shape[1::-1]) - reach - 1)
    patches = [picture[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3) for x, y in middles]
    return np.asarray(np.median(np.concatenate(patches), 0), np.float32)


def skin_colour(picture: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Mean colour of the skin of a face, ``(3,)`` float32; the mesh ``(468, 3)`` in pixels of the picture.

    Cheeks alone may be flushed. What is darkest and lightest counts for nothing: beards, shadows and gloss.
    """
    low, high = (bound.astype(int) for bound in (mesh[:, :2].min(0), np.ceil(mesh[:, :2].max(0))))
    (left, top), (right, bottom) = np.maximum(low, 0), high
    part = picture[top:bottom, left:right].astype(np.float32)
    local = mesh - np.array([left, top, 0.0])
    face = part_mask(local[None], (FacePart.FACE,), part.shape, 0) > 0.5
    features = part_mask(local[None], EXPRESSION, part.shape, _AROUND * float(np.ptp(mesh[:, 0]))) > 0.1
    colours = part[face & ~features]
    if not len(colours):
        return cheek_colour(picture, mesh)
    luma = colours @ _LUMA
    first, last = np.quantile(luma, _USUAL_SKIN)
    return np.asarray(colours[(luma >= first) & (luma <= last)].mean(0), np.float32)


def with_hands_of(master: Master, colour: np.ndarray) -> Master:
    """A picture whose hands have the skin of a sitter whose face is of a colour ``(3,)``."""
    # On the plate, skin that went with the head is ground.
    skin = np.minimum(master.masks.skin, 255 - master.masks.head)
    columns, rows = np.flatnonzero(skin.max(0)), np.flatnonzero(skin.max(1))
    if not len(columns):
        return master
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    plate, share = master.plate.copy(), skin[part].astype(np.float32) * np.float32(1 / 255)
    plate[part] = to_uint8(_in_skin_of(master.plate[part].astype(np.float32), share, colour, master))
    return replace(master, plate=plate)


def _joined(neck: np.ndarray, gap_px: float) -> np.ndarray:
    """The same without gaps up to so wide."""
    return _coarsely(neck, lambda small, scale: cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc(gap_px / 2 * scale)))


def _widened(field: np.ndarray, by_px: float) -> np.ndarray:
    """The same, wider, with a soft edge."""
    return _coarsely(field, lambda small, scale: blur(cv2.dilate(small, disc(by_px * scale)), 1.0))


def _lowered(field: np.ndarray, reach_px: float) -> np.ndarray:
    """The same, going on so far below."""

    def lower(small: np.ndarray, scale: float) -> np.ndarray:
        column = _column(reach_px * scale)
        return cv2.dilate(small, column, anchor=(0, len(column) - 1))

    return np.asarray(np.maximum(field, _coarsely(field, lower)))


def _down_to(dress: np.ndarray, field: np.ndarray, gap_px: float) -> np.ndarray:
    """A field going on down to the dress, where no more than so many pixels are between."""

    def close(small: np.ndarray, scale: float) -> np.ndarray:
        return cv2.morphologyEx(small, cv2.MORPH_CLOSE, _column(gap_px * scale))

    return np.asarray(np.maximum(field, _coarsely(np.maximum(field, dress), close)))


def _column(height_px: float) -> np.ndarray:
    return np.ones((max(round(height_px), 1), 1), np.uint8)


def _coarsely(field: np.ndarray, change: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
    """What becomes of a square field on a coarser grid; the change is told how many of its cells a pixel is."""
    side = max(len(field) // _COARSER, 1)
    small = cv2.resize(field, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(change(small, side / len(field)), field.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _chest(master: Master, canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Where the master's paint of neck, chest and their border is used, and where skin is: ``(C, C)`` float32 each."""
    masks, width = master.masks, face_width(master.mesh) / scale_of(canvas.matrix)
    skin = canvas.show(masks.skin) * np.float32(1 / 255)
    if not skin.any():
        return skin, skin
    on_canvas = transform_points(inverse(canvas.matrix), master.mesh[:, :2])
    face = _widened(part_mask(on_canvas[None], (FacePart.FACE,), skin.shape, 0), _JAW * width)
    # An outline of a head may lie over the neck, too, where that was painted away with it.
    other = np.maximum(canvas.show(masks.hair), np.maximum(canvas.show(masks.head) - canvas.show(masks.skin), 0))
    gone, soft = np.maximum(face, other * np.float32(1 / 255)), _CHEST_EDGE * width
    near = smoothstep(_widened(skin, 1.3 * soft), 0.1, 0.9)
    free = smoothstep(blur(1 - gone, soft), 0.5, 0.95) * (1 - gone)
    return np.asarray(near * free), skin


def _lit_mean(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Mean colour ``(3,)`` of a part in which light places count more, so that one half in shadow hardly matters."""
    shown = picture[where > 127].astype(np.float32)
    light = shown @ _LUMA + 1
    return np.asarray((shown * light[:, None]).sum(0) / max(float(light.sum()), 1.0))


def _in_skin_of(picture: np.ndarray, skin: np.ndarray, cheeks: np.ndarray, master: Master) -> np.ndarray:
    """A master's bare skin in the colours of a sitter's.

    Its mean gets the hue of the sitter's cheeks, and keeps how much darker or lighter than cheeks it is; within it, hue
    changes less than it did.

    Args:
        picture: ``(H, W, 3)`` float32 in 0 to 255.
        skin: ``(H, W)`` float32 in 0 to 1, where skin is.
        cheeks: ``(3,)``, of the sitter.
        master: the picture.

    Returns:
        ``(H, W, 3)`` float32.
    """
    own, mean = cheek_colour(master.picture, master.mesh), _lit_mean(master.picture, master.masks.skin)
    lighter = float(np.clip((mean @ _LUMA) / max(float(own @ _LUMA), 1.0), *_LIGHTER))
    change = np.clip(cheeks * lighter / np.maximum(mean, 1), *_TINGES).astype(np.float32)
    tinged = picture * change
    even = tint(cv2.transform(tinged, _LUMA[None]), cheeks / max(float(cheeks @ _LUMA), 1.0))
    tinged += _EVEN * (even - tinged)
    return np.asarray(picture + (tinged - picture) * gray_to_rgb(skin), np.float32)
