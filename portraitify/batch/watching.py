"""Photos that arrive in a folder, painted as they come; prints nothing and ends only when it is told to."""

from __future__ import annotations

import errno
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from portraitify.batch.arrival_names import ArrivalNames
from portraitify.batch.arrivals import Arrival, WatchedFolder
from portraitify.batch.jobs import Job
from portraitify.batch.runner import FAILED, Outcome
from portraitify.io.encoding import PNG

# So many photos are painted before those that have come meanwhile are looked at; enough for a GPU to be kept busy.
ROUND = 8
# After a full disk and the like: until the next try, and at most.
FIRST_PAUSE_S, MOST_PAUSE_S = 5.0, 60.0
# What the system says of names and kinds of files will be no other the next time.
_LASTING = (errno.ENAMETOOLONG, errno.EISDIR, errno.EINVAL, errno.ELOOP)
TRIED_AGAIN = "it is tried again until it works"


class Painter(Protocol):
    """What paints; :class:`portraitify.batch.runner.BatchPainter` is one."""

    def run(self, jobs: Sequence[Job], on_stage: Callable[[str], None] = ...) -> Iterator[Outcome]:
        """Paint some photos; called again and again."""

    def is_begun(self, job: Job, photo: str) -> bool:
        """Whether a painting of the photo with this digest stands where the job's would go."""


@dataclass
class _PutOff:
    """A photo that the system, and not the photo, kept from being painted."""

    arrival: Arrival
    told: str


class Watcher:
    """Paints what arrives in a folder, each photo once.

    A photo that was painted, passed over or found to be bad is known by its
    bytes: it is not painted again when it is touched, gets another name, or
    comes back with its folder, but when its bytes have changed. One that the
    system kept from being painted, as on a full disk, is tried again.

    Args:
        folder: where photos arrive.
        names: of the paintings.
        painter: stays open.
        kind: a key of ``portraitify.io.encoding.FORMATS``.
        should_stop: asked again and again; ends the watching.
        clock: seconds that only go forward.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        folder: WatchedFolder,
        names: ArrivalNames,
        painter: Painter,
        kind: str = PNG,
        should_stop: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._folder, self._names, self._painter, self._kind = folder, names, painter, kind
        self._should_stop, self._clock, self._sleep = should_stop, clock, sleep
        self._queue: dict[Path, Arrival] = {}
        self._working: dict[Path, Arrival] = {}
        self._put_off: dict[Path, _PutOff] = {}
        self._again_s, self._pause_s = 0.0, FIRST_PAUSE_S
        # Bytes of photos that are done with, and the photos that hold them.
        self._done: dict[Path, str] = {}
        self._holders: defaultdict[str, set[Path]] = defaultdict(set)
        self._was_lost = False

    @property
    def remaining(self) -> int:
        """Photos that have arrived and are not painted yet."""
        return self._folder.waiting + len({*self._queue, *self._working, *self._put_off})

    def run(
        self,
        on_stage: Callable[[str], None] = lambda stage: None,
        on_lost: Callable[[OSError | None], None] = lambda error: None,
    ) -> Iterator[Outcome]:
        """Paint until told to stop; what is being painted then becomes whole.

        Args:
            on_stage: called as the stages of a picture begin.
            on_lost: called with the reason when the folder cannot be read any more, and with nothing when it is back.

        Yields:
            What became of each photo; of one that is tried again the first failure and what came of it in the end.

        Raises:
            WeightsError: the weights cannot be used.
            DeviceError: the device cannot be used.
        """
        while not self._should_stop():
            self._look(on_lost)
            jobs = self._next_jobs()
            if not jobs:
                self._sleep(self._folder.pause_s)
                continue
            for outcome in self._painter.run(jobs, on_stage):
                told = self._taken_in(outcome)
                if told is not None:
                    yield told
                # So that time at rest passes for those that come meanwhile.
                self._look(on_lost)

    def _look(self, on_lost: Callable[[OSError | None], None]) -> None:
        for arrival in self._folder.poll(ROUND - len(self._queue)):
            self._queue[arrival.item.path] = arrival
        if (self._folder.lost is not None) != self._was_lost:
            self._was_lost = not self._was_lost
            on_lost(self._folder.lost)

    def _next_jobs(self) -> list[Job]:
        """What is to be painted next: what has arrived, and one of those that are tried again."""
        arrivals = list(self._queue.values())
        self._queue.clear()
        for arrival in arrivals:
            self._put_off.pop(arrival.item.path, None)
        if self._put_off and self._clock() >= self._again_s:
            arrivals.append(next(iter(self._put_off.values())).arrival)
            self._again_s = self._clock() + self._pause_s
        new = [arrival for arrival in arrivals if not self._is_done(arrival)]
        self._working = {arrival.item.path: arrival for arrival in new}
        return [self._job(arrival) for arrival in new]

    def _job(self, arrival: Arrival) -> Job:
        def is_own(target: Path) -> bool:
            return self._painter.is_begun(Job(arrival.item.path, target, self._kind), arrival.digest)

        return Job(arrival.item.path, self._names.name(arrival.item, arrival.has_namesake, is_own), self._kind)

    def _is_done(self, arrival: Arrival) -> bool:
        """Whether these bytes are known by this name, or by another one that they had before."""
        path, digest = arrival.item.path, arrival.digest
        if not digest:
            return False
        if self._done.get(path) == digest:
            return True
        old = next((other for other in self._holders.get(digest, ()) if not os.path.lexists(other)), None)
        if old is None:
            return False
        self._names.rename(old, path)
        self._holders[digest].discard(self._forget(old))
        self._remember(path, digest)
        return True

    def _forget(self, path: Path) -> Path:
        self._done.pop(path, None)
        return path

    def _remember(self, path: Path, digest: str) -> None:
        before = self._done.get(path)
        if before is not None:
            self._holders[before].discard(path)
        self._done[path] = digest
        if digest:
            self._holders[digest].add(path)

    def _taken_in(self, outcome: Outcome) -> Outcome | None:
        """Remember what became of a photo.

        Returns:
            What is to be told of it.
        """
        path = outcome.job.source
        arrival = self._working.pop(path)
        number = _errno(outcome.error) if outcome.status == FAILED else None
        self._folder.leave_out(outcome.files)
        if number == errno.ENOENT and not os.path.lexists(path):
            # Taken away, or given another name, before it was read.
            self._put_off.pop(path, None)
            return None
        if number is not None and number not in _LASTING:
            return self._try_again(arrival, outcome)
        if self._put_off.pop(path, None):
            # The others need not wait any longer.
            self._again_s, self._pause_s = self._clock(), FIRST_PAUSE_S
        self._remember(path, outcome.photo or arrival.digest)
        return outcome

    def _try_again(self, arrival: Arrival, outcome: Outcome) -> Outcome | None:
        before = self._put_off.pop(arrival.item.path, None)
        told = str(outcome.error)
        # Behind the others, so that one that never works keeps none of them.
        self._put_off[arrival.item.path] = _PutOff(arrival, told)
        if before:
            self._pause_s = min(2 * self._pause_s, MOST_PAUSE_S)
        self._again_s = self._clock() + self._pause_s
        if before and before.told == told:
            return None
        return replace(outcome, warnings=(*outcome.warnings, TRIED_AGAIN))


def _errno(error: BaseException | None) -> int | None:
    """What the system said, if it was the system that an error came from."""
    seen: set[int] = set()
    # An error that was raised again may be its own cause.
    while error is not None and id(error) not in seen:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        seen.add(id(error))
        error = error.__cause__
    return None
