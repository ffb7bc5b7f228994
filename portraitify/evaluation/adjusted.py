"""Whether adjusted sitters smile, look older and are still themselves, by networks that labelled nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.config import PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, FaceError
from portraitify.evaluation.face_api import EXPRESSIONS, FaceApi, face_crop
from portraitify.evaluation.identity import SAME_PERSON, FaceReader
from portraitify.evaluation.labelled_smiles import learn_smiles
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.sitters import choose_rows
from portraitify.evaluation.smile import SmileModel
from portraitify.face_space.space import FaceSpace
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.io.reading import SourceImage
from portraitify.morphing.adjusting import Adjuster
from portraitify.morphing.sitter import Sitter, find_sitter
from portraitify.pipeline import Portraitist

# What is asked for, and what it must come to: years that count as older, and from which age people are adults.
SMILE, YEARS = 0.5, 20.0
OLDER, ADULT = 8.0, 18.0
_AGE, _SMILE = "age", "smile"
_HAPPY = EXPRESSIONS.index("happy")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Look:
    """A face as the judges see it.

    Attributes:
        age: years.
        happy: whether that is the likeliest expression.
        smiles: whether the outline of the mouth does; None without labelled photos to learn from.
        light: L* of the face, its lips left out.
        descriptor: ``(128,)`` by dlib.
    """

    age: float
    happy: bool
    smiles: bool | None
    light: float
    descriptor: np.ndarray


@dataclass(frozen=True)
class AdjustedReading:
    """One sitter, adjusted.

    Attributes:
        file: of the photo.
        what: ``age`` or ``smile``.
        years_before: how old the photo looks.
        years_after: how old the adjusted photo looks.
        happy: whether the adjusted photo looks happy.
        smiles: whether its mouth smiles, see :class:`Look`.
        light_before: L* of the face in the photo.
        light_after: the same, adjusted.
        distance: of dlib's descriptors of both.
    """

    file: str
    what: str
    years_before: float
    years_after: float
    happy: bool
    smiles: bool | None
    light_before: float
    light_after: float
    distance: float


@dataclass(frozen=True)
class Examiner:
    """Finds faces in pictures and asks the judges.

    Attributes:
        portraitist: runs the networks.
        judge: of age and expression.
        reader: tells who it is.
        smile: judges mouths.
    """

    portraitist: Portraitist
    judge: FaceApi
    reader: FaceReader
    smile: SmileModel | None

    def sitter(self, pixels: np.ndarray, name: str) -> Sitter | None:
        """Whom a picture shows; None without a clear face."""
        try:
            return find_sitter(SourceImage(np.ascontiguousarray(pixels), name, name), self.portraitist.engine)
        except FaceError:
            return None

    def look(self, sitter: Sitter | None) -> Look | None:
        """What the judges say; None where a face is not found."""
        found = self.reader.read(sitter.view, sitter.landmarks[2]) if sitter else None
        if sitter is None or found is None:
            return None
        crop = face_crop(sitter.view, sitter.mesh)[None]
        happy = int(self.judge.expressions(crop)[0].argmax()) == _HAPPY
        smiles = self.smile.smiles(found.points) if self.smile else None
        return Look(float(self.judge.ages(crop)[0]), happy, smiles, _light(sitter), found.descriptor)


def _light(sitter: Sitter) -> float:
    shape = sitter.view.shape[:2]
    face, lips = (part_mask(sitter.mesh[None], (part,), shape, 2.0) for part in (FacePart.FACE, FacePart.LIPS))
    return float(np.average(to_lab(sitter.view)[..., 0], weights=face * (1 - lips)))


def measure_adjusted(
    data: PreparedData,
    package: Path,
    weights: Path | None,
    count: int,
    seed: int,
    on_progress: Progress = lambda phase, done, total: None,
) -> tuple[list[AdjustedReading], dict[str, int]]:
    """Make held-out sitters who do not smile smile, and held-out adults older, and ask the judges.

    Args:
        data: prepared pictures.
        package: see :class:`FaceApi`.
        weights: folder with a manifest; the shipped one by default.
        count: how many sitters of either kind; fewer where the data holds fewer.
        seed: of the draw.
        on_progress: called with the phase, steps done, and steps in all.

    Returns:
        What was measured, and how many sitters were adjusted, by ``what``: in some no face may have been found
        afterwards.

    Raises:
        ConfigError: the data holds no such photos, the package not the networks, or the extra ``evaluate`` is not
            installed.
        WeightsError: the weights are missing or wrong.
    """
    rows = np.random.default_rng(seed).permutation(choose_rows(data, 0, seed)).tolist()
    judge, reader = FaceApi(package), FaceReader()
    config = PaintConfig(device="cpu")
    smile = learn_smiles(data, reader, config.paint_px, lambda *at: on_progress("smiles", *at))
    readings: list[AdjustedReading] = []
    asked = dict.fromkeys((_SMILE, _AGE), 0)
    with Portraitist(config, weights) as portraitist:
        examiner = Examiner(portraitist, judge, reader, smile)
        adjuster = Adjuster(FaceSpace.load(portraitist.weights))
        for done, row in enumerate(rows, 1):
            for what in _wanted(asked, count):
                reading = _measured(data, row, what, examiner, adjuster, asked)
                readings += [reading] if reading else []
            on_progress("sitters", done, len(rows))
    if not readings:
        raise ConfigError("The data holds no held-out photos of calm faces or of adults.")
    return readings, asked


def _wanted(asked: dict[str, int], count: int) -> list[str]:
    return [what for what, number in asked.items() if number < count]


def _measured(
    data: PreparedData, row: int, what: str, examiner: Examiner, adjuster: Adjuster, asked: dict[str, int]
) -> AdjustedReading | None:
    """Adjust a sitter who suits, and count that in ``asked``."""
    file = data.records[row]["file"]
    sitter = examiner.sitter(data.images[row], file)
    before = examiner.look(sitter)
    if sitter is None or before is None:
        return None
    if before.age < ADULT if what == _AGE else before.happy or before.smiles:
        return None
    asked[what] += 1
    amount = YEARS if what == _AGE else SMILE
    after = examiner.look(examiner.sitter(adjuster.adjust(sitter, {what: amount}), file))
    if after is None:
        return None
    distance = float(np.linalg.norm(before.descriptor - after.descriptor))
    ages, lights = (before.age, after.age), (before.light, after.light)
    return AdjustedReading(file, what, *ages, after.happy, after.smiles, *lights, distance)


def to_markdown(readings: Sequence[AdjustedReading], asked: dict[str, int]) -> str:
    """A table of what became of the sitters; those in whom no face was found afterwards count against it."""
    older = [reading for reading in readings if reading.what == _AGE]
    smiling = [reading for reading in readings if reading.what == _SMILE]
    rows = []
    if smiling:
        rows += [
            (f"smile {SMILE:g}: look happy", _share([reading.happy for reading in smiling], asked[_SMILE])),
            ("the mouth smiles", _share([reading.smiles for reading in smiling], asked[_SMILE])),
            *_kept(smiling, asked[_SMILE]),
        ]
    if older:
        years = np.array([reading.years_after - reading.years_before for reading in older])
        quartiles = ", ".join(f"{number:+.1f}" for number in np.percentile(years, (50, 25, 75)))
        rows += [
            (f"age +{YEARS:g}: look at least {OLDER:g} years older", _share((years >= OLDER).tolist(), asked[_AGE])),
            ("years older, median and quartiles", quartiles),
            *_kept(older, asked[_AGE]),
        ]
    return f"Adjusted held-out sitters\n\n{markdown_table(('what', 'figure'), rows)}\n"


def _kept(readings: Sequence[AdjustedReading], asked: int) -> list[tuple[str, str]]:
    light = np.array([reading.light_before for reading in readings])
    change = np.array([reading.light_after for reading in readings]) - light
    thirds = (change[part].mean() for part in np.array_split(np.argsort(light), 3) if len(part))
    return [
        ("taken for the same person", _share([reading.distance < SAME_PERSON for reading in readings], asked)),
        ("L* of the face against before: darkest, middle, lightest third", ", ".join(f"{x:+.1f}" for x in thirds)),
        ("no face found afterwards", str(asked - len(readings))),
    ]


def _share(said: Sequence[bool | None], asked: int) -> str:
    if said and all(each is None for each in said):
        return "not known: too few labelled photos"
    return f"{sum(map(bool, said))} of {asked}"


def to_records(readings: Sequence[AdjustedReading]) -> list[dict[str, Any]]:
    """Plain values for JSON."""
    return [asdict(reading) for reading in readings]
