"""What became of a photo, as plain values for JSON, and the file that such lines are collected in."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from portraitify.batch.runner import Outcome
from portraitify.io.files import is_stream, write_whole

if TYPE_CHECKING:
    from portraitify.results import Painting

# How a line of ours begins; half of one is thrown away, what others wrote is not.
_LINE_START = b'{"source": '
_BLOCK_BYTES = 1 << 16


class Lines(Protocol):
    """What a report's lines are written to."""

    def write(self, line: str) -> None:
        """Add a line, or raise an ``OSError``."""

    def close(self) -> None:
        """Make the file complete, or raise an ``OSError``."""


class ReportFile:
    """A file of lines; it holds whole ones only, also after a crash or on a full disk.

    Args:
        path: a file, or a device or pipe.
        append: keep what it holds already; what a crash left of a last line is removed.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, append: bool):
        self._seekable = not is_stream(path)
        if append and self._seekable:
            _mend_end(path)
        self._stream = open(path, "ab" if append else "wb", buffering=0)  # noqa: SIM115
        self._size = os.fstat(self._stream.fileno()).st_size

    def write(self, line: str) -> None:
        """Add a line.

        Raises:
            OSError: it cannot be written, and no part of it was.
        """
        data = line.encode() + b"\n"
        try:
            write_whole(self._stream, data)
        except OSError:
            if self._seekable:
                with contextlib.suppress(OSError):
                    self._stream.truncate(self._size)
            raise
        self._size += len(data)

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: what was written is lost.
        """
        self._stream.close()


def _mend_end(path: Path) -> None:
    """Let a file end with a whole line: remove a cut line of ours, end any other one."""
    if not path.exists():
        return
    with open(path, "r+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        last = b""
        while end > 0 and b"\n" not in last:
            start = max(end - _BLOCK_BYTES, 0)
            stream.seek(start)
            last = stream.read(end - start) + last
            end = start
        last = last[last.rfind(b"\n") + 1 :]
        if not last:
            return
        size = stream.seek(0, os.SEEK_END)
        if _is_cut(last):
            stream.truncate(size - len(last))
        else:
            stream.write(b"\n")


def _is_cut(line: bytes) -> bool:
    """Whether a line is the beginning of one of ours."""
    if not line.startswith(_LINE_START[: len(line)]):
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def outcome_record(outcome: Outcome, exit_code: Callable[[BaseException], int]) -> dict[str, Any]:
    """One photo's line of a report.

    Args:
        outcome: what became of it.
        exit_code: gives the code of an error.
    """
    record: dict[str, Any] = {
        "source": outcome.job.name,
        "status": outcome.status,
        "files": [outcome.job.title(path) for path in outcome.files],
        "paintings": [
            _painting_record(part) for painting in outcome.paintings for part in painting.parts or (painting,)
        ],
        "warnings": list(outcome.warnings),
        "seconds": round(outcome.seconds, 3),
    }
    if outcome.error is not None:
        record["error"] = " ".join(str(outcome.error).split()) or type(outcome.error).__name__
        record["code"] = exit_code(outcome.error)
    return record


def _painting_record(painting: Painting) -> dict[str, Any]:
    source, reference, provenance = painting.face.source, painting.reference, painting.provenance
    return {
        "style": painting.choice.style,
        "probabilities": {name: round(value, 4) for name, value in painting.choice.probabilities.items()},
        "reason": painting.choice.reason,
        "reasons": [
            {"attribute": reason.attribute, "words": reason.words, "effect": round(reason.effect, 3)}
            for reason in painting.choice.reasons
        ],
        "attributes": painting.choice.attributes.record() if painting.choice.attributes else {},
        "style_code": reference.identifier,
        "reference": {"painter": reference.painter, "title": reference.title, "date": reference.date},
        "mixture": _mixture_record(painting),
        "costume": painting.costume.record() if painting.costume else None,
        "seed": provenance.seed,
        "size": provenance.size_px,
        "weights": provenance.weights,
        "face": {
            "number": source.number,
            "box": [round(float(value), 1) for value in source.box],
            "certainty": round(source.score, 4),
            "turned": 90 * source.quarter_turns,
        },
        "seconds": {name: round(value, 4) for name, value in painting.seconds.items()},
        "warnings": list(painting.warnings),
    }


def _mixture_record(painting: Painting) -> list[dict[str, Any]]:
    """What of a mixture is how much; nothing for one painting alone."""
    parts = painting.reference.parts
    return [
        {
            "share": round(share, 3),
            "style": entry.style,
            "style_code": entry.identifier,
            "painter": entry.painter,
            "title": entry.title,
            "date": entry.date,
        }
        for entry, share in (parts if len(parts) > 1 else ())
    ]


def inspection_record(path: Path, values: dict[str, Any] | None) -> dict[str, Any]:
    """One file's line of ``portraitify inspect --json``."""
    return {"file": str(path), "machine_made": values is not None, **(values or {})}
