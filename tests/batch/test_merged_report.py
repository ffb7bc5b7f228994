"""Reports that become one file at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from portraitify.batch.locations import Place
from portraitify.batch.merged_report import MergedReport
from portraitify.batch.stores import Store
from portraitify.errors import ConfigError

PAINTED = {
    "source": "a.jpg",
    "status": "painted",
    "files": ["a.png"],
    "paintings": [{"style": "ink", "seed": 0}],
    "warnings": [],
    "seconds": 0.5,
}
FAILED = PAINTED | {"source": "b.jpg", "status": "failed", "files": [], "paintings": [], "error": "why", "code": 3}


def written(place: Place, records: list[dict], append: bool = False) -> None:
    report = MergedReport(place, append)
    for record in records:
        report.write(json.dumps(record))
    report.close()


def test_parquet_has_columns_and_is_added_to(tmp_path):
    place = Place(None, tmp_path / "report.parquet")
    written(place, [PAINTED])
    written(place, [FAILED], append=True)
    rows = pq.read_table(place.path).to_pylist()
    assert [(row["source"], row["styles"], row["code"], row["error"]) for row in rows] == [
        ("a.jpg", ["ink"], None, None),
        ("b.jpg", [], 3, "why"),
    ]
    assert json.loads(rows[0]["paintings"]) == PAINTED["paintings"]
    assert [path.name for path in tmp_path.iterdir()] == ["report.parquet"]
    written(place, [FAILED])
    assert pq.read_table(place.path).num_rows == 1


def test_nothing_painted_is_a_report_too(tmp_path):
    written(Place(None, tmp_path / "report.parquet"), [])
    assert pq.read_table(tmp_path / "report.parquet").num_rows == 0


def test_lines_in_a_store(tmp_path):
    store = Store(fs._MockFileSystem(), "mock://")
    place = Place(store, Path("out/report.jsonl"))
    written(place, [PAINTED, FAILED])
    written(place, [PAINTED], append=True)
    with store.filesystem.open_input_file("out/report.jsonl") as stream:
        assert [json.loads(line) for line in stream.read().splitlines()] == [PAINTED, FAILED, PAINTED]
    store.write(Path("photo.jsonl"), b"no report")
    with pytest.raises(ConfigError, match=r"mock://photo\.jsonl: is no earlier report"):
        MergedReport(Place(store, Path("photo.jsonl")), append=True)
