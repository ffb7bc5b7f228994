"""The command that stays: photos that arrive are painted, and a signal ends it as people and services expect."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from portraitify.batch.jobs import Job
from portraitify.batch.runner import FAILED, PAINTED, Outcome
from portraitify.cli import exit_codes
from portraitify.cli.reporter import Reporter
from portraitify.errors import ImageError
from portraitify.io.provenance import read_provenance

PATIENCE_S = 60.0


def wait_for(what: Callable[[], object]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end_s, "nothing came"
        time.sleep(0.02)


def test_photos_that_arrive_are_painted_until_ctrl_c(random_weights, small_photo, tmp_path):
    inside, outside, log = tmp_path / "in", tmp_path / "in" / "out", tmp_path / "log"
    inside.mkdir()
    (inside / "first.jpg").write_bytes(small_photo)
    command = [sys.executable, "-m", "portraitify", inside, "-o", outside, "--watch", "--json", "--recursive"]
    options = ["--report", tmp_path / "report.jsonl", "--weights", random_weights, "--device", "cpu", "--size", "128"]
    with open(log, "w") as stderr, subprocess.Popen([*command, *options], stdout=-1, stderr=stderr) as process:
        try:
            wait_for((outside / "first.portrait.png").exists)
            (inside / "bad.jpg").write_text("this is no picture")
            (inside / "second.jpg.part").write_bytes(small_photo + b"2")
            (inside / "second.jpg.part").rename(inside / "second.jpg")
            wait_for(lambda: (outside / "second.portrait.png").exists() and "bad.jpg" in log.read_text())
        finally:
            process.send_signal(signal.SIGINT)
            out = process.stdout.read().decode()
    assert process.returncode == exit_codes.DONE
    assert sorted(os.listdir(outside)) == ["first.portrait.png", "second.portrait.png"]
    assert read_provenance(outside / "second.portrait.png") is not None
    records = [json.loads(line) for line in out.splitlines()]
    assert sorted((Path(record["source"]).name, record["status"]) for record in records) == [
        ("bad.jpg", "failed"),
        ("first.jpg", "painted"),
        ("second.jpg", "painted"),
    ]
    assert (tmp_path / "report.jsonl").read_text() == out
    assert log.read_text().splitlines()[-1] == "portraitify: ended: 2 painted, 1 failed."


def test_a_service_ends_it_politely_and_begun_again_it_goes_on(paint, small_photo, tmp_path, capsys):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    (inside / "a.jpg").write_bytes(small_photo)

    def end_after(name: str, text: str) -> None:
        try:
            wait_for((outside / name).exists)
            # What was written is told of a moment later.
            wait_for(lambda: text in (tmp_path / "report.jsonl").read_text())
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    for name, text, told in (
        ("a.portrait.png", "painted", "ended: 1 painted, 0 failed."),
        ("a.portrait.png", "skipped", "ended: 0 painted, 1 skipped, 0 failed."),
    ):
        ender = threading.Thread(target=end_after, args=(name, text))
        ender.start()
        assert paint(inside, "-o", outside, "--watch", "--report", tmp_path / "report.jsonl") == exit_codes.DONE
        ender.join()
        assert told in capsys.readouterr().err


def test_wrong_usage_is_told_of(paint, photo, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for arguments, code, message in (
        ([photo, "--watch"], exit_codes.USAGE, "is a file"),
        ([tmp_path / "none", "--watch"], exit_codes.IMAGE, "no such folder"),
        ([tmp_path / "in", photo, "--watch"], exit_codes.USAGE, "one folder"),
        (["-", "--watch"], exit_codes.USAGE, "one folder"),
        (["--watch"], exit_codes.USAGE, "one folder"),
        (["--from-file", photo, "--watch"], exit_codes.USAGE, ""),
        ([tmp_path / "in", "-o", "-", "--watch"], exit_codes.USAGE, "-o"),
        ([tmp_path / "in", "-o", photo, "--watch"], exit_codes.USAGE, "this is a file"),
    ):
        assert paint(*arguments) == code, arguments
        assert message in capsys.readouterr().err


def test_what_failed_first_and_was_painted_then_has_not_failed(tmp_path, capsys):
    job = Job(tmp_path / "a.jpg", tmp_path / "a.png")
    with Reporter(None, None, True, False, False, False, False) as reporter:
        for _ in range(2):
            reporter.add(Outcome(job, FAILED, error=ImageError("a.png: cannot be written")))
        assert reporter.failed == 1
        reporter.add(Outcome(job, PAINTED))
        reporter.ended(3)
    told = "ended: 1 painted, 0 failed, 3 not painted yet; they will be the next time."
    assert told in capsys.readouterr().err


def test_a_report_on_a_full_disk_goes_on_when_there_is_room(tmp_path, capsys):
    failed = Outcome(Job(tmp_path / "a.jpg", tmp_path / "a.png"), FAILED, error=ImageError("a.jpg: bad"))
    report = tmp_path / "report.jsonl"
    with Reporter(None, report, True, False, False, False, False) as reporter:
        write = reporter._report.write

        def full(line: str) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        reporter._report.write = full
        for _ in range(3):
            reporter.add(failed)
        reporter._report.write = write
        reporter.add(failed)
        assert not reporter.lost
    assert len(report.read_text().splitlines()) == 4
    assert capsys.readouterr().err.count("the report cannot be written") == 1
