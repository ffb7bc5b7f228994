"""Many photos, one after the other: reading, painting and writing overlap, and none stops the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portraitify.batch.inputs import STANDARD_STREAM
from portraitify.batch.jobs import Job
from portraitify.batch.resuming import ExistingPaintings
from portraitify.config import AUTO, OWN_HAIR, BatchConfig
from portraitify.errors import DeviceError, ImageError, WeightsError
from portraitify.io.files import file_number, read_ahead, write_to_stdout
from portraitify.io.provenance import SHEET
from portraitify.io.reading import SourceImage, read_image
from portraitify.layout.grid import side_by_side
from portraitify.media.registry import STYLES
from portraitify.timing import StageTimer

if TYPE_CHECKING:
    from portraitify.faces.aligned_face import AlignedFace
    from portraitify.pipeline import Portraitist
    from portraitify.results import Painting, Sketch

PAINTED, SKIPPED, FAILED = "painted", "skipped", "failed"
# Photos that are read before they are needed, and paintings that wait to be written. More of
# either would not be faster, and each takes memory.
READ_AHEAD, WRITE_AHEAD = 2, 2
_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        job: photo and target.
        status: ``painted``, ``skipped`` or ``failed``.
        files: what was written, or found for a skipped photo.
        paintings: one a face, from left to right, and of each face one a version; without their pixels.
        error: why it failed.
        seconds: from the end of reading until the file was there.
        warnings: what people should know.
        photo: digest of the photo that was painted; empty for others.
    """

    job: Job
    status: str
    files: tuple[Path, ...] = ()
    paintings: tuple[Painting, ...] = ()
    error: Exception | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = field(default=())
    photo: str = ""


@dataclass
class _Waiting:
    """A job whose faces are found but not yet painted."""

    job: Job
    image: SourceImage
    faces: list[AlignedFace]
    future: Future[Outcome]
    timer: StageTimer


class BatchPainter:
    """Paints jobs in order.

    Args:
        config: how photos are read and paintings written.
        request: what else decides what a painting looks like, see ``PaintConfig.request``.
        open_portraitist: makes the painter; called once, and only if there is something to paint.
        should_stop: asked between photos; those that are not yet painted are then given up.
    """

    def __init__(
        self,
        config: BatchConfig,
        request: dict[str, Any],
        open_portraitist: Callable[[], Portraitist],
        should_stop: Callable[[], bool] = lambda: False,
    ):
        self._config, self._open_portraitist, self._should_stop = config, open_portraitist, should_stop
        self._existing = ExistingPaintings(config, request)
        self._seeds = config.seeds(int(request.get("seed", 0)))
        self._portraitist: Portraitist | None = None
        self._writers: ThreadPoolExecutor
        self._coming: deque[Future[Outcome]] = deque()
        self._waiting: list[_Waiting] = []
        self._photos: set[tuple[int, int] | None] = set()

    def open(self) -> None:
        """Load the networks now, for who does not know yet when there will be something to paint.

        Raises:
            WeightsError: the weights cannot be used.
            DeviceError: the device cannot be used.
        """
        if self._portraitist is None:
            self._portraitist = self._open_portraitist()

    def is_begun(self, job: Job, photo: str) -> bool:
        """Whether a painting of a photo with this digest, made with these options, stands where the job's would go."""
        return self._existing.is_begun(job, photo)

    def run(
        self,
        jobs: Sequence[Job],
        on_stage: Callable[[str], None] = lambda stage: None,
        photos: Set[tuple[int, int] | None] = frozenset(),
    ) -> Iterator[Outcome]:
        """Paint; may be called again once all outcomes were given, and the networks stay loaded.

        Args:
            jobs: in the order in which outcomes are wanted.
            on_stage: called as the stages of a picture begin.
            photos: numbers of more files that no painting may replace, see ``portraitify.io.files.file_number``.

        Yields:
            One outcome a job, as soon as it is known and those before it were given.

        Raises:
            WeightsError: the weights cannot be used; nothing was painted.
            DeviceError: the device cannot be used; nothing was painted.
        """
        self._photos = ({file_number(job.source) for job in jobs} | photos) - {None}
        self._writers = ThreadPoolExecutor(1, "write")
        for job, loaded in read_ahead(jobs, self._load, READ_AHEAD, self._should_stop):
            self._coming.append(self._begin(job, loaded, on_stage))
            # Painting needs only what was cut from the photo, which may be large.
            del loaded
            self._paint_full_batch(on_stage)
            while len(self._coming) > self._ahead():
                yield self._next(on_stage)
        if self._should_stop():
            given_up = [item.future for item in self._waiting]
            self._waiting.clear()
            self._coming = deque(future for future in self._coming if future not in given_up)
        while self._coming:
            yield self._next(on_stage)
        self._writers.shutdown()

    def _ahead(self) -> int:
        """How many outcomes may be outstanding: enough for a batch to fill up."""
        return WRITE_AHEAD + self._batch_size

    @property
    def _batch_size(self) -> int:
        return self._portraitist.engine.batch_size if self._portraitist else 1

    def _next(self, on_stage: Callable[[str], None]) -> Outcome:
        if any(item.future is self._coming[0] for item in self._waiting):
            self._paint_waiting(on_stage)
        outcome = self._coming[0].result()
        self._coming.popleft()
        return outcome

    def _load(self, job: Job) -> SourceImage | Outcome:
        """The photo, or why it is not painted."""
        try:
            found = self._existing.find(job)
            job.check(self._config.max_pixels)
            data = job.read()
            if found and self._existing.is_done(job, found, data):
                return Outcome(job, SKIPPED, found)
            return read_image(data, job.name, self._config.max_pixels)
        except Exception as error:
            return Outcome(job, FAILED, error=error)

    def _begin(self, job: Job, loaded: SourceImage | Outcome, on_stage: Callable[[str], None]) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        if isinstance(loaded, Outcome):
            future.set_result(loaded)
            return future
        self.open()
        assert self._portraitist is not None
        timer = StageTimer(on_stage)
        try:
            with timer.stage("detect"):
                faces = self._portraitist.find(loaded, self._config.face_limit, self._config.sheet)
        except (WeightsError, DeviceError):
            raise
        except Exception as error:
            future.set_result(Outcome(job, FAILED, error=error, warnings=loaded.warnings))
            return future
        # From here on only what is known of the photo is needed: 32 megapixels would wait with it.
        self._waiting.append(_Waiting(job, replace(loaded, pixels=_NO_PIXELS), faces, future, timer))
        return future

    def _paint_full_batch(self, on_stage: Callable[[str], None]) -> None:
        """Paint if enough faces wait for it."""
        if self._waiting and sum(len(item.faces) for item in self._waiting) >= self._batch_size:
            self._paint_waiting(on_stage)

    def _paint_waiting(self, on_stage: Callable[[str], None]) -> None:
        """Paint the faces of all waiting photos together, and hand them on to be finished and written."""
        waiting, self._waiting = self._waiting, []
        try:
            self._paint_together(waiting, on_stage)
        except (WeightsError, DeviceError):
            raise
        except Exception as error:
            if len(waiting) == 1:
                waiting[0].future.set_result(Outcome(waiting[0].job, FAILED, error=error))
                return
            # One by one, so that the others do not suffer.
            for item in waiting:
                self._waiting = [item]
                self._paint_waiting(on_stage)

    def _paint_together(self, waiting: list[_Waiting], on_stage: Callable[[str], None]) -> None:
        assert self._portraitist is not None
        faces = [face for item in waiting for face in item.faces]
        styles = STYLES if self._config.sheet else (None,)
        drawn = [self._portraitist.sketch(faces, StageTimer(on_stage), style, self._seeds) for style in styles]
        sketches = deque(zip(*drawn, strict=True))
        for item in waiting:
            own = [sketches.popleft() for _ in item.faces for _ in self._seeds]
            self._writers.submit(self._finish, item, own)

    def _finish(self, item: _Waiting, sketches: Sequence[Sequence[Sketch]]) -> None:
        """Finish and write the paintings of a photo, and tell what came of it."""
        files: list[Path] = []
        paintings: list[Painting] = []
        try:
            self._write(item, sketches, files, paintings)
        except BaseException as error:
            failure = error if isinstance(error, Exception) else RuntimeError(repr(error))
            item.future.set_result(Outcome(item.job, FAILED, tuple(files), error=failure))
            return
        warnings = dict.fromkeys((*item.image.warnings, *(w for painting in paintings for w in painting.warnings)))
        item.future.set_result(
            Outcome(
                item.job,
                PAINTED,
                tuple(files),
                tuple(paintings),
                None,
                item.timer.elapsed,
                tuple(warnings),
                item.image.digest,
            )
        )

    def _write(
        self, item: _Waiting, sketches: Sequence[Sequence[Sketch]], files: list[Path], paintings: list[Painting]
    ) -> None:
        """Fill ``files`` and ``paintings`` as they are done; each face has one sketch, or one of each style."""
        assert self._portraitist is not None
        job, config, photo = item.job, self._config, item.image.digest
        paths = [
            job.numbered(*config.numbers(styles[0].face.source.number, styles[0].seed - self._seeds.start))
            for styles in sketches
        ]
        for path in paths if job.to_file else ():
            self._existing.check_free(job, path, photo)
            if file_number(path) in self._photos:
                raise ImageError(f"{path}: is one of the photos that are to be painted. Choose another output.")
        finished = (self._finished(styles, item.timer) for styles in sketches)
        for path, painting in zip(paths, [_on_one_sheet(list(finished))] if config.group else finished, strict=False):
            engine = self._portraitist.engine.name
            painting = replace(painting, provenance=self._existing.marked(painting.provenance, job, photo, engine))
            taken = item.image.taken if config.keep_date else ""
            with item.timer.stage("write"):
                data = painting.encode(job.kind, config.quality, config.metadata, taken)
                if job.target == STANDARD_STREAM:
                    write_to_stdout(data)
                else:
                    job.write(path, data)
                    files.append(path)
            paintings.append(replace(painting, pixels=_NO_PIXELS))

    def _finished(self, styles: Sequence[Sketch], timer: StageTimer) -> Painting:
        """What is to be seen of one face: its painting, or a sheet of all styles."""
        assert self._portraitist is not None
        paintings = [self._portraitist.finish(sketch, timer) for sketch in styles]
        photo = styles[0].face.renditions.photo
        return paintings[0] if photo is None or not self._config.sheet else _on_contact_sheet(photo, paintings)


def _on_one_sheet(paintings: list[Painting]) -> Painting:
    """All faces of a photo as one picture, which tells of itself what the first one would."""
    pixels = side_by_side([painting.pixels for painting in paintings])
    warnings = dict.fromkeys(warning for painting in paintings for warning in painting.warnings)
    provenance = replace(paintings[0].provenance, face="1/1")
    painting = replace(paintings[0], pixels=pixels, provenance=provenance, warnings=tuple(warnings))
    worn = [each.costume for each in paintings if each.costume]
    if not worn:
        return painting
    parts = tuple(replace(each, pixels=_NO_PIXELS) for each in paintings)
    if len(worn) < len(parts) or len({fit.entry.name for fit in worn}) > 1:
        # Only where it was left open can they differ.
        hair = worn[0].hair if worn[0].hair != OWN_HAIR else None
        provenance = provenance.with_options(costume=AUTO, hair=hair)
    return replace(painting, provenance=provenance, parts=parts)


def _on_contact_sheet(photo: np.ndarray, paintings: list[Painting]) -> Painting:
    """A photo and its paintings as one picture."""
    # Sheets are rare, and letters take a while to import.
    from portraitify.layout.contact_sheet import Tile, contact_sheet

    tiles = [
        Tile(
            painting.pixels,
            painting.choice.style.capitalize(),
            f"after {painting.reference.hand}",
        )
        for painting in paintings
    ]
    parts = tuple(replace(painting, pixels=_NO_PIXELS) for painting in paintings)
    first = paintings[0]
    provenance = replace(
        first.provenance,
        style=SHEET,
        requested=SHEET,
        style_code=" ".join(painting.reference.identifier for painting in paintings),
        reference="; ".join(painting.reference.recorded for painting in paintings),
    )
    warnings = tuple(dict.fromkeys(warning for painting in paintings for warning in painting.warnings))
    pixels = contact_sheet(Tile(photo, "The photo"), tiles)
    return replace(first, pixels=pixels, provenance=provenance, warnings=warnings, parts=parts)
