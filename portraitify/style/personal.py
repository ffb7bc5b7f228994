"""Styles that people taught from paintings of their own: ``portraitify train style``.

A personal style is a set of codes for the generator that it was taught with,
in one safetensors file whose header tells what they are.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from portraitify.config import AUTO
from portraitify.errors import ConfigError, WeightsMismatchError
from portraitify.io.files import make_folder, write_atomically
from portraitify.io.user_folder import user_folder
from portraitify.media.registry import medium_names
from portraitify.media.shares import parse_mix
from portraitify.weights import BankEntry, WeightsFolder

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_KEY = "portraitify_style"
_ARRAYS = ("style_code", "background")


@dataclass(frozen=True)
class PersonalStyle:
    """Codes under a name.

    Attributes:
        name: as given to ``--style``.
        generator: SHA-256 of the generator that the codes are for.
        entries: one a painting; their ``style`` is the shipped style that this one is most like.
        digest: short digest of the file.
    """

    name: str
    generator: str
    entries: list[BankEntry]
    digest: str = ""


def styles_folder() -> Path:
    """Where personal styles lie: ``$PORTRAITIFY_STYLES``, or the usual folder for data of programs."""
    return user_folder("PORTRAITIFY_STYLES", "styles")


def personal_names() -> list[str]:
    """Names of the styles that were taught on this machine, in order."""
    try:
        return sorted(path.stem for path in styles_folder().glob("*.safetensors") if _NAME.fullmatch(path.stem))
    except OSError:
        return []


def check_name(name: str) -> None:
    """Make sure that a personal style may have this name.

    Raises:
        ConfigError: it is taken or has characters that file names should not have.
    """
    if name in (AUTO, *medium_names()):
        raise ConfigError(f"{name}: is the name of a shipped style. Choose another one.")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name}: a style's name is of small letters, digits, - and _, and begins with a letter.")


def save_style(style: PersonalStyle) -> Path:
    """Write a style where :func:`load_style` finds it, in place of one of that name.

    Returns:
        The file.

    Raises:
        ConfigError: the name cannot be used.
        ImageError: the file cannot be written.
    """
    from safetensors.numpy import save

    check_name(style.name)
    plain = [{key: value for key, value in asdict(entry).items() if key not in _ARRAYS} for entry in style.entries]
    header = {"name": style.name, "generator": style.generator, "entries": plain}
    tensors = {"style_codes": np.stack([entry.style_code for entry in style.entries]).astype(np.float32)}
    backgrounds = [entry.background for entry in style.entries if entry.background is not None]
    if len(backgrounds) == len(style.entries):
        tensors["backgrounds"] = np.stack(backgrounds).astype(np.float32)
    path = styles_folder() / f"{style.name}.safetensors"
    make_folder(path.parent)
    write_atomically(path, save(tensors, metadata={_KEY: json.dumps(header)}))
    return path


def load_style(name: str, generator: str) -> PersonalStyle:
    """Read a style that was taught on this machine.

    Args:
        name: of the style.
        generator: SHA-256 of the generator that will paint.

    Raises:
        ConfigError: there is no such style.
        WeightsMismatchError: the file is damaged, or was taught with another generator.
    """
    path = styles_folder() / f"{name}.safetensors"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join((AUTO, *medium_names(), *personal_names()))
        raise ConfigError(f"{name}: unknown style. Choose one of {known}, or teach it with `portraitify train style`.")
    from safetensors import SafetensorError, safe_open

    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        with safe_open(path, framework="numpy") as file:
            header = json.loads(file.metadata()[_KEY])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        backgrounds = tensors.get("backgrounds", [None] * len(tensors["style_codes"]))
        entries = [
            BankEntry(style_code=style_code, background=background, **entry)
            for style_code, background, entry in zip(
                tensors["style_codes"], backgrounds, header["entries"], strict=True
            )
        ]
        generator_taught = header["generator"]
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsMismatchError(f"{path}: damaged ({error}). Teach the style again.") from error
    if generator_taught != generator:
        raise WeightsMismatchError(f"{path}: was taught with other weights. Teach the style again.")
    return PersonalStyle(name, generator, entries, digest)


def painting_digest(style: str, weights: WeightsFolder) -> str:
    """One digest of the weights, and of personal styles if any are asked for.

    Raises:
        ConfigError: there is no such style.
        WeightsMismatchError: it was taught with other weights.
    """
    return "+".join([weights.digest, *(taught.digest for taught in load_styles(style, weights).values())])


def load_styles(style: str, weights: WeightsFolder) -> dict[str, PersonalStyle]:
    """The personal styles that a style, or a mixture, is made of.

    Raises:
        ConfigError: there is no such style.
        WeightsMismatchError: it was taught with other weights.
    """
    names = [name for name, _ in parse_mix(style) if name not in (AUTO, *medium_names())]
    return {name: load_style(name, weights.sha256("generator")) for name in names}
