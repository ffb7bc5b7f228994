"""Standard output and error that are full, closed, unbuffered or left by their reader."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.training.full_disk import no_room_beyond

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors and signals of POSIX")
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
# As in containers, and as elsewhere.
BUFFERING = pytest.mark.parametrize("unbuffered", ["1", ""])
NO_SPACE = "standard output: cannot be written (No space left on device)"


@pytest.fixture
def shell(random_weights, photo, tmp_path):
    """Run a line of a shell, in which ``$P`` is the program and ``$PHOTO`` a photo."""

    def call(line: str, unbuffered: str = "") -> subprocess.CompletedProcess:
        names = {
            "P": f"{sys.executable} -m portraitify --weights {random_weights} --size 128 --device cpu",
            "PLAIN": f"{sys.executable} -m portraitify",
            "PHOTO": str(photo),
        }
        command = ["bash", "-c", f"set -o pipefail\ncd '{tmp_path}'\n{line}"]
        environment = os.environ | names | {"PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": os.getcwd()}
        return subprocess.run(command, capture_output=True, timeout=120, env=environment)

    return call


def told(done: subprocess.CompletedProcess) -> str:
    err = done.stderr.decode()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    return err


@pytest.mark.parametrize(("more", "unbuffered"), [("-f png", "1"), ("-f png", ""), ("--sheet", "1")])
def test_a_disk_that_fills_on_the_way_is_told_of(shell, unbuffered, more):
    done = shell(f"ulimit -f 1; $P $PHOTO -o - {more} > out.png", unbuffered)
    assert done.returncode == 3
    assert told(done) == "portraitify: error: standard output: cannot be written (File too large).\n"


@FULL
@BUFFERING
@pytest.mark.parametrize(
    "line",
    [
        "$P $PHOTO -o -",
        "$P $PHOTO -o a.png",
        "$P $PHOTO -o a.png --json",
        "$PLAIN --help",
        "$PLAIN --version",
        "$PLAIN completion bash",
        "$PLAIN train run runs --dry-run",
    ],
)
def test_a_full_disk_behind_stdout(shell, unbuffered, line):
    done = shell(f"{line} > /dev/full", unbuffered)
    assert done.returncode == 3
    assert told(done) == f"portraitify: error: {NO_SPACE}.\n"


@FULL
def test_a_batch_goes_on_where_its_lines_cannot_be_written(shell, tmp_path):
    done = shell("cp $PHOTO b.jpg; $P $PHOTO b.jpg --report r.jsonl --explain > /dev/full")
    assert done.returncode == 3
    assert told(done) == f"portraitify: error: {NO_SPACE}.\nportraitify: 2 painted, 0 failed.\n"
    assert len(list(tmp_path.glob("*.portrait.png"))) == 2
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 2


@FULL
@BUFFERING
@pytest.mark.parametrize(("line", "code"), [("$P $PHOTO -o - > out.png", 0), ("$P none.jpg", 3), ("$P --bad", 2)])
def test_a_full_disk_behind_stderr_changes_no_code(shell, tmp_path, unbuffered, line, code):
    done = shell(f"{line} 2> /dev/full", unbuffered)
    assert done.returncode == code
    if code == 0:
        with Image.open(tmp_path / "out.png") as image:
            image.load()


@FULL
def test_a_report_that_cannot_be_written_is_no_success(shell, tmp_path):
    done = shell("$P $PHOTO -q --report /dev/full")
    assert done.returncode == 3
    assert told(done) == "portraitify: error: /dev/full: the report ends here (No space left on device).\n"
    assert (tmp_path / "selfie.portrait.png").exists()


@BUFFERING
@pytest.mark.parametrize("line", ["$P $PHOTO -o -", "$P $PHOTO -o a.png --json", "$P - < $PHOTO"])
def test_what_goes_to_a_closed_stdout_is_no_success(shell, unbuffered, line, tmp_path):
    done = shell(f"{line} >&-", unbuffered)
    assert done.returncode == 3
    assert told(done).startswith("portraitify: error: standard output: is closed.")
    assert not (tmp_path / "a.png").exists()


@BUFFERING
@pytest.mark.parametrize("line", ["$P --size 1024 $PHOTO -o - | head -c 10", "$P $PHOTO -o - -q | true"])
def test_a_reader_that_leaves_early_is_no_success_and_no_message(shell, unbuffered, line):
    done = shell(line, unbuffered)
    assert done.returncode == 3
    assert "error" not in told(done)


def test_json_that_nobody_reads_is_no_success_but_lines_may_stay_unread(shell, tmp_path):
    assert shell("$P $PHOTO -o a.png --json | true").returncode == 3
    assert shell("$P $PHOTO -o b.png | true").returncode == 0
    assert (tmp_path / "a.png").exists()


@BUFFERING
def test_a_pipe_that_another_program_made_non_blocking_gets_all(shell, random_weights, photo, unbuffered):
    command = [sys.executable, "-m", "portraitify", str(photo), "-o", "-", "--weights", str(random_weights)]
    read, write = os.pipe()
    os.set_blocking(write, False)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    process = subprocess.Popen([*command, "--size", "512"], stdout=write, stderr=subprocess.PIPE, env=environment)
    os.close(write)
    try:
        # It is full before anybody reads.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        with open(read, "rb") as stream:
            data = stream.read()
    finally:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert len(data) > 1 << 17
    with Image.open(io.BytesIO(data)) as image:
        image.load()


def test_a_terminal_that_is_closed_stops_nothing(random_weights, small_photo, tmp_path, write_photos):
    import pty

    write_photos(tmp_path / "in", small_photo, 5)
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "portraitify", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    process = subprocess.Popen(
        [*command, "--weights", str(random_weights), "--size", "128", "--device", "cpu"],
        stdout=subprocess.PIPE,
        stderr=end,
        start_new_session=True,
    )
    os.close(end)
    # The bar is there, and whoever looked at it leaves.
    assert os.read(terminal, 100)
    os.close(terminal)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(out.splitlines()) == len(list((tmp_path / "out").iterdir())) == 5


@pytest.mark.parametrize("unbuffered", ["1"])
def test_a_disk_that_fills_under_a_file_leaves_none(shell, tmp_path, unbuffered):
    done = shell("ulimit -f 1; $P $PHOTO -o out.png", unbuffered)
    assert done.returncode == 3
    assert told(done) == "portraitify: error: out.png: cannot be written (File too large).\n"
    assert [path.name for path in tmp_path.iterdir()] == ["selfie.jpg"]


class Narrow(io.RawIOBase):
    """A stream without a buffer that takes a few bytes at a time, and no more once it is full."""

    def __init__(self, room: int) -> None:
        self.data, self.room = b"", room

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        if len(self.data) == self.room:
            raise OSError(28, "No space left on device")
        part = bytes(data[: min(7, self.room - len(self.data))])
        self.data += part
        return len(part)


def test_streams_that_take_a_few_bytes_at_a_time(monkeypatch):
    from portraitify.errors import ImageError
    from portraitify.io.files import write_to_stdout

    class Stdout:
        def __init__(self, room: int) -> None:
            self.buffer = Narrow(room)

        def flush(self) -> None:
            pass

    wide, narrow = Stdout(1000), Stdout(99)
    monkeypatch.setattr("sys.stdout", wide)
    write_to_stdout(bytes(range(100)))
    assert wide.buffer.data == bytes(range(100))
    monkeypatch.setattr("sys.stdout", narrow)
    with pytest.raises(ImageError, match="standard output: cannot be written"):
        write_to_stdout(bytes(range(100)))


def test_no_kill_leaves_a_picture_that_claims_to_be_whole(shell, random_weights, photo, tmp_path):
    command = [sys.executable, "-m", "portraitify", str(photo), "-o", "-", "--weights", str(random_weights)]
    read, write = os.pipe()
    process = subprocess.Popen([*command, "--size", "1024"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert os.read(read, 10)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    os.close(read)
    assert process.returncode not in (0, None)
    assert b"Traceback" not in err


def test_a_report_on_a_disk_that_fills_holds_whole_lines(paint, photo, tmp_path):
    report = tmp_path / "report.jsonl"
    line = json.dumps({"source": "x" * 900, "status": "painted"}) + "\n"
    report.write_text(line)
    from portraitify.batch.report import ReportFile

    file = ReportFile(report, append=True)
    with no_room_beyond(1024), pytest.raises(OSError, match="too large"):
        file.write(json.dumps({"source": "y" * 900}))
    file.close()
    assert report.read_text() == line


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        ('{"source": "a.jpg", "status": "pai', ""),
        ('{"sou', ""),
        ('{"source": "a.jpg"}', '{"source": "a.jpg"}\n'),
        ("notes of somebody", "notes of somebody\n"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("before", ["", '{"source": "0.jpg"}\n', '{"source": "' + 70_000 * "é" + '"}\n'])
def test_a_batch_that_goes_on_mends_a_cut_line_of_its_report(paint, photo, tmp_path, left, kept, before):
    report = tmp_path / "report.jsonl"
    report.write_text(before + left)
    from portraitify.batch.report import ReportFile

    file = ReportFile(report, append=True)
    file.write('{"source": "b.jpg"}')
    file.close()
    assert report.read_text() == before + kept + '{"source": "b.jpg"}\n'


def test_the_command_line_mends_it_too(paint, photo, tmp_path):
    report = tmp_path / "report.jsonl"
    assert paint(photo, "--report", report) == 0
    report.write_bytes(report.read_bytes()[:-30])
    assert paint(photo, "--report", report, "--skip-existing") == 0
    assert [json.loads(line)["status"] for line in Path(report).read_text().splitlines()] == ["skipped"]
