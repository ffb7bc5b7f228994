"""What a batch tells of its paintings, beyond what each says about itself."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portraitify.batch.runner import FAILED
from portraitify.errors import ConfigError
from portraitify.io.provenance import SHEET, Provenance

_UNKNOWN = "an unknown painter"


@dataclass(frozen=True)
class Told:
    """What a line of a report tells of one painting.

    Attributes:
        style: one of the styles, or ``sheet``.
        seed: as given, or -1 where that is not known.
        reference: painter, title and date of the old painting, for people.
        costume: what the sitter wears.
        photo: name of the photo's file.
        reason: half a sentence on why the style was chosen.
        reasons: what spoke for it, and by what factor it raised the odds.
        odds: how likely each style was.
        warnings: what may have spoilt it.
    """

    style: str = ""
    seed: int = -1
    reference: str = ""
    costume: str = ""
    photo: str = ""
    reason: str = ""
    reasons: tuple[tuple[str, float], ...] = ()
    odds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def is_of(self, found: Provenance) -> bool:
        """Whether a painting can be the one that this tells of, and not one that took its place later."""
        return (self.style, self.seed) == (found.style, found.seed)


@dataclass(frozen=True)
class Failure:
    """A photo that was not painted.

    Attributes:
        photo: name of its file.
        error: why, for people.
    """

    photo: str
    error: str


def told_of(record: Mapping[str, Any]) -> Iterator[tuple[Path, Told]]:
    """What a line of a report tells of each file that was written.

    Args:
        record: see :func:`portraitify.batch.report.outcome_record`.

    Raises:
        ValueError: it is something else.
    """
    try:
        files, paintings = [Path(name) for name in record["files"]], list(record["paintings"])
        # Of a sheet, or of a group in costumes, each part has a record of its own.
        each = len(paintings) // len(files) if files else 0
        if each:
            for number, path in enumerate(files):
                yield path, _told(record, paintings[number * each : (number + 1) * each])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no line of a report: {error!r}") from error


def failure_of(record: Mapping[str, Any]) -> Failure | None:
    """What a line of a report tells of a photo that was not painted; its folder is nobody's business."""
    if record.get("status") != FAILED:
        return None
    source = str(record.get("source", ""))
    name = os.path.basename(source) or source
    return Failure(name, str(record.get("error", "")).replace(source, name))


def read_report(path: Path) -> list[dict[str, Any]]:
    """The lines of a report.

    Raises:
        ConfigError: it cannot be read, or is something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise ConfigError(f"{path}: the report cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise ConfigError(f"{path}: no report. Name a file that --report wrote.") from error
    if not all(isinstance(record, dict) and "source" in record and "status" in record for record in records):
        raise ConfigError(f"{path}: no report. Name a file that --report wrote.")
    return records


def _told(record: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> Told:
    first = parts[0]
    styles = dict.fromkeys(str(part["style"]) for part in parts)
    single = len(parts) == 1
    warnings = first["warnings"] if single else [text for part in parts for text in part["warnings"]]
    return Told(
        style=first["style"] if len(styles) == 1 else SHEET,
        seed=int(first["seed"]),
        reference="; ".join(dict.fromkeys(map(_label, parts))),
        costume="; ".join(dict.fromkeys(f"in {part['costume']['dress']}" for part in parts if part["costume"])),
        photo=os.path.basename(str(record["source"])),
        reason=str(first["reason"]) if single else "",
        reasons=tuple((str(item["words"]), round(math.exp(item["effect"]), 2)) for item in first["reasons"] if single),
        odds={str(name): float(value) for name, value in first["probabilities"].items()},
        # Those of the photo are told with the job only, and count for all of its paintings.
        warnings=tuple(dict.fromkeys([*warnings, *_of_photo(record)])),
    )


def _of_photo(record: Mapping[str, Any]) -> Iterator[str]:
    """Warnings of how the photo was read: those of the job that are of none of its paintings."""
    painted = {text for painting in record["paintings"] for text in painting["warnings"]}
    return (text for text in record["warnings"] if text not in painted)


def _label(part: Mapping[str, Any]) -> str:
    """Painter, title and date, as a painting's own record has them."""
    worn = part["costume"]
    known = worn or part["reference"]
    title = known["title"] and f"“{known['title']}”"
    painter = (worn["artist"] if worn else known["painter"]) or _UNKNOWN
    return ", ".join(text for text in (painter, title, known["date"]) if text)
