"""What a person said of a master's picture before it was prepared: outlines by hand, credits, traits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.costume.master import AGES, HAIR, Credits, Traits
from portraitify.errors import ConfigError

# Outlines that are one closed line, and those that are several.
SINGLE, SEVERAL = ("head", "hair", "neck", "body"), ("skin", "before", "paint_away")
# Height of a plate, pixels.
MOST_PX = 1280
Outlines = Mapping[str, Sequence[np.ndarray]]


@dataclass(frozen=True)
class Curation:
    """One picture as it was looked at.

    Attributes:
        name: by which it will be asked for.
        file: of the picture, below the folder of originals.
        crop: left, top, right and bottom in pixels of the original; may lie outside it.
        outlines: closed lines ``(N, 2)`` float64 in pixels of the original, by the names in ``SINGLE`` and ``SEVERAL``.
        style: the medium in which the sitter is painted.
        light: ``(2,)`` to the right and downwards, towards the light; None to measure it.
        credits: whose picture it is.
        traits: whom it suits.
        most_px: height of the plate at the most; fewer for reproductions whose screen shows.
    """

    name: str
    file: str
    crop: tuple[float, float, float, float]
    outlines: Outlines
    style: str
    light: np.ndarray | None
    credits: Credits
    traits: Traits
    most_px: int = MOST_PX


def read_curation(path: Path) -> Curation:
    """Read a file ``NAME.json``.

    Raises:
        ConfigError: it cannot be read, or lacks something.
    """
    try:
        return parse_curation(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: does not describe a picture ({error!r}).") from error


def parse_curation(name: str, record: Mapping[str, Any]) -> Curation:
    """A curation from what its JSON file holds.

    Raises:
        ConfigError: an age or a kind of hair that there is not.
        KeyError: something is missing.
        TypeError: something is of another kind.
        ValueError: an outline is no row of points.
    """
    outlines = {name: _lines([record.get(name) or []]) for name in SINGLE}
    outlines |= {name: _lines(record.get(name) or []) for name in SEVERAL}
    left, top, right, bottom = map(float, record["crop"])
    light = record.get("light")
    return Curation(
        name,
        str(record["file"]),
        (left, top, right, bottom),
        outlines,
        str(record["style"]),
        None if light is None else _unit(np.array(light, np.float64)),
        Credits(**_known(Credits, record["credits"])),
        parse_traits(record["traits"]),
        min(int(record.get("most_px", MOST_PX)), MOST_PX),
    )


def parse_traits(record: Mapping[str, Any]) -> Traits:
    """Traits from their JSON.

    Raises:
        ConfigError: an age or a kind of hair that there is not.
    """
    traits = Traits(**_known(Traits, record))
    if traits.age not in AGES or traits.hair not in HAIR:
        raise ConfigError(f"{traits.dress}: age {traits.age} or hair {traits.hair} is none of {(*AGES, *HAIR)}.")
    return traits


def _known(kind: type, record: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {key: value for key, value in record.items() if key in names and value is not None}


def _lines(lines: Sequence[Sequence[Sequence[float]]]) -> list[np.ndarray]:
    return [np.array(line, np.float64).reshape(-1, 2) for line in lines if len(line) >= 3]


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))
