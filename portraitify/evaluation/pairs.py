"""A blind comparison of two sets of paintings: which belong together, in which order they are shown, and the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portraitify.errors import ConfigError
from portraitify.evaluation.answer_tables import Key, key_of
from portraitify.evaluation.paintings import pictures_in, style_of

SIDES = ("A", "B")


@dataclass(frozen=True)
class Pair:
    """Two paintings after one photo.

    Attributes:
        old: file of the one.
        new: file of the other, of the same name.
        photo: what both were painted after.
        style: as the new one's name or its record says; empty where neither does.
    """

    old: Path
    new: Path
    photo: Path
    style: str


@dataclass(frozen=True)
class Entry:
    """One row of the key.

    Attributes:
        number: on the sheets, from 1.
        name: of the two paintings' files.
        photo: name of the photo's file.
        style: as of the pair.
        new_side: ``A`` or ``B``, where the new painting is shown.
    """

    number: int
    name: str
    photo: str
    style: str
    new_side: str


def find_pairs(old: Path, new: Path, photos: Path) -> tuple[list[Pair], list[str]]:
    """Find paintings of the same file name in two folders, and the photo of each pair.

    A painting is called like its photo and something more, such as
    ``name.portrait.png`` or ``name-oil.png`` after ``name.jpg``; of several
    photos that its name begins with, that with the longest name is meant.

    Args:
        old: folder of paintings.
        new: folder of paintings.
        photos: folder of photos.

    Returns:
        Pairs in alphabetical order, and names that only one folder has.

    Raises:
        ConfigError: the folders have no name in common, a photo is missing, or two photos fit equally well.
    """
    olds, news, found = (pictures_in(folder) for folder in (old, new, photos))
    both = sorted(olds.keys() & news.keys())
    if not both:
        raise ConfigError(
            f"{old} ({len(olds)} pictures) and {new} ({len(news)} pictures) have no file name in common. "
            "Paint both after the same photos, with the same options of naming."
        )
    pairs = []
    for name in both:
        photo, rest = _photo_of(name, found, photos)
        pairs.append(Pair(olds[name], news[name], photo, style_of(news[name], rest)))
    return pairs, sorted(olds.keys() ^ news.keys())


def shuffle(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], Key[Entry]]:
    """Choose the order of pairs, and for half of them, at random, that the new painting is ``A``.

    Args:
        pairs: in the order of :func:`find_pairs`, since the same seed must give the same.
        seed: of both choices.

    Returns:
        The pairs in the order in which they are to be shown, and the key to them.
    """
    rng = np.random.default_rng(seed)
    shown = [pairs[index] for index in rng.permutation(len(pairs))]
    # Sides that differ in number would favour those who prefer what stands on the left.
    sides = rng.permutation((np.arange(len(pairs)) + rng.integers(2)) % 2)
    entries = (
        Entry(number, pair.new.name, pair.photo.name, pair.style, SIDES[side])
        for number, (pair, side) in enumerate(zip(shown, sides, strict=True), 1)
    )
    return shown, key_of(seed, entries)


def _photo_of(name: str, photos: dict[str, Path], folder: Path) -> tuple[Path, str]:
    """The photo of a painting, and what its name has beyond that of the photo."""
    fitting = {(begin, photo) for photo in photos for begin in (photo, Path(photo).stem) if _begins(name, begin)}
    if not fitting:
        raise ConfigError(f"{name}: {folder} holds no photo whose name it begins with.")
    longest = max(len(begin) for begin, _ in fitting)
    best = sorted(photo for begin, photo in fitting if len(begin) == longest)
    if len(best) > 1:
        raise ConfigError(f"{name}: may be painted after {' or '.join(best)} in {folder}. Leave one of them.")
    return photos[best[0]], name[longest:]


def _begins(name: str, begin: str) -> bool:
    """Whether a name begins with another, and not with another number or word: ``photo10`` is not of ``photo1``."""
    return name.startswith(begin) and not name[len(begin) : len(begin) + 1].isalnum()
