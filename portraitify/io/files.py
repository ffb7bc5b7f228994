"""Files and streams: writing them whole, and reading them ahead of their use."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from portraitify.errors import ImageError

# A dot in front, the writer's process number, something random, and this: `.4711.9f86d081.portraitify`.
_PART = ".portraitify"
_PATIENCE_S = 0.2

Item = TypeVar("Item")
Loaded = TypeVar("Loaded")


def is_stream(path: Path) -> bool:
    """Whether a path is a device, a pipe or a socket, such as ``/dev/null``."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def file_number(path: Path) -> tuple[int, int] | None:
    """Device and number of a file, which two names of one file share; nothing where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def check_folder(target: Path) -> None:
    """Make sure early that a file can be made: the nearest folder that exists must let us.

    Raises:
        ImageError: it does not.
    """
    folder = next((parent for parent in target.absolute().parents if parent.exists()), Path("/"))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImageError(f"{target}: cannot be written (the folder {folder} is closed to you).")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises:
        ImageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be made ({error.strerror}).") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes to a file beside the target, flush it, and give it the target's name.

    A process that is killed on the way leaves at most a hidden file, which
    the next one that writes to the folder removes. Devices and pipes are
    written to as they are; what a symbolic link points at is replaced, not
    the link.

    Raises:
        ImageError: the folder is missing, not writable or full.
    """
    try:
        if is_stream(path):
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        remove_leftovers(target.parent)
        temporary = target.with_name(f".{os.getpid()}.{secrets.token_hex(4)}{_PART}")
        try:
            _write_flushed(temporary, data)
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error


def _write_flushed(path: Path, data: bytes) -> None:
    # "x" refuses what somebody laid there to be followed.
    with open(path, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@cache
def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder; once a folder and process."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(_PART):
                writer = entry.name.split(".")[1]
                if writer.isdigit() and not _is_running(int(writer)):
                    os.unlink(entry.path)


def _is_running(process: int) -> bool:
    # On Windows signal 0 is not a question but Ctrl-C.
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_to_stdout(data: bytes) -> None:
    """Write bytes to standard output.

    Raises:
        ImageError: it cannot take them.
        BrokenPipeError: nobody reads any more.
    """
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ImageError(f"standard output: cannot be written ({error.strerror}).") from error


def read_ahead(
    items: Sequence[Item], load: Callable[[Item], Loaded], count: int, should_stop: Callable[[], bool]
) -> Iterator[tuple[Item, Loaded]]:
    """Load items in another thread, a few ahead of their use; a single one without a thread.

    The thread is one that the program does not wait for: a pipe that nobody
    fills must not keep it from ending.

    Args:
        items: in the order in which they are wanted.
        load: called in the thread; must not raise.
        count: how many may wait.
        should_stop: asked while waiting; ends the iteration.
    """
    if len(items) == 1:
        yield items[0], load(items[0])
        return
    ready: queue.Queue[tuple[Item, Loaded]] = queue.Queue(count)
    ended = threading.Event()

    def work() -> None:
        for item in items:
            pair = (item, load(item))
            while not ended.is_set():
                with contextlib.suppress(queue.Full):
                    ready.put(pair, timeout=_PATIENCE_S)
                    break
            if ended.is_set():
                return
            # It may be large, and would be kept until the next one is loaded.
            del pair

    threading.Thread(target=work, name="read", daemon=True).start()
    try:
        for _ in items:
            while not should_stop():
                with contextlib.suppress(queue.Empty):
                    yield ready.get(timeout=_PATIENCE_S)
                    break
            if should_stop():
                return
    finally:
        ended.set()
