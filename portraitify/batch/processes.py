"""Many photos in several processes: the many small steps of a painting hold the interpreter, and each has its own."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from portraitify.batch.blocks import into_blocks
from portraitify.batch.commission import Commission, killed, unpacked
from portraitify.batch.jobs import Job
from portraitify.batch.resuming import ExistingPaintings
from portraitify.batch.runner import Outcome
from portraitify.engines.threads import computing_threads
from portraitify.errors import DeviceError
from portraitify.io.files import file_number

# How often a photo may kill the process that paints it alone.
_DEATHS_OF_A_PHOTO = 2
_LOOK_EVERY_S = 0.2
_BEGIN = "import sys; sys.path[:] = {path!r}; from portraitify.batch.worker import main; main()"


class ProcessPainter:
    """Paints jobs in processes of their own; see :class:`portraitify.batch.runner.BatchPainter`.

    Args:
        commission: how to paint.
        count: of processes.
        should_stop: asked several times a second; photos under way then become whole, and the others are given up.
        with_photos: whether outcomes are to hold the crops of the photos.
    """

    def __init__(
        self,
        commission: Commission,
        count: int,
        should_stop: Callable[[], bool] = lambda: False,
        with_photos: bool = False,
    ):
        self._commission, self._count, self._should_stop = commission, count, should_stop
        self._with_photos = with_photos

    def run(self, jobs: Sequence[Job], on_stage: Callable[[str], None] = lambda stage: None) -> Iterator[Outcome]:
        """Paint.

        Args:
            jobs: in the order in which outcomes are wanted.
            on_stage: called as a photo is done.

        Yields:
            One outcome a job, as soon as it is known and those before it were given.

        Raises:
            WeightsError: the weights cannot be used.
            DeviceError: the device cannot be used, or no process can begin.
        """
        crew = _Crew(self._commission, jobs, self._count, self._with_photos)
        known: dict[int, Outcome] = {}
        given = 0
        try:
            while crew.busy:
                if self._should_stop():
                    crew.stop()
                for number, outcome in crew.news(_LOOK_EVERY_S):
                    known[number] = outcome
                    on_stage("paint")
                while given in known:
                    yield known.pop(given)
                    given += 1
            # After an interruption some are missing.
            yield from (known[number] for number in sorted(known))
        finally:
            crew.kill()


class _Crew:
    """Processes, each with a thread that hands it one block of photos after the other."""

    def __init__(self, commission: Commission, jobs: Sequence[Job], count: int, with_photos: bool):
        photos = {file_number(job.source) for job in jobs} - {None}
        self._greeting = pickle.dumps((commission, photos, with_photos))
        self._existing = ExistingPaintings(commission.batch, commission.request)
        self._jobs = jobs
        self._blocks = deque(into_blocks([_bytes_of(job) for job in jobs], count))
        self._news: queue.SimpleQueue[tuple[int, Outcome] | Exception | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        threads = max(1, computing_threads() // count)
        self._members = [_Process(self._greeting, threads) for _ in range(min(count, len(self._blocks)))]
        self._at_work = len(self._members)
        for member in self._members:
            threading.Thread(target=self._serve, args=(member,), name="serve", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether somebody is still at work, or news wait."""
        return self._at_work > 0 or not self._news.empty()

    def news(self, patience_s: float) -> Iterator[tuple[int, Outcome]]:
        """Numbers and outcomes of the photos that were done since; waits a little for the first.

        Raises:
            PortraitifyError: nothing can be painted.
        """
        while True:
            try:
                piece = self._news.get(timeout=patience_s)
            except queue.Empty:
                return
            patience_s = 0.0
            if piece is None:
                self._at_work -= 1
            elif isinstance(piece, Exception):
                raise piece
            else:
                yield piece

    def stop(self) -> None:
        """Let all end after the photos that they are at; may be called again."""
        if not self._stopped.is_set():
            self._stopped.set()
            for member in self._members:
                member.hang_up()

    def kill(self) -> None:
        """End what still runs; what is half written never gets its name."""
        self.stop()
        for member in self._members:
            member.kill()

    def _serve(self, member: _Process) -> None:
        try:
            while not self._stopped.is_set():
                try:
                    block = self._blocks.popleft()
                except IndexError:
                    break
                self._paint(member, block)
        except Exception as error:
            self._news.put(error)
        finally:
            member.hang_up()
            member.wait()
            self._news.put(None)

    def _paint(self, member: _Process, block: Sequence[int]) -> None:
        """Let a process paint a block; if it dies, what is missing is painted photo by photo."""
        orders = [(number, self._vacant(self._jobs[number])) for number in block]
        missing = dict(orders)
        if self._ordered(member, orders, missing):
            return
        for number, job in orders:
            deaths = 0
            while number in missing and not self._stopped.is_set():
                if deaths == _DEATHS_OF_A_PHOTO:
                    self._tell(number, killed(job), missing)
                    break
                member.begin()
                deaths += not self._ordered(member, [(number, job)], missing)

    def _ordered(self, member: _Process, orders: Sequence[tuple[int, Job]], missing: dict[int, Job]) -> bool:
        """Whether a process lived to tell the outcomes of some photos, which are then no longer missing."""
        from portraitify.batch.worker import ALL_IS_LOST, BLOCK_IS_DONE

        try:
            member.send(list(orders))
            while True:
                number, content = member.receive()
                if number == BLOCK_IS_DONE:
                    return True
                if number == ALL_IS_LOST:
                    raise pickle.loads(content)
                self._tell(number, unpacked(content), missing)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            # It died, or was told to end.
            if not self._stopped.is_set():
                member.bury()
            return self._stopped.is_set()

    def _tell(self, number: int, outcome: Outcome, missing: dict[int, Job]) -> None:
        del missing[number]
        self._news.put((number, replace(outcome, job=self._jobs[number])))

    def _vacant(self, job: Job) -> Job:
        """A job that knows whether nothing stood at its target, for a process that takes another one's place."""
        return replace(job, vacant=not any(self._existing.standing(job, job.stands)))


class _Process:
    """A process that paints, see :mod:`portraitify.batch.worker`; one that died can be begun again."""

    def __init__(self, greeting: bytes, threads: int):
        self._greeting, self._threads = greeting, threads
        self._changing = threading.Lock()
        self._ended = False
        self._begin()

    def begin(self) -> None:
        """Begin again, if it died.

        Raises:
            DeviceError: it cannot begin.
        """
        with self._changing:
            if self._process.poll() is None or self._ended:
                return
            self._close()
            self._begin()

    def _begin(self) -> None:
        # Where the package was found it will be found again.
        command = [sys.executable, "-c", _BEGIN.format(path=sys.path)]
        threads = {"OMP_NUM_THREADS": str(self._threads), "OPENBLAS_NUM_THREADS": "1"}
        try:
            # In a session of its own it does not hear the terminal's Ctrl-C before it can refuse to.
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | threads,
                start_new_session=True,
            )
        except OSError as error:
            raise DeviceError(f"No process could be begun to paint in ({error.strerror}). Add --jobs 1.") from error
        self._ready = False

    def send(self, orders: Any) -> None:
        """Ask for photos.

        Raises:
            OSError: it died.
            DeviceError: it could not begin.
        """
        assert self._process.stdin is not None
        if not self._ready:
            try:
                self._process.stdin.write(self._greeting)
                self._process.stdin.flush()
                self.receive()
            except (EOFError, OSError) as error:
                if self._ended:
                    raise
                raise DeviceError("A process that paints ended as it began. Add --jobs 1.") from error
            self._ready = True
        pickle.dump(orders, self._process.stdin)
        self._process.stdin.flush()

    def receive(self) -> Any:
        """The next answer.

        Raises:
            EOFError: it died.
        """
        assert self._process.stdout is not None
        return pickle.load(self._process.stdout)

    def hang_up(self) -> None:
        """Let it end after the photos that it is at."""
        with self._changing:
            self._ended = True
            assert self._process.stdin is not None
            with contextlib.suppress(OSError, ValueError):
                self._process.stdin.close()

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait()
        self._close()

    def bury(self) -> None:
        """Wait until it is dead for sure: its pipes close a moment before it is."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(OSError):
            self._process.terminate()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError, ValueError):
                stream.close()


def _bytes_of(job: Job) -> int:
    try:
        return os.path.getsize(job.source)
    except OSError:
        return 0
