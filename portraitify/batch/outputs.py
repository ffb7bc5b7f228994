"""Names of outputs, and how an earlier painting is known among photos."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

from portraitify.io.encoding import OUTPUT_SUFFIXES
from portraitify.io.provenance import holds_record

OUTPUT_MARK, SHEET_MARK = ".portrait", ".sheet"
_SUFFIXES = "|".join(re.escape(suffix) for suffix in sorted(OUTPUT_SUFFIXES))
# As they are written, in lower case: some phones call their own photos `NAME.PORTRAIT.jpg`.
_OUTPUT = re.compile(rf"(.+)(?:{re.escape(OUTPUT_MARK)}|{re.escape(SHEET_MARK)})(?:{_SUFFIXES})", re.DOTALL)
_NUMBER = re.compile(r"\.[1-9][0-9]*\Z")
# Of photos whose names differ in case only, see portraitify.batch.naming.
_TWIN = re.compile(r"-[1-9][0-9]*\Z")


def is_painting(path: Path, photo_stems: Set[str]) -> bool:
    """Whether a file is an earlier painting, not a photo.

    It is one if it holds our record, whatever its name, and if it has a name
    that portraitify gives and lies beside the photo that it is named after.
    What cannot be read is no painting, so that it is told of and not passed over.

    Args:
        path: a file.
        photo_stems: what names of outputs may begin with because of the photos in the same folder.
    """
    return is_named_as_painting(path.name, photo_stems) or holds_record(path)


def is_named_as_painting(name: str, photo_stems: Set[str]) -> bool:
    """Whether a file has a name that portraitify gives, after a photo beside it."""
    match = _OUTPUT.fullmatch(name)
    return match is not None and any(stem in photo_stems for stem in _stems(match[1]))


def has_painting_name(path: Path) -> bool:
    """Whether a file is called as portraitify calls paintings, wherever its photo lies."""
    return _OUTPUT.fullmatch(path.name) is not None


def _stems(name: str) -> Iterator[str]:
    """What the photo may be called: ``group.2.1`` is of ``group.2.1``, of ``group.2``, or of ``group``."""
    yield name
    # A face's number and a version's.
    for _ in range(2):
        name = _NUMBER.sub("", name)
        yield name
    yield _TWIN.sub("", name)
