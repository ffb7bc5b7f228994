"""Standard output and error of this process: every byte is written, or somebody hears that it was not."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from typing import Any

STDOUT, STDERR = "standard output", "standard error"


class _Descriptor(io.FileIO):
    """An open descriptor that takes all bytes it is given, also where it is full for the moment.

    Args:
        descriptor: left open at the end.
        name: by which its errors are told from those of files.
        optional: whether what cannot be written is dropped, since nobody could be told.
    """

    def __init__(self, descriptor: int, name: str, optional: bool = False):
        super().__init__(descriptor, "w", closefd=False)
        self._title, self._optional = name, optional

    def write(self, data: Any) -> int:
        """Write all of it.

        Raises:
            OSError: it cannot be written; its ``filename`` is the stream's name.
        """
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                count = super().write(rest)
                if count is None:
                    # A terminal or a pipe that another program made non-blocking.
                    select.select([], [self.fileno()], [])
                rest = rest[count or 0 :]
        except OSError as error:
            if not self._optional:
                raise OSError(error.errno, error.strerror, self._title) from error
        return size


def own_streams() -> None:
    """Write to stdout and stderr through buffers of our own; for a process that is ours alone.

    With ``python -u`` or ``PYTHONUNBUFFERED`` Python's own streams take what the
    system takes of a write and drop the rest. Where they are no plain descriptors, as in a
    console of Windows, they stay.
    """
    for title, stream in ((STDOUT, sys.stdout), (STDERR, sys.stderr)):
        buffer = getattr(stream, "buffer", None)
        if type(getattr(buffer, "raw", buffer)) is not io.FileIO:
            continue
        stream.flush()
        raw = _Descriptor(stream.fileno(), title, optional=title == STDERR)
        at_once = bool(stream.line_buffering or getattr(stream, "write_through", False))
        wrapped = io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=at_once)
        setattr(sys, "stdout" if title == STDOUT else "stderr", wrapped)


def mend_streams() -> None:
    """Make streams usable that are closed, or whose encoding lacks some letters of painters' names."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def stdout_is_closed() -> bool:
    """Whether the process began without a standard output, so that what is written there is lost."""
    return sys.__stdout__ is None and getattr(sys.stdout, "name", "") == os.devnull


def silence(stream: Any) -> None:
    """Let what is written to a stream go nowhere; also what is still in its buffer."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def flush_streams() -> None:
    """Write what is still in a buffer, so that Python finds nothing to complain of when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            silence(stream)
