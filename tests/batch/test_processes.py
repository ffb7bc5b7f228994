"""Batches as processes of their own: signals, pipes and memory."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from portraitify.io.provenance import read_provenance
from portraitify.io.reading import read_image

SMALL = ("--size", "128", "--device", "cpu")


def launch(*args: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "portraitify", *map(str, args), *SMALL]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(folder: Path, count: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if folder.is_dir() and len(list(folder.glob("*.portrait.png"))) >= count:
            return
        time.sleep(0.005)
    raise AssertionError("nothing was painted")


@pytest.mark.slow
def test_ctrl_c_ends_cleanly_and_says_what_remains(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 200)
    process = launch(tmp_path / "in", "-o", tmp_path / "out", "--weights", random_weights)
    wait_for(tmp_path / "out", 3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    done = len(list((tmp_path / "out").iterdir()))
    assert f"interrupted: {done} painted, 0 failed, {200 - done} remain. Run the same command with --skip-" in err
    assert out.count("\n") == done


# Imports once and forks for each command: ten starts of their own would take a minute.
FORKS = """
import os, sys
import torch, torchvision, facenet_pytorch, portraitify.pipeline
from portraitify.cli.main import main
for report in sys.stdin:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main([*sys.argv[1:], report.strip()]))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.slow
def test_killed_batches_leave_nothing_half_done_and_go_on(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 50)
    out, rng = tmp_path / "out", random.Random(0)
    command = (tmp_path / "in", "-o", out, "--weights", random_weights, "--skip-existing", *SMALL, "--report")
    painted: Counter[str] = Counter()
    with subprocess.Popen(
        [sys.executable, "-c", FORKS, *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:

        def start(report: Path) -> int:
            nursery.stdin.write(f"{report}\n")
            nursery.stdin.flush()
            return int(nursery.stdout.readline())

        for attempt in range(10):
            before = len(list(out.glob("*.png"))) if out.is_dir() else 0
            child = start(tmp_path / f"report{attempt}")
            wait_for(out, before + 1)
            time.sleep(rng.uniform(0, 0.1))
            os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "-9\n"
            for path in out.glob("*.png"):
                assert read_provenance(path) is not None
                assert read_image(path).pixels.shape == (128, 128, 3)
        start(tmp_path / "report10")
        assert nursery.stdout.readline() == "0\n"
    assert sorted(path.name for path in out.iterdir()) == [f"{n:04d}.portrait.png" for n in range(50)]
    for report in tmp_path.glob("report*"):
        for line in report.read_text().splitlines():
            # The last line of a killed process may be cut.
            if line.endswith("}") and json.loads(line)["status"] == "painted":
                painted[json.loads(line)["source"]] += 1
    assert max(painted.values()) == 1


# Not getrusage(): its maximum begins with the memory of the process that started this one.
PEAK = """
import sys
from portraitify.cli.main import main
code = main(sys.argv[1:])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("peak", int(peak.split()[1]) // 1024, file=sys.stderr)
sys.exit(code)
"""
NEEDS_PROC = pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="this system does not tell")


def peak_of(*args: object) -> tuple[int, int, str]:
    """Exit code, peak memory in MB, and stderr of a command."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, args), *SMALL], capture_output=True, text=True, timeout=600
    )
    lines = done.stderr.splitlines()
    return done.returncode, int(lines[-1].split()[1]), "\n".join(lines[:-1])


@pytest.mark.slow
@NEEDS_PROC
def test_many_files_some_of_them_bad(random_weights, small_photo, tmp_path, write_photos):
    count = 100
    write_photos(tmp_path / "few", small_photo, 20)
    _, small, _ = peak_of(tmp_path / "few", "-o", tmp_path / "few-out", "--weights", random_weights, "-q")
    write_photos(tmp_path / "many", small_photo, count)
    for number in range(0, count, 10):
        (tmp_path / "many" / f"{number:04d}.jpg").write_bytes([b"", b"<html>", small_photo[:900]][number // 10 % 3])
    code, large, err = peak_of(tmp_path / "many", "-o", tmp_path / "out", "--weights", random_weights)
    assert code == 7
    assert len(os.listdir(tmp_path / "out")) == 90
    assert all(f"{number:04d}.jpg" in err for number in range(0, count, 10))
    assert err.endswith("portraitify: 90 painted, 10 failed.")
    assert large < small + 150


@pytest.mark.slow
@NEEDS_PROC
def test_a_photo_of_108_megapixels_takes_less_than_a_gigabyte(random_weights, astronaut, tmp_path):
    Image.fromarray(astronaut).resize((12000, 9000)).save(tmp_path / "huge.jpg", quality=50)
    code, peak, err = peak_of(tmp_path / "huge.jpg", "--weights", random_weights, "-q")
    assert code == 0, err
    assert peak < 1024


def test_a_pipe_that_nobody_fills_does_not_hold_up_the_end(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 1)
    os.mkfifo(tmp_path / "pipe.jpg")
    process = launch(
        tmp_path / "in" / "0000.jpg", tmp_path / "pipe.jpg", "-o", tmp_path / "out", "--weights", random_weights
    )
    wait_for(tmp_path / "out", 1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert "1 painted, 0 failed, 1 remain" in err


def test_a_reader_that_leaves_does_not_stop_the_painting(random_weights, small_photo, tmp_path, write_photos):
    write_photos(tmp_path / "in", small_photo, 6)
    command = f'"{sys.executable}" -m portraitify "{tmp_path}/in" --weights "{random_weights}" {" ".join(SMALL)} | true'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=120, text=True)
    assert done.stderr.endswith("portraitify: 6 painted, 0 failed.\n")
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "in").glob("*.portrait.png"))) == 6
