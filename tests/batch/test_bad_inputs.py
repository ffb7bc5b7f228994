"""Whatever one input is, it ends by itself, in one line, and the others are painted."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from portraitify.batch import inputs
from portraitify.batch.inputs import STANDARD_STREAM, expand, read_list
from portraitify.batch.jobs import plan_jobs
from portraitify.cli.main import main
from portraitify.config import BatchConfig
from portraitify.errors import ConfigError, ImageError
from portraitify.io import sources
from portraitify.io.provenance import read_provenance
from portraitify.io.reading import read_image
from portraitify.io.sources import read_source
from tests.closed import as_anybody

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="pipes, sockets and permissions of POSIX")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(sources, "WRITER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(sources, "SILENCE_TIMEOUT_S", 0.6)


@pytest.fixture
def folder(tmp_path: Path, small_photo, write_photos) -> Path:
    write_photos(tmp_path / "in", small_photo, 2)
    return tmp_path / "in"


@pytest.fixture
def run_as_anybody(random_weights):
    """Call the command line in a process that permissions hold for."""

    def call(*args: object) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "portraitify", *map(str, args), "--weights", str(random_weights)]
        return subprocess.run(
            [*command, "--size", "128", "--device", "cpu"],
            capture_output=True,
            text=True,
            timeout=120,
            preexec_fn=as_anybody(),
        )

    return call


def told(err: str) -> list[str]:
    return [line.removeprefix("portraitify: error: ") for line in err.splitlines() if "error" in line]


@POSIX
def test_a_closed_file_among_several(run_as_anybody, folder):
    closed = folder / "0001.jpg"
    closed.chmod(0)
    done = run_as_anybody(folder / "0000.jpg", closed, folder / "none.jpg")
    assert done.returncode == 7
    assert told(done.stderr) == [
        f"{closed}: cannot be read (Permission denied).",
        f"{folder / 'none.jpg'}: no such file.",
    ]
    assert (folder / "0000.portrait.png").exists()
    assert run_as_anybody(closed).returncode == 3


@POSIX
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o100])
def test_a_closed_folder_in_a_folder(run_as_anybody, folder, mode):
    closed = folder / "closed"
    closed.mkdir()
    shutil.copy(folder / "0000.jpg", closed / "inside.jpg")
    closed.chmod(mode)
    try:
        done = run_as_anybody(folder, "-r", "-o", folder.parent / "out")
        alone = run_as_anybody(closed, "-o", folder.parent / "alone")
    finally:
        closed.chmod(0o700)
    what = closed / "inside.jpg" if mode == 0o400 else closed
    assert done.returncode == 7, done.stderr
    assert told(done.stderr) == [f"{what}: cannot be read (Permission denied)."]
    assert len(list((folder.parent / "out").glob("*.png"))) == 2
    assert alone.returncode == 3
    assert told(alone.stderr) == [f"{what}: cannot be read (Permission denied)."]


@POSIX
def test_a_closed_list_and_a_closed_painting(run_as_anybody, folder):
    (folder / "list").write_text(f"{folder / '0000.jpg'}\n")
    (folder / "list").chmod(0)
    done = run_as_anybody("--from-file", folder / "list")
    assert done.returncode == 2
    assert told(done.stderr) == [f"{folder / 'list'}: the list cannot be read (Permission denied)."]
    command = [sys.executable, "-m", "portraitify", "inspect", str(folder / "list"), str(folder / "0000.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=as_anybody())
    assert done.returncode == 3
    assert [line.rsplit(": ", 1)[1] for line in told(done.stderr)] == [
        "cannot be read (Permission denied).",
        "holds no record of portraitify.",
    ]


def test_names_that_would_meet_are_all_painted_and_found_again(paint, small_photo, tmp_path, capsys):
    names = ["a.jpg", "a.png", "a.jpg.png", "K.jpg", "k.jpg", "none.jpg"]
    for number, name in enumerate(names[:-1]):
        (tmp_path / name).write_bytes(small_photo + b"\xff\xfe\x00\x03%d" % number)
    count = len(list(tmp_path.glob("*")))
    paths = [tmp_path / name for name in names]
    assert paint(*paths, "-o", tmp_path / "out") == 7
    assert capsys.readouterr().err.endswith(f"none.jpg: no such file.\nportraitify: {count} painted, 1 failed.\n")
    assert len(list((tmp_path / "out").iterdir())) == count
    assert paint(*reversed(paths), "-o", tmp_path / "out", "--skip-existing") == 7
    assert capsys.readouterr().err.endswith(f"portraitify: 0 painted, {count} skipped, 1 failed.\n")


def test_one_photo_in_the_way_of_a_painting_stops_no_other(paint, folder, capsys):
    os.link(folder / "0001.jpg", folder / "0000.portrait.png")
    paths = [folder / "0000.jpg", folder / "0001.jpg"]
    before = paths[1].read_bytes()
    assert paint(*paths, "--overwrite") == 7
    assert "0000.portrait.png: is one of the photos" in capsys.readouterr().err
    assert paths[1].read_bytes() == before
    assert (folder / "0001.portrait.png").exists()


@POSIX
def test_pipes_sockets_devices_and_folders_among_several(paint, folder, impatient, capsys):
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(folder)
        try:
            # The path of a socket may have 107 bytes.
            listening.bind("socket.jpg")
        finally:
            os.chdir(here)
        (folder / "folder.jpg").mkdir()
        odd = [folder / "pipe.jpg", folder / "socket.jpg", Path("/dev/zero"), folder / "folder.jpg", Path("/dev/null")]
        begun = time.monotonic()
        assert paint(folder / "0000.jpg", *odd, folder / "0001.jpg", "-o", folder / "out") == 7
        assert time.monotonic() - begun < 20
    assert told(capsys.readouterr().err) == [
        f"{odd[0]}: nothing came for 0.3 s. Is something writing to it?",
        f"{odd[1]}: a socket or a device from which nothing can be read.",
        "/dev/zero: not a picture in a format that can be read.",
        f"{odd[3]}: the folder holds no photos.",
        "/dev/null: the file is empty.",
    ]
    assert len(list((folder / "out").iterdir())) == 2


@POSIX
@pytest.mark.parametrize("read", [lambda path: read_source(path, "pipe"), read_provenance, read_list])
def test_nothing_waits_for_ever_for_a_pipe(tmp_path, impatient, read):
    os.mkfifo(tmp_path / "pipe")
    begun = time.monotonic()
    with pytest.raises((ImageError, ConfigError), match=r"nothing came for 0\.3 s"):
        read(tmp_path / "pipe")
    assert time.monotonic() - begun < 5


@POSIX
def test_a_writer_that_comes_late_and_rests_is_waited_for(tmp_path, impatient, small_photo):
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        time.sleep(0.15)
        with open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            for part in (b"", small_photo[:7], small_photo[7:3000], small_photo[3000:]):
                pipe.write(part)
                time.sleep(0.4)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert read_source(tmp_path / "pipe", "pipe") == small_photo
    finally:
        writer.join(10)


@POSIX
def test_a_writer_that_falls_silent_is_left(tmp_path, impatient, small_photo):
    os.mkfifo(tmp_path / "pipe")
    ended = threading.Event()

    def write() -> None:
        with open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            pipe.write(small_photo[:3000])
            ended.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(ImageError, match=r"nothing came for 0\.6 s"):
            read_image(tmp_path / "pipe")
    finally:
        ended.set()
        writer.join(10)


@POSIX
@pytest.mark.parametrize(("producer", "code"), [("cat {photo}", 0), ("sleep 1; cat {photo}", 0), ("true", 3)])
def test_what_a_shell_hands_over(photo, random_weights, tmp_path, producer, code):
    program = f"{sys.executable} -m portraitify --weights {random_weights} --size 128 --device cpu"
    line = f"{program} <({producer.format(photo=photo)}) -o {tmp_path}/out.png"
    begun = time.monotonic()
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, text=True)
    assert done.returncode == code, done.stderr
    assert time.monotonic() - begun < sources.WRITER_TIMEOUT_S
    assert (tmp_path / "out.png").exists() == (code == 0)


@POSIX
def test_what_a_shell_hands_over_needs_an_output(photo):
    line = f"{sys.executable} -m portraitify <(cat {photo}) /dev/null"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, text=True)
    assert done.returncode == 7
    assert len(told(done.stderr)) == 2
    assert all("keeps no pictures there. Name a file or a folder with -o." in line for line in told(done.stderr))


@POSIX
def test_a_painting_that_comes_through_a_pipe_is_inspected(paint, photo, tmp_path):
    assert paint(photo, "-o", tmp_path / "a.png") == 0
    line = f"{sys.executable} -m portraitify inspect <(cat {tmp_path}/a.png)"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, text=True)
    assert done.returncode == 0, done.stderr
    assert "a machine-made painting" in done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no such devices")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_list_without_an_end(device, monkeypatch):
    monkeypatch.setattr(inputs, "_MOST_LIST_BYTES", 8 << 20)
    begun = time.monotonic()
    with pytest.raises(ConfigError, match=f"{device}: no list of names"):
        read_list(Path(device))
    assert time.monotonic() - begun < 20


def test_lists_that_are_none(tmp_path, capsys):
    (tmp_path / "long").write_bytes(b"a.jpg\n" + b"x" * 40_000)
    (tmp_path / "empty").write_bytes(b"\n\r\n\n")
    for name, message in (("long", "no list of names"), ("empty", "names no photo"), (".", "Is a directory")):
        assert main(["--from-file", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err
    long = [f"{number:04d}/{'y' * 3000}.jpg" for number in range(900)]
    (tmp_path / "list").write_text("\n".join(long) + "\n")
    assert [str(path) for path in read_list(tmp_path / "list")] == long


def test_a_file_that_is_called_like_stdin(paint, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(photo, tmp_path / "-")
    assert paint("./-", "-o", "a.png") == 0
    for number, data in enumerate((b"./-\0", b"-\n")):
        (tmp_path / "list").write_bytes(data)
        assert read_list(tmp_path / "list") == [tmp_path / "-"]
        assert paint("--from-file", "list", "-o", f"out{number}") == 0
        assert len(os.listdir(f"out{number}")) == 1
    assert STANDARD_STREAM not in read_list(tmp_path / "list")


@pytest.mark.parametrize(
    ("letter", "more"), [("x", ()), ("\u65e5", ()), ("\u65e5", ("--faces", "all")), ("\u65e5", ("--sheet",))]
)
def test_a_name_as_long_as_can_be(paint, small_photo, tmp_path, letter, more):
    name = letter * (251 // len(letter.encode())) + ".jpg"
    (tmp_path / name).write_bytes(small_photo)
    assert paint(tmp_path / name, *more) == 0
    assert paint(tmp_path / name, *more, "--skip-existing") == 0
    (written,) = [path for path in tmp_path.iterdir() if path.name != name]
    assert written.name.startswith(letter * 40)
    # The folder does not paint it in its turn.
    assert [item.path.name for item in expand([tmp_path])] == [name]


@pytest.mark.parametrize("output", ["y" * 252 + ".png", "y" * 250 + ".png", "z/" + "/".join(["y" * 200] * 20) + ".png"])
def test_an_output_that_cannot_be_named_is_told_of_before_painting(paint, folder, output, capsys, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("painted")

    monkeypatch.setattr("portraitify.pipeline.Portraitist.find", refuse)
    more = ("--faces", "all") if len(output) < 255 else ()
    assert paint(folder / "0000.jpg", "-o", folder / output, *more) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_named_but_holds_nothing_stops_no_other(paint, folder, monkeypatch, capsys):
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder / "empty")
    assert paint(".", "..", "/nowhere/", "-o", folder.parent / "out") == 7
    assert told(capsys.readouterr().err) == [".: the folder holds no photos.", "/nowhere: no such file."]
    jobs = plan_jobs(expand([Path("."), Path("..")]), folder.parent / "out", BatchConfig(), True)
    assert len({job.target for job in jobs}) == 3
