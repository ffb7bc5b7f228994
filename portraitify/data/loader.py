"""Batches made ahead of the step that needs them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import cv2
from torch.utils.data import DataLoader, Dataset

from portraitify.data.batches import PackedBatch

# A GPU takes many batches in the time that one process makes one.
_AHEAD_PER_WORKER = 3


def batches(
    draw: Callable[[int], PackedBatch], first: int, end: int, workers: int, pin: bool
) -> Generator[PackedBatch]:
    """Draw the batches of steps ``first`` to ``end`` in their order.

    Args:
        draw: makes the batch of a step, the same for the same step in any process; it must be possible to pickle it.
        first: step to begin with.
        end: step before which to stop.
        workers: processes; with 0 one thread beside the caller, which suits a CPU that trains itself.
        pin: whether to put batches into memory from which a GPU copies fast.
    """
    if workers:
        # Given one step at a time, the loader stacks nothing by itself.
        yield from DataLoader(
            _Steps(draw, first, end),
            batch_size=None,
            num_workers=workers,
            prefetch_factor=_AHEAD_PER_WORKER,
            pin_memory=pin,
            worker_init_fn=_start_worker,
            # Forked, they would inherit locks that threads of OpenCV and torch hold at that moment, and wait for ever.
            multiprocessing_context="spawn",
        )
        return
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(draw, first)
        for step in range(first, end):
            batch = coming.result()
            if step + 1 < end:
                coming = thread.submit(draw, step + 1)
            yield batch


class _Steps(Dataset[PackedBatch]):
    """The steps of a run as a data set."""

    def __init__(self, draw: Callable[[int], PackedBatch], first: int, end: int):
        self._draw, self._first, self._end = draw, first, end

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, index: int) -> PackedBatch:
        return self._draw(self._first + index)


def _start_worker(worker: int) -> None:
    # Each process has a core of its own; OpenCV's threads on all of them would wait for one another.
    cv2.setNumThreads(1)
