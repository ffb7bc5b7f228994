"""Painting with Ray: one real cluster of two workers on this machine for all of these tests."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from portraitify.batch.ray_session import ray_session
from portraitify.batch.runner import FAILED, PAINTED
from portraitify.batch.stores import Store
from portraitify.cli.main import main
from portraitify.config import BatchConfig, PaintConfig

# Of a file that is being written; the number is the process.
UNFINISHED = re.compile(r"\.(\d+)\..*\.portraitify")
# Ray warns of parts of itself that it uses, and leaves sockets and processes to the end of the program.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
OPTIONS = ("--size", "128", "--device", "cpu", "--style", "oil", "--finish", "0")


@pytest.fixture(scope="module")
def cluster():
    with ray_session(None, cpus=2) as resources:
        assert resources.cpus == 2
        yield


@pytest.fixture
def paint(random_weights):
    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(random_weights), *OPTIONS])

    return call


def kill_one_that_writes(folder: Path, killed: list[int]) -> None:
    """Kill a process in the middle of writing, once a few paintings are there."""
    until = time.monotonic() + 240
    while time.monotonic() < until and not killed:
        names = os.listdir(folder) if folder.is_dir() else []
        writing = [match for name in names if (match := UNFINISHED.fullmatch(name))]
        if writing and len(names) > 4:
            os.kill(int(writing[0][1]), signal.SIGKILL)
            killed.append(int(writing[0][1]))


def is_running(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    return False


def test_a_worker_killed_in_the_middle_leaves_one_painting_a_photo(
    cluster, paint, small_photo, tmp_path, capfd, write_photos
):
    write_photos(tmp_path / "in", small_photo, 24)
    (tmp_path / "in" / "0007.jpg").write_text("no picture")
    killed: list[int] = []
    killer = threading.Thread(target=kill_one_that_writes, args=(tmp_path / "out", killed))
    killer.start()
    report = tmp_path / "report.jsonl"
    assert paint("cluster", tmp_path / "in", tmp_path / "out", "--json", "--report", report) == 7
    killer.join()
    assert killed
    assert not is_running(killed[0])
    out, err = capfd.readouterr()
    # No word of Ray's between them.
    assert out == report.read_text()
    assert err.splitlines()[0].startswith("portraitify: 24 photos for 2 workers with 1 core each, Ray ")
    assert err.endswith("portraitify: 23 painted, 1 failed.\n")
    records = {Path(record["source"]).name: record for record in map(json.loads, out.splitlines())}
    assert len(records) == out.count("\n") == 24
    assert records.pop("0007.jpg")["code"] == 3
    assert all(record["status"] == PAINTED and record["paintings"] for record in records.values())
    # The same files as on one machine: names, bytes, and nothing beside them.
    assert paint(tmp_path / "in", "-o", tmp_path / "plain", "-q") == 7
    names = sorted(os.listdir(tmp_path / "plain"))
    assert sorted(os.listdir(tmp_path / "out")) == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()


def test_a_store_is_painted_into_and_gone_on_with(
    cluster, paint, small_photo, tmp_path, capsys, monkeypatch, write_photos
):
    write_photos(tmp_path / "in", small_photo, 5)
    assert paint(tmp_path / "in", "-o", tmp_path / "out", "-q") == 0
    done = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for name in ("0001.portrait.png", "0003.portrait.png"):
        (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / "0004.portrait.png").write_text("precious")
    store = Store(fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "store://")
    monkeypatch.setattr(
        "portraitify.batch.locations.open_store", lambda address: (store, Path(address.removeprefix("store://")))
    )
    command = ("cluster", "store://in", "store://out", "--skip-existing", "--report", "store://report.parquet")
    assert paint(*command) == 7
    out, err = capsys.readouterr()
    assert "store://in/0001.jpg -> store://out/0001.portrait.png: oil" in out
    assert "store://in/0000.jpg -> store://out/0000.portrait.png: skipped, painted before" in out
    assert "store://out/0004.portrait.png: exists, and is not this photo's painting" in err
    assert err.endswith("portraitify: 2 painted, 2 skipped, 1 failed.\n")
    done["0004.portrait.png"] = b"precious"
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == done
    rows = sorted(pq.read_table(tmp_path / "report.parquet").to_pylist(), key=lambda row: row["source"])
    assert [row["status"] for row in rows] == ["skipped", "painted", "skipped", "painted", "failed"]
    assert [row["code"] for row in rows] == [None, None, None, None, 3]


def descendants() -> str:
    """The command lines of all processes that this one began."""
    parents: dict[str, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[path.name] = (path / "stat").read_text().rpartition(")")[2].split()[1]
    family = {str(os.getpid())}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    lines = []
    for number in family:
        with contextlib.suppress(OSError):
            lines.append(Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").replace("\0", " "))
    return "\n".join(lines)


def test_ray_begins_nothing_that_reports_of_it(cluster):
    running = descendants()
    assert "raylet" in running
    assert "dashboard.py" not in running
    assert "monitor.py" not in running.replace("log_monitor.py", "")
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64


def test_workers_here_have_the_priority_of_a_batch(cluster):
    import ray

    nice = ray.get(ray.remote(lambda: os.getpriority(os.PRIO_PROCESS, 0)).remote())
    assert nice == os.getpriority(os.PRIO_PROCESS, 0)


def commission(random_weights):
    from portraitify.batch.commission import Commission
    from portraitify.batch.request import painting_request
    from portraitify.weights import WeightsFolder

    config = PaintConfig(size_px=128, finish=0.0, style="oil", device="cpu")
    return Commission(config, BatchConfig(), random_weights, painting_request(WeightsFolder(random_weights), config))


def jobs_for(folder: Path):
    from portraitify.batch.locations import place_of, plan

    planned = plan([str(folder / "in")], place_of(str(folder / "out")), BatchConfig(), {"seed": 0}, False)
    return planned.jobs, planned.sizes


def test_who_stops_gets_all_that_was_written(cluster, random_weights, small_photo, tmp_path, write_photos):
    from portraitify.batch.ray import Crew, paint_on_cluster

    write_photos(tmp_path / "in", small_photo, 200)
    outcomes = []
    run = paint_on_cluster(*jobs_for(tmp_path), commission(random_weights), Crew(2, 1, 0), lambda: len(outcomes) >= 3)
    for outcome in run:
        outcomes.append(outcome)
    assert 3 <= len(outcomes) < 200
    assert {path for outcome in outcomes for path in outcome.files} == set((tmp_path / "out").iterdir())


def rows_of(worker, block: int, packed: bytes) -> list[tuple[int, bytes]]:
    tables = worker(pa.table({"block": [block], "jobs": [packed]}))
    return [(row["number"], row["outcome"]) for table in tables for row in table.to_pylist() if row["block"] == block]


def test_a_photo_that_kills_its_workers_is_given_up(cluster, random_weights, small_photo, tmp_path, write_photos):
    import ray

    from portraitify.batch.commission import unpacked
    from portraitify.batch.foreman import Foreman
    from portraitify.batch.ray_worker import ClusterPainter

    write_photos(tmp_path / "in", small_photo, 3)
    jobs, _ = jobs_for(tmp_path)
    packed = pickle.dumps(list(enumerate(jobs)))
    foreman = ray.remote(Foreman).options(num_cpus=0).remote()
    # What it knows after the block has killed two workers, and the second photo by itself two more.
    assert [ray.get(foreman.begin.remote(7)) for _ in range(2)] == [0, 1]
    assert [ray.get(foreman.begin_alone.remote(1)) for _ in range(2)] == [0, 1]
    worker = ClusterPainter(commission(random_weights), foreman)
    # However often the others are begun again with it, they do not suffer.
    for _ in range(3):
        *rows, end = rows_of(worker, 7, packed)
        assert [number for number, _ in (*rows, end)] == [0, 1, 2, -1]
        outcomes = [unpacked(outcome) for _, outcome in rows]
        assert [outcome.status for outcome in outcomes] == [PAINTED, FAILED, PAINTED]
        assert "0001.jpg: each process that painted it was killed" in str(outcomes[1].error)
    # A worker that finds another version than the command says so instead of painting.
    other = ClusterPainter(replace(commission(random_weights), version="0"), foreman)
    (lost, error), (end, _) = rows_of(other, 8, packed)
    assert (lost, end) == (-2, -1)
    assert "paints otherwise" in str(pickle.loads(error))
    ray.kill(foreman)
