"""A folder in which photos arrive: looked at again and again, it tells of each photo once, when its file is whole.

Looking, and not being told by the system, is what works everywhere: network shares tell of nothing, a folder that was
taken away and comes back is another one to inotify, and no system but Linux says when a file was closed. What a file
holds is known only once it is at rest anyway.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portraitify.batch.inputs import PHOTO_SUFFIXES, Input, photo_stems
from portraitify.batch.naming import folded
from portraitify.batch.outputs import is_painting
from portraitify.io.reading import looks_like_picture, short_digest
from portraitify.io.sources import MAX_BYTES
from portraitify.io.wholeness import is_whole

# How long size and time of a file must stay the same: with its end, of a format that does not tell where that is, and
# without its end, which a slow line may still bring.
REST_S, DOUBTFUL_REST_S, CUT_REST_S = 0.15, 2.0, 30.0
# Whether photos that were told of have changed is asked less often: on a share each question takes its time.
_RECHECK_S = 2.0
# Between two looks; longer where a look takes long, so that at most a twentieth of a core is used.
_PAUSE_S, _MOST_PAUSE_S, _LOOKS_SHARE = 0.05, 2.0, 0.05
# What a look may take beyond the names, so that painting goes on meanwhile.
_BUDGET_S = 0.2

# Size, time and number of a file.
_Signature = tuple[int, int, int]


@dataclass(frozen=True)
class Arrival:
    """A photo that is whole.

    Attributes:
        item: the photo.
        digest: of its bytes; empty where they cannot be read.
        has_namesake: whether the folder holds another photo that differs in its suffix only.
    """

    item: Input
    digest: str
    has_namesake: bool = False


@dataclass
class _Coming:
    """A file that was not told of yet.

    Attributes:
        early: whether it was there from the beginning; those that arrive go first.
        signature: as it was seen last.
        since_s: when it was seen so first.
        rest_s: how long it has to stay so; nothing until its content was looked at.
        digest: of its bytes.
    """

    early: bool
    signature: _Signature | None = None
    since_s: float = 0.0
    rest_s: float | None = None
    digest: str = ""


class WatchedFolder:
    """Looks at a folder; never raises because it is gone.

    What is hidden, has another suffix than photos have (as ``photo.jpg.part``) or is a painting of ours is passed over.

    Args:
        folder: need not be there.
        recursive: look into folders inside it.
        without: a folder inside it that is passed over, such as that of the outputs.
        clock: seconds that only go forward.

    Attributes:
        lost: why the folder could not be read the last time; nothing if it could.
        pause_s: how long to wait until it is looked at again.
    """

    def __init__(
        self,
        folder: Path,
        recursive: bool = False,
        without: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.folder = folder
        self.lost: OSError | None = None
        self.pause_s = _PAUSE_S
        self._recursive, self._clock = recursive, clock
        self._without = without
        # Of each folder the names in it, and which of them are folders.
        self._names: dict[str, dict[str, bool]] = {}
        self._begun = False
        self._coming: dict[str, _Coming] = {}
        self._told: dict[str, _Signature] = {}
        self._ours: set[str] = set()
        self._to_check: Iterator[str] = iter(())
        self._check_s = clock()
        self._families: dict[str, tuple[set[str], Counter[str]]] = {}

    @property
    def waiting(self) -> int:
        """How many files were seen and not told of yet."""
        return len(self._coming)

    def leave_out(self, paths: tuple[Path, ...]) -> None:
        """Never tell of files that we wrote ourselves, whatever they look like."""
        inside = os.path.join(os.path.realpath(self.folder), "")
        self._ours.update(real for real in map(os.path.realpath, paths) if real.startswith(inside))

    def poll(self, limit: int) -> list[Arrival]:
        """Look at the folder.

        Args:
            limit: tell of so many photos at most; the rest is told of the next time.

        Returns:
            Photos that are whole and were not told of before, or have changed since; those that arrived while the
            folder was watched before those that were there already.
        """
        begun_s = self._clock()
        try:
            self._list()
            self.lost = None
        except OSError as error:
            self.lost = error
            return []
        listed_s = self._clock() - begun_s
        self.pause_s = min(max(_PAUSE_S, listed_s / _LOOKS_SHARE), _MOST_PAUSE_S)
        self._recheck()
        arrived: list[Arrival] = []
        end_s = self._clock() + _BUDGET_S
        for path, coming in sorted(self._coming.items(), key=lambda pair: pair[1].early):
            if self._clock() > end_s:
                break
            arrival = self._look_at(path, coming, len(arrived) < limit)
            if arrival is not None:
                arrived.append(arrival)
        return arrived

    def _list(self) -> None:
        """Take note of names that came and went.

        Raises:
            OSError: the folder cannot be read.
        """
        self._families.clear()
        folders, seen = [str(self.folder)], set[str]()
        while folders:
            folder = folders.pop()
            try:
                self._list_one(folder)
            except OSError:
                if not seen:
                    raise
                continue
            seen.add(folder)
            if self._recursive:
                folders += [_joined(folder, name) for name, inner in self._names[folder].items() if inner]
        for folder in self._names.keys() - seen:
            for name in self._names.pop(folder):
                self._forget(_joined(folder, name))
        self._begun = True

    def _list_one(self, folder: str) -> None:
        with os.scandir(folder) as listing:
            entries = {entry.name: entry for entry in listing}
        known = self._names.setdefault(folder, {})
        for name in known.keys() - entries.keys():
            del known[name]
            self._forget(_joined(folder, name))
        # In order of names, like a batch.
        for name in sorted(entries.keys() - known.keys()):
            entry = entries[name]
            known[name] = self._is_open_folder(entry)
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in _SUFFIXES and not _is_folder(entry):
                self._coming[_joined(folder, name)] = _Coming(not self._begun)

    def _is_open_folder(self, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a folder that is to be looked into."""
        if not self._recursive or entry.name.startswith(".") or not _is_folder(entry):
            return False
        return self._without is None or os.path.realpath(entry.path) != os.path.realpath(self._without)

    def _forget(self, path: str) -> None:
        self._coming.pop(path, None)
        self._told.pop(path, None)

    def _recheck(self) -> None:
        """Ask some of the photos that were told of whether they have changed."""
        now_s = self._clock()
        end_s = now_s + _BUDGET_S / 4
        if now_s >= self._check_s:
            self._check_s = now_s + _RECHECK_S
            self._to_check = iter(list(self._told))
        for path in self._to_check:
            signature = _signature(path)
            if path in self._told and signature is not None and signature != self._told[path]:
                del self._told[path]
                self._coming[path] = _Coming(False)
            if self._clock() > end_s:
                # The rest is asked in the next looks.
                self._check_s = self._clock() + _RECHECK_S
                return

    def _look_at(self, path: str, coming: _Coming, may_tell: bool) -> Arrival | None:
        """Tell of a file if it is a photo and whole."""
        signature = _signature(path)
        if signature is None:
            return None
        now_s = self._clock()
        if signature != coming.signature:
            coming.signature, coming.since_s, coming.rest_s = signature, now_s, None
        rested_s = now_s - coming.since_s
        if rested_s < REST_S or not may_tell:
            return None
        if coming.rest_s is None:
            _read(path, coming)
        # One that cannot be read is mostly held by whoever writes it; in the end it is told of, and fails by name.
        if rested_s < (CUT_REST_S if coming.rest_s is None else coming.rest_s):
            return None
        del self._coming[path]
        self._told[path] = signature
        return self._arrival(Path(path), coming.digest)

    def _arrival(self, path: Path, digest: str) -> Arrival | None:
        if (
            os.path.realpath(path) in self._ours
            or not path.is_file()
            or (not path.suffix and not looks_like_picture(path))
        ):
            return None
        stems, count = self._family(str(path.parent))
        if is_painting(path, stems):
            return None
        return Arrival(Input(path, path.relative_to(self.folder)), digest, count[folded(path.stem)] > 1)

    def _family(self, folder: str) -> tuple[set[str], Counter[str]]:
        """What names of paintings in a folder may begin with, and how many photos differ in their suffix only."""
        if folder not in self._families:
            names = [name for name, inner in self._names.get(folder, {}).items() if not inner]
            photos = [name for name in names if os.path.splitext(name)[1].lower() in PHOTO_SUFFIXES]
            self._families[folder] = photo_stems(names), Counter(folded(Path(name).stem) for name in photos)
        return self._families[folder]


# Without a suffix a file may be a photo too; its content tells.
_SUFFIXES = PHOTO_SUFFIXES | {""}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _joined(folder: str, name: str) -> str:
    """As pathlib writes it: without a dot for the folder in which we are."""
    return str(Path(folder, name))


def _signature(path: str) -> _Signature | None:
    """By what a change is known; nothing where there is no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _read(path: str, coming: _Coming) -> None:
    """Look at the content of a file that seems to be at rest; leaves what cannot be read or changes meanwhile."""
    assert coming.signature is not None
    with contextlib.suppress(OSError):
        if not stat.S_ISREG(os.stat(path).st_mode) or coming.signature[0] > MAX_BYTES:
            # No photo, or one that will be refused by name.
            coming.rest_s = REST_S
            return
        data = Path(path).read_bytes()
        if _signature(path) == coming.signature:
            coming.digest = short_digest(data)
            whole = is_whole(data)
            coming.rest_s = DOUBTFUL_REST_S if whole is None else REST_S if whole else CUT_REST_S
