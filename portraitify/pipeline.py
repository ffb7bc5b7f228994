"""From a photo to a painting; prints nothing and knows no command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portraitify.config import AUTO, FULL, KEEP, PaintConfig, check_style
from portraitify.costume.choice import PLAIN, Choice
from portraitify.engines.base import Engine
from portraitify.engines.select import open_engine
from portraitify.engines.threads import Threads, at_work, closed
from portraitify.errors import ConfigError, NoFaceError
from portraitify.faces.aligned_face import AlignedFace, face_light, face_warnings
from portraitify.faces.cropping import align_face, align_whole
from portraitify.faces.detection import Faces
from portraitify.faces.face_mesh import meshes_of
from portraitify.faces.search import find_faces
from portraitify.imaging.borders import Unbordered, cut_borders
from portraitify.io.in_memory import Picture
from portraitify.io.reading import SourceImage, read_image
from portraitify.layout.picture_frame import add_picture_frame
from portraitify.media.finish import FinishRequest, finish
from portraitify.media.registry import STYLES, medium_of
from portraitify.painting.adjustments import adjust_to_photo, take_manner
from portraitify.painting.daylight import in_daylight
from portraitify.painting.painter import Painter
from portraitify.results import Painting, Sketch, StyleChoice
from portraitify.style.attributes import SubjectAnalysis, measure
from portraitify.style.choosing import open_references
from portraitify.style.personal import painting_digest
from portraitify.style.reasons import MOST_IN_A_LINE, Reason, find_reasons
from portraitify.timing import StageTimer
from portraitify.weights import BankEntry, WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.costume.wardrobe import Wardrobe
    from portraitify.style.given import GivenReferences

STAGES = ("detect", "classify", "paint", "finish")

_Look = tuple[StyleChoice, BankEntry, Choice]


class Portraitist:
    """Paints portraits; loads its networks once.

    >>> with Portraitist(PaintConfig(style="oil")) as portraitist:          # doctest: +SKIP
    ...     portraitist.paint("selfie.jpg").save("portrait.png")

    Several threads may use one at the same time. In a forked process it begins
    anew (on a GPU it says that it cannot); sent to another process, as
    multiprocessing does, it is opened there with the same options and weights.

    Args:
        config: options; defaults suit most photos.
        weights: folder with ``manifest.json``; the shipped one by default.
        engine: runs the networks; by default the one that the options and this machine ask for. One that is
            given is not closed with the portraitist.
        given: what the options name to paint after, where it was opened already.

    Raises:
        ConfigError: an option makes no sense.
        ImageError: a picture to paint after cannot be read.
        WeightsError: the weights are missing or wrong.
        DeviceError: the device cannot be used.
        TypeError: the options are no ``PaintConfig``.
    """

    def __init__(
        self,
        config: PaintConfig | None = None,
        weights: Path | str | None = None,
        engine: Engine | None = None,
        given: GivenReferences | None = None,
    ):
        if not isinstance(config, (PaintConfig, type(None))):
            raise TypeError(f"The options must be a PaintConfig, not {type(config).__name__}.")
        self.config = config or PaintConfig()
        self.weights = WeightsFolder(Path(weights) if weights else default_folder())
        self._photos = self.weights.photo_statistics
        self._digest = painting_digest(self.config.style, self.weights)
        self._references = open_references(self.weights, self.config, given)
        self._digest += self._references.mark
        self._wardrobe: Wardrobe | None = None
        if self.config.costume:
            # Plain portraits do without all that dressing needs: 60 ms of a process.
            from portraitify.costume.wardrobe import open_wardrobe

            self._wardrobe = open_wardrobe(self.weights, self.config)
            self._digest += self._wardrobe.mark
        self._own_engine = engine is None
        self.engine = engine or open_engine(self.weights, self.config)
        self._beside = Threads(1, "beside")
        self._painter = Painter(self.engine, self.config, self._beside)
        self._closed = False

    def __enter__(self) -> Portraitist:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of networks and threads; may be called again. To paint afterwards is an error."""
        self._closed = True
        self._beside.shutdown()
        if self._own_engine:
            self.engine.close()

    def __reduce__(self) -> tuple[Any, ...]:
        # What makes one like it: networks and threads cannot be sent.
        if self._closed:
            raise closed("Portraitist")
        return type(self), (self.config, self.weights.folder.absolute(), None if self._own_engine else self.engine)

    def paint(self, source: Picture | SourceImage, on_stage: Callable[[str], None] = lambda stage: None) -> Painting:
        """Paint the most prominent sitter of a photo.

        >>> import numpy as np                                               # doctest: +SKIP
        >>> portraitist.paint(np.asarray(image)).save("portrait.png")        # doctest: +SKIP

        Args:
            source: a path, the encoded picture as bytes or a binary file object, a PIL image, a uint8 array
                (RGB, grey or RGBA), or what was read already; see :func:`portraitify.read_image`.
            on_stage: called with each of ``STAGES`` as it begins.

        Raises:
            ImageError: the picture cannot be read, or the array is of another kind.
            NoFaceError: it shows no face.
            TypeError: the source is none of these.
            PortraitifyError: the portraitist is closed.
        """
        return self.paint_all(source, 1, on_stage)[0]

    def paint_all(
        self,
        source: Picture | SourceImage,
        limit: int | None = None,
        on_stage: Callable[[str], None] = lambda stage: None,
    ) -> list[Painting]:
        """Paint the sitters of a photo, each on a picture of its own, from left to right.

        Args:
            source: as for :meth:`paint`.
            limit: only so many of them, the most prominent ones.
            on_stage: called with each of ``STAGES`` as it begins.

        Raises:
            ConfigError: the limit is less than 1.
            ImageError: the picture cannot be read, or the array is of another kind.
            NoFaceError: it shows no face.
            TypeError: the source is none of these.
            PortraitifyError: the portraitist is closed.
        """
        if self._closed:
            raise closed("Portraitist")
        if limit is not None and limit < 1:
            raise ConfigError(f"limit {limit}: must be 1 or more, or None for all faces.")
        timer = StageTimer(on_stage)
        with at_work():
            image = read_image(source)
            with timer.stage("detect"):
                faces = self.find(image, limit)
            return [self.finish(sketch, timer) for sketch in self.sketch(faces, timer)]

    def find(self, image: SourceImage, limit: int | None = 1, with_photo: bool = False) -> list[AlignedFace]:
        """Find sitters and cut the portrait crop of each, from left to right.

        Args:
            image: the photo.
            limit: only so many of them, the most prominent ones.
            with_photo: cut the photo at the painting's size too, even if the strength does not ask for it.

        Raises:
            NoFaceError: no orientation of the photo shows a face.
        """
        photo, faces = self._find_faces(image)
        upright = np.ascontiguousarray(np.rot90(photo.pixels, faces.quarter_turns))
        offset = photo.offset(faces.quarter_turns)
        if self.config.crop == FULL:
            whole = align_whole(upright, faces, self.config, with_photo).moved(offset)
            return [self.with_meshes(whole).of_photo(photo=image.digest, name=image.name)]
        chosen = np.arange(len(faces))[:limit]
        ordered = chosen[np.argsort(faces.boxes[chosen, 0] + faces.boxes[chosen, 2], kind="stable")]
        unpainted = len(faces) - len(ordered)
        return [
            self.with_meshes(align_face(upright, faces, int(index), self.config, self.engine.subject_mask, with_photo))
            .moved(offset)
            .of_photo(photo=image.digest, name=image.name, number=number, count=len(ordered), unpainted=unpainted)
            for number, index in enumerate(ordered, 1)
        ]

    def with_meshes(self, face: AlignedFace) -> AlignedFace:
        """A face with the geometry of what it shows; :meth:`find` has measured it already."""
        return replace(face, meshes=meshes_of(self.engine.face_mesh, face.pixels, face.all_landmarks))

    def _find_faces(self, image: SourceImage) -> tuple[Unbordered, Faces]:
        """The faces of a photo without its border, or with it if there are none without."""
        whole, inside = Unbordered(image.pixels), cut_borders(image.pixels)
        for photo in (inside, whole) if any(inside.margins) else (inside,):
            try:
                return photo, find_faces(self.engine.detector, self.engine.face_mesh, photo.pixels)
            except NoFaceError:
                continue
        raise NoFaceError(
            f"{image.name}: no face was found. Try a photo in which one face is sharp, well lit, "
            "not covered, and at least 40 pixels wide."
        )

    def sketch(
        self,
        faces: Sequence[AlignedFace],
        timer: StageTimer | None = None,
        style: str | None = None,
        seeds: Sequence[int] = (),
    ) -> list[Sketch]:
        """Choose style and model for each face, and let the generator paint them together.

        Args:
            faces: of one photo or of several.
            timer: takes the time.
            style: instead of the one in the options.
            seeds: instead of the one in the options; each face is painted once for each.

        Returns:
            One sketch a face and seed, the seeds of a face together.

        Raises:
            ConfigError: the style is unknown.
            CostumeError: a sitter does not fit into the master's picture that the options name.
        """
        timer = timer or StageTimer()
        seeds = seeds or (self.config.seed,)
        with timer.stage("classify"):
            # Neither probabilities nor outlines need the other, and none of them keeps two cores busy.
            probabilities = [self._probabilities_async(face) for face in faces]
            analyses = [self.analyze(face) for face in faces]
            masks = [analysis.subject_mask for analysis in analyses]
            outlines = [self._painter.outline(*each) for each in zip(faces, masks, strict=True)]
            costumes = (
                self._wardrobe.choose(faces, outlines, seeds) if self._wardrobe else [[PLAIN] * len(seeds)] * len(faces)
            )
            looks = [
                list(self._looks(face, analysis, probabilities_of, style, worn, seeds))
                for face, analysis, probabilities_of, worn in zip(faces, analyses, probabilities, costumes, strict=True)
            ]
            styles = [[reference.style for _, reference, _ in mine] for mine in looks]
            sitters = [in_daylight(*each, self.config) for each in zip(faces, outlines, styles, strict=True)]
        sketches: list[list[Sketch]] = [[] for _ in faces]
        for seed, current in zip(seeds, zip(*looks, strict=True), strict=True):
            with timer.stage("paint"):
                _, references, worn = zip(*current, strict=True)
                if self._wardrobe:
                    self._beside.submit(self._wardrobe.fetch, worn)
                bare = [costume.fit is not None for costume in worn]
                painted = self._painter.paint(sitters, outlines, references, seed, bare)
            for mine, picture, mask, (choice, reference, costume), face, sitter in zip(
                sketches, painted, outlines, current, faces, sitters, strict=True
            ):
                mine.append(Sketch(picture, mask, choice, reference, face, sitter, dict(timer.seconds), seed, costume))
        return [sketch for mine in sketches for sketch in mine]

    def _looks(
        self,
        face: AlignedFace,
        analysis: SubjectAnalysis,
        probabilities_of: Callable[[], np.ndarray],
        style: str | None,
        costumes: Sequence[Choice],
        seeds: Sequence[int],
    ) -> Iterator[_Look]:
        """Style and model of a face for each seed; a master's picture decides the style."""
        known: dict[str | None, tuple[StyleChoice, list[BankEntry]]] = {}
        for seed, costume in zip(seeds, costumes, strict=True):
            asked = costume.fit.entry.style if costume.fit else style
            if asked not in known:
                choice = self.choose_style(face, asked, analysis, probabilities_of())
                choice = replace(choice, reason=costume.reason or choice.reason)
                known[asked] = choice, self._order(choice, asked or self.config.style, face, analysis)
            choice, order = known[asked]
            yield choice, costume.reference(order, seed), costume

    def finish(self, sketch: Sketch, timer: StageTimer | None = None) -> Painting:
        """Bring a sketch to the output size; uses no network, so that other threads may do it."""
        timer = timer or StageTimer()
        with timer.stage("finish"):
            pixels = add_picture_frame(self._finished(sketch), self.config.frame, sketch.seed)
        config, face, seconds = self.config, sketch.face, sketch.seconds | timer.seconds
        return Painting(
            pixels,
            sketch.choice,
            sketch.reference,
            # The photo at full size has done its part, and results may be kept for long.
            replace(face, renditions=replace(face.renditions, photo=None)),
            {name: seconds[name] for name in STAGES if name in seconds},
            sketch.provenance(config, self.weights.digest, self._digest, self._references.options),
            (*face_warnings(face), *sketch.costume.warnings(face), *self._references.notes),
            costume=sketch.costume.fit,
        )

    def _finished(self, sketch: Sketch) -> np.ndarray:
        """The painting at its size, without a picture frame."""
        config, face = self.config, sketch.sitter
        medium = medium_of(sketch.reference.style)
        if self._wardrobe and sketch.costume.fit:
            from portraitify.costume.finishing import finish_dressed

            dressed = self._wardrobe.dress(sketch.painted, face, sketch.costume, self._beside)
            return finish_dressed(dressed, face, medium, config, sketch.seed, self._beside)
        request = FinishRequest(
            sketch.painted,
            sketch.mask,
            face.all_landmarks * (len(sketch.painted) / len(face.pixels)),
            config.size_px,
            config.finish,
            sketch.seed,
            face.window,
            face.pixels if config.skin_tone == KEEP else None,
            face.meshes * (len(sketch.painted) / len(face.pixels)),
        )
        finished = finish(request, medium, self._beside)
        finished = take_manner(finished, face, sketch.mask, medium, sketch.reference.manner)
        return adjust_to_photo(finished, face, sketch.mask, medium, config)

    def analyze(self, face: AlignedFace) -> SubjectAnalysis:
        """Find the sitter in the crop, and measure light, palette and pose."""
        known = face.subject_mask
        subject_mask = self.engine.subject_mask(face.pixels) if known is None else known
        return SubjectAnalysis(subject_mask, measure(face.pixels, subject_mask, face.landmarks))

    def style_probabilities(self, face: AlignedFace) -> np.ndarray:
        """How likely each of ``STYLES`` is: ``(4,)`` float32, the mean over the views of the head."""
        views = face.pixels[None] if face.renditions.heads is None else face.renditions.heads
        return np.asarray(np.mean([self.engine.classify(view) for view in views], 0))

    def _probabilities_async(self, face: AlignedFace) -> Callable[[], np.ndarray]:
        """A function that gives :meth:`style_probabilities`, worked out meanwhile if the engine can do so.

        Where nobody will ask for them, it gives an empty array.
        """
        if not self.config.wants_odds:
            return partial(np.zeros, 0)
        if self.engine.concurrent:
            return self._beside.submit(self.style_probabilities, face).result
        return partial(self.style_probabilities, face)

    def choose_style(
        self,
        face: AlignedFace,
        style: str | None = None,
        analysis: SubjectAnalysis | None = None,
        measured: np.ndarray | None = None,
    ) -> StyleChoice:
        """Let the classifier choose and, if wanted, say why, unless a style was asked for, here or in the options.

        Args:
            face: whose.
            style: instead of the one in the options.
            analysis: of the face, if it is known.
            measured: :meth:`style_probabilities`, if they are known; empty if they do not matter.
        """
        measured = self.style_probabilities(face) if measured is None else measured
        probabilities = {style: float(value) for style, value in zip(STYLES, measured, strict=bool(len(measured)))}
        analysis = analysis or self.analyze(face)
        asked = style or self.config.style
        check_style(asked, self._references.personal)
        given = self._references.given
        if asked == AUTO and given:
            style = given.style(self.engine, probabilities)
            return StyleChoice(style, probabilities, given.reason, (), analysis.attributes)
        style = max(probabilities, key=lambda name: probabilities[name]) if asked == AUTO else asked
        reasons: tuple[Reason, ...] = ()
        if style in STYLES and (self.config.explain or (asked == AUTO and self.config.reasons)):
            # A style of one's own is none that the classifier knows.
            usual, index = self._photos.medians, STYLES.index(style)
            reasons = find_reasons(self.engine.classify, face.pixels, analysis, face.landmarks, index, usual)
        if asked != AUTO:
            return StyleChoice(asked, probabilities, "as asked", reasons, analysis.attributes)
        why = ", ".join(reason.words for reason in reasons[:MOST_IN_A_LINE])
        text = f"{probabilities[style]:.0%}: {why}" if why else f"chosen by the classifier, {probabilities[style]:.0%}"
        return StyleChoice(style, probabilities, text, reasons, analysis.attributes)

    def order_references(
        self, style: str, face: AlignedFace, analysis: SubjectAnalysis | None = None
    ) -> list[BankEntry]:
        """The paintings of a style or a mixture, the nearest to the sitter in light, palette and pose first."""
        found = (analysis or self.analyze(face)).attributes
        return self._references.order(style, found, face_light(face.pixels, face.landmarks))

    def _order(self, choice: StyleChoice, asked: str, face: AlignedFace, analysis: SubjectAnalysis) -> list[BankEntry]:
        """What a sitter may be painted after, the most fitting first."""
        found, light = analysis.attributes, face_light(face.pixels, face.landmarks)
        return self._references.order_given(choice.style, asked, found, light, self.engine, choice.probabilities)
