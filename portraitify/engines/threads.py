"""Threads and forks: a pool that a forked process can go on using, and forks that wait for a moment of rest."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from portraitify.errors import PortraitifyError

P = ParamSpec("P")
T = TypeVar("T")
# Longer than a painting takes. A thread that still works then may be waiting for the one that forks.
_REST_S = 30.0


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


def computing_threads() -> int:
    """How many threads to compute with: as many as there are cores, unless OMP_NUM_THREADS asks for fewer, as Ray does.

    The pixels do not depend on it.
    """
    cores = usable_cores()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(int(asked), cores) if asked.isdecimal() and int(asked) else cores


def usable_cores() -> int:
    """How many cores this process may use; a container's share of the machine's time is not asked for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Work:
    """What threads do that must not be torn by a fork: a lock that one of them holds stays locked in the child."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._workers: Counter[int] = Counter()
        self._forking = False

    @contextmanager
    def going_on(self, urgent: bool = False) -> Iterator[None]:
        """Let forks wait for what is done inside; may be nested.

        Args:
            urgent: others wait for it, so that it begins even if a fork waits for them.
        """
        me = threading.get_ident()
        with self._changed:
            if not urgent and not self._workers[me]:
                self._changed.wait_for(lambda: not self._forking)
            self._workers[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._workers[me] -= 1
                if not self._workers[me]:
                    del self._workers[me]
                self._changed.notify_all()

    def wait_for_rest(self) -> None:
        """Let nobody begin, and wait for those who have begun."""
        me = threading.get_ident()
        self._changed.acquire()
        self._forking = True
        self._changed.wait_for(lambda: not set(self._workers) - {me}, _REST_S)

    def go_on(self) -> None:
        """Let others begin again."""
        self._forking = False
        self._changed.notify_all()
        self._changed.release()

    def begin_anew(self) -> None:
        """Forget the threads that do not live on in this process."""
        me = threading.get_ident()
        self._workers = Counter({me: self._workers[me]}) if self._workers[me] else Counter()
        self._changed, self._forking = threading.Condition(threading.Lock()), False


_work = _Work()
at_work = _work.going_on
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_work.wait_for_rest, after_in_parent=_work.go_on, after_in_child=_work.begin_anew)
