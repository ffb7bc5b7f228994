"""Names for the paintings of several photos: no two meet, none is too long, and their order does not matter."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from pathlib import Path

from portraitify.batch.inputs import Input

# A file that is the same for a system which ignores case, or ways of writing accents, is the same for us.
Key = tuple[str, str]
_USUAL_MOST_BYTES = 255
_DIGEST_DIGITS = 8
_NAMELESS = "folder"


def name_outputs(inputs: Sequence[Input], output: Path | None, ending: str, reserve: int = 0) -> list[Path]:
    """A file for the painting of each photo.

    A painting is called like its photo without the suffix. Where that would be
    the name of another painting or of one of the photos, it keeps the suffix;
    where that does not help either, as for ``K.jpg`` and ``k.jpg``, which many
    disks take for one, all but the first in alphabetical order get ``-2``,
    ``-3`` and so on. The same photos get the same names in any order.

    Args:
        inputs: photos, none of them twice.
        output: folder of all paintings; nothing puts each beside its photo.
        ending: of all names, such as ``.portrait.png``.
        reserve: bytes that must be left for numbers of faces and versions.
    """
    most = cache(lambda folder: longest_name(folder) - reserve)
    folders = cache(lambda folder: folded(os.path.realpath(folder)))
    places = [(output or Path()) / place for place in _places(inputs, output)]

    def target(number: int, rank: int) -> Path:
        place = places[number]
        return place.parent / shortened(ranked_name(place.name, rank), ending, most(place.parent))

    def key(path: Path) -> Key:
        return folders(path.parent), folded(path.name)

    photos = {key(item.path) for item in inputs}
    order = sorted(
        range(len(inputs)), key=lambda number: (os.fsencode(places[number]), os.fsencode(inputs[number].path))
    )
    return _without_meetings(order, target, key, photos)


def _without_meetings(
    order: Sequence[int], target: Callable[[int, int], Path], key: Callable[[Path], Key], photos: set[Key]
) -> list[Path]:
    """Give each photo the first of its names with which it meets no other.

    Args:
        order: numbers of all photos, so that the first keeps its name.
        target: gives the name of a photo at a rank: without suffix, with it, and from 2 on with a number.
        key: what two names have in common that meet.
        photos: keys that are taken anyway.
    """
    targets = {number: target(number, 0) for number in order}
    plain = set(order)
    while True:
        taken = Counter(key(path) for path in targets.values())
        moved = [n for n in plain if taken[key(targets[n])] > 1 or key(targets[n]) in photos]
        if not moved:
            break
        plain.difference_update(moved)
        targets |= {number: target(number, 1) for number in moved}
    used = set(photos)
    numbered = []
    for number in order:
        mine = key(targets[number])
        if mine in used:
            numbered.append(number)
        used.add(mine)
    for number in numbered:
        targets[number] = next(path for rank in count(2) if key(path := target(number, rank)) not in used)
        used.add(key(targets[number]))
    return [targets[number] for number in range(len(order))]


def _places(inputs: Sequence[Input], output: Path | None) -> list[Path]:
    """Where paintings lie in the folder for them: as photos in theirs, or as deep as it takes to tell them apart."""
    if output is None:
        return [item.path for item in inputs]
    places = [item.place for item in inputs]
    if len({folded(str(place)) for place in places}) == len(places):
        return places
    absolute = [os.path.abspath(item.path) for item in inputs]
    try:
        common = os.path.commonpath([os.path.dirname(path) for path in absolute])
    except ValueError:
        # On several drives.
        return places
    return [Path(os.path.relpath(path, common)) for path in absolute]


def ranked_name(name: str, rank: int) -> str:
    """What a painting may be called: rank 0 is the photo's name without the suffix, 1 with it, and on with a number."""
    name = name or _NAMELESS
    if rank == 0:
        return Path(name).stem
    return name if rank == 1 else f"{name}-{rank}"


def folded(name: str) -> str:
    """The same for names that some system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def shortened(text: str, ending: str, most: int) -> str:
    """A name of at most so many bytes; what is left out in the middle is told apart by a digest.

    Args:
        text: what may be shortened, on the border of a character.
        ending: what may not.
        most: bytes.
    """
    if len(os.fsencode(text + ending)) <= most:
        return text + ending
    mark = "~" + hashlib.sha256(os.fsencode(text)).hexdigest()[:_DIGEST_DIGITS]
    room = max(most - len(os.fsencode(mark + ending)), 0)
    head = os.fsencode(text)[:room]
    characters = text[: len(os.fsdecode(head))]
    while len(os.fsencode(characters)) > room:
        characters = characters[:-1]
    # An accent belongs to the letter before it.
    while characters and unicodedata.combining(text[len(characters)]):
        characters = characters[:-1]
    return characters + mark + ending


def longest_name(folder: Path) -> int:
    """How many bytes the name of a file in a folder may have, which need not exist yet."""
    here = Path(os.path.abspath(folder))
    for parent in (here, *here.parents):
        try:
            return os.pathconf(parent, "PC_NAME_MAX")
        except FileNotFoundError:
            continue
        except (OSError, ValueError, AttributeError):
            break
    return _USUAL_MOST_BYTES
