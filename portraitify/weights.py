"""The shipped weights: found, checked against their manifest, and loaded.

``manifest.json`` lies beside the files it describes: for each its SHA-256,
what network it belongs to and with which arguments that network is built.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from portraitify.errors import MissingWeightsError, WeightsMismatchError

if TYPE_CHECKING:
    from portraitify.imaging.manner import Manner

MANIFEST_VERSION = 1
MANIFEST_NAME = "manifest.json"
GRAPHS_FOLDER = "graphs"
MASTERS_FOLDER = "masters"
# Came later, and decide on costumes or on pictures to paint after only, which have digests of their own: any other
# painting says the same of its weights as before.
_NOT_PAINTED_WITH = {"age.safetensors", "face_space.safetensors", "trunk.safetensors"}
# Attributes of photos (portraitify.style.attributes) of which the manifest has the median, and the spread: what a
# reason may be, and what sitters are compared with old paintings in.
PHOTO_SPREADS = ("key", "contrast", "warmth", "chroma", "background_lightness", "light_side", "turn")
PHOTO_MEDIANS = (*PHOTO_SPREADS, "modelling", "sharpness")


def default_folder() -> Path:
    """Where the weights lie: inside an installed package, or beside it in a checkout.

    Raises:
        MissingWeightsError: neither place holds a manifest.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "weights", package.parent / "weights"):
        if (folder / MANIFEST_NAME).is_file():
            return folder
    raise MissingWeightsError("The weights are missing from this installation. Install portraitify again.")


@dataclass(frozen=True)
class BankEntry:
    """One real painting whose code the generator can paint with.

    Attributes:
        style_code: ``(code_size,)`` float32.
        style: its style.
        painter: empty where unknown.
        title: empty where unknown.
        date: empty where unknown.
        face_light: mean luma of the painted face, 0 to 1.
        identifier: short and stable.
        traits: what was measured of the painting, see ``portraitify.style.reference.TRAITS``; may be empty.
        background: ``(h, w, 3)`` float32 in 0 to 1, a coarse map of the colours behind its sitter, if known.
        brings_ground: whether its own ground is painted where the medium would invent one.
        manner: tones, colours and texture that are lent of it; none of paintings of the bank.
    """

    brings_ground: ClassVar[bool] = False

    style_code: np.ndarray
    style: str
    painter: str
    title: str
    date: str
    face_light: float
    identifier: str
    traits: dict[str, float] = field(default_factory=dict)
    background: np.ndarray | None = None
    manner: Manner | None = None

    @property
    def label(self) -> str:
        """Painter, title and date, as far as they are known."""
        parts = [self.hand, self.title and f"“{self.title}”", self.date]
        return ", ".join(part for part in parts if part)

    @property
    def hand(self) -> str:
        """Who painted it, for people."""
        return self.painter or "an unknown painter"

    @property
    def recorded(self) -> str:
        """The label as paintings record it."""
        return self.label

    @property
    def parts(self) -> tuple[tuple[BankEntry, float], ...]:
        """The paintings that it stands for, with their shares."""
        return ((self, 1.0),)


@dataclass(frozen=True)
class PhotoStatistics:
    """What is usual in photos: measured on those of the training split.

    Attributes:
        medians: of ``PHOTO_MEDIANS``, each in the unit of :class:`portraitify.style.attributes.Attributes`.
        spreads: of ``PHOTO_SPREADS``, half the range from the sixteenth to the eighty-fourth percentile; above 0.
    """

    medians: dict[str, float]
    spreads: dict[str, float]


class WeightsFolder:
    """A folder of weights with its manifest.

    Args:
        folder: holds ``manifest.json``.

    Raises:
        MissingWeightsError: there is no manifest.
        WeightsMismatchError: the manifest cannot be understood.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        path = folder / MANIFEST_NAME
        try:
            self.manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise MissingWeightsError(f"{path}: no such file.") from error
        except OSError as error:
            raise MissingWeightsError(f"{path}: cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise WeightsMismatchError(f"{path}: not valid JSON ({error}).") from error
        if not isinstance(self.manifest, dict):
            raise WeightsMismatchError(f"{path}: holds no manifest.")
        version = self.manifest.get("version")
        if version != MANIFEST_VERSION:
            raise WeightsMismatchError(
                f"{path}: manifest version {version} is unknown to this portraitify, which reads {MANIFEST_VERSION}."
            )
        self._check_structure()

    @cached_property
    def digest(self) -> str:
        """One short digest of all files that paintings depend on."""
        files = sorted(set(self.manifest["files"]) - _NOT_PAINTED_WITH)
        hashes = [f"{name} {self.sha256(name.removesuffix('.safetensors'))}" for name in files]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16]

    def holds(self, name: str) -> bool:
        """Whether the manifest names a file, without ``.safetensors``."""
        return f"{name}.safetensors" in self.manifest["files"]

    def or_shipped(self, name: str) -> WeightsFolder:
        """This folder if it names a file, or else the shipped one: a training of one's own exports not all of them."""
        return self if self.holds(name) else WeightsFolder(default_folder())

    def sha256(self, name: str) -> str:
        """What the manifest says a file's SHA-256 is."""
        return str(self._entry(name)["sha256"])

    def _check_structure(self) -> None:
        """Make sure that what is used later is there."""
        files = self.manifest.get("files")
        complete = isinstance(files, dict) and all(
            isinstance(entry, dict) and isinstance(entry.get("sha256"), str) for entry in files.values()
        )
        if not complete or not isinstance(self.manifest.get("styles"), list):
            raise WeightsMismatchError(f"{self.folder / MANIFEST_NAME}: does not describe its files.")

    def arguments(self, name: str) -> dict[str, Any]:
        """What the network of a file is built with."""
        return dict(self._entry(name).get("arguments", {}))

    def load(self, name: str) -> dict[str, np.ndarray]:
        """Read a file's tensors as float32 arrays after checking its hash.

        Args:
            name: as in the manifest, without ``.safetensors``.

        Raises:
            MissingWeightsError: the file does not exist.
            WeightsMismatchError: its hash differs or it is damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        path = self.folder / f"{name}.safetensors"
        data = _read_checked(path, self._entry(name)["sha256"])
        try:
            tensors = load(data)
        except SafetensorError as error:
            raise WeightsMismatchError(f"{path}: not a safetensors file ({error}).") from error
        return {key: value.astype(np.float32) if value.dtype == np.float16 else value for key, value in tensors.items()}

    @property
    def has_graphs(self) -> bool:
        """Whether the networks are here as ONNX graphs too."""
        return bool(self.manifest.get("graphs")) and (self.folder / GRAPHS_FOLDER).is_dir()

    def graph(self, name: str, loaded: dict[str, np.ndarray] | None = None) -> tuple[bytes, dict[str, np.ndarray]]:
        """Read an ONNX graph and the tensors that belong into it.

        Args:
            name: as in the manifest's ``graphs``.
            loaded: what :meth:`load` gives of the tensors' file, where that was read already.

        Returns:
            The graph, checked against its hash, and float32 arrays by the names it has for them; of a graph into
            which a code is folded (see :mod:`portraitify.engines.folding`) those that its own are made of.

        Raises:
            MissingWeightsError: a file does not exist.
            WeightsMismatchError: a hash differs, or a file is damaged.
        """
        try:
            entry = self.manifest["graphs"][name]
        except KeyError as error:
            raise MissingWeightsError(
                f"{self.folder / MANIFEST_NAME}: no graph {name}. "
                "Run `portraitify train graphs`, or paint with --engine torch."
            ) from error
        data = _read_checked(self.folder / GRAPHS_FOLDER / f"{name}.onnx", entry["sha256"])
        file = entry["tensors"].removesuffix(".safetensors")
        tensors = loaded or self.load(file)
        if build_digest(self.arguments(file), tensors) != entry["build"]:
            raise WeightsMismatchError(
                f"{entry['tensors']} does not fit its network: the graph {name} was made for another build. "
                "Run `portraitify train graphs`."
            )
        left_out = set(entry.get("left_out", ()))
        return data, {
            key: value for key, value in tensors.items() if key.startswith(entry["prefix"]) and key not in left_out
        }

    @cached_property
    def bank(self) -> dict[str, list[BankEntry]]:
        """The codes of each style, in the manifest's order."""
        try:
            tensors, entries = self.load("bank"), self.manifest["bank"]
            style_codes, backgrounds = tensors["style_codes"], tensors.get("backgrounds")
        except KeyError as error:
            raise WeightsMismatchError(f"{self.folder}: the bank of codes is not complete (no {error}).") from error
        if len(style_codes) != len(entries):
            raise WeightsMismatchError(
                f"{self.folder}: {len(style_codes)} codes for {len(entries)} entries of the bank."
            )
        bank: dict[str, list[BankEntry]] = {style: [] for style in self.manifest["styles"]}
        for number, (style_code, entry) in enumerate(zip(style_codes, entries, strict=True)):
            background = None if backgrounds is None else backgrounds[number]
            bank[entry["style"]].append(BankEntry(style_code=style_code, background=background, **entry))
        return bank

    @cached_property
    def photo_statistics(self) -> PhotoStatistics:
        """What is usual in photos.

        Raises:
            WeightsMismatchError: the manifest does not say so, or not of everything.
        """
        entry = self.manifest.get("photo_statistics")
        try:
            if not isinstance(entry, dict):
                raise KeyError("photo_statistics")
            medians = {name: float(entry["medians"][name]) for name in PHOTO_MEDIANS}
            spreads = {name: float(entry["spreads"][name]) for name in PHOTO_SPREADS}
            if not all(map(math.isfinite, [*medians.values(), *spreads.values()])) or min(spreads.values()) <= 0:
                raise ValueError("a median that is no number, or a spread that is not above 0")
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsMismatchError(
                f"{self.folder / MANIFEST_NAME}: does not say what is usual in photos (photo_statistics: {error}). "
                "Install portraitify again; for weights of your own run `portraitify train bank`."
            ) from error
        return PhotoStatistics(medians, spreads)

    def _entry(self, name: str) -> dict[str, Any]:
        try:
            return dict(self.manifest["files"][f"{name}.safetensors"])
        except KeyError as error:
            raise WeightsMismatchError(f"{self.folder / MANIFEST_NAME}: no entry for {name}.safetensors.") from error


def build_digest(arguments: dict[str, Any], tensors: dict[str, np.ndarray]) -> str:
    """What of a file of weights a graph depends on: not the values.

    Args:
        arguments: what the network is built with.
        tensors: by name.
    """
    shapes = {key: list(value.shape) for key, value in tensors.items()}
    return hashlib.sha256(json.dumps([arguments, shapes], sort_keys=True).encode()).hexdigest()[:16]


def _read_checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file that must have a hash.

    Raises:
        MissingWeightsError: there is no such file.
        WeightsMismatchError: its hash differs.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingWeightsError(f"{path}: no such file. Install portraitify again.") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise WeightsMismatchError(
            f"{path}: the SHA-256 is {digest[:12]}..., the manifest says {sha256[:12]}...; "
            "the file is damaged or belongs to another version. Install portraitify again."
        )
    return data
