"""``--report``: to a file, or to stdout as ``-``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_a_report_may_go_to_stdout(paint, small_photo, here, capsys, write_photos, name, more):
    write_photos(here / "in", small_photo, 1)
    (here / "in" / "bad.jpg").write_text("no picture")
    assert paint("in", "-o", "out", "--report", name, *more) == 7
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["painted", "failed"]
    assert lines[0]["paintings"][0]["style"]
    assert sorted(os.listdir(here)) == ["in", "out"]


def test_a_report_and_a_painting_do_not_share_stdout(paint, photo, here, capsys):
    assert paint(photo, "-o", "-", "--report", "-") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--report - needs stdout for itself" in err


def test_the_same_lines_twice_make_no_sense(paint, photo, here, capsys):
    assert paint(photo, "-o", "out/", "--json", "--report", "-") == 2
    assert "Leave out one of them" in capsys.readouterr().err
    assert os.listdir(here) == []


def test_a_report_is_whole_up_to_the_photo_at_which_a_process_dies(paint, small_photo, here, write_photos, monkeypatch):
    write_photos(here / "in", small_photo, 3)
    seen: list[list[str]] = []
    from portraitify.cli.reporter import Reporter

    add = Reporter.add

    def look(self, outcome):
        add(self, outcome)
        # What another process reads now is what a crash would leave.
        seen.append([json.loads(line)["source"] for line in Path("report.jsonl").read_text().splitlines()])

    monkeypatch.setattr(Reporter, "add", look)
    assert paint("in", "--report", "report.jsonl") == 0
    sources = [os.path.join("in", f"{number:04d}.jpg") for number in range(3)]
    assert seen == [sources[:1], sources[:2], sources]
