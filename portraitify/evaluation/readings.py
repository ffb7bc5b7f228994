"""What is read off each picture of a sitter for the metrics; no picture is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from portraitify.evaluation.distances import ContentDistance, content_distance
from portraitify.evaluation.features import medium_features
from portraitify.evaluation.identity import FaceReader
from portraitify.evaluation.sitters import Sitter
from portraitify.evaluation.smile import SmileModel, mouth_is_seen
from portraitify.imaging.bust import bust_mask
from portraitify.imaging.color_difference import mean_lab
from portraitify.imaging.skin import skin_region
from portraitify.media.registry import medium_of
from portraitify.pipeline import Portraitist

if TYPE_CHECKING:
    from torch import Tensor

PAINTING, COPY, FILTER = COLUMNS = ("painting", "copy", "filter")


@dataclass(frozen=True)
class Reading:
    """What was measured of one picture of a sitter.

    Attributes:
        features: ``(D,)`` of the medium.
        skin_lab: ``(3,)`` mean CIELAB of the face.
        descriptor: ``(128,)`` of the face, or None where no face was found.
        smiles: whether it smiles, or None where no face was found or its mouth is not in the picture.
        content_distance: to the photo, or NaN where it was not measured.
    """

    features: np.ndarray
    skin_lab: np.ndarray
    descriptor: np.ndarray | None
    smiles: bool | None
    content_distance: float


@dataclass(frozen=True)
class SitterReadings:
    """All that was measured of one sitter.

    Attributes:
        photo: the photo as it was painted from.
        pictures: for each column and style.
        other_content_distance: between the photo and the previous sitter's, or NaN.
        mask_iou: overlap of the product's mask with the prepared one.
        bust_iou: overlap of a bust drawn around the landmarks with the prepared mask.
    """

    photo: Reading
    pictures: dict[str, dict[str, Reading]]
    other_content_distance: float
    mask_iou: float
    bust_iou: float


@dataclass
class Gauges:
    """What measures; a gauge that is None is not installed or could not be fitted.

    Attributes:
        faces: reads identities.
        smile: decides who smiles.
        content: compares with the photo.
    """

    faces: FaceReader | None
    smile: SmileModel | None
    content: ContentDistance | None


class Examiner:
    """Takes one sitter after the other.

    Args:
        painters: the product, set to each style.
        gauges: what measures.
    """

    def __init__(self, painters: dict[str, Portraitist], gauges: Gauges):
        self._painters, self._gauges, self._styles = painters, gauges, tuple(painters)
        self._engine = next(iter(painters.values())).engine
        self._previous: list[Tensor] | None = None

    def examine(self, sitter: Sitter) -> SitterReadings:
        """Paint a sitter in all styles and measure everything."""
        photo = sitter.face.pixels
        maps = self._gauges.content.maps(photo) if self._gauges.content else None
        original = self._read(photo, sitter, maps)
        baselines = {medium_of(style).baseline for style in self._styles}
        filtered = {kind: self._read(kind(photo), sitter, maps) for kind in baselines}
        painted = {s: self._read(paint_sitter(p, sitter), sitter, maps) for s, p in self._painters.items()}
        other = float("nan")
        if maps and self._previous:
            other = content_distance(maps, self._previous, sitter.masks[..., 0] / 255)
        self._previous = maps
        return SitterReadings(
            photo=original,
            pictures={
                PAINTING: painted,
                COPY: dict.fromkeys(self._styles, original),
                FILTER: {style: filtered[medium_of(style).baseline] for style in self._styles},
            },
            other_content_distance=other,
            mask_iou=intersection_over_union(self._engine.subject_mask(photo), sitter.masks),
            bust_iou=intersection_over_union(bust_mask(sitter.face.landmarks, photo.shape[0]) / 255, sitter.masks),
        )

    def _read(self, image: np.ndarray, sitter: Sitter, photo_maps: list[Tensor] | None) -> Reading:
        side = sitter.masks.shape[0]
        # Real paintings are known at this size only, and texture is compared at one scale.
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        landmarks = sitter.face.landmarks
        face = self._gauges.faces.read(image, landmarks[2]) if self._gauges.faces else None
        seen = mouth_is_seen(sitter.masks[..., 1], sitter.landmarks)
        content = float("nan")
        if self._gauges.content and photo_maps:
            content = content_distance(self._gauges.content.maps(image), photo_maps, sitter.masks[..., 0] / 255)
        return Reading(
            features=medium_features(small, sitter.masks, sitter.landmarks),
            skin_lab=mean_lab(image, skin_region(landmarks, image.shape)),
            descriptor=face.descriptor if face else None,
            smiles=self._gauges.smile.smiles(face.points) if seen and face and self._gauges.smile else None,
            content_distance=content,
        )


def paint_sitter(painter: Portraitist, sitter: Sitter) -> np.ndarray:
    """Paint as in use, the finish at full size included, then reduce to the crop's size: ``(S, S, 3)`` uint8."""
    (sketch,) = painter.sketch([painter.with_meshes(sitter.face)])
    size = sitter.face.pixels.shape[1::-1]
    return cv2.resize(painter.finish(sketch).pixels, size, interpolation=cv2.INTER_AREA)


def intersection_over_union(found: np.ndarray, masks: np.ndarray) -> float:
    """Intersection over union of two masks, where the photo reaches.

    Args:
        found: ``(H, W)`` in 0 to 1.
        masks: ``(S, S, 2)`` uint8, subject mask and inside the photo.
    """
    size = masks.shape[1::-1]
    here = cv2.resize(found.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    true, inside = masks[..., 0] > 127, masks[..., 1] > 127
    union = ((here | true) & inside).sum()
    return float((here & true & inside).sum() / union) if union else 1.0
