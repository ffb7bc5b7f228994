"""Names for paintings of photos that come one after the other, where none that was given can be taken back."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path

from portraitify.batch.inputs import Input
from portraitify.batch.naming import Key, folded, longest_name, ranked_name, shortened


class ArrivalNames:
    """Gives each photo a file of its own, named as in :func:`portraitify.batch.naming.name_outputs` where that can be.

    There all photos are known, and of two that differ in their suffix only
    both keep it. Here the first one has its name already when the second
    comes, which keeps its suffix then. So that the same photos get the same
    names after a new beginning, a name under which a photo's painting stands
    already is its name.

    Args:
        output: folder of all paintings; nothing puts each beside its photo.
        ending: of all names, such as ``.portrait.png``.
        reserve: bytes that must be left for numbers of faces and versions.
    """

    def __init__(self, output: Path | None, ending: str, reserve: int = 0):
        self._output, self._ending, self._reserve = output, ending, reserve
        self._given: dict[Path, Path] = {}
        self._taken: set[Key] = set()
        self._real = cache(os.path.realpath)

    def name(self, item: Input, has_namesake: bool, is_own: Callable[[Path], bool]) -> Path:
        """The file for the painting of a photo; always the same for the same photo.

        Args:
            item: the photo.
            has_namesake: whether there is another one that differs in its suffix only.
            is_own: whether a file that is there is this photo's painting.
        """
        if item.path not in self._given:
            # Nothing is painted over a photo.
            self._taken.add(self._key(item.path))
            target = self._own(item, is_own) or self._first_free(item, int(has_namesake))
            self._taken.add(self._key(target))
            self._given[item.path] = target
        return self._given[item.path]

    def rename(self, old: Path, new: Path) -> None:
        """A photo has got another name; its painting keeps its own."""
        if old in self._given:
            self._given[new] = self._given[old]
            self._taken.add(self._key(new))

    def _own(self, item: Input, is_own: Callable[[Path], bool]) -> Path | None:
        """The file in which the photo's painting is already."""
        for rank in count():
            path = self._ranked(item, rank)
            if self._key(path) not in self._taken and is_own(path):
                return path
            # There is none with a number before the names without one are used up.
            if rank > 0 and not os.path.exists(path):
                return None
        return None

    def _first_free(self, item: Input, rank: int) -> Path:
        return next(path for number in count(rank) if self._key(path := self._ranked(item, number)) not in self._taken)

    def _ranked(self, item: Input, rank: int) -> Path:
        place = item.path if self._output is None else self._output / item.place
        most = longest_name(place.parent) - self._reserve
        return place.parent / shortened(ranked_name(place.name, rank), self._ending, most)

    def _key(self, path: Path) -> Key:
        return folded(self._real(path.parent)), folded(path.name)
