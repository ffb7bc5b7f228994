"""Batches of photos and paintings, seen through windows in the portrait crop."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError
from portraitify.faces.face_mesh import Square, square_of
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.face_regions import BROWS_TO_CHIN, HAIRLINE_TO_CHIN, expression_mask, face_mask
from portraitify.media.base import Preprocessing
from portraitify.media.registry import STYLES
from portraitify.painting.preprocessing import preprocess

# Share of the photos that are made ready as the product does before it paints.
PREPROCESSED_SHARE = 0.8
# Enlarged further than this, small pictures taught their blur: half of the paintings have fewer than 250
# pixels a crop. What is painted in use is a crop of 512 pixels, for which photos may be enlarged a little.
MOST_ENLARGED_PHOTO, MOST_ENLARGED_PAINTING = 1.4, 1.2
# Least and most distance between a sitter's eyes: from that of the paintings to more than that in use.
IOD_PX = (48.0, 128.0)
FLIPPED_ORDER = [1, 0, 2, 4, 3]


@dataclass(frozen=True)
class FaceView:
    """How much of a face's square is seen, and how large.

    Attributes:
        share: side, in parts of the square of :func:`portraitify.faces.face_mesh.square_of`.
        px: side, pixels.
    """

    share: float
    px: int


# Faces on which paintings and what is painted are compared: eyes some 36 pixels apart, which most paintings have.
PAINTED_FACE = FaceView(0.72, 112)


@dataclass(frozen=True)
class Views:
    """Pictures of one kind in a batch.

    Attributes:
        image: ``(B, 3, S, S)`` in -1 to 1.
        subject_mask: ``(B, 1, S, S)`` in 0 to 1.
        valid: ``(B, 1, S, S)``, 1 inside the original picture.
        face: ``(B, 1, S, S)``, 1 on an ellipse from brows to chin.
        skin: ``(B, 1, S, S)``, 1 on an ellipse from hairline to chin.
        expression: ``(B, 1, S, S)``, 1 over eyes and mouth.
    """

    image: Tensor
    subject_mask: Tensor
    valid: Tensor
    face: Tensor
    skin: Tensor
    expression: Tensor

    def part(self, left: int, top: int, side: int) -> Views:
        """The square part that begins at a pixel."""
        parts = (getattr(self, field.name)[:, :, top : top + side, left : left + side] for field in fields(self))
        return Views(*parts)


@dataclass(frozen=True)
class PackedViews:
    """Views as bytes, to be handed from process to process and to a device.

    Attributes:
        images: ``(B, S, S, 3)`` uint8 RGB.
        masks: ``(B, S, S, 5)`` uint8, in the order of :class:`Views`.
    """

    images: Tensor
    masks: Tensor

    def unpack(self, device: str = "cpu") -> Views:
        """Turn them into tensors of floating point on a device."""
        image = _unpacked(self.images, device)
        masks = self.masks.to(device, non_blocking=True).permute(0, 3, 1, 2).float() / 255
        return Views(image, *(masks[:, [index]] for index in range(masks.shape[1])))

    def pin_memory(self) -> PackedViews:
        """The same in memory from which a GPU copies fast; ``DataLoader`` asks for this by name."""
        return PackedViews(self.images.pin_memory(), self.masks.pin_memory())


def _unpacked(images: Tensor, device: str) -> Tensor:
    """``(B, S, S, 3)`` uint8 to ``(B, 3, S, S)`` in -1 to 1 on a device."""
    return images.to(device, non_blocking=True).permute(0, 3, 1, 2).float() / 127.5 - 1


@dataclass(frozen=True)
class Batch:
    """One training step's pictures.

    Attributes:
        photo: sitters to paint, preprocessed as in use.
        painting: paintings whose style they shall take.
        faces: ``(B, 3, F, F)`` in -1 to 1, of other paintings of the same styles, as :data:`PAINTED_FACE` says.
        photo_squares: ``(B, 4)`` of the sitters' faces: centre x and y and side in pixels, angle in radians.
        painting_squares: ``(B, 4)`` of those in the paintings.
        painting_index: ``(B,)`` rows of the prepared data.
        style_index: ``(B,)`` positions in ``STYLES``.
    """

    photo: Views
    painting: Views
    faces: Tensor
    photo_squares: Tensor
    painting_squares: Tensor
    painting_index: Tensor
    style_index: Tensor


@dataclass(frozen=True)
class PackedBatch:
    """A batch as bytes, faces as ``(B, F, F, 3)`` uint8; see :class:`Batch`."""

    photo: PackedViews
    painting: PackedViews
    faces: Tensor
    photo_squares: Tensor
    painting_squares: Tensor
    painting_index: Tensor
    style_index: Tensor

    def unpack(self, device: str = "cpu") -> Batch:
        """Turn it into tensors of floating point on a device."""
        others = (value.to(device, non_blocking=True) for value in self._others()[1:])
        faces = _unpacked(self.faces, device)
        return Batch(self.photo.unpack(device), self.painting.unpack(device), faces, *others)

    def pin_memory(self) -> PackedBatch:
        """See :meth:`PackedViews.pin_memory`."""
        others = (value.pin_memory() for value in self._others())
        return PackedBatch(self.photo.pin_memory(), self.painting.pin_memory(), *others)

    def _others(self) -> tuple[Tensor, ...]:
        return self.faces, self.photo_squares, self.painting_squares, self.painting_index, self.style_index


@dataclass(frozen=True)
class SquareWindow:
    """A square part of the crop, in fractions of its side."""

    left: float
    top: float
    side: float


WHOLE = SquareWindow(0.0, 0.0, 1.0)


class PreparedData:
    """A prepared folder, memory-mapped.

    Args:
        folder: written by ``portraitify train prepare``.

    Raises:
        ConfigError: the folder is not a prepared one.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        try:
            self.images = np.load(folder / "images.npy", mmap_mode="r")
            self.masks = np.load(folder / "masks.npy", mmap_mode="r")
            lines = (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ConfigError(f"{folder}: not prepared. Run `portraitify train prepare` first.") from error
        self.records = [json.loads(line) for line in lines]
        self.landmarks = np.array([record["landmarks"] for record in self.records], np.float64)

    def __reduce__(self) -> tuple[type[PreparedData], tuple[Path]]:
        # Another process maps the files itself; pickled, the arrays would be copied.
        return PreparedData, (self._folder,)

    def rows(self, name: str, split: str) -> np.ndarray:
        """Row numbers of a set (``photos`` or a style) in a split (``train`` or ``held-out``)."""
        return np.array(
            [i for i, record in enumerate(self.records) if record["set"] == name and record["split"] == split], int
        )

    def view(
        self, row: int, window: SquareWindow, flip: bool, size_px: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cut one picture.

        Returns:
            Image ``(S, S, 3)`` uint8; masks ``(S, S, 5)`` float32 for subject,
            valid, face, skin and expression; landmarks ``(5, 2)`` in window pixels.
        """
        full = self.images.shape[1]
        left, top = round(window.left * full), round(window.top * full)
        side = min(round(window.side * full), full - max(left, top))
        columns = slice(full - left - side, full - left) if flip else slice(left, left + side)
        points = self.landmarks[row]
        if flip:
            points = (points * [-1, 1] + [1, 0])[FLIPPED_ORDER]
        points = (points * full - [left, top]) * (size_px / side)

        def resample(array: np.ndarray) -> np.ndarray:
            part = array[row, top : top + side, columns]
            part = part[:, ::-1] if flip else part
            method = cv2.INTER_AREA if side > size_px else cv2.INTER_CUBIC
            return cv2.resize(np.ascontiguousarray(part), (size_px, size_px), interpolation=method)

        masks = resample(self.masks).astype(np.float32) / 255
        ellipses = [face_mask(points, (size_px, size_px), shape) for shape in (BROWS_TO_CHIN, HAIRLINE_TO_CHIN)]
        return resample(self.images), np.dstack([masks, *ellipses, expression_mask(points, (size_px, size_px))]), points

    def face(self, row: int, flip: bool, view: FaceView) -> np.ndarray:
        """Cut one face out, upright: ``(px, px, 3)`` uint8.

        Args:
            row: of the picture.
            flip: whether to mirror it.
            view: how much of it.
        """
        image, points = self.images[row], self.landmarks[row] * self.images.shape[1]
        square = square_of(points)
        # Twice as large and averaged, since a warp that shrinks would alias.
        finer = 2 * view.px
        matrix = Square(square.centre, square.side * view.share, square.angle).matrix(finer)
        seen = cv2.warpAffine(image, matrix, (finer, finer), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = cv2.resize(seen, (view.px, view.px), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(seen[:, ::-1]) if flip else seen


def packed_square(landmarks: np.ndarray) -> list[float]:
    """Centre x and y, side and angle of the square of a face's five landmarks ``(5, 2)``."""
    square = square_of(landmarks)
    return [*square.centre.tolist(), square.side, square.angle]


class BatchSampler:
    """Draws batches that depend only on the seed and the step, so that a run can resume anywhere.

    Args:
        data: prepared pictures.
        batch_size: pairs a batch.
        size_px: side of the pictures.
        zoom: smallest side of a window, in fractions of the crop.
        seed: of all random choices.
    """

    def __init__(self, data: PreparedData, batch_size: int, size_px: int, zoom: float, seed: int):
        self._data, self._batch_size, self._size_px, self._zoom, self._seed = data, batch_size, size_px, zoom, seed
        self._photos = data.rows(PHOTOS, "train")
        self._paintings = [data.rows(style, "train") for style in STYLES]
        self._photo_probabilities = _balanced(data, self._photos, size_px)
        self._painting_probabilities = [_balanced(data, rows, size_px) for rows in self._paintings]
        self._face_probabilities = [
            _with_large_faces(data, rows, odds)
            for rows, odds in zip(self._paintings, self._painting_probabilities, strict=True)
        ]
        if not len(self._photos) or not all(len(rows) for rows in self._paintings):
            raise ConfigError("The prepared data lacks photos, or paintings of a style.")

    def batch(self, step: int) -> PackedBatch:
        """Draw the batch of one step."""
        rng = np.random.default_rng([self._seed, step])
        photos, paintings, faces, rows, styles = [], [], [], [], []
        photo_squares, painting_squares = [], []
        for position in range(self._batch_size):
            style = int((position + step * self._batch_size) % len(STYLES))
            photo_row = int(rng.choice(self._photos, p=self._photo_probabilities))
            painting_row = int(rng.choice(self._paintings[style], p=self._painting_probabilities[style]))
            window = self._photo_window(photo_row, rng)
            image, masks, points = self._data.view(photo_row, window, bool(rng.integers(2)), self._size_px)
            settings, side_px = _settings(rng), self._size_px / window.side
            preprocessed = preprocess(color_jitter(image, rng), masks[..., 0], side_px, settings, points)
            photos.append((preprocessed, masks))
            photo_squares.append(packed_square(points))
            # Strokes have their size in pixels of the painting, whatever the size of the sitter.
            least = self._least_side(painting_row, MOST_ENLARGED_PAINTING)
            window = _placed(float(rng.uniform(least, 1.0)), rng)
            image, masks, points = self._data.view(painting_row, window, bool(rng.integers(2)), self._size_px)
            paintings.append((image, masks))
            painting_squares.append(packed_square(points))
            face_row = int(rng.choice(self._paintings[style], p=self._face_probabilities[style]))
            faces.append(self._data.face(face_row, bool(rng.integers(2)), PAINTED_FACE))
            rows.append(painting_row)
            styles.append(style)
        return PackedBatch(
            photo=pack_views(photos),
            painting=pack_views(paintings),
            faces=torch.from_numpy(np.stack(faces)),
            photo_squares=torch.tensor(photo_squares),
            painting_squares=torch.tensor(painting_squares),
            painting_index=torch.tensor(rows),
            style_index=torch.tensor(styles),
        )

    def _least_side(self, row: int, most_enlarged: float) -> float:
        """The smallest window, in fractions of the crop, that does not enlarge a picture too much."""
        native = float(self._data.records[row].get("native_px", math.inf))
        return min(max(self._zoom, self._size_px / (most_enlarged * native)), 1.0)

    def _photo_window(self, row: int, rng: np.random.Generator) -> SquareWindow:
        wanted_px = math.exp(rng.uniform(*np.log(IOD_PX)))
        side = self._size_px * self._data.records[row]["iod"] / wanted_px
        return _placed(float(np.clip(side, self._least_side(row, MOST_ENLARGED_PHOTO), 1.0)), rng)


def _placed(side: float, rng: np.random.Generator) -> SquareWindow:
    left, top = rng.uniform(0, 1 - side, 2)
    # Close windows look at the face more often than at the corners.
    if rng.random() < 0.5:
        left, top = 0.5 * (left + (1 - side) * 0.5), 0.5 * (top + (1 - side) * 0.45)
    return SquareWindow(float(left), float(top), side)


def _balanced(data: PreparedData, rows: np.ndarray, size_px: int) -> np.ndarray:
    """Probabilities ``(N,)`` that favour what is sharp and suits the style, and keep one painter from filling all."""
    collections = [data.records[row]["collection"] for row in rows]
    artists = [data.records[row]["artist"].lower() or f"{row}" for row in rows]
    sizes = np.array([collections.count(c) * artists.count(a) for c, a in zip(collections, artists, strict=True)])
    coverage = np.array([data.records[row]["coverage"] for row in rows])
    suited = np.array([data.records[row].get("suitability", 1.0) for row in rows])
    native = np.array([data.records[row].get("native_px", size_px) for row in rows])
    sharp = np.clip(native / size_px, 0.2, 1.0)
    weights = sizes**-0.4 * np.where(coverage < 0.93, 0.4, 1.0) * suited * sharp
    return np.asarray(weights / weights.sum())


def _with_large_faces(data: PreparedData, rows: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The same probabilities, of paintings whose faces need hardly be enlarged; all if there are none."""
    side_px = [packed_square(data.landmarks[row])[2] * data.records[row].get("native_px", math.inf) for row in rows]
    large = np.array(side_px) * PAINTED_FACE.share * MOST_ENLARGED_PAINTING >= PAINTED_FACE.px
    chosen = probabilities * large
    return chosen / chosen.sum() if chosen.sum() else probabilities


def _settings(rng: np.random.Generator) -> Preprocessing:
    """Somewhere around what the product does, and sometimes nothing."""
    if rng.random() >= PREPROCESSED_SHARE:
        return Preprocessing(background_blur=0.0)
    blur, calm, patch = rng.uniform((0.01, 0.0, 0.0), (0.08, 0.8, 0.009))
    return Preprocessing(float(blur), float(calm), float(patch))


def color_jitter(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary exposure, contrast and saturation as cameras do; sometimes drop the colour."""
    x = image.astype(np.float32) / 255
    x = x ** float(np.exp(rng.normal(0, 0.12)))
    x = (x - 0.5) * float(np.exp(rng.normal(0, 0.1))) + 0.5
    grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
    saturation = 0.0 if rng.random() < 0.05 else float(np.exp(rng.normal(0, 0.15)))
    x = grey[..., None] + (x - grey[..., None]) * saturation
    return to_uint8(x * 255)


def pack_views(pictures: list[tuple[np.ndarray, np.ndarray]]) -> PackedViews:
    """Stack images and masks from :meth:`PreparedData.view`."""
    images = np.stack([image for image, _ in pictures])
    masks = np.stack([(masks * 255 + 0.5).astype(np.uint8) for _, masks in pictures])
    return PackedViews(torch.from_numpy(images), torch.from_numpy(masks))


def stack_views(pictures: list[tuple[np.ndarray, np.ndarray]], device: str = "cpu") -> Views:
    """Turn images and masks from :meth:`PreparedData.view` into tensors."""
    return pack_views(pictures).unpack(device)
