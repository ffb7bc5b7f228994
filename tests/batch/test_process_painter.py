"""A folder that is painted in several processes: the same files, in the same order, whatever becomes of a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portraitify.batch import processes, room
from portraitify.batch.commission import Commission
from portraitify.batch.inputs import STANDARD_STREAM, Input
from portraitify.batch.jobs import Job, name_jobs
from portraitify.batch.memory import keep_freed_memory
from portraitify.batch.processes import ProcessPainter
from portraitify.batch.request import painting_request
from portraitify.batch.runner import FAILED, PAINTED
from portraitify.cli.main import main
from portraitify.config import BatchConfig, PaintConfig
from portraitify.errors import DeviceError, WeightsError
from portraitify.weights import WeightsFolder

SMALL = ("--size", "128", "--device", "cpu", "--finish", "0")


def painter(weights: Path, batch: BatchConfig, **options) -> ProcessPainter:
    config = PaintConfig(size_px=128, finish=0.0, style="oil", device="cpu")
    return ProcessPainter(
        Commission(config, batch, weights, painting_request(WeightsFolder(weights), config)), 2, **options
    )


def jobs_in(folder: Path) -> list[Job]:
    photos = [Input(path, Path(path.name)) for path in sorted((folder / "in").iterdir())]
    (folder / "out").mkdir(exist_ok=True)
    return name_jobs(photos, folder / "out", BatchConfig())


def children() -> list[int]:
    """The processes that paint among those that this one began."""
    text = Path(f"/proc/{os.getpid()}/task")
    found = [int(word) for task in text.iterdir() for word in (task / "children").read_text().split()]
    return [number for number in found if b"batch.worker" in Path(f"/proc/{number}/cmdline").read_bytes()]


def test_several_processes_paint_the_same_in_the_same_order(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 7)
    (tmp_path / "in" / "0003.jpg").write_bytes(b"<html>")
    lines = []
    for count in (1, 3):
        out, report = tmp_path / f"out{count}", tmp_path / f"{count}.jsonl"
        jobs = ("--jobs", str(count), "--report", str(report), "-q", "--weights", str(random_weights))
        assert main([str(tmp_path / "in"), "-o", str(out), *jobs, *SMALL]) == 7
        lines.append([json.loads(line) for line in report.read_text().splitlines()])
    one, several = ({path.name: path.read_bytes() for path in (tmp_path / f"out{n}").iterdir()} for n in (1, 3))
    assert one == several
    assert len(one) == 6
    assert [line["source"] for line in lines[0]] == [line["source"] for line in lines[1]]
    assert lines[0][3]["error"] == lines[1][3]["error"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system does not tell")
def test_a_process_that_is_killed_is_begun_again(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 24)
    outcomes, killed = [], []
    for outcome in painter(random_weights, BatchConfig()).run(jobs_in(tmp_path)):
        outcomes.append(outcome)
        if len(outcomes) in (2, 5):
            # The oldest, so that no photo is at work in both: one that kills two is given up.
            killed.append(min(children()))
            os.kill(killed[-1], signal.SIGKILL)
    assert len(killed) == 2
    assert [outcome.status for outcome in outcomes] == [PAINTED] * 24, [outcome.error for outcome in outcomes]
    assert [outcome.job.source.name for outcome in outcomes] == [f"{number:04d}.jpg" for number in range(24)]
    assert sorted(os.listdir(tmp_path / "out")) == [f"{number:04d}.portrait.png" for number in range(24)]


# As the package begins one, but for a photo of which it dies, as one too large for the memory would do.
MORTAL = """
import os, sys
sys.path[:] = {path!r}
from portraitify.batch import runner, worker
load = runner.BatchPainter._load
def load_or_die(self, job):
    return os.kill(os.getpid(), 9) if job.source.name == "0002.jpg" else load(self, job)
runner.BatchPainter._load = load_or_die
worker.main()
"""


def test_a_photo_that_kills_its_processes_is_given_up(random_weights, small_photo, tmp_path, write_photos, monkeypatch):
    monkeypatch.setattr(processes, "_BEGIN", MORTAL)
    write_photos(tmp_path / "in", small_photo, 6)
    outcomes = list(painter(random_weights, BatchConfig()).run(jobs_in(tmp_path)))
    assert [outcome.status for outcome in outcomes] == [PAINTED, PAINTED, FAILED, PAINTED, PAINTED, PAINTED], [
        outcome.error for outcome in outcomes
    ]
    assert "0002.jpg: each process that painted it was killed" in str(outcomes[2].error)


def test_processes_that_cannot_begin_say_so(random_weights, small_photo, tmp_path, write_photos, monkeypatch):
    monkeypatch.setattr(processes, "_BEGIN", "import sys; {path!r}; sys.exit(3)")
    write_photos(tmp_path / "in", small_photo, 2)
    with pytest.raises(DeviceError, match="--jobs 1"):
        list(painter(random_weights, BatchConfig()).run(jobs_in(tmp_path)))


def test_who_stops_gets_all_that_was_written(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 60)
    outcomes = []
    for outcome in painter(random_weights, BatchConfig(), should_stop=lambda: len(outcomes) >= 3).run(
        jobs_in(tmp_path)
    ):
        outcomes.append(outcome)
    assert 3 <= len(outcomes) < 60
    assert {path for outcome in outcomes for path in outcome.files} == set((tmp_path / "out").iterdir())


def test_what_makes_all_impossible_is_raised_here(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 2)
    broken = painter(random_weights, BatchConfig())
    broken._commission = Commission(PaintConfig(device="cpu"), BatchConfig(), tmp_path / "nowhere", {"seed": 0})
    with pytest.raises(WeightsError):
        list(broken.run(jobs_in(tmp_path)))


def test_no_photo_of_the_batch_is_painted_over(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 4)
    os.symlink(tmp_path / "in" / "0003.jpg", tmp_path / "in" / "0000.portrait.jpg")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "portraitify", *sorted(map(str, (tmp_path / "in").glob("000?.jpg")))),
            *("-o", str(tmp_path / "in"), "--overwrite", "-f", "jpeg", "--jobs", "2"),
            *("--weights", str(random_weights), *SMALL),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7
    assert "is one of the photos" in done.stderr
    assert (tmp_path / "in" / "0003.jpg").read_bytes().startswith(small_photo[:100])


def test_jobs_and_watch_exclude_each_other(tmp_path, capsys):
    assert main([str(tmp_path), "--watch", "--jobs", "2"]) == 2
    assert "--jobs" in capsys.readouterr().err


def some(count: int) -> list[Job]:
    return [Job(Path(f"{number}.jpg"), Path(f"{number}.png")) for number in range(count)]


def test_as_many_processes_as_there_is_room_for(random_weights, monkeypatch):
    folder, config = WeightsFolder(random_weights), PaintConfig(device="cpu")
    monkeypatch.setattr(room, "cores_with_quota", lambda: 8)
    monkeypatch.setattr(room, "free_memory", lambda: 5 * room.PROCESS_BYTES)
    counts = [room.processes_for(some(count), folder, config) for count in (1, 15, 16, 39, 1000)]
    assert counts == [1, 1, 2, 4, 5]
    assert room.processes_for(some(3), folder, config, 2) == 2
    assert room.processes_for(some(3), folder, config, 9) == 3
    assert room.processes_for(some(1000), folder, config, 1) == 1
    assert room.processes_for(some(1000), folder, PaintConfig(engine="torch", device="cpu")) == 1
    assert room.processes_for([Job(Path("a"), STANDARD_STREAM), *some(90)], folder, config, 4) == 1


def test_a_container_has_the_room_that_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "_CGROUP", tmp_path)
    monkeypatch.setattr(room, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(room, "computing_threads", lambda: 16)
    assert room.cores_with_quota() == 16
    assert room.free_memory() == float("inf")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")
    assert room.free_memory() == 2 << 20
    (tmp_path / "cpu.max").write_text("250000 100000\n")
    (tmp_path / "memory.max").write_text("1048576\n")
    (tmp_path / "memory.current").write_text("48576\n")
    assert room.cores_with_quota() == 3
    assert room.free_memory() == 1_000_000
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert room.cores_with_quota() == 16
    assert room.free_memory() == 2 << 20


def test_memory_is_kept_where_that_can_be_asked_for():
    keep_freed_memory()
    began = time.process_time()
    assert bytearray(40 << 20)
    assert time.process_time() - began < 10
