"""Writing files whole: whose leftovers go, whose permissions stay, and what is tried again."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from pathlib import Path

import pytest

from portraitify.errors import ImageError
from portraitify.io import files
from portraitify.io.files import write_atomically

DAY_S = 86_400
# Larger than any number that Linux gives to a process.
DEAD = 4_194_304
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these permissions nor signal 0")


def leave(folder: Path, name: str, age_s: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def own_space(folder: Path) -> str:
    """What a name of ours says of the place where process numbers count."""
    seen: list[str] = []
    write = files.os.fsync

    def look(file: int) -> None:
        seen.extend(name for name in os.listdir(folder) if name.endswith(".portraitify"))
        write(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files.os, "fsync", look)
        write_atomically(folder / "first.png", b"x")
    (name,) = seen
    match = re.fullmatch(rf"\.{os.getpid()}\.([0-9a-f]+)\.[0-9a-f]+\.portraitify", name)
    assert match, name
    return match[1]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    return tmp_path / "other"


@POSIX
def test_what_killed_writers_left_is_removed_and_the_living_keep_theirs(tmp_path, other):
    space = own_space(tmp_path)
    dead = leave(other, f".{DEAD}.{space}.a1.portraitify")
    alive = leave(other, f".{os.getpid()}.{space}.b2.portraitify", 2 * DAY_S)
    write_atomically(other / "new.png", b"x")
    assert not dead.exists()
    assert alive.exists()


def test_what_other_machines_and_containers_write_is_left_to_them(other):
    # The same process number there is of somebody who may be writing just now.
    foreign = leave(other, f".{DEAD}.0123456789ab.a1.portraitify", DAY_S - 600)
    older_version = leave(other, f".{DEAD}.b2.portraitify")
    write_atomically(other / "new.png", b"x")
    assert foreign.exists()
    assert older_version.exists()


def test_what_they_left_a_day_ago_is_removed(other):
    left = [f".{DEAD}.0123456789ab.a1.portraitify", f".{os.getpid()}.0123456789ab.a1.portraitify", ".7.b2.portraitify"]
    for name in left:
        leave(other, name, DAY_S + 600)
    write_atomically(other / "new.png", b"x")
    assert os.listdir(other) == ["new.png"]


def test_a_day_passes_by_the_clock_of_the_disk(other, monkeypatch):
    # Our clock is two days ahead of that of the share.
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 2 * DAY_S)
    fresh = other / ".7.0123456789ab.a1.portraitify"
    fresh.write_bytes(b"half")
    write_atomically(other / "new.png", b"x")
    assert fresh.exists()


@pytest.mark.parametrize("name", [".portraitify", ".c.part", ".x.0123456789ab.a1.portraitify", ".1.2.3.4.portraitify"])
def test_files_of_others_stay(other, name):
    leave(other, name, 9 * DAY_S)
    write_atomically(other / "new.png", b"x")
    assert (other / name).exists()


def test_one_leftover_that_stays_keeps_no_other(other, monkeypatch):
    for number in range(4):
        leave(other, f".7.0123456789ab.{number}.portraitify", 2 * DAY_S)
    unlink, calls = os.unlink, []

    def refuse_first(path: str) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        unlink(path)

    monkeypatch.setattr(files.os, "unlink", refuse_first)
    write_atomically(other / "new.png", b"x")
    assert len(list(other.glob(".*"))) == 1


@pytest.mark.parametrize("changed", ["machine", "boot", "container"])
def test_process_numbers_count_only_where_they_were_given(tmp_path, monkeypatch, changed):
    machine = ["vm1", "1c6a-boot", "pid:[4026531836]"]
    name = type("Name", (), {"nodename": property(lambda self: machine[0])})
    monkeypatch.setattr(files.os, "uname", name, raising=False)
    monkeypatch.setattr(Path, "read_text", lambda path: machine[1])
    monkeypatch.setattr(files.os, "readlink", lambda path: machine[2])
    (tmp_path / "again").mkdir()
    first = own_space(tmp_path)
    assert own_space(tmp_path / "again") == first
    machine[["machine", "boot", "container"].index(changed)] += "2"
    (tmp_path / "elsewhere").mkdir()
    assert own_space(tmp_path / "elsewhere") != first


def test_a_system_without_proc_is_told_apart_by_its_card(tmp_path, monkeypatch):
    def missing(*_: object) -> str:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr("uuid.getnode", lambda: 1)
    first = own_space(tmp_path)
    monkeypatch.setattr("uuid.getnode", lambda: 2)
    (tmp_path / "elsewhere").mkdir()
    assert own_space(tmp_path / "elsewhere") != first


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(mode)
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == mode


@POSIX
def test_a_private_painting_is_private_from_its_first_byte(tmp_path, monkeypatch):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(0o600)
    modes: list[int] = []
    chmod = os.fchmod

    def look(file: int, mode: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        chmod(file, mode)

    monkeypatch.setattr(files.os, "fchmod", look)
    write_atomically(target, b"new")
    assert modes == [0o600]


@POSIX
def test_a_new_file_gets_what_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.png", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640


@POSIX
@pytest.mark.parametrize(("user", "expected"), [(0, [(12345, -1), (-1, 54321)]), (1000, [(-1, 54321)])])
def test_root_leaves_a_file_to_its_owner_and_all_leave_it_to_its_group(tmp_path, monkeypatch, user, expected):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(0o640)
    status = list(target.stat())
    status[4:6] = 12345, 54321
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(files, "_status", lambda path: os.stat_result(status))
    monkeypatch.setattr(files.os, "geteuid", lambda: user)
    monkeypatch.setattr(files.os, "fchown", lambda file, owner, group: given.append((owner, group)))
    write_atomically(target, b"new")
    assert given == expected
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@POSIX
def test_a_group_that_cannot_be_kept_hands_its_rights_to_no_other(tmp_path, monkeypatch):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(0o664)
    status = list(target.stat())
    status[5] += 1
    monkeypatch.setattr(files, "_status", lambda path: os.stat_result(status))

    def refuse(*_: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(files.os, "fchown", refuse)
    write_atomically(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


class Holder:
    """In place of ``os.replace``: somebody holds the file so many times."""

    def __init__(self, number: int, times: int):
        self._error, self._times, self._replace = OSError(number, os.strerror(number)), times, os.replace
        self.calls = 0

    def __call__(self, source: Path, target: Path) -> None:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        self._replace(source, target)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.ESTALE])
def test_a_file_that_is_held_for_a_moment_is_written(tmp_path, monkeypatch, number):
    (tmp_path / "a.png").write_bytes(b"old")
    holder = Holder(number, 2)
    monkeypatch.setattr(files.os, "replace", holder)
    write_atomically(tmp_path / "a.png", b"new")
    assert (tmp_path / "a.png").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_file_that_stays_held_is_told_of_within_a_second(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"old")
    pauses: list[float] = []
    monkeypatch.setattr(files.os, "replace", Holder(errno.EACCES, 99))
    monkeypatch.setattr(time, "sleep", pauses.append)
    with pytest.raises(ImageError, match=r"a\.png: cannot be written \(Permission denied\)"):
        write_atomically(tmp_path / "a.png", b"new")
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]
    assert pauses == sorted(pauses)
    assert 0.5 < sum(pauses) <= 1


def test_what_no_waiting_mends_is_told_of_at_once(tmp_path, monkeypatch):
    holder = Holder(errno.EXDEV, 99)
    monkeypatch.setattr(files.os, "replace", holder)
    with pytest.raises(ImageError, match="cannot be written"):
        write_atomically(tmp_path / "a.png", b"new")
    assert holder.calls == 1


def test_the_reason_survives_a_temporary_file_that_is_held_too(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "replace", Holder(errno.EXDEV, 99))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(ImageError, match=re.escape(os.strerror(errno.EXDEV))):
        write_atomically(tmp_path / "a.png", b"new")
