"""Writing files so that they are either complete or not there."""

from __future__ import annotations

import contextlib
import os
import stat
from functools import cache
from pathlib import Path

from portraitify.errors import ImageError

# A dot in front, the writer's process number and this behind: `.me.png.4711.portraitify`.
_PART = ".portraitify"


def is_stream(path: Path) -> bool:
    """Whether a path is a device, a pipe or a socket, such as ``/dev/stdout``."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


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
        temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}{_PART}")
        try:
            _write_flushed(temporary, data)
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error


def _write_flushed(path: Path, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@cache
def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder; once a folder and process."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(_PART):
                writer = entry.name[: -len(_PART)].rpartition(".")[2]
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
