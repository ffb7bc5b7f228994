"""A worker of a cluster: paints blocks of photos, each as a batch of its own, and tells what became of them."""

from __future__ import annotations

import os
import pickle
import platform
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import pyarrow as pa
import ray

from portraitify import __version__
from portraitify.batch.commission import Commission, killed, packed
from portraitify.batch.foreman import StopSign
from portraitify.batch.jobs import Job
from portraitify.batch.memory import keep_freed_memory
from portraitify.batch.request import painting_request
from portraitify.batch.runner import BatchPainter, Outcome
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.weights import WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.pipeline import Portraitist

# How often a block may kill its worker before its photos are painted one by one, and then each of them.
_DEATHS_OF_A_BLOCK, _DEATHS_OF_A_PHOTO = 2, 2
# What a row is about that is about no photo.
BLOCK_IS_DONE, ALL_IS_LOST = -1, -2
ROW = pa.schema([("block", pa.int64()), ("number", pa.int64()), ("outcome", pa.binary())])


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
        self._sign = StopSign(foreman)
        # Ray says in this how many cores a worker has; OpenCV would take all that there are.
        cv2.setNumThreads(int(os.environ.get("OMP_NUM_THREADS") or 1))
        silence_libtiff()
        keep_freed_memory()
        warnings.filterwarnings("ignore", module="PIL")

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        """Paint a block of photos; gives one row a photo, and one at the end."""
        (number,), (told,) = block["block"].to_pylist(), block["jobs"].to_pylist()
        jobs: list[tuple[int, Job]] = pickle.loads(told)
        try:
            for place, outcome in self._paint(number, jobs):
                yield _row(number, place, packed(outcome))
        except PortraitifyError as error:
            # Nothing can be painted here, and so nowhere: Ray would try it for ever.
            yield _row(number, ALL_IS_LOST, pickle.dumps(error))
        yield _row(number, BLOCK_IS_DONE, b"")

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
                yield place, killed(job)

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


def _row(block: int, number: int, outcome: bytes) -> pa.Table:
    return pa.table({"block": [block], "number": [number], "outcome": [outcome]}, schema=ROW)
