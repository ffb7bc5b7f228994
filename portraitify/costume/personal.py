"""Masters' pictures that people added on their machine: ``portraitify masters add``. Each has a folder of its own."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path

from portraitify.config import AUTO
from portraitify.costume.library import INDEX_NAME, MasterLibrary
from portraitify.costume.master import Master
from portraitify.costume.storage import write_library
from portraitify.errors import ConfigError, ImageError
from portraitify.io.user_folder import user_folder
from portraitify.weights import MANIFEST_NAME

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def masters_folder() -> Path:
    """Where added pictures lie: ``$PORTRAITIFY_MASTERS``, or the usual folder for data of programs."""
    return user_folder("PORTRAITIFY_MASTERS", "masters")


def personal_folders() -> list[Path]:
    """The folders of the pictures that were added on this machine, in the order of their names."""
    try:
        found = sorted(masters_folder().iterdir())
    except OSError:
        return []
    return [folder for folder in found if _NAME.fullmatch(folder.name) and (folder / INDEX_NAME).is_file()]


def open_library(folder: Path) -> MasterLibrary:
    """The pictures of a folder, of which the manifest beside it may say the hash, and those that were added."""
    try:
        manifest = json.loads((folder.parent / MANIFEST_NAME).read_text(encoding="utf-8"))
        sha256 = str(manifest["masters"][INDEX_NAME]["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        sha256 = ""
    return MasterLibrary(folder, personal_folders(), sha256)


def check_name(name: str, shipped: list[str]) -> None:
    """Make sure that an added picture may have this name.

    Args:
        name: for ``--costume``.
        shipped: names that are taken.

    Raises:
        ConfigError: it is taken or has characters that file names should not have.
    """
    if name in (AUTO, *shipped):
        raise ConfigError(f"{name}: is the name of a shipped master. Choose another one.")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name}: a master's name is of small letters, digits, - and _, and begins with a letter.")


def check_free(name: str) -> None:
    """Make sure that no picture of this name was added before.

    Raises:
        ConfigError: one was.
    """
    if (masters_folder() / name / INDEX_NAME).exists():
        raise ConfigError(f"{name}: was added before. Add --overwrite to replace it, or choose another name.")


def add_master(master: Master) -> Path:
    """Keep a picture where :func:`personal_folders` finds it, in place of one of that name.

    Returns:
        Its folder.

    Raises:
        ImageError: a file cannot be written.
    """
    folder = masters_folder() / master.name
    # Without the list nothing is left that could be chosen; half of the old and half of the new would be damage.
    with suppress(OSError):
        (folder / INDEX_NAME).unlink()
    write_library(folder, [master])
    return folder


def remove_master(name: str) -> Path:
    """Take away a picture that was added.

    Returns:
        The folder in which it lay.

    Raises:
        ConfigError: there is none of that name.
        ImageError: it cannot be removed.
    """
    folder = masters_folder() / name
    # A link leads to what somebody keeps elsewhere.
    if not _NAME.fullmatch(name) or folder.is_symlink() or not (folder / INDEX_NAME).is_file():
        raise ConfigError(f"{name}: no master of that name was added on this machine.")
    try:
        # The list first: without it nothing is left that could be chosen.
        (folder / INDEX_NAME).unlink()
        shutil.rmtree(folder)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be removed ({error.strerror or error}).") from error
    return folder
