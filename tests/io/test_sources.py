"""Bytes of photos: sources that hold none, too many, or have no end."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from portraitify.batch.inputs import STANDARD_STREAM
from portraitify.batch.jobs import Job
from portraitify.errors import ImageError
from portraitify.io import sources
from portraitify.io.reading import check_image, read_image
from portraitify.io.sources import read_source

NOT_A_PICTURE = "not a picture in a format that can be read"


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(stream, "JPEG", quality=95)
    return stream.getvalue()


class Endless(io.RawIOBase):
    """A stream that begins with some bytes and then gives zeros for ever."""

    def __init__(self, start: bytes = b"") -> None:
        self.start, self.given = start, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part = self.start[self.given : self.given + len(buffer)].ljust(len(buffer), b"\0")
        buffer[:] = part
        self.given += len(part)
        assert self.given < 64 << 20, "reads on and on"
        return len(part)


def test_what_begins_like_no_picture_is_left_at_once():
    stream = Endless()
    with pytest.raises(ImageError, match=f"endless: {NOT_A_PICTURE}"):
        read_source(io.BufferedReader(stream), "endless")
    assert stream.given <= 64 << 10


def test_what_has_no_end_is_left_at_the_limit(jpeg):
    stream = Endless(jpeg)
    with pytest.raises(ImageError, match=r"endless: longer than 4 MiB"):
        read_source(io.BufferedReader(stream), "endless", 4 << 20)
    assert stream.given <= 8 << 20


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no device of zeros")
@pytest.mark.parametrize("read", [read_image, lambda path: Job(path, Path("out.png")).read()])
def test_a_device_of_zeros_is_refused(read):
    begun = time.monotonic()
    with pytest.raises(ImageError, match=f"/dev/zero: {NOT_A_PICTURE}"):
        read(Path("/dev/zero"))
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("read", [read_image, lambda path: Job(path, Path("out.png")).read()])
def test_a_pipe_of_zeros_is_refused(tmp_path, read):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.jpg")

    def fill() -> None:
        with open(tmp_path / "pipe.jpg", "wb", buffering=0) as pipe:
            try:
                for _ in range(1 << 10):
                    pipe.write(bytes(1 << 16))
            except BrokenPipeError:
                return
            raise AssertionError("all of it was read")

    writer = threading.Thread(target=fill)
    writer.start()
    try:
        with pytest.raises(ImageError, match=f"pipe.jpg: {NOT_A_PICTURE}"):
            read(tmp_path / "pipe.jpg")
    finally:
        writer.join(10)


def test_standard_input_of_zeros_is_refused(monkeypatch):
    class Stdin:
        buffer = io.BufferedReader(Endless())

    monkeypatch.setattr("sys.stdin", Stdin)
    with pytest.raises(ImageError, match=f"standard input: {NOT_A_PICTURE}"):
        Job(STANDARD_STREAM, Path("out.png")).read()


def test_a_photo_comes_through_whole(jpeg, tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(jpeg)
    assert read_source(path, "photo") == jpeg
    assert read_source(io.BytesIO(jpeg), "photo") == jpeg
    with open(path, "rb") as stream:
        assert read_source(stream, "photo") == jpeg
    endless = Endless(jpeg)
    assert read_source(io.BufferedReader(io.BytesIO(jpeg)), "photo", len(jpeg)) == jpeg
    assert endless.given == 0


class Drip(io.BytesIO):
    """A stream that gives a few bytes at a time, and nothing for now in between, as one that does not block."""

    def __init__(self, data: bytes, descriptor: int) -> None:
        super().__init__(data)
        self.turn, self.descriptor = 0, descriptor

    def fileno(self) -> int:
        return self.descriptor

    def read(self, size=-1):
        self.turn += 1
        return None if self.turn % 3 else super().read(min(size, 7 + self.turn // 9 * 50))


def test_a_stream_that_has_nothing_for_now_has_not_ended(jpeg):
    with open(os.devnull, "rb") as ready:
        assert read_source(Drip(jpeg, ready.fileno()), "photo") == jpeg


def test_standard_input_that_does_not_block_is_read_whole(jpeg, monkeypatch):
    if not hasattr(os, "set_blocking"):
        pytest.skip("this system has no such pipes")
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def write() -> None:
        with open(writing, "wb", buffering=0) as pipe:
            for start in range(0, len(jpeg), 5000):
                time.sleep(0.02)
                pipe.write(jpeg[start : start + 5000])

    writer = threading.Thread(target=write)
    with open(reading, "rb") as stream:

        class Stdin:
            buffer = stream

        monkeypatch.setattr("sys.stdin", Stdin)
        writer.start()
        assert Job(STANDARD_STREAM, Path("out.png")).read() == jpeg
    writer.join(10)


def test_files_without_an_end_in_sight_are_refused_unread(jpeg, tmp_path):
    path = tmp_path / "huge.jpg"
    path.write_bytes(jpeg)
    os.truncate(path, sources.MAX_BYTES + 1)
    for read in (read_image, check_image):
        with pytest.raises(ImageError, match=r"huge\.jpg: longer than 1024 MiB"):
            read(path)


def test_the_files_of_other_programs_are_refused_unread(tmp_path):
    path = tmp_path / "film.jpg"
    path.write_bytes(b"\0\0\0\x18ftypmp42")
    os.truncate(path, 10 << 30)
    begun = time.monotonic()
    with pytest.raises(ImageError, match=f"film.jpg: {NOT_A_PICTURE}"):
        read_image(path)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("data", [b"", b"\xff", b"BM", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"II*\0", b"P6"])
def test_beginnings_alone_are_refused(data):
    for source in (data, io.BytesIO(data)):
        with pytest.raises(ImageError):
            read_image(source) if isinstance(source, bytes) else read_image(read_source(source, "photo"))
