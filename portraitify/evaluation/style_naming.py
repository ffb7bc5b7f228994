"""Whether people name the style of paintings that are shown to them without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portraitify.errors import ConfigError
from portraitify.evaluation.answer_tables import (
    KNOWN_COLUMNS,
    key_of,
    make_folders,
    numbered_rows,
    read_key,
    write_sheets,
)
from portraitify.evaluation.bootstrap import Estimate
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.paintings import pictures_in, style_of
from portraitify.evaluation.pair_sheets import on_square
from portraitify.evaluation.preferences import percent, wilson
from portraitify.io.reading import opened, read_image, translated
from portraitify.layout.contact_sheet import Tile, tiles_in_rows
from portraitify.media.registry import STYLES

COLUMNS = (*KNOWN_COLUMNS, "style", "photo")
_ACROSS, _A_SHEET = 4, 12
_YES, _NO = ("yes", "y", "x", "photo", "1"), ("", "no", "n", "0")


@dataclass(frozen=True)
class Shown:
    """A painting on the sheets.

    Attributes:
        number: from 1.
        file: as it was given.
        style: in which it was painted.
    """

    number: int
    file: str
    style: str


@dataclass(frozen=True)
class Named:
    """What was said of the paintings of a style, or of all.

    Attributes:
        named: share whose style was named, with Wilson's interval.
        photo: share that would rather pass for a photo, likewise.
    """

    named: Estimate
    photo: Estimate


def find_paintings(folders: Sequence[Path]) -> list[tuple[Path, str]]:
    """All pictures of some folders with their styles.

    Raises:
        ConfigError: there is none, or the style of one is not known.
    """
    # A folder may be named twice, and what the record says is surer than a word of the name.
    files = {path.resolve(): path for folder in folders for path in pictures_in(folder).values()}
    found = [(path, style_of(path, "") or style_of(path, path.name)) for path in files.values()]
    without = next((path for path, style in found if style not in STYLES), None)
    if without:
        raise ConfigError(f"{without}: neither its name nor a record in it says in which of the styles it is painted.")
    if not found:
        raise ConfigError("The folders hold no pictures.")
    return found


def write_naming(
    paintings: Sequence[tuple[Path, str]],
    output: Path,
    key_folder: Path,
    size_px: int,
    seed: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Write numbered sheets, a table to fill in, and elsewhere the key.

    Args:
        paintings: as :func:`find_paintings` gives them.
        output: folder for those who name.
        key_folder: folder that they must not see.
        size_px: longer side of each picture; the smallest painting's if that is less, or the blur of what was enlarged
            would tell.
        seed: of the order.
        on_progress: called with paintings done and in all.

    Returns:
        The files: sheets, answers, key.

    Raises:
        ConfigError: the key would lie among the sheets, or a folder holds a comparison already.
        ImageError: a picture cannot be read, or a file not be written.
    """
    make_folders(output, key_folder)
    longest = min(size_px, *(_longer_side(path) for path, _ in paintings))
    order = np.random.default_rng(seed).permutation(len(paintings))
    shown = [paintings[index] for index in order]
    key = key_of(seed, (Shown(number, str(path), style) for number, (path, style) in enumerate(shown, 1)))

    def sheets() -> Iterator[np.ndarray]:
        for first in range(0, len(shown), _A_SHEET):
            tiles = []
            for number, (path, _) in enumerate(shown[first : first + _A_SHEET], first + 1):
                tiles.append(Tile(on_square(read_image(path).pixels, longest, size_px), str(number)))
                on_progress(number, len(shown))
            yield tiles_in_rows(tiles, _ACROSS)

    return write_sheets(sheets(), output, key_folder, COLUMNS, key)


def _longer_side(path: Path) -> int:
    """Pixels, by the header of a picture alone."""
    with translated(str(path)), open(path, "rb") as stream, opened(stream, str(path)) as image:
        return max(image.size)


def read_naming(path: Path, key_folder: Path) -> dict[str, Named]:
    """Count a filled-in table: for each style, and for ``all``.

    Raises:
        ConfigError: it is of another comparison, not filled in, or mangled; the message says where.
    """
    key = read_key(key_folder, Shown, "naming")
    rows = numbered_rows(path, COLUMNS, key, "style", ", ".join(STYLES))
    said = {number: _said(row, where) for number, (where, row) in rows.items()}
    right = [(entry.style, said[entry.number][0] == entry.style, said[entry.number][1]) for entry in key.entries]
    groups = {style: [told for told in right if told[0] == style] for style in STYLES} | {"all": right}
    return {name: _counted(told) for name, told in groups.items() if told}


def _said(row: dict[str, str], where: str) -> tuple[str, bool]:
    style, photo = row["style"].lower(), row["photo"].lower()
    if style not in STYLES:
        raise ConfigError(f"{where}: {row['style']!r} is none of {', '.join(STYLES)}.")
    if photo not in _YES + _NO:
        raise ConfigError(f"{where}: {row['photo']!r} is neither yes nor no.")
    return style, photo in _YES


def _counted(told: Sequence[tuple[str, bool, bool]]) -> Named:
    named = wilson(sum(right for _, right, _ in told), len(told))
    photo = wilson(sum(taken for *_, taken in told), len(told))
    assert named is not None
    assert photo is not None
    return Named(named, photo)


def naming_markdown(found: dict[str, Named]) -> str:
    """A table for people."""
    rows = [[name, str(told.named.count), percent(told.named), percent(told.photo)] for name, told in found.items()]
    header = ["style", "paintings", "style named", "would rather pass for a photo"]
    return markdown_table(header, rows, align_right=True) + "\nBrackets hold Wilson's 95 % intervals (1927).\n"
