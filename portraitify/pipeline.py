"""From a photo to a painting; prints nothing and knows no command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from portraitify import __version__
from portraitify.attributes import Look, measure
from portraitify.choosing import ranked
from portraitify.clock import Clock
from portraitify.config import AUTO, STYLES, PaintConfig
from portraitify.engines.base import Engine
from portraitify.engines.select import open_engine
from portraitify.errors import NoFaceError
from portraitify.faces.alignment import fit_frame, warp_with_validity
from portraitify.faces.detection import Faces, find_faces
from portraitify.faces.sitter import AlignedFace, face_light, face_warnings
from portraitify.finish.medium import finish
from portraitify.finish.sitting import SITTINGS
from portraitify.images import SourceImage, read_image
from portraitify.personal import PersonalStyle, load_style, painting_digest
from portraitify.provenance import Provenance, source_digest
from portraitify.reasons import MOST_IN_A_LINE, Reason, find_reasons
from portraitify.results import Painting, Sketch, StyleChoice
from portraitify.weights import BankEntry, WeightsFolder, default_folder

MARGIN_PX = 32
STAGES = ("detect", "classify", "paint", "finish")


class Portraitist:
    """Paints portraits; loads its networks once, at the first picture.

    Args:
        config: options; defaults suit most photos.
        weights: folder with ``manifest.json``; the shipped one by default.
        engine: runs the networks; by default the one that the options and this machine ask for.

    Raises:
        ConfigError: an option makes no sense.
        WeightsError: the weights are missing or wrong.
        DeviceError: the device cannot be used.
    """

    def __init__(self, config: PaintConfig | None = None, weights: Path | None = None, engine: Engine | None = None):
        self.config = config or PaintConfig()
        self.weights = WeightsFolder(weights or default_folder())
        self._personal: PersonalStyle | None = None
        if self.config.style not in (AUTO, *STYLES):
            self._personal = load_style(self.config.style, self.weights.sha256("generator"))
        self._digest = painting_digest(self.config.style, self.weights)
        if engine is None:
            engine = open_engine(self.weights, self.config)
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
        return self.paint_all(source, 1, on_stage)[0]

    def paint_all(
        self,
        source: Path | str | bytes | SourceImage,
        limit: int | None = None,
        on_stage: Callable[[str], None] = lambda stage: None,
    ) -> list[Painting]:
        """Paint the sitters of a photo, each on a picture of its own, from left to right.

        Args:
            source: a path, an encoded picture, or one that was read already.
            limit: only so many of them, the most prominent ones.
            on_stage: called with each of ``STAGES`` as it begins.

        Raises:
            ImageError: the picture cannot be read.
            NoFaceError: it shows no face.
        """
        clock = Clock(on_stage)
        image = _as_image(source)
        with clock.stage("detect"):
            faces = self.find(image, limit)
        return [self.finish(sketch, clock) for sketch in self.sketch(faces, clock)]

    def find(self, image: SourceImage, limit: int | None = 1) -> list[AlignedFace]:
        """Find sitters and cut the portrait frame of each, from left to right.

        Args:
            image: the photo.
            limit: only so many of them, the most prominent ones.

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
        chosen = np.arange(len(faces))[:limit]
        ordered = chosen[np.argsort(faces.boxes[chosen, 0] + faces.boxes[chosen, 2], kind="stable")]
        return [
            replace(
                self._align(upright, faces, int(index)),
                others=len(faces) - len(ordered),
                number=number,
                count=len(ordered),
                photo=image.digest,
            )
            for number, index in enumerate(ordered, 1)
        ]

    def _align(self, upright: np.ndarray, faces: Faces, index: int) -> AlignedFace:
        height, width = upright.shape[:2]
        landmarks, box = faces.landmarks[index], faces.boxes[index]
        frame = fit_frame(landmarks, width, height, self.config.paint_px)
        pixels, valid = warp_with_validity(upright, frame.matrix, frame.size_px)
        reach = 0.08 * (box[2] - box[0])
        return AlignedFace(
            pixels=pixels,
            valid=valid,
            landmarks=landmarks @ frame.matrix[:, :2].T + frame.matrix[:, 2],
            frame=frame,
            box=box,
            score=float(faces.scores[index]),
            turns=faces.turns,
            others=0,
            cut=bool((box[:2] < -reach).any() or box[2] > width + reach or box[3] > height + reach),
        )

    def sketch(
        self,
        faces: Sequence[AlignedFace],
        clock: Clock | None = None,
        style: str | None = None,
        seeds: Sequence[int] = (),
    ) -> list[Sketch]:
        """Choose style and model for each face, and let the generator paint them together.

        Args:
            faces: of one photo or of several.
            clock: takes the time.
            style: instead of the one in the options.
            seeds: instead of the one in the options; each face is painted once for each.

        Returns:
            One sketch a face and seed, the seeds of a face together.
        """
        clock = clock or Clock()
        seeds = seeds or (self.config.seed,)
        with clock.stage("classify"):
            looks = [self.look(face) for face in faces]
            choices = [self.choose_style(face, style, look) for face, look in zip(faces, looks, strict=True)]
            orders = [self.order_codes(c.style, f, look) for c, f, look in zip(choices, faces, looks, strict=True)]
        sketches: list[list[Sketch]] = [[] for _ in faces]
        for seed in seeds:
            models = [order[seed % len(order)] for order in orders]
            with clock.stage("paint"):
                painted = self._paint_together(faces, looks, models, seed)
            for mine, (picture, mask), choice, after, face in zip(
                sketches, painted, choices, models, faces, strict=True
            ):
                mine.append(Sketch(picture, mask, choice, after, face, dict(clock.seconds), seed))
        return [sketch for mine in sketches for sketch in mine]

    def finish(self, sketch: Sketch, clock: Clock | None = None) -> Painting:
        """Bring a sketch to the output size; uses no network, so that other threads may do it."""
        clock = clock or Clock()
        with clock.stage("finish"):
            config, face = self.config, sketch.face
            pixels = finish(
                sketch.painted,
                sketch.after.style,
                config.size_px,
                config.finish,
                sketch.seed,
                sketch.mask,
                face.landmarks,
            )
        seconds = sketch.seconds | clock.seconds
        return Painting(
            pixels,
            sketch.choice,
            sketch.after,
            sketch.face,
            {name: seconds[name] for name in STAGES if name in seconds},
            self._provenance(sketch),
            face_warnings(sketch.face),
        )

    def _provenance(self, sketch: Sketch) -> Provenance:
        face, config = sketch.face, self.config
        return Provenance(
            software=f"portraitify {__version__}",
            weights=self.weights.digest,
            style=sketch.choice.style,
            requested=config.style,
            code=sketch.after.identifier,
            after=sketch.after.label,
            seed=sketch.seed,
            size_px=config.size_px,
            options=json.dumps({"finish": config.finish}) if config.finish != 1 else "{}",
            face=f"{face.number}/{face.count}",
            source=source_digest(face.photo, config.request(self._digest) | {"seed": sketch.seed}),
        )

    def _paint_together(
        self, faces: Sequence[AlignedFace], looks: Sequence[Look], models: Sequence[BankEntry], seed: int
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Paint several faces, so many at once as suits the device; gives pictures and masks."""
        painted: list[tuple[np.ndarray, np.ndarray]] = []
        inner = slice(MARGIN_PX, -MARGIN_PX)
        for start in range(0, len(faces), self.engine.batch_size):
            part = slice(start, start + self.engine.batch_size)
            frames, masks = zip(
                *(_arranged(*each) for each in zip(faces[part], looks[part], models[part], strict=True)),
                strict=True,
            )
            side = frames[0].shape[0] // 2
            noise = np.random.default_rng(seed).standard_normal((side, side), np.float32)
            codes = np.stack([after.code for after in models[part]])
            done = self.engine.paint(np.stack(frames), np.stack(masks), codes, noise)
            painted.extend(
                (picture[inner, inner], mask[inner, inner]) for picture, mask in zip(done, masks, strict=True)
            )
        return painted

    def look(self, face: AlignedFace) -> Look:
        """Find the sitter in the frame, and measure light, palette and pose."""
        sitter = self.engine.sitter_mask(face.pixels)
        return Look(sitter, measure(face.pixels, sitter, face.landmarks))

    def choose_style(self, face: AlignedFace, style: str | None = None, look: Look | None = None) -> StyleChoice:
        """Let the classifier choose and say why, unless a style was asked for, here or in the options."""
        values = self.engine.classify(face.pixels)
        probabilities = {style: float(value) for style, value in zip(STYLES, values, strict=True)}
        look = look or self.look(face)
        asked = style or self.config.style
        style = max(probabilities, key=lambda name: probabilities[name]) if asked == AUTO else asked
        reasons: tuple[Reason, ...] = ()
        if style in STYLES and (asked == AUTO or self.config.explain):
            # A style of one's own is none that the classifier knows.
            reasons = find_reasons(self.engine.classify, face.pixels, look, face.landmarks, STYLES.index(style))
        if asked != AUTO:
            return StyleChoice(asked, probabilities, "as asked", reasons, look.attributes)
        why = ", ".join(reason.words for reason in reasons[:MOST_IN_A_LINE])
        text = f"{probabilities[style]:.0%}: {why}" if why else f"chosen by the classifier, {probabilities[style]:.0%}"
        return StyleChoice(style, probabilities, text, reasons, look.attributes)

    def order_codes(self, style: str, face: AlignedFace, look: Look | None = None) -> list[BankEntry]:
        """The paintings of a style, the one first that is nearest to the sitter in light, palette and pose."""
        look = look or self.look(face)
        bank = self._personal.entries if self._personal and style == self._personal.name else self.weights.bank[style]
        return ranked(bank, look.attributes, face_light(face.pixels, face.landmarks))


def _arranged(face: AlignedFace, look: Look, after: BankEntry) -> tuple[np.ndarray, np.ndarray]:
    """Frame and mask as the generator gets them."""
    frame = face.pixels
    arranged = SITTINGS[after.style].arrange(frame, look.sitter, frame.shape[0], face.landmarks)
    # The generator pads with zeros, which shows at the border; what is painted there is cut off.
    return _with_margin(arranged), _with_margin(look.sitter)


def _with_margin(array: np.ndarray) -> np.ndarray:
    width = ((MARGIN_PX, MARGIN_PX), (MARGIN_PX, MARGIN_PX), (0, 0))
    return np.pad(array, width[: array.ndim], mode="reflect")


def _as_image(source: Path | str | bytes | SourceImage) -> SourceImage:
    if isinstance(source, SourceImage):
        return source
    return read_image(Path(source) if isinstance(source, str) else source)
