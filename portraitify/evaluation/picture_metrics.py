"""Metrics of single pictures, from which those of the report are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from portraitify.evaluation.identity import SAME_PERSON, cosine
from portraitify.evaluation.judge import Judge
from portraitify.evaluation.readings import Reading, SitterReadings
from portraitify.imaging.color_difference import ciede2000

HIGHER, LOWER, NEAR_ZERO = "higher", "lower", "near 0"
NAN = float("nan")
SKIN_LIGHTNESS_SHIFT = "skin.lightness_shift"

Value = Callable[[int, str, Reading], float]


@dataclass(frozen=True)
class PictureMetric:
    """One number of one picture.

    Attributes:
        key: short and stable.
        title: for people.
        value: takes the sitter's position, the style and the reading; NaN where it is undefined.
        better: ``higher``, ``lower`` or ``near 0``.
        share: whether its mean is a share of 1.
        target: what the design asks for, empty where it asks for nothing.
    """

    key: str
    title: str
    value: Value
    better: str = HIGHER
    share: bool = False
    target: str = ""


class IdentityMetrics:
    """Whether the face recogniser knows the sitters again.

    Where it finds no face in the painting it has not verified the sitter;
    sitters whose photos already show it none are left out.

    Args:
        readings: of all sitters.
    """

    def __init__(self, readings: Sequence[SitterReadings]):
        self._photos = [reading.photo.descriptor for reading in readings]
        known = [(index, photo) for index, photo in enumerate(self._photos) if photo is not None]
        self._known = np.array([index for index, _ in known], int)
        self._table = np.array([photo for _, photo in known])

    def all(self) -> list[PictureMetric]:
        """The metrics, the main one first."""
        title = f"sitter verified (distance below {SAME_PERSON})"
        return [
            PictureMetric("identity.verified", title, self._verified, HIGHER, True, "97 %"),
            PictureMetric(
                "identity.rank_1", "of all sitters' photos the own is the nearest", self._rank_1, HIGHER, True
            ),
            PictureMetric("identity.false_match", "other sitters' photos verified too", self._false_match, LOWER, True),
            PictureMetric("identity.detected", "face found in it", self._detected, HIGHER, True),
            PictureMetric("identity.distance", "distance of descriptors, of faces found", self._distance, LOWER),
            PictureMetric("identity.cosine", "cosine of descriptors, of faces found", self._cosine, HIGHER),
        ]

    def strangers(self) -> tuple[float, float, float] | None:
        """Mean distance, mean cosine, and share verified among photos of different sitters; None for fewer than two."""
        pairs = list(combinations(self._table, 2))
        if not pairs:
            return None
        distances = np.array([np.linalg.norm(a - b) for a, b in pairs])
        cosines = [cosine(a, b) for a, b in pairs]
        return float(distances.mean()), float(np.mean(cosines)), float((distances < SAME_PERSON).mean())

    def _detected(self, index: int, style: str, reading: Reading) -> float:
        return NAN if self._photos[index] is None else float(reading.descriptor is not None)

    def _distance(self, index: int, style: str, reading: Reading) -> float:
        photo = self._photos[index]
        return NAN if photo is None or reading.descriptor is None else float(np.linalg.norm(photo - reading.descriptor))

    def _cosine(self, index: int, style: str, reading: Reading) -> float:
        photo = self._photos[index]
        return NAN if photo is None or reading.descriptor is None else cosine(photo, reading.descriptor)

    def _verified(self, index: int, style: str, reading: Reading) -> float:
        # A distance of NaN, where no face was found, is not below anything.
        return NAN if self._photos[index] is None else float(self._distance(index, style, reading) < SAME_PERSON)

    def _rank_1(self, index: int, style: str, reading: Reading) -> float:
        if self._photos[index] is None or len(self._known) < 2:
            return NAN
        if reading.descriptor is None:
            return 0.0
        return float(self._known[self._distances(reading.descriptor).argmin()] == index)

    def _false_match(self, index: int, style: str, reading: Reading) -> float:
        others = self._known != index
        if self._photos[index] is None or reading.descriptor is None or not others.any():
            return NAN
        return float((self._distances(reading.descriptor)[others] < SAME_PERSON).mean())

    def _distances(self, descriptor: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.norm(self._table - descriptor, axis=1))


def style_metrics(judge: Judge, readings: Sequence[SitterReadings]) -> list[PictureMetric]:
    """Whether the judge names the style that was asked for."""
    pictures = {id(r): r for sitter in readings for column in sitter.pictures.values() for r in column.values()}
    features = np.stack([picture.features for picture in pictures.values()])

    def named(photos: bool) -> Value:
        said = dict(zip(pictures, judge.name(features, photos), strict=True))

        def value(index: int, style: str, reading: Reading) -> float:
            if style not in judge.kinds or (photos and not judge.knows_photos):
                return NAN
            return float(said[id(reading)] == style)

        return value

    return [
        PictureMetric("style.accuracy", "style named among the four", named(False), HIGHER, True, "95 %"),
        PictureMetric(
            "style.accuracy_with_photo", "style named where `photo` may be said too", named(True), HIGHER, True
        ),
    ]


def smile_metrics(readings: Sequence[SitterReadings]) -> list[PictureMetric]:
    """Whether smiles stay, and none appear; a painting without a face has lost its smile."""

    def kept(index: int, style: str, reading: Reading) -> float:
        return float(bool(reading.smiles)) if readings[index].photo.smiles else NAN

    def appeared(index: int, style: str, reading: Reading) -> float:
        return NAN if readings[index].photo.smiles is not False or reading.smiles is None else float(reading.smiles)

    return [
        PictureMetric("smile.kept", "smiles kept, of sitters who smile", kept, HIGHER, True, "95 %"),
        PictureMetric("smile.appeared", "smiles that appeared, of sitters who do not", appeared, LOWER, True),
    ]


def skin_metrics(readings: Sequence[SitterReadings]) -> list[PictureMetric]:
    """How the colour of the face changed."""

    def difference(index: int, style: str, reading: Reading) -> float:
        return float(ciede2000(readings[index].photo.skin_lab, reading.skin_lab))

    def lightness(index: int, style: str, reading: Reading) -> float:
        return float(reading.skin_lab[0] - readings[index].photo.skin_lab[0])

    def light_change(index: int, style: str, reading: Reading) -> float:
        return abs(lightness(index, style, reading))

    return [
        PictureMetric("skin.delta_e", "skin, CIEDE2000 to the photo", difference, LOWER),
        PictureMetric("skin.lightness_error", "skin, L* away from that of the photo", light_change, LOWER),
        PictureMetric(
            SKIN_LIGHTNESS_SHIFT, "skin, L* minus that of the photo", lightness, NEAR_ZERO, False, "2 at most"
        ),
    ]
