"""A pool of threads that a forked process can go on using."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from portraitify.errors import PortraitifyError

P = ParamSpec("P")
T = TypeVar("T")


class Threads(Executor):
    """Threads do not live on in a forked process, and a pool of the library would wait for them for ever.

    Args:
        count: of threads at most.
        name: begins theirs.
    """

    def __init__(self, count: int, name: str):
        self._count, self._name = count, name
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._pool, self._process = ThreadPoolExecutor(self._count, self._name), os.getpid()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Let a thread call a function.

        Raises:
            PortraitifyError: the pool was shut down.
        """
        if self._closed:
            raise closed("Portraitist")
        if self._process != os.getpid():
            self._begin()
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end; may be called again."""
        self._closed = True
        if self._process == os.getpid():
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


def closed(what: str) -> PortraitifyError:
    """The error for what is used after it was closed."""
    return PortraitifyError(f"This {what} is closed. Make a new one.")
