"""Who knows how the workers of a cluster fare: what was begun, what killed them, and whether all are to stop."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from typing import Any

import ray
from ray.exceptions import RayError

_ASK_EVERY_S = 0.5


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


class StopSign:
    """Whether all are to stop, asked now and then without waiting for the answer.

    Args:
        foreman: handle of the actor.
    """

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
