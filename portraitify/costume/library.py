"""The masters' pictures on disk: a folder that lists them in one file, and loads one at a time.

``masters.json`` says of each picture whose it is, whom it suits and what the
SHA-256 of its files are: ``NAME.jpg`` is the picture, ``NAME.plate.jpg`` what
the clean plate shows instead within a box, ``NAME.masks.png`` the masks, one
below the other and half as large. ``meshes.safetensors`` holds the faces' geometry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portraitify.costume.master import Credits, Master, MasterMasks, Traits
from portraitify.errors import ConfigError, MissingWeightsError, WeightsMismatchError
from portraitify.faces.face_mesh import Pose

INDEX_NAME, MESHES_NAME = "masters.json", "meshes.safetensors"
LIBRARY_VERSION = 1
# Masks in the order in which they lie below each other; the last is where the plate differs from the picture.
MASKS = ("head", "hair", "skin", "before", "body", "changed")
# Pixels of the picture to one of the masks.
MASK_SHRINK = 2


@dataclass(frozen=True)
class MasterEntry:
    """What the list says of a picture, without its pixels.

    Attributes:
        name: by which it is asked for.
        style: the medium in which the sitter is painted.
        credits: whose picture it is.
        traits: whom it suits.
        light: ``(2,)`` float64, unit vector to the right and downwards, towards the light.
        pose: how the head of the master's own sitter is turned.
        size: width and height of the plate, pixels.
        box: left, top, right and bottom of what the clean plate shows otherwise than the picture, pixels.
        files: SHA-256 of the picture's files, by name.
        folder: in which they lie.
        warnings: what is likely to show in each picture that is made with it, for people.
    """

    name: str
    style: str
    credits: Credits
    traits: Traits
    light: np.ndarray
    pose: Pose
    size: tuple[int, int]
    box: tuple[int, int, int, int]
    files: dict[str, str]
    folder: Path
    warnings: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """All of it, wherever it lies, as words that change with anything that a painting may depend on."""
        listed = (self.name, self.style, self.credits, self.traits, self.light.tolist(), self.pose, self.size, self.box)
        flawed = f" {self.warnings}" if self.warnings else ""
        return f"{listed} {sorted(self.files.items())}{flawed}"


class MasterLibrary:
    """Pictures of masters in a folder, and in further ones.

    Reads the lists when they are first asked for, and pictures only when loaded.

    Args:
        folder: holds ``masters.json``.
        more: folders of the same kind, whose pictures come after; one that is not there or is damaged counts as empty,
            so that what somebody added does not spoil what was shipped.
        sha256: what the hash of the first folder's list must be; not compared where it is empty.
    """

    def __init__(self, folder: Path, more: Sequence[Path] = (), sha256: str = ""):
        self.folder = folder
        self._more = tuple(more)
        self._sha256 = sha256

    def names(self) -> list[str]:
        """Names of all pictures, in the order of the lists."""
        return list(self._entries)

    def entries(self) -> list[MasterEntry]:
        """What the lists say of all pictures, in their order."""
        return list(self._entries.values())

    def entry(self, name: str) -> MasterEntry:
        """What the list says of a picture.

        Raises:
            ConfigError: there is none of that name.
            MissingWeightsError: there is no list.
            WeightsMismatchError: the list is damaged.
        """
        try:
            return self._entries[name]
        except KeyError as error:
            raise ConfigError(f"{name}: unknown master. `portraitify masters` lists those that there are.") from error

    def load(self, name: str) -> Master:
        """Read a picture, its plate and its masks.

        Raises:
            ConfigError: there is none of that name.
            MissingWeightsError: a file does not exist.
            WeightsMismatchError: a file is damaged.
        """
        entry = self.entry(name)
        picture = _picture(_checked(entry, f"{name}.jpg"), entry)
        masks = _masks(_checked(entry, f"{name}.masks.png"), entry)
        patch = _picture(_checked(entry, f"{name}.plate.jpg"), entry)
        mesh = self._mesh(entry)
        left, top, right, bottom = entry.box
        if patch.shape != (bottom - top, right - left, 3) or picture.shape[1::-1] != entry.size:
            raise _damaged(entry, "a picture has another size than the list says")
        plate = picture.copy()
        changed = masks.pop("changed")[top:bottom, left:right, None].astype(np.float32) * np.float32(1 / 255)
        part = plate[top:bottom, left:right]
        part[:] = (part + (patch.astype(np.float32) - part) * changed + 0.5).astype(np.uint8)
        return Master(
            name,
            entry.style,
            entry.credits,
            entry.traits,
            mesh,
            entry.light,
            plate,
            picture,
            MasterMasks(**masks),
            entry.warnings,
        )

    def mesh(self, name: str) -> np.ndarray:
        """The face of a master's own sitter, ``(468, 3)`` float64 in pixels of the plate; reads no picture.

        Raises:
            ConfigError: there is none of that name.
            MissingWeightsError: a file does not exist.
            WeightsMismatchError: it is damaged.
        """
        return self._mesh(self.entry(name))

    @cached_property
    def digest(self) -> str:
        """One short digest of all that is listed, traits and credits too: they decide who gets which picture."""
        return hashlib.sha256("\n".join(entry.mark for entry in self._entries.values()).encode()).hexdigest()[:16]

    @cached_property
    def _entries(self) -> dict[str, MasterEntry]:
        entries = {entry.name: entry for entry in read_list(self.folder, self._sha256)}
        for folder in self._more:
            try:
                added = [entry for entry in read_list(folder) if entry.name not in entries]
                # What is damaged would stop whoever asks for none by name: the mesh is read in choosing.
                for entry in added:
                    self._mesh(entry)
                entries |= {entry.name: entry for entry in added}
            except (MissingWeightsError, WeightsMismatchError):
                continue
        return entries

    def _mesh(self, entry: MasterEntry) -> np.ndarray:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            return np.asarray(load(_checked(entry, MESHES_NAME))[entry.name], np.float64)
        except (SafetensorError, KeyError) as error:
            raise _damaged(entry, f"{MESHES_NAME}: {error}") from error


def read_list(folder: Path, sha256: str = "") -> list[MasterEntry]:
    """What the list of a folder says.

    Args:
        folder: holds ``masters.json``.
        sha256: its hash, if that is known.

    Raises:
        MissingWeightsError: there is no list.
        WeightsMismatchError: it is damaged, or its hash differs.
    """
    path = folder / INDEX_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingWeightsError(f"{path}: cannot be read ({error.strerror}). Install portraitify again.") from error
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise WeightsMismatchError(f"{path}: is damaged or belongs to another version. Install portraitify again.")
    try:
        index = json.loads(data)
        if index["version"] != LIBRARY_VERSION:
            raise ValueError(f"version {index['version']} is unknown")
        return [_entry(folder, record, index["meshes"]) for record in index["masters"]]
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsMismatchError(f"{path}: cannot be understood ({error}). Install portraitify again.") from error


def _entry(folder: Path, record: dict[str, Any], meshes: str) -> MasterEntry:
    width, height = record["size"]
    left, top, right, bottom = record["box"]
    return MasterEntry(
        str(record["name"]),
        str(record["style"]),
        Credits(**record["credits"]),
        Traits(**record["traits"]),
        np.array(record["light"], np.float64),
        Pose(**record["pose"]),
        (int(width), int(height)),
        (int(left), int(top), int(right), int(bottom)),
        {**record["files"], MESHES_NAME: meshes},
        folder,
        tuple(map(str, record.get("warnings", ()))),
    )


def _checked(entry: MasterEntry, name: str) -> bytes:
    path = entry.folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingWeightsError(f"{path}: cannot be read ({error.strerror}). Install portraitify again.") from error
    if hashlib.sha256(data).hexdigest() != entry.files.get(name):
        raise _damaged(entry, f"{name} has another SHA-256 than the list says")
    return data


def _picture(data: bytes, entry: MasterEntry) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise _damaged(entry, "no JPEG")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))


def _masks(data: bytes, entry: MasterEntry) -> dict[str, np.ndarray]:
    stacked = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    wide, high = (-(-length // MASK_SHRINK) for length in entry.size)
    if stacked is None or stacked.shape != (len(MASKS) * high, wide):
        raise _damaged(entry, "no masks of the picture's size")
    parts = stacked.reshape(len(MASKS), high, wide)
    return {
        name: np.asarray(cv2.resize(part, entry.size, interpolation=cv2.INTER_LINEAR))
        for name, part in zip(MASKS, parts, strict=True)
    }


def _damaged(entry: MasterEntry, what: str) -> WeightsMismatchError:
    return WeightsMismatchError(f"{entry.folder}: the files of {entry.name} are damaged ({what}).")
