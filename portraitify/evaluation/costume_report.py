"""The figures of ``--costume``, as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.config import OWN_HAIR
from portraitify.evaluation.bootstrap import Estimate, bootstrap, mean_estimate, share_estimate
from portraitify.evaluation.costume import CostumeEvaluation
from portraitify.evaluation.costume_readings import NAN, CostumeReading
from portraitify.evaluation.identity import SAME_PERSON
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.records import plain_mapping
from portraitify.io.files import write_atomically

# From frontal to three-quarter, degrees; and how much of head and hair a photo has to show for the hair to be shown.
MOST_YAW, LEAST_COMPLETE = 45.0, 0.95
# How far skin may be from the photo's, and a neck from its face.
NEAR_LIGHT, NEAR_NECK = 4.0, 5.0
THIRDS = ("lightest third", "middle third", "darkest third")
AT_LEAST, AT_MOST = "at least", "at most"
SHARE, NUMBER = "share", "number"
_VERIFIED = {True: 0.95, False: 0.85}
_DIGITS = 4
_HOW = f"""\
- **Hair shown, frontal to three-quarter**: the mesh says that the head is turned aside by at most {MOST_YAW:.0f}
  degrees, and at least {100 * LEAST_COMPLETE:.0f} % of head and hair lie within the photo, as `head.complete` of
  `portraitify.costume` has it. Sitters of whose face no mesh is found do not count there.
- All other figures are of those who sit in a master's picture. Brackets hold 95 % intervals of a bootstrap over
  sitters.
- Who is seen is said by dlib's recogniser, which training did not use; a result in which it finds no face counts as not
  verified, and as a lost smile. It takes some strangers for the same person: see how many of the photos themselves
  are taken for the master's own sitter.
- Skin is the face without eyes, mouth, brows, glasses, fringe and beard, compared at the same points of photo and
  result. Thirds go by the photo's typology angle (Chardon 1991), so by light and camera as much as by the sitter.
- The neck is what is neither face, hair, collar nor dress below the jaw. It lies in the head's shade, in photos too:
  with the shade taken away, both are compared at one lightness, as more light would change the neck.
- Landmarks are dlib's 51 inner ones, and for comparison the mesh's 468, carried from the photo to where the head was
  put. The size of a face is right within a quarter.
"""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        key: short and stable.
        title: for people.
        kind: ``share`` or ``number``.
        estimate: None where it was not measured.
        target: what is asked for, or None.
        better: ``at least`` or ``at most`` that much, in absolute value.
    """

    key: str
    title: str
    kind: str
    estimate: Estimate | None
    target: float | None = None
    better: str = AT_LEAST

    @property
    def met(self) -> bool | None:
        """Whether what is asked for is reached; None where nothing is, or it was not measured."""
        if self.target is None or self.estimate is None:
            return None
        value = self.estimate.value
        return value >= self.target if self.better == AT_LEAST else abs(value) <= self.target


class CostumeFigures:
    """Makes figures of readings.

    Args:
        evaluation: what was found.
    """

    def __init__(self, evaluation: CostumeEvaluation):
        self._evaluation, self._readings = evaluation, evaluation.readings
        self._dressed = [reading for reading in evaluation.readings if reading.master]

    def all(self) -> list[Figure]:
        """All of them, in the order of the report."""
        return [*self._fitting(), *self._people(), *self._skin(), *self._neck(), *self._rest()]

    def _rest(self) -> Iterator[Figure]:
        yield from self._smiles()
        yield from self._places()
        yield from self._process()

    def fallbacks(self) -> dict[str, int]:
        """Why sitters were painted plainly, and how many, the most frequent first; numbers within are left out."""
        return dict(
            Counter(_without_numbers(r.why or "not said") for r in self._readings if not r.master).most_common()
        )

    def masters(self) -> dict[str, int]:
        """How often each picture was chosen, the most frequent first."""
        return dict(Counter(reading.master for reading in self._dressed).most_common())

    def _fitting(self) -> Iterator[Figure]:
        asked = [reading for reading in self._readings if shows_hair(reading)]
        found = self._share(asked, lambda r: float(bool(r.master)))
        title = "`auto` finds a master, of sitters frontal to three-quarter whose hair the photo shows"
        yield Figure("fit.shown", title, SHARE, found, 0.8)
        everybody = self._share(self._readings, lambda r: float(bool(r.master)))
        yield Figure("fit.all", "the same of all sitters", SHARE, everybody)

    def _people(self) -> Iterator[Figure]:
        own_head = self._evaluation.config.hair == OWN_HAIR
        # A distance of NaN, where no face was found, is not below anything.
        verified = self._share(self._dressed, lambda r: float(r.distance < SAME_PERSON) if r.photo_face else NAN)
        title = f"sitter verified (distance below {SAME_PERSON})"
        yield Figure("identity.verified", title, SHARE, verified, _VERIFIED[own_head])
        distance = self._mean(self._dressed, lambda r: r.distance)
        yield Figure("identity.distance", "distance of descriptors, of faces found", NUMBER, distance)
        taken = self._share(self._dressed, lambda r: _same(r.master_distance))
        yield Figure("identity.master", "master's own sitter verified", SHARE, taken, 0.05, AT_MOST)
        strangers = self._share(self._dressed, lambda r: _same(r.photo_master_distance))
        title = "the photo itself taken for the master's own sitter"
        yield Figure("identity.photo_master", title, SHARE, strangers, None, AT_MOST)

    def _skin(self) -> Iterator[Figure]:
        thirds = [np.array([r.lightness for r in third]) for third in self._thirds()]
        for name, shifts in zip(THIRDS, thirds, strict=True):
            found = mean_estimate(shifts, self._seed, self._draws) if len(shifts) else None
            key = f"skin.{name.split()[0]}"
            yield Figure(key, f"face skin, L* minus the photo's, {name}", NUMBER, found, NEAR_LIGHT, AT_MOST)
        measured = [shifts[np.isfinite(shifts)] for shifts in thirds]
        sizes = [len(shifts) for shifts in measured]
        spread = None
        if min(sizes):

            def widest(*picks: np.ndarray) -> float:
                return float(np.ptp([shifts[pick].mean() for shifts, pick in zip(measured, picks, strict=True)]))

            spread = bootstrap(widest, sizes, sum(sizes), self._seed, self._draws)
        yield Figure("skin.thirds", "largest difference of thirds, L*", NUMBER, spread, 2.0, AT_MOST)
        near = self._share(self._dressed, lambda r: _within(abs(r.lightness), NEAR_LIGHT))
        yield Figure("skin.near", f"single sitters within {NEAR_LIGHT:.0f} L*", SHARE, near)

    def _neck(self) -> Iterator[Figure]:
        neck = self._mean(self._dressed, lambda r: r.neck)
        yield Figure("neck.difference", "neck against face, CIEDE2000", NUMBER, neck, NEAR_NECK, AT_MOST)
        near = self._share(self._dressed, lambda r: _within(r.neck, NEAR_NECK))
        yield Figure("neck.near", f"single sitters within {NEAR_NECK:.0f}", SHARE, near)
        photo = self._mean(self._dressed, lambda r: r.photo_neck)
        yield Figure("neck.photo", "in the photos, where they show a neck", NUMBER, photo)
        neck = self._mean(self._dressed, lambda r: r.neck_unshaded)
        yield Figure("neck.unshaded", "neck against face, its shade taken away, CIEDE2000", NUMBER, neck)
        photo = self._mean(self._dressed, lambda r: r.photo_neck_unshaded)
        yield Figure("neck.photo_unshaded", "in the photos, likewise", NUMBER, photo)

    def _smiles(self) -> Iterator[Figure]:
        kept = self._share(self._dressed, lambda r: float(bool(r.smiles)) if r.photo_smiles else NAN)
        yield Figure("smile.kept", "smiles kept, of sitters who smile", SHARE, kept, 0.9)
        appeared = self._share(self._dressed, _appeared)
        yield Figure("smile.appeared", "smiles that appeared, of sitters who do not", SHARE, appeared, None, AT_MOST)

    def _places(self) -> Iterator[Figure]:
        outline = [reading.outline_error for reading in self._dressed]
        title = "landmarks against where they were put, dlib, median, parts of the eye distance"
        yield Figure("landmarks.outline", title, NUMBER, self._median(outline), 0.02, AT_MOST)
        mesh = [reading.mesh_error for reading in self._dressed]
        yield Figure("landmarks.mesh", "the same by the mesh", NUMBER, self._median(mesh))
        one = self._share(self._dressed, lambda r: float(r.one_face))
        yield Figure("face.one", "the detector finds one face of the right size", SHARE, one, 1.0)

    def _process(self) -> Iterator[Figure]:
        cost = self._evaluation.process
        seconds = Estimate(cost.seconds, NAN, NAN, 1) if cost else None
        peak = Estimate(cost.peak_mb, NAN, NAN, 1) if cost else None
        title = "whole process, photo of 512 px, seconds"
        yield Figure("process.seconds", title, NUMBER, seconds, 1.6, AT_MOST)
        yield Figure("process.peak_mb", "the most memory that it holds, MB", NUMBER, peak, 500.0, AT_MOST)

    def _thirds(self) -> list[list[CostumeReading]]:
        """The dressed sitters by their skin, the lightest first; the middle takes what cannot be divided."""
        order = sorted(self._dressed, key=lambda reading: -reading.skin_angle)
        third = len(order) // 3
        return [order[:third], order[third : len(order) - third], order[len(order) - third :]]

    def _share(self, readings: Sequence[CostumeReading], value: Callable[[CostumeReading], float]) -> Estimate | None:
        values = np.array([value(reading) for reading in readings], float)
        return share_estimate(values, self._seed, self._draws) if len(values) else None

    def _mean(self, readings: Sequence[CostumeReading], value: Callable[[CostumeReading], float]) -> Estimate | None:
        values = np.array([value(reading) for reading in readings], float)
        return mean_estimate(values, self._seed, self._draws) if len(values) else None

    def _median(self, errors: Sequence[float]) -> Estimate | None:
        values = np.array([error for error in errors if math.isfinite(error)])

        def median(picks: np.ndarray) -> float:
            return float(np.median(values[picks]))

        return bootstrap(median, [len(values)], len(values), self._seed, self._draws) if len(values) else None

    @property
    def _seed(self) -> int:
        return self._evaluation.config.seed

    @property
    def _draws(self) -> int:
        return self._evaluation.config.draws


def shows_hair(reading: CostumeReading) -> bool:
    """Whether a sitter is seen frontally to three-quarter, and the photo shows the hair."""
    return abs(reading.yaw) <= MOST_YAW and reading.complete >= LEAST_COMPLETE


def to_json(evaluation: CostumeEvaluation) -> str:
    """All figures, and all readings they were made from."""
    figures = CostumeFigures(evaluation)
    values: dict[str, Any] = {
        "version": evaluation.version,
        "weights": evaluation.weights,
        "config": asdict(evaluation.config),
        "sitters": len(evaluation.readings),
        "available": evaluation.available,
        "figures": [asdict(figure) | {"met": figure.met} for figure in figures.all()],
        "fallbacks": figures.fallbacks(),
        "masters": figures.masters(),
        "notes": evaluation.notes,
        "readings": [asdict(reading) for reading in evaluation.readings],
    }
    return json.dumps(plain_mapping(values, _DIGITS), indent=2) + "\n"


def to_markdown(evaluation: CostumeEvaluation) -> str:
    """The table, why sitters were painted plainly, and how it was measured."""
    figures, config = CostumeFigures(evaluation), evaluation.config
    parts = [
        f"# Sitting for a master, `--costume auto --hair {config.hair}`\n",
        f"{len(evaluation.readings)} of {evaluation.available} held-out sitters, portraitify {evaluation.version}, "
        f"weights {evaluation.weights}, seed {config.seed}, {config.size_px} pixels.\n",
        markdown_table(("figure", "asked", "found", "95 %", "sitters", "met"), map(_line, figures.all())),
        "## Plain portraits\n",
        _counts("why", figures.fallbacks()),
        "## Pictures\n",
        _counts("master", figures.masters()),
        "## How it was measured\n",
        _HOW + "".join(f"- {note}\n" for note in evaluation.notes),
    ]
    return "\n".join(parts)


def save_costume_report(evaluation: CostumeEvaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``costume-HAIR.json`` and ``costume-HAIR.md``.

    Args:
        evaluation: what was found.
        folder: that exists.

    Returns:
        The two files.

    Raises:
        ImageError: one cannot be written.
    """
    name = f"costume-{evaluation.config.hair}"
    paths = folder / f"{name}.json", folder / f"{name}.md"
    for path, text in zip(paths, (to_json(evaluation), to_markdown(evaluation)), strict=True):
        write_atomically(path, text.encode())
    return paths


def _line(figure: Figure) -> tuple[str, ...]:
    asked = "" if figure.target is None else f"{figure.better} {_shown(figure.target, figure.kind)}"
    met = {True: "yes", False: "no", None: ""}[figure.met]
    found = figure.estimate
    if found is None:
        return figure.title, asked, "-", "", "0", ""
    interval = "" if math.isnan(found.low) else " to ".join(_shown(end, figure.kind) for end in (found.low, found.high))
    return figure.title, asked, _shown(found.value, figure.kind), interval, str(found.count), met


def _shown(value: float, kind: str) -> str:
    if kind == SHARE:
        return f"{100 * value:.1f} %"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _counts(name: str, counts: dict[str, int]) -> str:
    return markdown_table((name, "sitters"), ((key, str(count)) for key, count in counts.items()))


def _without_numbers(words: str) -> str:
    return re.sub(r"\d+", "…", words)


def _within(value: float, most: float) -> float:
    return NAN if math.isnan(value) else float(value <= most)


def _same(distance: float) -> float:
    return NAN if math.isnan(distance) else float(distance < SAME_PERSON)


def _appeared(reading: CostumeReading) -> float:
    return float(reading.smiles) if reading.photo_smiles is False and reading.smiles is not None else NAN
