"""How long each stage of a painting takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class StageTimer:
    """Takes the time of stages.

    Args:
        on_stage: called with the name of each stage as it begins.
    """

    def __init__(self, on_stage: Callable[[str], None] = lambda stage: None):
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()
        self._on_stage = on_stage

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was made."""
        return time.perf_counter() - self._began

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        self._on_stage(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began
