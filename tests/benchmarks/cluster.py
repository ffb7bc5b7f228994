"""``python -m tests.benchmarks.cluster``: what a cluster costs beside the plain batch, and what a killed worker spoils.

Paints the same photos twice on this machine, as a batch and with Ray, compares
all bytes, and prints how much longer Ray took. With ``--kill`` a worker is
killed at a random moment, and only completeness is looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from portraitify.io.provenance import complete_provenance

_ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Paint, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--side", type=int, default=512, help="of the photos, pixels")
    parser.add_argument("--kill", action="store_true", help="kill a worker instead of comparing times")
    parser.add_argument("--seed", type=int, help="of the moment when a worker is killed")
    parser.add_argument("options", nargs="*", help="of portraitify, after `--`; by default --size 512 --style ink")
    arguments = parser.parse_args()
    options = arguments.options or ["--size", "512", "--style", "ink"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_photos(folder / "in", arguments.photos, arguments.side)
        if arguments.kill:
            check_kill(folder, arguments.photos, options, random.Random(arguments.seed))
        else:
            compare(folder, options)


def write_photos(folder: Path, count: int, side: int) -> None:
    """The astronaut's head, each time with a comment of its own."""
    folder.mkdir()
    with Image.open(_ROOT / "examples" / "astronaut.jpg") as image:
        head = image.crop((96, 20, 352, 276)).resize((side, side))
    for number in range(count):
        head.save(folder / f"{number:05d}.jpg", quality=92, comment=f"{number}".encode())


def timed(*command: object) -> float:
    """Seconds that a command takes."""
    begun_s = time.monotonic()
    subprocess.run([sys.executable, "-m", "portraitify", *map(str, command)], cwd=_ROOT, check=True)
    return time.monotonic() - begun_s


def compare(folder: Path, options: list[str]) -> None:
    """Print both times; fails where a byte differs."""
    plain_s = timed(folder / "in", "-o", folder / "plain/", *options, "-q")
    cluster_s = timed("cluster", folder / "in", folder / "out", *options, "-q")
    names = sorted(os.listdir(folder / "plain"))
    assert sorted(os.listdir(folder / "out")) == names
    assert all((folder / "out" / name).read_bytes() == (folder / "plain" / name).read_bytes() for name in names)
    count = len(names)
    print(f"{count} photos: batch {plain_s:.1f} s, Ray {cluster_s:.1f} s, {cluster_s / plain_s - 1:+.1%}; same bytes")


def check_kill(folder: Path, count: int, options: list[str], chance: random.Random) -> None:
    """Kill a worker at a random moment, and look whether all is there, whole, once."""
    report, out = folder / "report.jsonl", folder / "out"
    command = ["cluster", folder / "in", out, *options, "-q", "--report", report]
    process = subprocess.Popen([sys.executable, "-m", "portraitify", *map(str, command)], cwd=_ROOT)
    moment = chance.randrange(1, max(count * 3 // 4, 2))
    while process.poll() is None and not (out.is_dir() and len(os.listdir(out)) >= moment):
        time.sleep(0.05)
    worker = chance.choice(workers_of(process.pid))
    os.kill(worker, signal.SIGKILL)
    print(f"killed worker {worker} when there were {len(os.listdir(out))} files")
    assert process.wait() == 0
    records = [json.loads(line) for line in report.read_text().splitlines()]
    assert sorted(os.listdir(out)) == [f"{number:05d}.portrait.png" for number in range(count)]
    assert all(complete_provenance(path) for path in out.iterdir())
    assert len({record["source"] for record in records}) == len(records) == count
    assert all(record["status"] == "painted" and record["paintings"] for record in records)
    print(f"{count} photos: {count} whole paintings, nothing else in the folder, {count} lines in the report")


def workers_of(process: int) -> list[int]:
    """The painting processes among those that a process began."""
    parents, titles = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            titles[int(path.name)] = (path / "cmdline").read_bytes()
        except OSError:
            continue
    family = {process}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return [number for number in sorted(family) if b"ClusterPainter" in titles.get(number, b"")]


if __name__ == "__main__":
    main()
