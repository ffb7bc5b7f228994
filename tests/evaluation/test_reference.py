"""Whether paintings after a picture come nearer to its painter: the way it is measured."""

from __future__ import annotations

import json

import pytest

from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError
from portraitify.evaluation import reference
from portraitify.evaluation.reference import ReferenceReading, measure_references, to_markdown


@pytest.fixture
def one_painter(prepared_folder) -> PreparedData:
    """All oils are by one hand, and two photos are held out."""
    path = prepared_folder / "records.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for number, record in enumerate(records):
        if record["set"] == "oil":
            record["artist"] = "Berthe Morisot" if number % 2 else "berthe morisot"
        if record["set"] == "photos" and number == 2:
            record["split"] = "held-out"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return PreparedData(prepared_folder)


def test_both_ways_are_measured_on_the_same_sitters(one_painter, random_weights, monkeypatch):
    monkeypatch.setattr(reference, "LEAST_OTHERS", 3)
    monkeypatch.setattr(reference, "_SIZE_PX", 128)
    seen = []
    (reading,) = measure_references(
        one_painter, random_weights, 20, 2, 0, lambda done, total: seen.append((done, total))
    )
    assert (reading.style, reading.others, seen) == ("oil", 3, [(1, 1)])
    assert reading.after_it != reading.after_any


def test_painters_without_other_works_cannot_be_measured(one_painter, random_weights):
    with pytest.raises(ConfigError, match="no held-out painting"):
        measure_references(one_painter, random_weights, 20, 2, 0)


def test_the_table_says_how_much_nearer():
    readings = [ReferenceReading("A", "oil", 9, 0.5, 1.0), ReferenceReading("B", "ink", 8, 1.0, 1.0)]
    assert "25% nearer; nearer for 1 of 2" in to_markdown(readings)
