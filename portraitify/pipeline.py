"""From a photo to a painting; prints nothing and knows no command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from portraitify import __version__
from portraitify.config import AUTO, STYLES, PaintConfig
from portraitify.engines.base import Engine
from portraitify.errors import NoFaceError
from portraitify.faces.alignment import Frame, fit_frame, warp_with_validity
from portraitify.faces.detection import find_faces
from portraitify.finish.enlarge import enlarge
from portraitify.finish.sitting import SITTINGS
from portraitify.images import SourceImage, encode_png, read_image, write_atomically
from portraitify.weights import BankEntry, WeightsFolder, default_folder

MARGIN_PX = 32
STAGES = ("detect", "classify", "paint", "finish")


@dataclass(frozen=True)
class AlignedFace:
    """A sitter in the portrait frame.

    Attributes:
        pixels: ``(S, S, 3)`` uint8 RGB.
        valid: ``(S, S)`` uint8, 255 where the photo reaches, 0 where it was continued.
        landmarks: ``(5, 2)`` float64 in frame pixels.
        frame: where the portrait lies in the upright photo.
        box: ``(4,)`` float64 xyxy in pixels of the upright photo.
        score: detector's certainty, 0 to 1.
        turns: quarter turns counter-clockwise that made the photo upright.
        others: further faces in the photo that are not painted.
    """

    pixels: np.ndarray
    valid: np.ndarray
    landmarks: np.ndarray
    frame: Frame
    box: np.ndarray
    score: float
    turns: int
    others: int


@dataclass(frozen=True)
class StyleChoice:
    """Which style, how likely each was, and who decided.

    Attributes:
        style: one of ``STYLES``.
        probabilities: of each style, summing to 1.
        reason: half a sentence for people.
    """

    style: str
    probabilities: dict[str, float]
    reason: str


@dataclass(frozen=True)
class Painting:
    """The result.

    Attributes:
        pixels: ``(size, size, 3)`` uint8 sRGB.
        choice: the style and why.
        after: the painting whose code was used.
        face: the sitter in the frame.
        seconds: time that each stage took.
        warnings: what may have spoilt the result, for people.
    """

    pixels: np.ndarray
    choice: StyleChoice
    after: BankEntry
    face: AlignedFace
    seconds: dict[str, float]
    warnings: tuple[str, ...] = field(default=())

    def to_png(self) -> bytes:
        """Encode as PNG that says what made it; nothing of the photo's metadata is in it."""
        return encode_png(
            self.pixels,
            {
                "Software": f"portraitify {__version__}",
                "Description": f"Machine-made painting from a photograph: {self.choice.style}, {self.after.label}",
            },
        )

    def save(self, path: Path | str) -> None:
        """Write a PNG; the file is either complete or not there.

        Raises:
            ImageError: it cannot be written.
        """
        write_atomically(Path(path), self.to_png())


class Portraitist:
    """Paints portraits; loads its networks once, at the first picture.

    Args:
        config: options; defaults suit most photos.
        weights: folder with ``manifest.json``; the shipped one by default.
        engine: runs the networks; one on torch by default.

    Raises:
        ConfigError: an option makes no sense.
        WeightsError: the weights are missing or wrong.
        DeviceError: the device cannot be used.
    """

    def __init__(self, config: PaintConfig | None = None, weights: Path | None = None, engine: Engine | None = None):
        self.config = config or PaintConfig()
        self.weights = WeightsFolder(weights or default_folder())
        if engine is None:
            from portraitify.engines.torch_engine import TorchEngine

            engine = TorchEngine(self.weights, self.config.device)
        self.engine = engine

    def paint(
        self, source: Path | str | bytes | SourceImage, on_stage: Callable[[str], None] = lambda stage: None
    ) -> Painting:
        """Paint the most prominent sitter of a photo.

        Args:
            source: a path, an encoded picture, or one that was read already.
            on_stage: called with each of ``STAGES`` as it begins.

        Raises:
            ImageError: the picture cannot be read.
            NoFaceError: it shows no face.
        """
        seconds: dict[str, float] = {}

        @contextmanager
        def stage(name: str):
            on_stage(name)
            began = time.perf_counter()
            yield
            seconds[name] = time.perf_counter() - began

        image = _as_image(source)
        with stage("detect"):
            face = self.align(image)
        with stage("classify"):
            choice = self.choose_style(face)
        with stage("paint"):
            after = self.choose_code(choice.style, face)
            painted = self.paint_face(face, after)
        with stage("finish"):
            pixels = enlarge(painted, self.config.size_px)
        return Painting(pixels, choice, after, face, seconds, _warnings(face))

    def align(self, image: SourceImage) -> AlignedFace:
        """Find the most prominent sitter and cut the portrait frame.

        Raises:
            NoFaceError: no orientation of the photo shows a face.
        """
        try:
            faces = find_faces(self.engine.detector, image.pixels)
        except NoFaceError as error:
            raise NoFaceError(
                f"{image.name}: no face was found. Try a photo in which one face is sharp, well lit, "
                "not covered, and at least 40 pixels wide."
            ) from error
        upright = np.ascontiguousarray(np.rot90(image.pixels, faces.turns))
        height, width = upright.shape[:2]
        landmarks = faces.landmarks[0]
        frame = fit_frame(landmarks, width, height, self.config.paint_px)
        pixels, valid = warp_with_validity(upright, frame.matrix, frame.size_px)
        return AlignedFace(
            pixels=pixels,
            valid=valid,
            landmarks=landmarks @ frame.matrix[:, :2].T + frame.matrix[:, 2],
            frame=frame,
            box=faces.boxes[0],
            score=float(faces.scores[0]),
            turns=faces.turns,
            others=len(faces) - 1,
        )

    def paint_face(self, face: AlignedFace, after: BankEntry) -> np.ndarray:
        """Arrange the sitting and paint it after a painting of the bank: ``(S, S, 3)`` uint8."""
        frame = face.pixels
        mask = self.engine.sitter_mask(frame)
        arranged = SITTINGS[after.style].arrange(frame, mask, frame.shape[0], face.landmarks)
        # The generator pads with zeros, which shows at the border; what is painted there is cut off.
        arranged, mask = (_with_margin(array) for array in (arranged, mask))
        side = arranged.shape[0] // 2
        noise = np.random.default_rng(self.config.seed).standard_normal((side, side), np.float32)
        return self.engine.paint(arranged, mask, after.code, noise)[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]

    def choose_style(self, face: AlignedFace) -> StyleChoice:
        """Let the classifier choose, unless a style was asked for."""
        values = self.engine.classify(face.pixels)
        probabilities = {style: float(value) for style, value in zip(STYLES, values, strict=True)}
        if self.config.style != AUTO:
            return StyleChoice(self.config.style, probabilities, "as asked")
        style = max(probabilities, key=lambda name: probabilities[name])
        return StyleChoice(style, probabilities, f"chosen by the classifier, {probabilities[style]:.0%}")

    def choose_code(self, style: str, face: AlignedFace) -> BankEntry:
        """Pick a painting of the style: the nearest in the light of the face, then by seed the next ones."""
        light = face_light(face.pixels, face.landmarks)
        entries = sorted(self.weights.bank[style], key=lambda entry: (abs(entry.face_light - light), entry.identifier))
        return entries[self.config.seed % len(entries)]


def _with_margin(array: np.ndarray) -> np.ndarray:
    width = ((MARGIN_PX, MARGIN_PX), (MARGIN_PX, MARGIN_PX), (0, 0))
    return np.pad(array, width[: array.ndim], mode="reflect")


def face_light(frame: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean luma, 0 to 1, between the eyes and the mouth.

    Args:
        frame: ``(S, S, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in frame pixels.
    """
    left, top = np.floor(landmarks.min(0)).astype(int).clip(0, frame.shape[0] - 2)
    right, bottom = np.ceil(landmarks.max(0)).astype(int).clip(1, frame.shape[0])
    part = frame[top : max(bottom, top + 1), left : max(right, left + 1)]
    return float(part.reshape(-1, 3).mean(0) @ [0.299, 0.587, 0.114] / 255)


def _as_image(source: Path | str | bytes | SourceImage) -> SourceImage:
    if isinstance(source, SourceImage):
        return source
    return read_image(Path(source) if isinstance(source, str) else source)


def _warnings(face: AlignedFace) -> tuple[str, ...]:
    found = []
    if face.others:
        found.append(f"{face.others + 1} faces were found; the most prominent one was painted")
    scale = float(np.sqrt(abs(np.linalg.det(face.frame.matrix[:, :2]))))
    if scale > 2.5:
        found.append("the face is small in the photo, so the painting lacks detail")
    if face.frame.coverage < 0.9:
        found.append("the photo is cut close to the face, so a part of the painting is made up")
    return tuple(found)
