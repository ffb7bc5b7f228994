"""Many photos on a cluster: Ray Data shares them out, and each worker paints its blocks as a batch of its own.

A worker that dies is begun again and gets the same block again, of which some
photos may be painted already. Their paintings are known by their marks and
replaced by the same ones, so that in the end there is one a photo, and one
line of the report. What kills workers again and again is given up.
"""

from __future__ import annotations

import pickle
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ray
import ray.data
from ray.exceptions import RayError, RayTaskError

from portraitify.batch.blocks import into_blocks
from portraitify.batch.commission import Commission, unpacked
from portraitify.batch.foreman import Foreman
from portraitify.batch.jobs import Job
from portraitify.batch.ray_worker import ALL_IS_LOST, BLOCK_IS_DONE, ROW, ClusterPainter
from portraitify.batch.runner import Outcome
from portraitify.errors import ConfigError, DeviceError

_LOOK_EVERY_S, _LAST_TABLE_S = 0.2, 3.0


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


def crew_for(
    cpus: float, gpus: float, count: int | None, each_cpus: float, each_gpus: float | None, grows: bool = False
) -> Crew:
    """As many workers as there is room for, on GPUs if there are any.

    Args:
        cpus: cores of the cluster.
        gpus: graphics processors of the cluster.
        count: workers that were asked for, if any were.
        each_cpus: cores of a worker.
        each_gpus: graphics processors of a worker; nothing takes one for each where there is any.
        grows: whether machines may be added, so that more can be asked for than there is room for now.

    Raises:
        ConfigError: there is no room for a single one, and never will be.
    """
    if each_gpus is None:
        each_gpus = 1.0 if gpus >= 1 else 0.0
    room = cpus / each_cpus
    if each_gpus:
        room = min(room, gpus / each_gpus)
    # Of five fifths of a GPU.
    places = int(room + 1e-6)
    if grows:
        return Crew(count or max(places, 1), each_cpus, each_gpus)
    if not places:
        asked = f"{each_cpus:g} cores" + (f" and {each_gpus:g} GPU" if each_gpus else "")
        raise ConfigError(f"A worker with {asked} finds no room here: there are {cpus:g} cores and {gpus:g} GPUs.")
    return Crew(min(count or places, places), each_cpus, each_gpus)


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
            block, number, data = row
            if number == BLOCK_IS_DONE:
                unfinished.discard(block)
            elif number == ALL_IS_LOST:
                raise pickle.loads(data)
            else:
                yield replace(unpacked(data), job=jobs[number])
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
    rows = [
        {"block": number, "jobs": pickle.dumps([(place, jobs[place]) for place in block])}
        for number, block in enumerate(blocks)
    ]
    # Given Arrow's tables, Ray would begin workers only to ask them for the sizes, and wait for that.
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows))
    return dataset.map_batches(
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
                for row in zip(*(table[name].to_pylist() for name in ROW.names), strict=True):
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
