"""What every medium needs to know about the picture it finishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from portraitify.imaging.background import blur_background
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.eye_cover import eye_cover
from portraitify.imaging.face_parts import expression_parts, without_mesh
from portraitify.imaging.face_regions import expression_mask, face_mask
from portraitify.media.streams import numbered_uniforms, random_stream

# Directions, masks and washes are worked out at no more than this.
PLAN_PX = 512
# Of the side: wide enough to average the weave that the generator leaves in even backgrounds.
_BACKGROUND_SIGMA = 0.012

# Shares of red, green and blue in the brightness that an orthochromatic plate saw.
_BLIND_TO_RED = np.array([0.1, 0.65, 0.25], np.float32)


@dataclass(frozen=True)
class Scene:
    """A painting at planning size, with what is known about it; lengths elsewhere are in parts of its side.

    Attributes:
        painting: ``(S, S, 3)`` float32 in 0 to 255.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(N, 5, 2)`` in pixels of ``painting``.
        plain: ``(size_px, size_px, 3)`` uint8, the painting at the size of the picture that is made.
        seed: of everything random.
        window: the part that will be kept.
        photo: ``(S, S, 3)`` uint8, whose tone of skin is to be held; nothing if the painting's counts.
        meshes: ``(M, 468, 3)`` in pixels of ``painting``, points of the faces whose geometry is known, numbered as
            MediaPipe's.
    """

    painting: np.ndarray
    subject_mask: np.ndarray
    landmarks: np.ndarray
    plain: np.ndarray
    seed: int
    window: CropWindow = WHOLE_CANVAS
    photo: np.ndarray | None = None
    meshes: np.ndarray = field(default_factory=lambda: np.zeros((0, 468, 3)))

    @property
    def size_px(self) -> int:
        """Side of the picture that is made."""
        return len(self.plain)

    @cached_property
    def features(self) -> np.ndarray:
        """Eyes and mouth, ``(S, S)`` float32 in 0 to 1; spots about landmarks where the mesh is not known."""
        shape = self.subject_mask.shape
        spots = expression_mask(without_mesh(self.landmarks, self.meshes), shape)
        return np.asarray(np.maximum(spots, expression_parts(self.meshes, shape)))

    @cached_property
    def eyes_shown(self) -> list[float]:
        """0 to 1 for each mesh: how surely no dark glasses hide its eyes."""
        return [1 - eye_cover(self.painting if self.photo is None else self.photo, mesh) for mesh in self.meshes]

    @cached_property
    def face(self) -> np.ndarray:
        """The faces with soft borders, ``(S, S)`` float32 in 0 to 1."""
        return np.asarray(face_mask(self.landmarks, self.subject_mask.shape) * self.subject_mask)

    @cached_property
    def window_position(self) -> tuple[np.ndarray, np.ndarray]:
        """Place of each column and of each row in the window, from 0 to 1 inside it: ``(S,)`` float32 each."""
        ticks = (np.arange(self.subject_mask.shape[0], dtype=np.float32) + 0.5) / self.subject_mask.shape[0]
        window = self.window
        return (ticks - window.left) / window.width, (ticks - window.top) / window.height

    @cached_property
    def even(self) -> np.ndarray:
        """The painting with the background made even, ``(S, S, 3)`` float32."""
        return blur_background(self.painting, self.subject_mask, _BACKGROUND_SIGMA * self.subject_mask.shape[0])

    @cached_property
    def crisp(self) -> np.ndarray:
        """The same with the contrast of eyes and mouth raised, which every brush takes away again."""
        detail = self.even - cv2.GaussianBlur(self.even, (0, 0), 1.5)
        return np.asarray(np.clip(self.even + gray_to_rgb(0.8 * self.features) * detail, 0, 255))

    @cached_property
    def luma(self) -> np.ndarray:
        """Brightness of ``even``, ``(S, S)`` float32 in 0 to 1."""
        return np.asarray(cv2.cvtColor(self.even * np.float32(1 / 255), cv2.COLOR_RGB2GRAY))

    @cached_property
    def photo_luma(self) -> np.ndarray | None:
        """Brightness of the photo, ``(S, S)`` float32 in 0 to 1, if there is one."""
        if self.photo is None:
            return None
        return np.asarray(cv2.cvtColor(self.photo, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255))

    @cached_property
    def features_luma(self) -> np.ndarray:
        """Brightness of the photo, or of ``even``, as plates saw it that are blind to red: ``(S, S)`` float32, 0 to 1.

        Lips and lids differ from the skin in redness more than in brightness.
        """
        picture = self.even if self.photo is None else self.photo.astype(np.float32)
        return np.asarray(picture @ (_BLIND_TO_RED / 255), np.float32)

    def random(self, stream: str) -> np.random.Generator:
        """The generator of random numbers of a name; see :func:`portraitify.media.streams.random_stream`."""
        return random_stream(self.seed, stream)

    def numbered_uniforms(self, stream: str, numbers: np.ndarray, count: int) -> np.ndarray:
        """Random numbers in 0 to 1 of numbered things; see :func:`portraitify.media.streams.numbered_uniforms`."""
        return numbered_uniforms(self.seed, stream, numbers, count)

    def rows(self, field: np.ndarray, top: int, bottom: int) -> np.ndarray:
        """Rows of a field at the size of the picture; see `rows_of`."""
        return rows_of(field, top, bottom, self.size_px)


def make_scene(
    painting: np.ndarray,
    subject_mask: np.ndarray,
    landmarks: np.ndarray,
    plain: np.ndarray,
    seed: int,
    window: CropWindow = WHOLE_CANVAS,
    photo: np.ndarray | None = None,
    meshes: np.ndarray | None = None,
) -> Scene:
    """Bring everything to planning size.

    Args:
        painting: ``(S, S, 3)`` uint8 or float32 in 0 to 255.
        subject_mask: float32 in 0 to 1, square and of any size.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the painting.
        plain: ``(N, N, 3)`` uint8, the painting at the size of the picture that is made.
        seed: of everything random.
        window: the part that will be kept.
        photo: ``(N, N, 3)`` uint8, the same crop, if the tone of its skin is to be held.
        meshes: ``(M, 468, 3)`` in pixels of the painting.
    """
    side, painting = painting.shape[0], painting.astype(np.float32)
    if side != PLAN_PX:
        method = cv2.INTER_AREA if side > PLAN_PX else cv2.INTER_CUBIC
        painting = np.clip(cv2.resize(painting, (PLAN_PX, PLAN_PX), interpolation=method), 0, 255)
    if len(subject_mask) != PLAN_PX:
        subject_mask = cv2.resize(subject_mask, (PLAN_PX, PLAN_PX), interpolation=cv2.INTER_LINEAR)
    if photo is not None and len(photo) != PLAN_PX:
        photo = cv2.resize(photo, (PLAN_PX, PLAN_PX), interpolation=cv2.INTER_AREA)
    scaled = np.asarray(landmarks, np.float64).reshape(-1, 5, 2) * (PLAN_PX / side)
    known = np.zeros((0, 468, 3)) if meshes is None else np.asarray(meshes, np.float64) * (PLAN_PX / side)
    outline = np.clip(subject_mask, 0, 1).astype(np.float32)
    return Scene(painting, outline, scaled, plain, seed, window, photo, known)


def rows_of(field: np.ndarray, top: int, bottom: int, size_px: int) -> np.ndarray:
    """Resample a square field to ``size_px`` and give some of the rows.

    A picture of 4096 pixels is made in bands of rows, so that few arrays of
    its full size exist at a time.

    Args:
        field: ``(S, S)`` or ``(S, S, 3)`` uint8 or float32.
        top: first row; may lie above the picture, where the field's border is continued.
        bottom: row after the last.
        size_px: side of the whole.

    Returns:
        ``(bottom - top, size_px)`` or ``(bottom - top, size_px, 3)``, of the field's type.
    """
    step = field.shape[0] / size_px
    if step == 1 and top >= 0 and bottom <= size_px:
        return field[top:bottom]
    matrix = np.array([[step, 0, step / 2 - 0.5], [0, step, (top + 0.5) * step - 0.5]])
    flags = (cv2.INTER_LINEAR if step == 1 else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(field, matrix, (size_px, bottom - top), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
