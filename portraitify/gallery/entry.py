"""One painting in a gallery, as plain values that the page and later runs read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from portraitify.gallery.told import Told
from portraitify.io.provenance import Provenance
from portraitify.io.reading import short_digest

_DATES = re.compile(r"\s*\([^()]*\d{3}[^()]*\)$")
_DIGITS = 16


@dataclass(frozen=True)
class Entry:
    """What the page knows of a painting; what is empty is left out of the page.

    Attributes:
        file: where it lies, from the gallery's folder on, with slashes.
        stamp: its size in bytes, and when it changed, nanoseconds; tells whether it is still the same file.
        width: in pixels, with a picture frame.
        height: likewise.
        thumbnail: name of its small copy.
        mark: what the small copies are named after; a copied painting keeps it.
        style: one of the styles, ``sheet``, or empty where nothing is known.
        painters: of the old paintings after which it is painted; several on a sheet.
        reference: these paintings, for people.
        costume: what the sitter wears, or the name of the master's picture.
        photo: name of the photo's file.
        size_px: longer side of what is painted.
        seed: as given.
        face: which of how many faces, such as ``1/3``.
        command: what paints it again.
        reason: half a sentence on why the style was chosen.
        reasons: what spoke for it, and by what factor it raised the odds.
        odds: how likely each style was.
        warnings: what may have spoilt it.
        before: name of the small copy of the photo's part that it shows.
        beside: whether photo and painting lie differently, so that they are shown side by side.
    """

    file: str
    stamp: tuple[int, int]
    width: int
    height: int
    thumbnail: str
    mark: str
    style: str = ""
    painters: tuple[str, ...] = ()
    reference: str = ""
    costume: str = ""
    photo: str = ""
    size_px: int = 0
    seed: int = -1
    face: str = ""
    command: str = ""
    reason: str = ""
    reasons: tuple[tuple[str, float], ...] = ()
    odds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    before: str = ""
    beside: bool = False

    def record(self) -> dict[str, Any]:
        """As plain values; what is empty is left out."""
        usual = {item.name: item.default for item in fields(self)}
        return {
            name: value for name, value in asdict(self).items() if value != usual[name] and value not in ({}, (), [])
        }

    @classmethod
    def from_record(cls, values: Mapping[str, Any]) -> Entry:
        """Build from what :meth:`record` gave.

        Raises:
            TypeError: it is something else.
            ValueError: likewise.
        """
        known = {item.name: values[item.name] for item in fields(cls) if item.name in values}
        for name in ("painters", "warnings"):
            known[name] = tuple(known.get(name, ()))
        known["reasons"] = tuple((str(words), float(factor)) for words, factor in known.get("reasons", ()))
        size, changed = known.get("stamp", ())
        return cls(**known | {"stamp": (int(size), int(changed))})

    @property
    def told(self) -> Told:
        """What only a report could have told of it."""
        return Told(
            self.style, self.seed, self.reference, self.costume, self.photo, self.reason, self.reasons, self.odds,
            self.warnings,
        )  # fmt: skip


def stamp_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds.

    Raises:
        OSError: there is no such file.
    """
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def mark_of(file: str, found: Provenance | None, size_bytes: int) -> str:
    """A short name for one version of one painting; the same in a copy of the folder.

    Args:
        file: where it lies, from the gallery's folder on.
        found: what it says about itself.
        size_bytes: of the file.
    """
    record = (found.source, found.style_code, str(found.seed), found.face) if found else ()
    return short_digest(b"\0".join(map(os.fsencode, (file, str(size_bytes), *record))))[:_DIGITS]


def painters_of(reference: str) -> tuple[str, ...]:
    """The painters in a label such as ``Raphael, “Woman with a veil”``, or in several with semicolons between.

    Years of birth and death are left out, so that a painter has one name.
    """
    return tuple(dict.fromkeys(_painter(label) for label in reference.split("; ") if label))


def _painter(label: str) -> str:
    name, title, _ = label.partition(", “")
    if not title:
        before, comma, date = name.rpartition(", ")
        name = before if comma and re.search(r"\d", date) else name
    return _DATES.sub("", name) or name
