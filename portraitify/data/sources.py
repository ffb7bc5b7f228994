"""What a folder of training pictures holds, and which of them are held out."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portraitify.errors import ConfigError
from portraitify.media.registry import STYLES

PHOTOS = "photos"
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
_HELD_OUT_SHARE = 0.1


@dataclass(frozen=True)
class SourcePicture:
    """One picture before preparation.

    Attributes:
        path: where it lies.
        file: its name relative to the data folder.
        set: ``photos`` or one of the styles.
        artist: painter where known, else empty.
        title: of the painting where known, else empty.
        date: of the painting where known, else empty.
        source: collection it came from; used to balance the sampling.
        licence: as the manifest says.
    """

    path: Path
    file: str
    set: str
    artist: str = ""
    title: str = ""
    date: str = ""
    source: str = ""
    licence: str = ""

    @property
    def held_out(self) -> bool:
        """Whether training must never see it, decided by sitter or painting, not by file."""
        digest = hashlib.sha256(self._identity().encode()).digest()
        return digest[0] < 256 * _HELD_OUT_SHARE

    @property
    def collection(self) -> str:
        """The source without version and file, as a unit for balanced sampling."""
        return re.split(r"[@:]", self.source)[0] or "folder"

    def _identity(self) -> str:
        # The webmorphR stimuli show the same sitter in several files that begin with one number.
        sitter = re.search(r"inst/(?:neutral|smiling)_front/(\d+)_", self.source)
        return f"sitter {sitter.group(1)}" if sitter else self.file

    def record(self) -> dict[str, Any]:
        """What is kept of it beside the prepared pixels."""
        kept = asdict(self)
        del kept["path"]
        return {**kept, "collection": self.collection, "split": "held-out" if self.held_out else "train"}


def list_pictures(folder: Path) -> list[SourcePicture]:
    """List the pictures of a data folder.

    The folder holds ``photos/`` and one folder for each style. A
    ``manifest.csv`` beside them (columns file, set, artist, date, source,
    licence, train) adds what is known; then only its rows with ``train=yes``
    count.

    Raises:
        ConfigError: the folder holds no usable picture.
    """
    manifest = folder / "manifest.csv"
    pictures = list(_from_manifest(manifest) if manifest.exists() else _from_folders(folder))
    if not pictures:
        raise ConfigError(f"{folder}: no pictures. Expected the folders photos/ and {', '.join(STYLES)}.")
    return pictures


def list_masters(folder: Path) -> list[SourcePicture]:
    """List the portraits of a folder of large works, which teach strokes at their real size.

    Its ``manifest.csv`` has the columns file, style, artist, title, date,
    source and licence; rows of other styles than ours count for nothing.

    Raises:
        ConfigError: the folder holds no such list, or no portrait.
    """
    manifest = folder / "manifest.csv"
    try:
        with manifest.open(newline="", encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if row["style"] in STYLES and row["file"].startswith(STYLES)]
    except OSError as error:
        raise ConfigError(f"{manifest}: cannot be read ({error.strerror}).") from error
    if not rows:
        raise ConfigError(f"{folder}: no portraits of the styles {', '.join(STYLES)}.")
    return [
        SourcePicture(
            path=folder / row["file"],
            file=f"masters/{row['file']}",
            set=row["style"],
            artist=row["artist"],
            title=row["title"],
            date=row["date"],
            source=row["source"],
            licence=row["licence"],
        )
        for row in rows
    ]


def _from_manifest(manifest: Path) -> Iterator[SourcePicture]:
    with manifest.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["train"] != "yes" or row["set"] not in (PHOTOS, *STYLES):
                continue
            yield SourcePicture(
                path=manifest.parent / row["file"],
                file=row["file"],
                set=row["set"],
                artist=row["artist"],
                title=title_from_source(row["source"], row["artist"]) if row["set"] != PHOTOS else "",
                date=row["date"],
                source=row["source"],
                licence=row["licence"],
            )


def _from_folders(folder: Path) -> Iterator[SourcePicture]:
    for name in (PHOTOS, *STYLES):
        with suppress(ConfigError):
            yield from list_folder(folder / name, name)


def list_folder(folder: Path, name: str) -> list[SourcePicture]:
    """List the pictures that lie in a folder, as members of one set.

    Raises:
        ConfigError: there are none.
    """
    found = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in _SUFFIXES]
    if not found:
        raise ConfigError(f"{folder}: holds no pictures.")
    return [SourcePicture(path=path, file=f"{name}/{path.name}", set=name) for path in found]


def title_from_source(source: str, artist: str) -> str:
    """Read a title off a file name such as ``.../edgar-degas_self-portrait-1866.jpg``.

    Returns an empty string where the name is a number or a code and so tells nothing.
    """
    stem = re.sub(r"\.\w{3,4}$", "", source.rsplit("/", 1)[-1].rsplit(":", 1)[-1])
    stem = stem.rsplit("_", 1)[-1] if re.match(r"^[a-z-]+_[a-z]", stem) else stem
    words = re.sub(r"[-_]+", " ", stem)
    words = re.sub(r"(\s*\b\d{4}\b\s*)+\w?$", "", words).strip()
    words = re.sub(rf"^{re.escape(artist.lower())}\s+", "", words) if artist else words
    letters = sum(character.isalpha() for character in words)
    if letters < 6 or letters < 0.7 * len(words) or " " not in words:
        return ""
    return words[0].upper() + words[1:]
