"""A report that becomes one file at the end: Parquet, or in a store, where no file can be added to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from portraitify.batch.locations import Place
from portraitify.batch.stores import Store
from portraitify.errors import ConfigError, ImageError

PARQUET_SUFFIXES = (".parquet", ".pq")
_ROWS_AT_ONCE = 2000
# What each painting says has no fixed columns: it stays JSON, which all engines that read Parquet can look into.
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("status", pa.string()),
        ("files", pa.list_(pa.string())),
        ("styles", pa.list_(pa.string())),
        ("paintings", pa.string()),
        ("warnings", pa.list_(pa.string())),
        ("seconds", pa.float64()),
        ("error", pa.string()),
        ("code", pa.int32()),
    ]
)


class MergedReport:
    """Lines of all workers, kept on this machine's disk until they become one file.

    Args:
        place: the file; its name says whether it becomes Parquet or lines of JSON.
        append: keep what it holds already.

    Raises:
        ConfigError: what it holds already cannot be read, or is something else.
    """

    def __init__(self, place: Place, append: bool):
        self._store, self._path = place.store or Store(fs.LocalFileSystem()), place.path
        self._lines: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            if append and self._store.exists(self._path):
                self._lines.writelines(line.encode() + b"\n" for line in self._earlier())
        except (OSError, ValueError, ImageError) as error:
            self._lines.close()
            raise ConfigError(f"{place.name}: is no earlier report that could be added to ({error}).") from error

    def write(self, line: str) -> None:
        """Add a line.

        Raises:
            OSError: it cannot be kept.
        """
        self._lines.write(line.encode() + b"\n")

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        self._lines.seek(0)
        try:
            with self._lines, self._store.writing(self._path) as stream:
                if is_parquet(self._path):
                    _write_parquet(self._lines, stream)
                else:
                    for line in self._lines:
                        stream.write(line)
        except ImageError as error:
            raise OSError(None, str(error)) from error

    def _earlier(self) -> Iterator[str]:
        with self._store.filesystem.open_input_file(self._path.as_posix()) as stream:
            if not is_parquet(self._path):
                yield from (json.dumps(json.loads(line)) for line in stream.read().splitlines())
                return
            for batch in pq.ParquetFile(stream).iter_batches(_ROWS_AT_ONCE):
                yield from (json.dumps(_record(row)) for row in batch.to_pylist())


def is_parquet(path: Path) -> bool:
    """Whether a report becomes Parquet, by what its name ends in."""
    return path.suffix.lower() in PARQUET_SUFFIXES


def _write_parquet(lines: Iterable[bytes], stream: Any) -> None:
    rows = (_row(json.loads(line)) for line in lines)
    with pq.ParquetWriter(stream, SCHEMA, compression="zstd") as writer:
        while part := list(islice(rows, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(part, SCHEMA))


def _row(record: dict[str, Any]) -> dict[str, Any]:
    """A line of a report as columns."""
    styles = [painting["style"] for painting in record["paintings"]]
    return record | {"styles": styles, "paintings": json.dumps(record["paintings"])}


def _record(row: dict[str, Any]) -> dict[str, Any]:
    """Columns as the line that they were."""
    record = {name: value for name, value in row.items() if name != "styles" and value is not None}
    return record | {"paintings": json.loads(row["paintings"])}
