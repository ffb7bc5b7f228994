"""Tables that whoever compares pictures fills in, and folders in which they do not see the key."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from portraitify.errors import ConfigError
from portraitify.io.encoding import encode
from portraitify.io.files import make_folder, write_atomically

ANSWERS_NAME, KEY_NAME = "answers.csv", "key.json"
# What is filled in already.
KNOWN_COLUMNS = ("comparison", "number")
_DIGEST_DIGITS = 8


class Numbered(Protocol):
    """An entry of a key, a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def number(self) -> int:
        """On the sheets, from 1."""


EntryType = TypeVar("EntryType", bound=Numbered)


@dataclass(frozen=True)
class Key(Generic[EntryType]):
    """What tells which picture is which.

    Attributes:
        comparison: a word that stands in the answers too, so that they are not counted with another key.
        entries: in the order of the sheets.
    """

    comparison: str
    entries: tuple[EntryType, ...]


def key_of(seed: int, entries: Iterable[EntryType]) -> Key[EntryType]:
    """A key with a word of its own.

    Args:
        seed: of the order.
        entries: in the order of the sheets.
    """
    known = tuple(entries)
    text = json.dumps([seed, [asdict(entry) for entry in known]])
    return Key(hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_DIGITS], known)


def read_key(folder: Path, kind: type[EntryType], command: str) -> Key[EntryType]:
    """Read what :func:`write_sheets` wrote.

    Args:
        folder: of the key.
        kind: of its entries.
        command: of ``portraitify evaluate``, that wrote it.

    Raises:
        ConfigError: it is missing or no such key.
    """
    path = folder / KEY_NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Key(record["comparison"], tuple(kind(**entry) for entry in record["entries"]))
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path}: no key that `portraitify evaluate {command}` wrote, or damaged.") from error


def make_folders(output: Path, key_folder: Path) -> None:
    """Make a folder for whoever compares, and one for the key.

    Raises:
        ConfigError: the key would lie among the sheets, or a folder holds a comparison already.
        ImageError: a folder cannot be made.
    """
    if key_folder.resolve().is_relative_to(output.resolve()):
        raise ConfigError(f"{key_folder}: the key must not lie in {output}, which is for those who compare.")
    for taken in (output / ANSWERS_NAME, key_folder / KEY_NAME):
        if taken.exists():
            raise ConfigError(f"{taken}: belongs to an earlier comparison. Choose another folder.")
    make_folder(output)
    make_folder(key_folder)


def write_sheets(
    sheets: Iterable[np.ndarray], output: Path, key_folder: Path, columns: Sequence[str], key: Key[EntryType]
) -> list[Path]:
    """Write a comparison.

    Args:
        sheets: ``(H, W, 3)`` uint8 each, numbered from 1.
        output: folder for whoever compares.
        key_folder: folder that they must not see.
        columns: of the table to fill in, those of :data:`KNOWN_COLUMNS` first.
        key: what tells what is what.

    Returns:
        The files: sheets, answers, key.

    Raises:
        ImageError: a file cannot be written.
    """
    written = []
    for number, sheet in enumerate(sheets, 1):
        written.append(output / f"sheet-{number:03d}.png")
        write_atomically(written[-1], encode(sheet))
    answers = io.StringIO()
    table = csv.writer(answers, lineterminator="\n")
    table.writerow(columns)
    empty = [""] * (len(columns) - len(KNOWN_COLUMNS))
    table.writerows([key.comparison, entry.number, *empty] for entry in key.entries)
    told = json.dumps(asdict(key), indent=1, ensure_ascii=False) + "\n"
    for path, text in ((output / ANSWERS_NAME, answers.getvalue()), (key_folder / KEY_NAME, told)):
        write_atomically(path, text.encode())
        written.append(path)
    return written


def read_table(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Lines that hold something, by column, each with its number in the file.

    Columns may be parted by commas, semicolons or tabs, as spreadsheets do.

    Raises:
        ConfigError: it cannot be read, or has other columns; the message says where.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no text in UTF-8. Save it as CSV in UTF-8.") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if "".join(cells).strip()]
    except csv.Error as error:
        raise ConfigError(f"{path}: is no table ({error}).") from error
    header = tuple(cell.lower() for cell in lines[0][1]) if lines else ()
    if header != columns:
        raise ConfigError(f"{path}: its first line must be {','.join(columns)}, not {separator.join(header)!r}.")
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            raise ConfigError(f"{path}, line {number}: has {len(cells)} cells, not {len(columns)}.")
    return [(number, dict(zip(columns, cells, strict=True))) for number, cells in lines[1:]]


def numbered_rows(
    path: Path, columns: tuple[str, ...], key: Key[EntryType], answer: str, words: str
) -> dict[int, tuple[str, dict[str, str]]]:
    """Lines of a filled-in table by the number of what they are about, each with where it stands, for people.

    Args:
        path: of the table.
        columns: those of :data:`KNOWN_COLUMNS` first.
        key: to what is asked.
        answer: the column that must be filled in.
        words: with what, for people.

    Raises:
        ConfigError: it is of another comparison, not filled in, or mangled; the message says where.
    """
    rows = read_table(path, columns)
    open_ones = [row["number"] for _, row in rows if not row[answer]]
    if open_ones:
        raise ConfigError(f"{path}: {len(open_ones)} of {len(rows)} not answered: {listed(open_ones)}. Write {words}.")
    wanted = {entry.number for entry in key.entries}
    found: dict[int, tuple[str, dict[str, str]]] = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        if row["comparison"] != key.comparison:
            raise ConfigError(f"{where}: is of comparison {row['comparison']!r}, the key of {key.comparison!r}.")
        if not (row["number"].isascii() and row["number"].isdecimal()):
            raise ConfigError(f"{where}: {row['number']!r} is no number of the sheets.")
        number = int(row["number"])
        if number not in wanted or number in found:
            problem = "stands there twice" if number in found else "is unknown to the key"
            raise ConfigError(f"{where}: number {number} {problem}.")
        found[number] = where, row
    missing = sorted(wanted - found.keys())
    if missing:
        raise ConfigError(f"{path}: lacks {listed(missing)}. Give every number a line.")
    return found


def listed(numbers: Sequence[object]) -> str:
    """The first of them, for people."""
    most = 8
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return f"{'number' if len(numbers) == 1 else 'numbers'} {', '.join(map(str, numbers[:most]))}{more}"
