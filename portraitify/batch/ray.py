"""Many photos on a cluster: Ray Data shares them out, and each worker paints its blocks as a batch of its own.

A worker that dies is begun again and gets the same block again, of which some
photos may be painted already. Their paintings are known by their marks and
replaced by the same ones, so that in the end there is one a photo, and one
line of the report. What kills workers again and again is given up.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import platform
import queue
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pyarrow as pa
import ray
import ray.data
from ray.exceptions import RayError, RayTaskError

from portraitify import __version__
from portraitify.batch.blocks import into_blocks
from portraitify.batch.jobs import Job
from portraitify.batch.request import painting_request
from portraitify.batch.runner import FAILED, BatchPainter, Outcome
from portraitify.config import BatchConfig, PaintConfig
from portraitify.errors import ConfigError, DeviceError, ImageError, PortraitifyError
from portraitify.faces.aligned_face import Renditions
from portraitify.weights import WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.pipeline import Portraitist
    from portraitify.results import Painting

# How often a block may kill its worker before its photos are painted one by one, and then each of them.
_DEATHS_OF_A_BLOCK, _DEATHS_OF_A_PHOTO = 2, 2
_ASK_EVERY_S, _LOOK_EVERY_S, _LAST_TABLE_S = 0.5, 0.2, 3.0
# What a row is about that is about no photo.
_BLOCK_IS_DONE, _ALL_IS_LOST = -1, -2
_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)
_NO_JOB = Job(Path(), Path())
_ROW = pa.schema([("block", pa.int64()), ("number", pa.int64()), ("outcome", pa.binary())])


@dataclass(frozen=True)
class Commission:
    """What each worker is told.

    Attributes:
        config: how to paint.
        batch: how photos are read and paintings written.
        weights: folder of weights on every machine; nothing for the shipped ones.
        request: what paintings depend on where the command runs; it must be the same where workers run.
        version: of portraitify, likewise.
    """

    config: PaintConfig
    batch: BatchConfig
    weights: Path | None
    request: dict[str, Any]
    version: str = __version__


@dataclass(frozen=True)
class Crew:
    """The workers.

    Attributes:
        count: how many.
        cpus: cores of each.
        gpus: graphics processors of each; a fraction shares one.
    """

    count: int
    cpus: float
    gpus: float


def crew_for(cpus: float, gpus: float, count: int | None, each_cpus: float, each_gpus: float | None) -> Crew:
    """As many workers as there is room for, on GPUs if there are any.

    Args:
        cpus: cores of the cluster.
        gpus: graphics processors of the cluster.
        count: workers that were asked for; they may be more than there is room for, where a cluster grows.
        each_cpus: cores of a worker.
        each_gpus: graphics processors of a worker; nothing takes one for each where there is any.
    """
    if each_gpus is None:
        each_gpus = 1.0 if gpus >= 1 else 0.0
    room = cpus / each_cpus
    if each_gpus:
        room = min(room, gpus / each_gpus)
    return Crew(count or max(int(room + 1e-6), 1), each_cpus, each_gpus)


class Foreman:
    """Knows which blocks were begun how often, and whether all are to stop; an actor of its own."""

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()
        self._alone: Counter[int] = Counter()
        self._stopped = False

    def begin(self, block: int) -> int:
        """How often a block was begun before, or -1 if all are to stop."""
        if self._stopped:
            return -1
        self._begun[block] += 1
        return self._begun[block] - 1

    def begin_alone(self, number: int) -> int:
        """How often a photo was begun by itself before, and not ended."""
        self._alone[number] += 1
        return self._alone[number] - 1

    def end_alone(self, number: int) -> None:
        """Hear that a photo has not killed its worker."""
        del self._alone[number]

    def is_stopped(self) -> bool:
        """Whether all are to stop."""
        return self._stopped

    def stop(self) -> list[int]:
        """Let all stop after the photos that they are at.

        Returns:
            The blocks that were begun.
        """
        self._stopped = True
        return list(self._begun)


class ClusterPainter:
    """A worker: an actor of Ray Data that loads its networks once, when the first photo needs them.

    Args:
        commission: what to do.
        foreman: handle of the actor that knows what was begun.
    """

    def __init__(self, commission: Commission, foreman: Any):
        from portraitify.io.tiff_messages import silence_libtiff

        self._commission, self._foreman = commission, foreman
        self._portraitist: Portraitist | None = None
        self._sign = _StopSign(foreman)
        # Ray says in this how many cores a worker has; OpenCV would take all that there are.
        cv2.setNumThreads(int(os.environ.get("OMP_NUM_THREADS") or 1))
        silence_libtiff()
        warnings.filterwarnings("ignore", module="PIL")

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        """Paint a block of photos; gives one row a photo, and one at the end."""
        (number,), (packed,) = block["block"].to_pylist(), block["jobs"].to_pylist()
        jobs: list[tuple[int, Job]] = pickle.loads(packed)
        try:
            for place, outcome in self._paint(number, jobs):
                yield _row(number, place, _packed(outcome))
        except PortraitifyError as error:
            # Nothing can be painted here, and so nowhere: Ray would try it for ever.
            yield _row(number, _ALL_IS_LOST, pickle.dumps(error))
        yield _row(number, _BLOCK_IS_DONE, b"")

    def _paint(self, block: int, jobs: Sequence[tuple[int, Job]]) -> Iterator[tuple[int, Outcome]]:
        before = ray.get(self._foreman.begin.remote(block))
        if before < 0:
            return
        if before < _DEATHS_OF_A_BLOCK:
            places = {job.source: place for place, job in jobs}
            for outcome in self._painter().run([job for _, job in jobs]):
                yield places[outcome.job.source], outcome
            return
        for place, job in jobs:
            if self._sign():
                return
            if ray.get(self._foreman.begin_alone.remote(place)) < _DEATHS_OF_A_PHOTO:
                yield from ((place, outcome) for outcome in self._painter().run([job]))
                self._foreman.end_alone.remote(place)
            else:
                problem = f"{job.name}: each process that painted it was killed. Is there enough memory for it?"
                yield place, Outcome(job, FAILED, error=ImageError(problem))

    def _painter(self) -> BatchPainter:
        return BatchPainter(self._commission.batch, self._commission.request, self._open, self._sign)

    def _open(self) -> Portraitist:
        if self._portraitist is None:
            from portraitify.pipeline import Portraitist

            commission = self._commission
            own = WeightsFolder(commission.weights or default_folder())
            if commission.version != __version__ or painting_request(own, commission.config) != commission.request:
                raise ConfigError(
                    f"{platform.node()}: paints otherwise than where the command runs; version "
                    f"{__version__} and {commission.version}, or weights, styles or masters differ. Make them the same."
                )
            self._portraitist = Portraitist(commission.config, own.folder)
        return self._portraitist


class _StopSign:
    """Whether all are to stop, asked now and then without waiting for the answer."""

    def __init__(self, foreman: Any):
        self._foreman = foreman
        self._answer: Any = None
        self._asked_s = 0.0
        self._stopped = False

    def __call__(self) -> bool:
        if self._answer is not None and ray.wait([self._answer], timeout=0)[0]:
            with contextlib.suppress(RayError):
                self._stopped = ray.get(self._answer)
            self._answer = None
        if self._answer is None and not self._stopped and time.monotonic() - self._asked_s > _ASK_EVERY_S:
            self._asked_s = time.monotonic()
            self._answer = self._foreman.is_stopped.remote()
        return self._stopped


def paint_on_cluster(
    jobs: Sequence[Job],
    sizes: Sequence[int],
    commission: Commission,
    crew: Crew,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome]:
    """Paint with Ray, to which this process must be connected.

    Args:
        jobs: photos and targets.
        sizes: of the photos, bytes.
        commission: how to paint them.
        crew: who paints them.
        should_stop: asked several times a second; photos under way then become whole, and the others are given up.

    Yields:
        One outcome a job, in the order in which they are done.

    Raises:
        WeightsError: the weights cannot be used.
        DeviceError: the device cannot be used, or the cluster is lost.
        ConfigError: the workers' installation paints otherwise than this one.
    """
    foreman: Any = ray.remote(Foreman).options(num_cpus=0, max_restarts=-1, max_task_retries=-1).remote()
    blocks = into_blocks(sizes, crew.count)
    rows = _Rows(_dataset(jobs, blocks, commission, crew, foreman))
    unfinished, begun = set(range(len(blocks))), None
    try:
        while begun is None or begun & unfinished:
            if begun is None and should_stop():
                begun = set(ray.get(foreman.stop.remote()))
            row = rows.next(_LOOK_EVERY_S)
            if row is _END:
                return
            if row is None:
                continue
            block, number, packed = row
            if number == _BLOCK_IS_DONE:
                unfinished.discard(block)
            elif number == _ALL_IS_LOST:
                raise pickle.loads(packed)
            else:
                yield replace(_unpacked(packed), job=jobs[number])
    except RayTaskError:
        # A mistake in what workers do, and told as such.
        raise
    except RayError as error:
        raise DeviceError(f"Ray: the cluster was lost ({' '.join(str(error).split())[:200]}).") from error
    finally:
        rows.close()
        ray.kill(foreman)


def _dataset(
    jobs: Sequence[Job], blocks: Sequence[range], commission: Commission, crew: Crew, foreman: Any
) -> ray.data.Dataset:
    tables = [
        pa.table({"block": [number], "jobs": [pickle.dumps([(place, jobs[place]) for place in block])]})
        for number, block in enumerate(blocks)
    ]
    return ray.data.from_arrow(tables).map_batches(
        ClusterPainter,
        fn_constructor_args=(commission, foreman),
        compute=ray.data.ActorPoolStrategy(size=min(crew.count, len(blocks))),
        batch_size=None,
        batch_format="pyarrow",
        num_cpus=crew.cpus,
        num_gpus=crew.gpus,
    )


_END = object()


class _Rows:
    """Rows of a dataset as they come; a thread waits for them, so that signals are heard meanwhile."""

    def __init__(self, dataset: ray.data.Dataset):
        self._rows: queue.Queue[Any] = queue.Queue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(dataset,), name="rows", daemon=True)
        self._thread.start()

    def _work(self, dataset: ray.data.Dataset) -> None:
        try:
            tables: Iterable[Any] = dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
            for table in tables:
                for row in zip(*(table[name].to_pylist() for name in _ROW.names), strict=True):
                    self._rows.put(row)
                if self._closed.is_set():
                    return
            self._rows.put(_END)
        except BaseException as error:
            self._rows.put(error)

    def next(self, patience_s: float) -> Any:
        """A row, ``_END``, or nothing if none comes within so many seconds.

        Raises:
            RayError: the cluster is lost.
        """
        try:
            row = self._rows.get(timeout=patience_s)
        except queue.Empty:
            return None
        if isinstance(row, BaseException):
            raise row
        return row

    def close(self) -> None:
        """Let the thread end with the next table, and workers with it."""
        self._closed.set()
        self._thread.join(_LAST_TABLE_S)


def _row(block: int, number: int, packed: bytes) -> pa.Table:
    return pa.table({"block": [block], "number": [number], "outcome": [packed]}, schema=_ROW)


class _TracedError(Exception):
    """Where an error was raised in a worker, for ``--debug``."""


def _packed(outcome: Outcome) -> bytes:
    """An outcome without what no report tells."""
    paintings = tuple(_without_pixels(painting) for painting in outcome.paintings)
    error, trace = outcome.error, ""
    if error is not None:
        trace = "".join(traceback.format_exception(error))
        if not _travels(error):
            error = RuntimeError(f"{type(error).__name__}: {error}")
    return pickle.dumps((replace(outcome, job=_NO_JOB, paintings=paintings, error=error), trace))


def _travels(error: Exception) -> bool:
    """Whether an error can be made again where it is sent; classes of libraries may take other arguments."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:
        return False


def _unpacked(data: bytes) -> Outcome:
    outcome, trace = pickle.loads(data)
    if outcome.error is not None:
        outcome.error.__cause__ = _TracedError(f"\n{trace}")
    unpacked: Outcome = outcome
    return unpacked


def _without_pixels(painting: Painting) -> Painting:
    face = replace(
        painting.face, pixels=_NO_PIXELS, valid=_NO_PIXELS[..., 0], renditions=Renditions(), subject_mask=None
    )
    return replace(
        painting, pixels=_NO_PIXELS, face=face, parts=tuple(_without_pixels(part) for part in painting.parts)
    )
