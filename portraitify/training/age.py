"""Fits what tells children and the old from other grown-ups: two linear discriminants, by labels of prepared pictures.

There are next to no photos of children that anyone may use. What makes a
child's face is therefore learned from painted children, as the difference
from painted grown-ups and photographed ones; how much faces differ otherwise,
and where the border lies, from photos.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from portraitify.costume.age import NAME, AgeModel, shape_of, standardised, surface_of
from portraitify.costume.master import ADULT, AGES, CHILD, OLD
from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError
from portraitify.faces.face_mesh import FaceMesh, meshes_of
from portraitify.training.export import update_manifest
from portraitify.training.state import save_tensors

# Nobody could say; these are left out.
UNCLEAR = "unclear"
# Drawn lines are no proportions to learn from.
PAINTED = ("renaissance", "oil", "watercolor")
# Directions in which faces differ most, which are looked at.
_DIRECTIONS = 40
# Share of its variance by which a value's variance is raised, so that nothing hangs on small differences.
_RIDGE = 0.3
# How much the variety of painted grown-ups counts beside that of photographed ones.
_PAINTED_SHARE = 0.5
# Share of photographed grown-ups who may be taken for a child, and for old, on the pictures that were fitted on.
_TAKEN_FOR_CHILD, _TAKEN_FOR_OLD = 0.015, 0.04
# Log-odds of the middle of those that are to be recognised.
_SURE = 3.0


@dataclass(frozen=True)
class Faces:
    """Faces of prepared pictures.

    Attributes:
        shapes: ``(N, SHAPE_VALUES)`` float64.
        surfaces: ``(N, SURFACE_VALUES)`` float64; of paintings they are not used.
        ages: ``(N,)`` one of ``AGES``, or ``UNCLEAR``.
        photos: ``(N,)`` bool, whether it is a photo.
        held_out: ``(N,)`` bool, whether it is held out of all training.
        artists: ``(N,)`` whose picture it is; every picture whose artist is unknown has one of its own.
    """

    shapes: np.ndarray
    surfaces: np.ndarray
    ages: np.ndarray
    photos: np.ndarray
    held_out: np.ndarray
    artists: np.ndarray

    def of(self, rows: np.ndarray) -> Faces:
        """Some of them."""
        return Faces(**{name: value[rows] for name, value in vars(self).items()})


@dataclass(frozen=True)
class AgeReport:
    """Of how many faces what is said.

    Attributes:
        children: painted children, and how many of them are recognised.
        grown_ups: photographed grown-ups and old, and how many of them are taken for children.
        old: photographed old, and how many of them are recognised.
        others: other photographed grown-ups, and how many of them are taken for old.
    """

    children: tuple[int, int]
    grown_ups: tuple[int, int]
    old: tuple[int, int]
    others: tuple[int, int]


def read_labels(path: Path) -> dict[str, str]:
    """Ages by the names of files, without folder and suffix; whoever is not named is grown up.

    Raises:
        ConfigError: the file is no such list.
    """
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
        labels = {name: age for age in (CHILD, OLD, UNCLEAR) for name in lists[age]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: does not list {CHILD}, {OLD} and {UNCLEAR} ({error}).") from error
    return labels


def measure_faces(data: PreparedData, labels: dict[str, str], mesh: FaceMesh, on_picture: Callable[[], None]) -> Faces:
    """Measure photos and painted sitters whose geometry is seen clearly.

    Args:
        data: prepared pictures.
        labels: see :func:`read_labels`.
        mesh: looks.
        on_picture: called after each picture.

    Raises:
        ConfigError: the data shows no photographed grown-up or no child.
    """
    found: list[tuple[Any, ...]] = []
    for row, record in enumerate(data.records):
        if record["set"] in (PHOTOS, *PAINTED):
            crop = np.asarray(data.images[row])
            age, artist = labels.get(Path(record["file"]).stem, ADULT), record["artist"].lower() or record["file"]
            what = age, record["set"] == PHOTOS, record["split"] == "held-out", artist
            meshes = meshes_of(mesh, crop, data.landmarks[row][None] * len(crop))
            found += [(shape_of(points), surface_of(crop, points), *what) for points in meshes]
        on_picture()
    if set(AGES) - {face[2] for face in found}:
        raise ConfigError(f"The prepared data does not show faces of all ages ({', '.join(AGES)}).")
    return Faces(*map(np.array, zip(*found, strict=True)))


def fit_age(faces: Faces) -> AgeModel:
    """Fit both discriminants on all faces that are given."""
    shapes = _mirrored_mean(faces.shapes)
    photos, painted, children, adults, old = (
        faces.photos & (faces.ages != CHILD) & (faces.ages != UNCLEAR),
        ~faces.photos & (faces.ages == ADULT),
        faces.ages == CHILD,
        faces.photos & (faces.ages == ADULT),
        faces.photos & (faces.ages == OLD),
    )
    mean = shapes[photos].mean(0)
    directions = _directions([shapes[rows] for rows in (photos, painted, children)])
    places = (shapes - mean) @ directions
    child, child_bias = _discriminant(places, [photos, painted], (1.0, _PAINTED_SHARE), children, _TAKEN_FOR_CHILD)

    surface_mean, deviation = faces.surfaces[photos].mean(0), faces.surfaces[photos].std(0) + 1e-6
    both = np.column_stack([places, standardised(faces.surfaces, surface_mean, deviation)])
    aged, old_bias = _discriminant(both, [adults], (1.0,), old, _TAKEN_FOR_OLD)
    child_shape, old_shape = directions @ child, directions @ aged[:_DIRECTIONS]
    return AgeModel(
        child_shape=child_shape,
        old_shape=old_shape,
        old_surface=aged[_DIRECTIONS:],
        surface_mean=surface_mean,
        surface_deviation=deviation,
        bias=np.array([child_bias - mean @ child_shape, old_bias - mean @ old_shape]),
    )


def cross_validate(faces: Faces, folds: int = 8, seed: int = 7) -> AgeReport:
    """Judge all faces, each by a model that saw no picture of the same artist."""
    names, artist = np.unique(faces.artists, return_inverse=True)
    fold = np.random.default_rng(seed).integers(0, folds, len(names))[artist]
    reports = [examine(fit_age(faces.of(fold != number)), faces.of(fold == number)) for number in range(folds)]
    sums = np.sum([[getattr(report, item.name) for item in fields(AgeReport)] for report in reports], 0)
    return AgeReport(*((int(count), int(said)) for count, said in sums))


def examine(model: AgeModel, faces: Faces) -> AgeReport:
    """Count what a model says of faces."""
    child, old = (model.log_odds(faces.shapes, faces.surfaces) >= 0).T
    child &= ~old | ~faces.photos
    photographed = [faces.photos & (faces.ages == age) for age in (ADULT, OLD)]
    return AgeReport(
        children=_count(faces.ages == CHILD, child),
        grown_ups=_count(photographed[0] | photographed[1], child),
        old=_count(photographed[1], old),
        others=_count(photographed[0], old),
    )


def export_age(model: AgeModel, held_out: AgeReport, crossed: AgeReport, folder: Path) -> Path:
    """Write a model and what was measured of it.

    Returns:
        The file.
    """
    path = folder / f"{NAME}.safetensors"
    save_tensors({name: torch.from_numpy(value.astype(np.float32)) for name, value in vars(model).items()}, path)
    update_manifest(folder, {}, age={"held_out": asdict(held_out), "cross_validated": asdict(crossed)})
    return path


def _count(rows: np.ndarray, said: np.ndarray) -> tuple[int, int]:
    return int(rows.sum()), int((rows & said).sum())


def _discriminant(
    values: np.ndarray, others: list[np.ndarray], shares: tuple[float, ...], wanted: np.ndarray, taken: float
) -> tuple[np.ndarray, float]:
    """Fisher's linear discriminant of a group from others, as log-odds.

    Source: Fisher, Annals of Eugenics 7, 1936; with a ridge.

    Args:
        values: ``(N, D)``.
        others: rows ``(N,)`` bool of each other group; the border is laid by the first.
        shares: how much each other group's variety counts.
        wanted: rows of the group.
        taken: share of the first other group that lies beyond the border.

    Returns:
        ``(D,)`` weights, and what is added.
    """
    groups = [(values[rows], share) for rows, share in zip([*others, wanted], (*shares, 1.0), strict=True)]
    deviations = [(group - group.mean(0)) * share**0.5 for group, share in groups]
    variety = sum(part.T @ part for part in deviations) / sum(len(group) * share for group, share in groups)
    difference = values[wanted].mean(0) - np.mean([values[rows].mean(0) for rows in others], 0)
    weights = np.linalg.solve(variety + _RIDGE * np.diag(np.diag(variety)), difference)
    border = float(np.quantile(values[others[0]] @ weights, 1 - taken))
    gain = _SURE / max(float(np.median(values[wanted] @ weights)) - border, 1e-9)
    return weights * gain, -border * gain


def _directions(groups: list[np.ndarray]) -> np.ndarray:
    """In what faces of the same group differ most, ``(SHAPE_VALUES, _DIRECTIONS)``, orthonormal."""
    spread = np.concatenate([group - group.mean(0) for group in groups])
    return np.asarray(np.linalg.eigh(spread.T @ spread)[1][:, : -_DIRECTIONS - 1 : -1])


def _mirrored_mean(shapes: np.ndarray) -> np.ndarray:
    """The means of shapes ``(N, SHAPE_VALUES)`` and of what a mirror makes of them: no face is even, nor turned."""
    points = shapes.reshape(len(shapes), -1, 3)
    flipped = points * [-1, 1, 1]
    return np.asarray((points + flipped[:, _mirror_order(points.mean(0))]) / 2).reshape(shapes.shape)


def _mirror_order(points: np.ndarray) -> np.ndarray:
    """Which point of a face ``(M, 3)`` a mirror puts where each one lies: the nearest pairs first."""
    apart = np.square(points[:, None] - points[None] * [-1, 1, 1]).sum(-1)
    order = np.full(len(points), -1)
    for one, other in zip(*np.unravel_index(np.argsort(apart + apart.T, axis=None), apart.shape), strict=True):
        if order[one] < 0 and order[other] < 0:
            order[one], order[other] = other, one
    return order
