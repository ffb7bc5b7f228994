"""Paintings, photos and real works as samples for the two-sample test."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from portraitify.engines.base import Engine
from portraitify.errors import ConfigError, ImageError
from portraitify.evaluation.paintings import pictures_in, sitter_of, style_of
from portraitify.evaluation.patches import (
    REGIONS,
    SHEET,
    PatchConfig,
    crop_scale,
    find_face,
    region_patches,
    sheet_patches,
)
from portraitify.evaluation.two_sample import (
    OURS,
    PHOTOS,
    Row,
    Sample,
    TwoSampleConfig,
    compare,
    compare_halves,
    table,
)
from portraitify.faces.alignment import LOOSEST_IOD
from portraitify.io.reading import read_image
from portraitify.media.registry import medium_names
from portraitify.training.frozen import TrunkFeatures

# Folder of the masters' details without portraits, which has a folder for each style too.
SHEETS = "surfaces"
MANIFEST = "manifest.csv"
# What the manifest calls reproductions in print, whose screen would be told instead of paint.
PRINTED = "printed plate"
# So many works that are not printed are enough to leave out those that are.
ENOUGH_WORKS = 8
_BATCH = 32


@dataclass(frozen=True)
class Picture:
    """One picture to cut patches from.

    Attributes:
        path: the file.
        group: sitter or work.
    """

    path: Path
    group: str


@dataclass
class Readings:
    """What came of the pictures.

    Attributes:
        rows: of the table.
        left_out: why pictures give no patches of regions, by name.
        printed: for each style, how many of the portraits and of the other sheets are reproductions in print.
    """

    rows: list[Row] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    printed: dict[str, tuple[int, int]] = field(default_factory=dict)


class SampleReader:
    """Reads pictures, cuts patches and describes them with EfficientNet-Lite0, which never saw any of them.

    Args:
        engine: its networks find faces and sitters.
        eyes_px: distance between the eyes to which all portraits are brought, pixels.
        seed: of the choice among patches.
        config: how patches are cut.
        on_picture: called with the name of each picture that was read.

    Raises:
        ConfigError: a package is missing.
    """

    def __init__(
        self,
        engine: Engine,
        eyes_px: int,
        seed: int,
        config: PatchConfig,
        on_picture: Callable[[str], None] = lambda name: None,
    ):
        self._engine, self._seed, self._config, self._on_picture = engine, seed, config, on_picture
        self._side_px = round(eyes_px / LOOSEST_IOD)
        self._network = TrunkFeatures()
        self.left_out: dict[str, str] = {}

    def read(self, portraits: Sequence[Picture], sheets: Sequence[Picture], both: bool = False) -> Sample:
        """Describe pictures.

        Args:
            portraits: give patches of regions.
            sheets: give patches from anywhere.
            both: whether portraits give patches from anywhere too.
        """
        groups: list[str] = []
        features: dict[str, list[np.ndarray]] = {column: [] for column in (*REGIONS, SHEET)}
        for number, picture in enumerate((*portraits, *sheets)):
            is_portrait = number < len(portraits)
            try:
                image = read_image(picture.path).pixels
            except ImageError as error:
                self.left_out[picture.path.name] = str(error)
                continue
            groups.append(picture.group)
            patches = self._portrait(picture.path.name, image) if is_portrait else {}
            if both or not is_portrait:
                patches[SHEET] = sheet_patches(image, self._seed, picture.path.name, self._config)
            for column, found in features.items():
                found.append(self.describe(patches[column]) if column in patches else np.zeros((0, 1)))
            self._on_picture(picture.path.name)
        return Sample(tuple(groups), features)

    def _portrait(self, name: str, image: np.ndarray) -> dict[str, np.ndarray]:
        landmarks = find_face(self._engine, image)
        if landmarks is None:
            self.left_out[name] = "no face was found"
            return {}
        scale = crop_scale(landmarks, self._side_px)
        if scale > self._config.most_enlarged:
            self.left_out[name] = f"would have to be enlarged {scale:.2f} times"
            return {}
        return region_patches(self._engine, image, landmarks, self._side_px, self._seed, name, self._config)

    def describe(self, patches: np.ndarray) -> np.ndarray:
        """Means and deviations of the network's maps: ``(N, P, P, 3)`` uint8 to ``(N, D)`` float32."""
        parts = []
        for start in range(0, len(patches), _BATCH):
            x = torch.from_numpy(patches[start : start + _BATCH]).permute(0, 3, 1, 2).float() / 127.5 - 1
            with torch.inference_mode():
                maps = self._network(x)
            statistics = [statistic for each in maps for statistic in (each.mean((2, 3)), each.std((2, 3)))]
            parts.append(torch.cat(statistics, 1).numpy())
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)


def paintings_by_style(folder: Path) -> dict[str, list[Picture]]:
    """The paintings of a folder, by the style that their names or records tell of.

    Raises:
        ConfigError: none tells of a style.
    """
    found: dict[str, list[Picture]] = {}
    for name, path in pictures_in(folder).items():
        style = style_of(path, name)
        if style:
            found.setdefault(style, []).append(Picture(path, sitter_of(name)))
    if not found:
        raise ConfigError(f"{folder}: holds no paintings whose names or records tell of a style, as NAME-oil.png does.")
    return {style: found[style] for style in medium_names() if style in found}


def works_of(folder: Path, style: str) -> tuple[list[Picture], list[Picture], tuple[int, int]]:
    """Real works of a style: portraits, other sheets, and how many of each are reproductions in print.

    Printed ones are left out where there are enough others.
    """
    kinds = _kinds(folder)
    found, printed = [], []
    for place in (Path(style), Path(SHEETS) / style):
        names = pictures_in(folder / place) if (folder / place).is_dir() else {}
        pictures = [Picture(path, path.stem) for path in names.values()]
        prints = [item for item in pictures if kinds.get((place / item.path.name).as_posix()) == PRINTED]
        others = [item for item in pictures if item not in prints]
        found.append(others if len(others) >= ENOUGH_WORKS else pictures)
        printed.append(0 if len(others) >= ENOUGH_WORKS else len(prints))
    return found[0], found[1], (printed[0], printed[1])


def _kinds(folder: Path) -> dict[str, str]:
    """What the manifest says of each file; nothing where there is none."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row.get("file", ""): row.get("kind", "") for row in csv.DictReader(stream)}


def two_sample_test(
    reader: SampleReader,
    paintings: Mapping[str, Sequence[Picture]],
    masters: Path,
    photos: Sequence[Picture],
    config: TwoSampleConfig,
) -> Readings:
    """Compare paintings, photos, and the masters themselves with the masters of each style.

    Args:
        reader: reads pictures.
        paintings: by style.
        masters: folder with a folder of portraits for each style, and in ``surfaces`` of other sheets.
        photos: that are told from the masters, to show that photos are; may be empty.
        config: how.

    Raises:
        ConfigError: there is no work of any of the styles.
    """
    readings = Readings(left_out=reader.left_out)
    of_photos = reader.read(photos, (), both=True) if photos else None
    for style, ours in paintings.items():
        portraits, sheets, printed = works_of(masters, style)
        if portraits or sheets:
            works = reader.read(portraits, sheets)
            readings.printed[style] = printed
            readings.rows.extend(_rows(style, reader.read(ours, (), both=True), works, of_photos, config))
    if not readings.rows:
        raise ConfigError(f"{masters}: holds no works of {', '.join(paintings)}; there must be a folder for each.")
    return readings


def _rows(style: str, ours: Sample, works: Sample, photos: Sample | None, config: TwoSampleConfig) -> Iterator[Row]:
    yield compare(style, OURS, ours, works, config)
    if photos is not None:
        yield compare(style, PHOTOS, photos, works, config)
    yield compare_halves(style, works, config)


def markdown(readings: Readings) -> str:
    """The table, and what has to be known to read it."""
    prints = ", ".join(
        f"{style} {portraits} portraits and {sheets} sheets"
        for style, (portraits, sheets) in readings.printed.items()
        if portraits or sheets
    )
    notes = [
        "Balanced accuracy of a logistic regression on unseen sitters and works; 50 % would be indistinguishable.",
        "Brackets hold 95 % intervals of a bootstrap over pictures, parentheses the pictures of both sides.",
        "Hair includes hats; a sheet is any part of a picture, compared with works other than portraits.",
    ]
    if prints:
        notes.append(f"Of the folder of masters, reproductions in print, whose screen gives them away: {prints}.")
    return table(readings.rows) + "\n" + "\n".join(notes) + "\n"
