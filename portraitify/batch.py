"""Many photos, one after the other: reading, painting and writing overlap, and none stops the rest."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portraitify.clock import Clock
from portraitify.config import BatchConfig
from portraitify.errors import DeviceError, ImageError, WeightsError
from portraitify.files import write_atomically
from portraitify.finish.sheet import side_by_side
from portraitify.images import SourceImage, read_image, short_digest
from portraitify.inputs import STANDARD_STREAM
from portraitify.jobs import Job, make_folder
from portraitify.provenance import complete_provenance, source_digest

if TYPE_CHECKING:
    from portraitify.faces.sitter import AlignedFace
    from portraitify.pipeline import Portraitist
    from portraitify.results import Painting, Sketch

PAINTED, SKIPPED, FAILED = "painted", "skipped", "failed"
# Photos that are read before they are needed, and paintings that wait to be written. More of
# either would not be faster, and each takes memory.
READ_AHEAD, WRITE_AHEAD = 2, 2


@dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        job: photo and target.
        status: ``painted``, ``skipped`` or ``failed``.
        files: what was written, or found for a skipped photo.
        paintings: one a face, from left to right; their pixels are gone unless they were kept.
        error: why it failed.
        seconds: from the end of reading until the file was there.
        warnings: what people should know.
    """

    job: Job
    status: str
    files: tuple[Path, ...] = ()
    paintings: tuple[Painting, ...] = ()
    error: Exception | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = field(default=())


@dataclass
class _Waiting:
    """A job whose faces are found but not yet painted."""

    job: Job
    image: SourceImage
    faces: list[AlignedFace]
    future: Future[Outcome]
    clock: Clock


class BatchPainter:
    """Paints jobs in order.

    Args:
        config: how photos are read and paintings written.
        request: what else decides what a painting looks like, see ``PaintConfig.request``.
        open_portraitist: makes the painter; called once, and only if there is something to paint.
    """

    def __init__(self, config: BatchConfig, request: dict[str, Any], open_portraitist: Callable[[], Portraitist]):
        faces = config.faces if config.numbered else ""
        self._config, self._request = config, request | {"group": config.group, "faces": faces}
        self._open_portraitist = open_portraitist
        self._portraitist: Portraitist | None = None
        self._writers = ThreadPoolExecutor(1, "write")
        self._coming: deque[Future[Outcome]] = deque()
        self._waiting: list[_Waiting] = []

    def run(self, jobs: Sequence[Job], on_stage: Callable[[str], None] = lambda stage: None) -> Iterator[Outcome]:
        """Paint.

        Args:
            jobs: in the order in which outcomes are wanted.
            on_stage: called as the stages of a picture begin.

        Yields:
            One outcome a job, as soon as it is known and those before it were given.

        Raises:
            WeightsError: the weights cannot be used; nothing was painted.
            DeviceError: the device cannot be used; nothing was painted.
        """
        for job, loaded in self._loaded(jobs):
            self._coming.append(self._begin(job, loaded, on_stage))
            while len(self._coming) > self._ahead():
                yield self._next(on_stage)
        while self._coming:
            yield self._next(on_stage)
        self._writers.shutdown()

    def stop(self) -> list[Outcome]:
        """After an interruption: let what is being written become complete, and give up the rest."""
        given_up = {id(item.future) for item in self._waiting}
        outcomes = [future.result() for future in self._coming if id(future) not in given_up]
        self._coming.clear()
        self._writers.shutdown()
        return outcomes

    def _ahead(self) -> int:
        """How many outcomes may be outstanding: enough for a batch to fill up."""
        return WRITE_AHEAD + (self._portraitist.engine.batch_size if self._portraitist else 1)

    def _next(self, on_stage: Callable[[str], None]) -> Outcome:
        if any(item.future is self._coming[0] for item in self._waiting):
            self._paint_waiting(on_stage)
        return self._coming.popleft().result()

    def _loaded(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, SourceImage | Outcome]]:
        """Read photos a few ahead of the painter; a single one without a thread, so that Ctrl-C ends it."""
        if len(jobs) == 1:
            yield jobs[0], self._load(jobs[0])
            return
        readers = ThreadPoolExecutor(1, "read")
        try:
            ahead: deque[tuple[Job, Future[SourceImage | Outcome]]] = deque()
            for job in jobs:
                ahead.append((job, readers.submit(self._load, job)))
                if len(ahead) > READ_AHEAD:
                    first, future = ahead.popleft()
                    yield first, future.result()
            for first, future in ahead:
                yield first, future.result()
        finally:
            readers.shutdown(wait=False, cancel_futures=True)

    def _load(self, job: Job) -> SourceImage | Outcome:
        """The photo, or why it is not painted."""
        try:
            existing = self._existing(job)
            if existing and not (self._config.overwrite or self._config.skip_existing):
                raise ImageError(f"{existing[0]}: exists already. Add --overwrite or --skip-existing.")
            job.check(self._config.max_pixels)
            data = job.read()
            if existing and self._config.skip_existing:
                numbers = [self._own_face(path, short_digest(data)) for path in existing]
                if numbers == [f"{number}/{len(existing)}" for number in range(1, len(existing) + 1)]:
                    return Outcome(job, SKIPPED, existing)
                if not (all(numbers) or self._config.overwrite):
                    foreign = existing[numbers.index("")]
                    raise ImageError(
                        f"{foreign}: exists, and is not this photo's painting with these options. "
                        "Add --overwrite to replace it."
                    )
            return read_image(data, job.name, self._config.max_pixels)
        except Exception as error:
            return Outcome(job, FAILED, error=error)

    def _existing(self, job: Job) -> tuple[Path, ...]:
        """The files that stand where the paintings would go."""
        if not job.to_file:
            return ()
        if not self._config.numbered:
            return (job.target,) if job.target.exists() else ()
        found: list[Path] = []
        while (path := job.numbered(len(found) + 1)).exists():
            found.append(path)
        return tuple(found)

    def _own_face(self, path: Path, photo: str) -> str:
        """Which of how many faces a file shows, or nothing if it is not a whole painting of this photo and request."""
        found = complete_provenance(path)
        return found.face if found and found.source == source_digest(photo, self._request) else ""

    def _begin(self, job: Job, loaded: SourceImage | Outcome, on_stage: Callable[[str], None]) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        if isinstance(loaded, Outcome):
            future.set_result(loaded)
            return future
        if self._portraitist is None:
            self._portraitist = self._open_portraitist()
        clock = Clock(on_stage)
        try:
            with clock.stage("detect"):
                faces = self._portraitist.find(loaded, self._config.face_limit)
        except (WeightsError, DeviceError):
            raise
        except Exception as error:
            future.set_result(Outcome(job, FAILED, error=error, warnings=loaded.warnings))
            return future
        self._waiting.append(_Waiting(job, loaded, faces, future, clock))
        if sum(len(item.faces) for item in self._waiting) >= self._portraitist.engine.batch_size:
            self._paint_waiting(on_stage)
        return future

    def _paint_waiting(self, on_stage: Callable[[str], None]) -> None:
        """Paint the faces of all waiting photos together, and hand them on to be finished and written."""
        assert self._portraitist is not None
        waiting, self._waiting = self._waiting, []
        try:
            faces = [face for item in waiting for face in item.faces]
            sketches = deque(self._portraitist.sketch(faces, Clock(on_stage)))
        except (WeightsError, DeviceError):
            raise
        except Exception as error:
            for item in waiting:
                item.future.set_result(Outcome(item.job, FAILED, error=error))
            return
        for item in waiting:
            own = [sketches.popleft() for _ in item.faces]
            # A chained future keeps the order of outcomes without waiting here.
            self._writers.submit(self._finish, item, own).add_done_callback(
                lambda done, item=item: item.future.set_result(done.result())  # type: ignore[misc]
            )

    def _finish(self, item: _Waiting, sketches: list[Sketch]) -> Outcome:
        assert self._portraitist is not None
        try:
            paintings = tuple(self._portraitist.finish(sketch, item.clock) for sketch in sketches)
            with item.clock.stage("write"):
                files = self._write(item, paintings)
        except Exception as error:
            return Outcome(item.job, FAILED, error=error)
        warnings = dict.fromkeys((*item.image.warnings, *(w for painting in paintings for w in painting.warnings)))
        return Outcome(item.job, PAINTED, files, paintings, None, item.clock.elapsed, tuple(warnings))

    def _write(self, item: _Waiting, paintings: tuple[Painting, ...]) -> tuple[Path, ...]:
        job, config, photo = item.job, self._config, item.image.digest
        taken = item.image.taken if config.keep_date else ""
        if config.group:
            paintings = (_on_one_sheet(paintings),)
        files: list[Path] = []
        for painting in paintings:
            record = replace(painting.provenance, source=source_digest(photo, self._request))
            data = replace(painting, provenance=record).encode(job.kind, config.quality, config.metadata, taken)
            if job.target == STANDARD_STREAM:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
                continue
            path = job.numbered(painting.face.number) if config.numbered else job.target
            # It may have appeared since the photo was read.
            if job.to_file and not config.overwrite and path.exists() and not self._own_face(path, photo):
                raise ImageError(f"{path}: exists already. Add --overwrite to replace it.")
            make_folder(path.parent)
            write_atomically(path, data)
            files.append(path)
        return tuple(files)


def _on_one_sheet(paintings: tuple[Painting, ...]) -> Painting:
    """All faces of a photo as one picture, which tells of itself what the first one would."""
    pixels = side_by_side([painting.pixels for painting in paintings])
    return replace(paintings[0], pixels=pixels, provenance=replace(paintings[0].provenance, face="1/1"))
