"""A watched folder: what arrives is painted once, when it is whole, whatever becomes of folder and disk.

The painter is a quick one that really reads photos and really writes files; time is made by the test.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from portraitify.batch.arrival_names import ArrivalNames
from portraitify.batch.arrivals import CUT_REST_S, WatchedFolder
from portraitify.batch.jobs import Job
from portraitify.batch.runner import FAILED, PAINTED, SKIPPED, Outcome
from portraitify.batch.watching import TRIED_AGAIN, Watcher
from portraitify.errors import ImageError
from portraitify.io.files import make_folder, write_atomically
from portraitify.io.reading import read_image, short_digest

PAINTING_S = 0.5


class World:
    """Time that passes when somebody waits or paints, and what happens in it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._coming: list[tuple[float, int, Callable[[], object]]] = []

    def at(self, time_s: float, action: Callable[[], object]) -> None:
        self._coming.append((time_s, len(self._coming), action))
        self._coming.sort(key=lambda item: item[:2])

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self._coming and self._coming[0][0] <= end_s:
            time_s, _, action = self._coming.pop(0)
            self.now_s = max(self.now_s, time_s)
            action()
        self.now_s = end_s


class Copyist:
    """Paints by copying; says what is wrong with a photo or a disk as the real one does."""

    def __init__(self, world: World):
        self.world = world
        self.painted: list[Path] = []
        self.disk: OSError | None = None
        self.tries = 0
        self.largest_round = 0

    def run(self, jobs: Sequence[Job], on_stage: Callable[[str], None] = lambda stage: None) -> Iterator[Outcome]:
        self.largest_round = max(self.largest_round, len(jobs))
        for job in jobs:
            self.world.sleep(PAINTING_S)
            try:
                yield self._outcome(job)
            except ImageError as error:
                yield Outcome(job, FAILED, error=error)

    def _outcome(self, job: Job) -> Outcome:
        data = job.read()
        read_image(data, job.name)
        self.tries += 1
        if self.is_begun(job, short_digest(data)):
            return Outcome(job, SKIPPED, (job.target,))
        if job.target.exists():
            raise ImageError(f"{job.target}: exists already.")
        if self.disk:
            raise ImageError(f"{job.target}: cannot be written ({self.disk.strerror}).") from self.disk
        make_folder(job.target.parent)
        write_atomically(job.target, data)
        self.painted.append(job.source)
        return Outcome(job, PAINTED, (job.target,), photo=short_digest(data))

    def is_begun(self, job: Job, photo: str) -> bool:
        return job.target.exists() and short_digest(job.target.read_bytes()) == photo


class Booth:
    """A folder that is watched for a while."""

    def __init__(self, tmp_path: Path, photo: bytes):
        self.inside, self.outside = tmp_path / "in", tmp_path / "out"
        self.inside.mkdir()
        self._photo = photo
        self.world = World()
        self.copyist = Copyist(self.world)
        self.lost: list[OSError | None] = []

    def data(self, number: int) -> bytes:
        """A photo like no other: its comment is its own."""
        return self._photo[:2] + b"\xff\xfe\x00\x06%04d" % number + self._photo[2:]

    def drop(self, number: int, name: str = "") -> Path:
        path = self.inside / (name or f"{number:02d}.jpg")
        path.write_bytes(self.data(number))
        return path

    def watch(self, until_s: float, output: Path | None = None, recursive: bool = False) -> list[Outcome]:
        """All that is told of until then."""
        output = output or self.outside
        avoided = None if output == self.inside else output
        folder = WatchedFolder(self.inside, recursive, avoided, self.world.clock)
        names = ArrivalNames(output, ".portrait.jpg")
        end_s = self.world.now_s + until_s
        self.watcher = Watcher(
            folder,
            names,
            self.copyist,
            should_stop=lambda: self.world.now_s >= end_s,
            clock=self.world.clock,
            sleep=self.world.sleep,
        )
        return list(self.watcher.run(on_lost=self.lost.append))

    def paintings(self) -> list[str]:
        return sorted(path.relative_to(self.outside).as_posix() for path in self.outside.rglob("*") if path.is_file())


@pytest.fixture
def booth(tmp_path, small_photo) -> Booth:
    return Booth(tmp_path, small_photo)


def statuses(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.job.source.name: outcome.status for outcome in outcomes}


def write_slowly(booth: Booth, path: Path, data: bytes, begin_s: float, pieces: int, pause_s: float) -> None:
    """Append a part every few seconds, each longer at rest than a whole file has to be."""
    size = -(-len(data) // pieces)

    def append(part: bytes) -> None:
        with open(path, "ab") as stream:
            stream.write(part)

    for number in range(pieces):
        part = data[number * size : (number + 1) * size]
        booth.world.at(begin_s + number * pause_s, lambda part=part: append(part))


def test_fifty_files_one_slow_one_corrupt_one_renamed(booth):
    world, folder = booth.world, booth.inside
    for number in range(50):
        if number not in (10, 20, 30):
            world.at(1 + 0.05 * number, lambda number=number: booth.drop(number))
    write_slowly(booth, folder / "10.jpg", booth.data(10), 1.5, 6, 5.0)
    corrupt = booth.data(20)[:600] + b"\0nonsense" * 40
    world.at(2.0, lambda: (folder / "20.jpg").write_bytes(corrupt))
    world.at(2.5, lambda: booth.drop(30, "30.jpg.part"))
    world.at(6.0, lambda: (folder / "30.jpg.part").rename(folder / "30.jpg"))
    # What is painted and gets another name, is touched, or is copied onto itself is not painted again.
    world.at(60.0, lambda: (folder / "05.jpg").rename(folder / "renamed.jpg"))
    world.at(60.0, lambda: os.utime(folder / "06.jpg", (1, 1)))
    world.at(60.0, lambda: os.utime(folder / "20.jpg", (1, 1)))
    world.at(61.0, lambda: booth.drop(7))
    outcomes = booth.watch(100)
    expected = {f"{number:02d}.jpg": PAINTED for number in range(50)} | {"20.jpg": FAILED}
    assert statuses(outcomes) == expected
    assert len(outcomes) == 50
    assert len(booth.copyist.painted) == len(set(booth.copyist.painted)) == 49
    for number in set(range(50)) - {20}:
        assert (booth.outside / f"{number:02d}.portrait.jpg").read_bytes() == booth.data(number)
    assert len(booth.paintings()) == 49
    assert booth.watcher.remaining == 0
    assert booth.copyist.largest_round > 1


def test_a_whole_photo_is_painted_within_a_second_and_a_cut_one_waits_for_its_end(booth):
    when: list[float] = []
    booth.world.at(1.0, lambda: booth.drop(1))
    booth.world.at(10.0, lambda: (booth.inside / "2.jpg").write_bytes(booth.data(2)[:-40]))
    run, copyist = booth.copyist.run, booth.copyist

    def timed(jobs, on_stage):
        when.append(booth.world.now_s)
        yield from run(jobs, on_stage)

    copyist.run = timed
    assert statuses(booth.watch(60)) == {"01.jpg": PAINTED, "2.jpg": PAINTED}
    assert when[0] - 1.0 < 0.6
    # Nothing came any more: what there is of it is all that there will be.
    assert CUT_REST_S <= when[1] - 10.0 < CUT_REST_S + 1


def test_a_corrupt_file_is_told_of_once_and_painted_when_it_is_mended(booth):
    bad = booth.inside / "a.jpg"
    bad.write_text("this is no picture at all")
    booth.world.at(10.0, lambda: os.utime(bad, (5, 5)))
    booth.world.at(20.0, lambda: bad.rename(booth.inside / "b.jpg"))
    booth.world.at(30.0, lambda: booth.drop(1, "b.jpg"))
    outcomes = booth.watch(40)
    assert [(outcome.job.source.name, outcome.status) for outcome in outcomes] == [
        ("a.jpg", FAILED),
        ("b.jpg", PAINTED),
    ]


def test_the_folder_may_go_and_come_back(booth, tmp_path):
    booth.drop(1)
    away = tmp_path / "away"
    booth.world.at(5.0, lambda: booth.inside.rename(away))
    booth.world.at(8.0, lambda: away.rename(booth.inside))
    # Gone with all that was in it, and copied back: other files, but the same photos.
    booth.world.at(12.0, lambda: shutil.copytree(booth.inside, away))
    booth.world.at(12.1, lambda: shutil.rmtree(booth.inside))
    booth.world.at(15.0, lambda: shutil.copytree(away, booth.inside))
    booth.world.at(16.0, lambda: booth.drop(2))
    assert statuses(booth.watch(25)) == {"01.jpg": PAINTED, "02.jpg": PAINTED}
    assert booth.copyist.tries == 2
    assert [error is None for error in booth.lost] == [False, True, False, True]
    assert booth.lost[0].errno == errno.ENOENT


@pytest.mark.parametrize("where", ["out", "."])
def test_paintings_inside_the_folder_are_not_painted(booth, where):
    booth.outside = booth.inside / where
    booth.world.at(1.0, lambda: booth.drop(1))
    booth.world.at(5.0, lambda: booth.drop(2))
    # Without its photo a painting that does not say so looks like one.
    booth.world.at(10.0, lambda: (booth.inside / "01.jpg").unlink())
    outcomes = booth.watch(20, booth.outside, recursive=True)
    assert statuses(outcomes) == {"01.jpg": PAINTED, "02.jpg": PAINTED}
    assert booth.copyist.tries == 2


def test_folders_inside_are_watched_too_and_mirrored(booth):
    booth.world.at(1.0, lambda: (booth.inside / "deep" / "er").mkdir(parents=True))
    booth.world.at(2.0, lambda: booth.drop(1, "deep/er/a.jpg"))
    booth.world.at(3.0, lambda: booth.drop(2, ".hidden.jpg"))
    booth.world.at(4.0, lambda: (booth.inside / "deep").rename(booth.inside / "other"))
    booth.watch(10, recursive=True)
    assert booth.paintings() == ["deep/er/a.portrait.jpg"]
    assert booth.watcher.remaining == 0
    booth.drop(3, "other/b.jpg")
    booth.watch(10)
    assert len(booth.paintings()) == 1


def test_two_files_of_one_name_have_their_own_paintings_also_after_a_new_beginning(booth):
    booth.world.at(1.0, lambda: booth.drop(1, "a.png"))
    booth.world.at(5.0, lambda: booth.drop(2, "a.jpg"))
    booth.drop(3, "K.jpg")
    booth.drop(4, "k.jpeg")
    booth.watch(10)
    expected = {
        "a.portrait.jpg": 1,
        "a.jpg.portrait.jpg": 2,
        "K.jpg.portrait.jpg": 3,
        "k.jpeg.portrait.jpg": 4,
    }
    assert booth.paintings() == sorted(expected)
    outcomes = booth.watch(10)
    assert set(statuses(outcomes).values()) == {SKIPPED}
    assert len(outcomes) == 4
    assert booth.paintings() == sorted(expected)
    for name, number in expected.items():
        assert (booth.outside / name).read_bytes() == booth.data(number)


def test_a_full_disk_is_told_of_once_and_all_is_painted_when_there_is_room(booth):
    booth.copyist.disk = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for number in range(12):
        booth.drop(number)
    booth.world.at(5.0, lambda: booth.drop(12))

    def make_room():
        booth.copyist.disk = None

    booth.world.at(400.0, make_room)
    outcomes = booth.watch(500)
    failed, painted = outcomes[:13], outcomes[13:]
    assert {outcome.status for outcome in failed} == {FAILED}
    assert all(TRIED_AGAIN in outcome.warnings for outcome in failed)
    assert sorted(outcome.job.source.name for outcome in painted) == [f"{number:02d}.jpg" for number in range(13)]
    assert {outcome.status for outcome in painted} == {PAINTED}
    # One of them is tried now and then, not all of them all the time.
    assert booth.copyist.tries < 13 + 13 + 15
    assert booth.watcher.remaining == 0


def test_a_photo_that_is_taken_away_before_its_turn_is_no_failure(booth):
    for number in range(4):
        booth.drop(number)
    booth.world.at(1.0, lambda: (booth.inside / "03.jpg").unlink())
    booth.world.at(1.0, lambda: (booth.inside / "02.jpg").rename(booth.inside / "2b.jpg"))
    outcomes = booth.watch(20)
    assert statuses(outcomes) == {"00.jpg": PAINTED, "01.jpg": PAINTED, "2b.jpg": PAINTED}


def test_copies_are_photos_of_their_own(booth):
    booth.drop(1, "a.jpg")
    booth.world.at(5.0, lambda: booth.drop(1, "b.jpg"))
    booth.world.at(9.0, lambda: (booth.inside / "a.jpg").rename(booth.inside / "c.jpg"))
    assert statuses(booth.watch(15)) == {"a.jpg": PAINTED, "b.jpg": PAINTED}


def test_what_arrives_goes_before_what_was_there_and_what_remains_is_known(booth):
    for number in range(30):
        booth.drop(number, f"old{number:02d}.jpg")
    booth.world.at(1.0, lambda: booth.drop(99, "new.jpg"))
    outcomes = booth.watch(12)
    names = [outcome.job.source.name for outcome in outcomes]
    assert names.index("new.jpg") < 17
    assert booth.watcher.remaining == 31 - len(outcomes)
