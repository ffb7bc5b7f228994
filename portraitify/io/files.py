"""Files and streams: writing them whole, and reading them ahead of their use."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import re
import secrets
import select
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO, TypeVar

from portraitify.errors import ImageError

# The writer's process number, where that number counts (see `_process_space`), and something random, as in
# `.4711.5f2c09d1a3be.9f86d081.portraitify`; the first versions did not write where.
_TEMPORARY = ".{process}.{space}.{random}.portraitify"
_LONGEST_TEMPORARY = _TEMPORARY.format(process="9" * 9, space="f" * 12, random="f" * 8)
_DEVICES = ("/dev", "/proc")
_LEFTOVER = re.compile(r"\.([1-9]\d{0,8})(?:\.([0-9a-f]{12}))?\.[0-9a-f]+\.portraitify", re.ASCII)
# A writer needs seconds, or minutes on a slow share.
_CLEARLY_OLD_S = 86_400.0
# What a scanner, an indexer or a share that holds a file for a moment makes the system say, and how long to wait then.
_HELD = (errno.EACCES, errno.EBUSY, errno.ESTALE)
_PAUSES_S = (0.01, 0.03, 0.06, 0.1, 0.2, 0.5)
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
    """Make sure early that a file can be made: the nearest folder that exists must let us, and its name must fit.

    Raises:
        ImageError: it does not.
    """
    folder = next((parent for parent in target.absolute().parents if os.path.exists(parent)), Path("/"))
    if os.path.realpath(folder) in _DEVICES or os.path.realpath(folder).startswith("/proc/"):
        # Beside a photo that a shell handed over as `<(command)`.
        raise ImageError(f"{target}: the system keeps no pictures there. Name a file or a folder with -o.")
    if not os.access(folder, os.W_OK | os.X_OK):
        closed = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        raise ImageError(f"{target}: cannot be written (the folder {folder} is closed to you).") from closed
    # Its folder may be missing still, and beside it something has to lie while it is written.
    for path in (target, folder / target.name, target.with_name(_LONGEST_TEMPORARY)):
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ImageError(f"{target}: cannot be written ({error.strerror}).") from error


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
    the next one that writes to the folder removes. A file that is replaced
    hands on its permissions, and its owner and group where the system allows
    it. Devices and pipes are written to as they are; what a symbolic link
    points at is replaced, not the link.

    Raises:
        ImageError: the folder is missing, not writable or full, or another program keeps hold of the file.
    """
    try:
        if is_stream(path):
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        remove_leftovers(target.parent)
        name = _TEMPORARY.format(process=os.getpid(), space=_process_space(), random=secrets.token_hex(4))
        temporary = target.with_name(name)
        try:
            _write_flushed(temporary, data, _status(target))
            _replace(temporary, target)
        except BaseException:
            # It would hide why the file cannot be written.
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error


def _status(path: Path) -> os.stat_result | None:
    """Status of a file that is there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _write_flushed(path: Path, data: bytes, replaced: os.stat_result | None) -> None:
    """Write a new file, never readable for anybody who cannot read the one that it will replace."""
    mode = 0o600 if replaced else 0o666
    # "x" refuses what somebody laid there to be followed.
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as stream:
        if replaced:
            _hand_on(replaced, stream.fileno())
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _hand_on(replaced: os.stat_result, file: int) -> None:
    """Give an open file the owner, the group and the permissions of another one, as far as the system allows it."""
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(replaced.st_mode) & 0o777
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.fchown(file, replaced.st_uid, -1)
    try:
        if os.fstat(file).st_gid != replaced.st_gid:
            os.fchown(file, -1, replaced.st_gid)
    except OSError:
        # What that group may do was not meant for ours, which gets what everybody has.
        mode = (mode & 0o707) | (mode & 0o007) << 3
    # Some disks know no permissions.
    with contextlib.suppress(OSError):
        os.fchmod(file, mode)


def _replace(source: Path, target: Path) -> None:
    """Give a file the name of another one, and try again for a second if that is held by somebody."""
    for pause_s in _PAUSES_S:
        try:
            os.replace(source, target)
            return
        except OSError as error:
            if error.errno not in _HELD:
                raise
            time.sleep(pause_s)
    os.replace(source, target)


@cache
def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder; once a folder and process.

    A file whose writer's number counts here goes if no such process runs any
    more. Of the writers of other machines and containers nothing can be
    known; what they left goes once it is a day old by the clock of the disk,
    which may be a share whose clock differs from ours.
    """
    here, now_s = _process_space(), cache(_disk_time_s)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _LEFTOVER.fullmatch(entry.name)
            if match is None:
                continue
            # One that may not be removed must not keep the others.
            with contextlib.suppress(OSError):
                # On Windows signal 0 is not a question but Ctrl-C.
                if match[2] == here and sys.platform != "win32":
                    abandoned = not _is_running(int(match[1]))
                else:
                    abandoned = now_s(folder) - entry.stat(follow_symlinks=False).st_mtime > _CLEARLY_OLD_S
                if abandoned:
                    os.unlink(entry.path)


def _disk_time_s(folder: Path) -> float:
    """What the clock says that files in a folder get their times from."""
    # Slow to import, and only wanted where somebody else left something.
    import tempfile

    with tempfile.TemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime


def _process_space() -> str:
    """Within what numbers of processes mean something: this machine, since it started, in this container."""
    parts = []
    if sys.platform != "win32":
        parts.append(os.uname().nodename)
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except OSError:
        # Not Linux: the network card's address tells apart machines of one name.
        import uuid

        parts.append(str(uuid.getnode()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_to_stdout(data: bytes) -> None:
    """Write bytes to standard output, all of them.

    Raises:
        ImageError: it cannot take them.
        BrokenPipeError: nobody reads any more.
    """
    try:
        # What was printed before comes first.
        sys.stdout.flush()
        write_whole(sys.stdout.buffer, data)
        _check_kept(sys.stdout.buffer)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ImageError(f"standard output: cannot be written ({error.strerror}).") from error


def write_whole(stream: BinaryIO, data: bytes) -> None:
    """Write all bytes to a stream, with or without a buffer, and flush it.

    Without a buffer, as under ``python -u``, a stream takes as much as fits
    on the disk, says how much that was, and only refuses the next part.

    Raises:
        OSError: they cannot be written.
    """
    rest = memoryview(data)
    while rest:
        # Nothing where it does not block and is full for the moment.
        count = stream.write(rest)
        if count is None:
            select.select([], [stream.fileno()], [])
        rest = rest[count or 0 :]
    stream.flush()


def _check_kept(stream: BinaryIO) -> None:
    """Hear now of what a share or a disk says only when a file is closed.

    Raises:
        OSError: what was written is lost.
    """
    try:
        descriptor = stream.fileno()
    except (OSError, AttributeError):
        # In memory.
        return
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fsync(descriptor)
    os.close(os.dup(descriptor))


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
