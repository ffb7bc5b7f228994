"""What reports tell of paintings."""

import json
from pathlib import Path

import pytest

from portraitify.errors import ConfigError
from portraitify.gallery.told import failure_of, read_report, told_of
from tests.gallery.made_up import record_of, report_line

FIRST, SECOND = Path("a.1.portrait.png"), Path("a.2.portrait.png")


def test_each_file_has_what_is_told_of_it():
    told = dict(told_of(report_line(FIRST, SECOND)))
    assert list(told) == [FIRST, SECOND]
    first = told[FIRST]
    assert (first.style, first.reference, first.photo) == ("oil", "A Painter, 1650", "selfie.jpg")
    assert first.reasons == (("dark key", 2.0),)
    assert first.warnings == ("the face is small in the photo", "the file ends too early")
    assert first.is_of(record_of())
    assert not first.is_of(record_of("ink"))
    assert not first.is_of(record_of(seed=1))


def test_a_costume_is_after_the_master():
    costume = {"dress": "a red cloak", "artist": "Titian", "title": "A Man", "date": "1520"}
    told = dict(told_of(report_line(FIRST, costume=costume)))[FIRST]
    assert (told.costume, told.reference) == ("in a red cloak", "Titian, “A Man”, 1520")


def test_a_sheet_joins_what_is_told_of_its_parts():
    line = report_line(FIRST, SECOND)
    other = line["paintings"][0] | {"style": "ink", "reference": {"painter": "", "title": "", "date": ""}}
    line["paintings"] = [line["paintings"][0], other] * 2
    told = dict(told_of(line))
    assert told[FIRST] == told[SECOND]
    assert (told[FIRST].style, told[FIRST].reference) == ("sheet", "A Painter, 1650; an unknown painter")


def test_photos_that_failed_are_named_without_their_folder():
    source = "/home/somebody/photos/wall.jpg"
    line = {
        "source": source,
        "status": "failed",
        "files": [],
        "paintings": [],
        "error": f"{source}: no face was found.",
    }
    failure = failure_of(line)
    assert (failure.photo, failure.error) == ("wall.jpg", "wall.jpg: no face was found.")
    assert failure_of(report_line(FIRST)) is None
    assert dict(told_of(line)) == {}


@pytest.mark.parametrize("text", ["no json", "[1]", '{"a": 1}', '"text"'])
def test_what_is_no_report_is_told(tmp_path, text):
    (tmp_path / "report.jsonl").write_text(text)
    with pytest.raises(ConfigError, match="no report"):
        read_report(tmp_path / "report.jsonl")


def test_lines_that_lack_something_are_told(tmp_path):
    line = report_line(FIRST)
    del line["paintings"][0]["reasons"]
    with pytest.raises(ValueError, match="reasons"):
        list(told_of(line))


def test_a_report_is_read(tmp_path):
    lines = [report_line(FIRST), report_line(SECOND)]
    (tmp_path / "report.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert read_report(tmp_path / "report.jsonl") == lines
    with pytest.raises(ConfigError, match="cannot be read"):
        read_report(tmp_path / "none.jsonl")
