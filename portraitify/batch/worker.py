"""A process that paints photos for another one, which it hears on its standard input and answers on its output.

Both sides send pickled tuples: ``(commission, photos, with_photos)`` once, then blocks of ``(number, job)``; back come
``(READY, None)`` once, then for each block ``(number, outcome)`` for its photos and ``(BLOCK_IS_DONE, None)``, or
``(ALL_IS_LOST, error)``. The end of the input ends the process, after the photos that it is at.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

import cv2

from portraitify.batch.commission import Commission, packed
from portraitify.batch.jobs import Job
from portraitify.batch.memory import keep_freed_memory
from portraitify.batch.runner import BatchPainter
from portraitify.engines.threads import computing_threads
from portraitify.errors import PortraitifyError
from portraitify.pipeline import Portraitist

READY, BLOCK_IS_DONE, ALL_IS_LOST = -1, -2, -3
Block = list[tuple[int, Job]]


class _Orders:
    """What is heard, read by a thread of its own, so that the end is heard while something is painted."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._blocks = stream, queue.SimpleQueue[Block | None]()
        self.ended = threading.Event()
        self.commission: Commission
        self.commission, self.photos, self.with_photos = pickle.load(stream)
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._blocks.put(pickle.load(self._stream))
        self.ended.set()
        self._blocks.put(None)

    def __iter__(self) -> Iterator[Block]:
        while not self.ended.is_set() and (block := self._blocks.get()) is not None:
            yield block


def main() -> None:
    """Paint what is asked for until the input ends."""
    # A terminal tells all its processes of Ctrl-C; the one that began this one decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # What libraries print must not get between the answers.
    os.dup2(2, 1)
    keep_freed_memory()
    cv2.setNumThreads(computing_threads())
    with contextlib.suppress(BrokenPipeError), answers:
        _paint(_Orders(sys.stdin.buffer), answers)


def _paint(orders: _Orders, answers: BinaryIO) -> None:
    commission = orders.commission

    def answer(number: int, content: bytes | None = None) -> None:
        pickle.dump((number, content), answers)
        answers.flush()

    def open_portraitist() -> Portraitist:
        return Portraitist(commission.config, commission.weights)

    painter = BatchPainter(commission.batch, commission.request, open_portraitist, orders.ended.is_set)
    answer(READY)
    for block in orders:
        numbers = {id(job): number for number, job in block}
        try:
            for outcome in painter.run([job for _, job in block], photos=orders.photos):
                answer(numbers[id(outcome.job)], packed(outcome, orders.with_photos))
        except PortraitifyError as error:
            # Nothing can be painted here, and so nowhere.
            answer(ALL_IS_LOST, pickle.dumps(error))
            return
        answer(BLOCK_IS_DONE)
