"""Fits what tells children and the old from other grown-ups: two linear discriminants, by labels of prepared pictures.

There are next to no photos of children that anyone may use. What makes a
child's face is therefore learned from painted children, as the difference
from painted grown-ups and photographed ones; how much faces differ otherwise,
and where the border lies, from photos.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from portraitify.costume.age import NAME, AgeModel, shape_of, standardised, surface_of
from portraitify.costume.master import ADULT, AGES, CHILD, OLD
from portraitify.data.batches import FLIPPED_ORDER, PreparedData
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
_TAKEN_FOR_CHILD, _TAKEN_FOR_OLD = 0.008, 0.02
# How landmarks err: lean in radians, size as a logarithm, all together and each, distances of the eyes.
_LEAN, _SIZE, _SHIFT, _SHAKE = 0.04, 0.07, 0.05, 0.02
_SEED = 7
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
        collections: ``(N,)`` where it came from.
    """

    shapes: np.ndarray
    surfaces: np.ndarray
    ages: np.ndarray
    photos: np.ndarray
    held_out: np.ndarray
    artists: np.ndarray
    collections: np.ndarray

    def of(self, rows: np.ndarray) -> Faces:
        """Some of them."""
        return Faces(**{name: value[rows] for name, value in vars(self).items()})


@dataclass(frozen=True)
class AgeReport:
    """Of how many faces what is said; a picture gives two, see :func:`measure_faces`.

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

    Returns:
        Two faces of a picture: the network says something else of a face that is framed otherwise, by as much as
        three quarters of what grown-ups differ by, which must not count as age.

    Raises:
        ConfigError: the data does not show faces of all ages.
    """
    found: list[tuple[Any, ...]] = []
    for row, record in enumerate(data.records):
        if record["set"] in (PHOTOS, *PAINTED):
            crop = np.asarray(data.images[row])
            age, artist = labels.get(Path(record["file"]).stem, ADULT), record["artist"].lower() or record["file"]
            what = age, record["set"] == PHOTOS, record["split"] == "held-out", artist, record["collection"]
            for view, landmarks in _views(crop, data.landmarks[row] * len(crop), np.random.default_rng([_SEED, row])):
                meshes = meshes_of(mesh, view, landmarks[None])
                found += [(shape_of(points), surface_of(view, points), *what) for points in meshes]
        on_picture()
    if set(AGES) - {face[2] for face in found}:
        raise ConfigError(f"The prepared data does not show faces of all ages ({', '.join(AGES)}).")
    return Faces(*map(np.array, zip(*found, strict=True)))


def fit_age(faces: Faces) -> AgeModel:
    """Fit both discriminants on all faces that are given.

    Raises:
        ConfigError: faces of an age cannot be told from others.
    """
    shapes, child = _mirrored_mean(faces.shapes), faces.ages == CHILD
    photos = faces.photos & ((faces.ages == ADULT) | (faces.ages == OLD))
    painted = ~faces.photos & (faces.ages == ADULT)
    mean = shapes[photos].mean(0)
    directions = _directions([shapes[rows] for rows in (photos, painted, child)])
    places = (shapes - mean) @ directions
    groups = [_Group(photos, 1.0, 0.5), _Group(painted, _PAINTED_SHARE, 0.5)]
    young, young_bias = _discriminant(places, groups, child, _TAKEN_FOR_CHILD)

    surface_mean, deviation = faces.surfaces[photos].mean(0), faces.surfaces[photos].std(0) + 1e-6
    both = np.column_stack([places, standardised(faces.surfaces, surface_mean, deviation)])
    aged, old_bias = _discriminant(both, _by_collection(faces), faces.photos & (faces.ages == OLD), _TAKEN_FOR_OLD)
    child_shape, old_shape = directions @ young, directions @ aged[:_DIRECTIONS]
    return AgeModel(
        child_shape=child_shape,
        old_shape=old_shape,
        old_surface=aged[_DIRECTIONS:],
        surface_mean=surface_mean,
        surface_deviation=deviation,
        bias=np.array([young_bias - mean @ child_shape, old_bias - mean @ old_shape]),
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
    odds = model.log_odds(faces.shapes, faces.surfaces)
    # The surface of paint says nothing.
    child = (odds[:, 0] >= 0) & ((odds[:, 0] >= odds[:, 1]) | ~faces.photos)
    old = (odds[:, 1] >= 0) & ~child
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


def _views(
    crop: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A crop and its landmarks ``(5, 2)`` in pixels as they are, then shaken and perhaps mirrored."""
    yield crop, landmarks
    if rng.random() < 0.5:
        crop = np.ascontiguousarray(crop[:, ::-1])
        landmarks = (landmarks * [-1, 1] + [len(crop), 0])[FLIPPED_ORDER]
    unit, middle = float(np.linalg.norm(landmarks[1] - landmarks[0])), landmarks.mean(0)
    angle, size = rng.normal(0, _LEAN), np.exp(rng.normal(0, _SIZE))
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    off = rng.normal(0, _SHIFT * unit, 2) + rng.normal(0, _SHAKE * unit, landmarks.shape)
    yield crop, (landmarks - middle) @ turn.T + middle + off


def _count(rows: np.ndarray, said: np.ndarray) -> tuple[int, int]:
    return int(rows.sum()), int((rows & said).sum())


@dataclass(frozen=True)
class _Group:
    """Faces that are not wanted.

    Attributes:
        rows: ``(N,)`` bool.
        variety: how much it counts how they differ.
        centre: how much it counts where they lie.
    """

    rows: np.ndarray
    variety: float
    centre: float


def _by_collection(faces: Faces) -> list[_Group]:
    """Photographed grown-ups, who lie where those lie that come from where the old come from.

    Otherwise the look of a collection would count as age.
    """
    grown, old = (faces.photos & (faces.ages == age) for age in (ADULT, OLD))
    groups = [_Group(grown, 1.0, 0.0)]
    for name in np.unique(faces.collections[old]):
        own = faces.collections == name
        if (own & grown).any():
            groups.append(_Group(own & grown, 0.0, float((own & old).sum())))
    return groups


def _discriminant(
    values: np.ndarray, others: list[_Group], wanted: np.ndarray, taken: float
) -> tuple[np.ndarray, float]:
    """Fisher's linear discriminant of a group from others, as log-odds.

    Source: Fisher, Annals of Eugenics 7, 1936; with a ridge.

    Args:
        values: ``(N, D)``.
        others: the other groups; the border is laid by the first.
        wanted: rows of the group, ``(N,)`` bool.
        taken: share of the first other group that lies beyond the border.

    Returns:
        ``(D,)`` weights, and what is added.

    Raises:
        ConfigError: half of the group lies on the wrong side of the border.
    """
    groups = [*((group.rows, group.variety) for group in others if group.variety), (wanted, 1.0)]
    deviations = [(values[rows] - values[rows].mean(0)) * share**0.5 for rows, share in groups]
    variety = sum(part.T @ part for part in deviations) / sum(rows.sum() * share for rows, share in groups)
    centre = np.average([values[group.rows].mean(0) for group in others], 0, [group.centre for group in others])
    ridge = _RIDGE * np.diag(np.diag(variety))
    weights = np.linalg.solve(variety + ridge, values[wanted].mean(0) - centre)
    border = float(np.quantile(values[others[0].rows] @ weights, 1 - taken))
    apart = float(np.median(values[wanted] @ weights)) - border
    if apart <= 0:
        raise ConfigError("The labels name faces that cannot be told from others. Look at the labels.")
    return weights * (_SURE / apart), -border * _SURE / apart


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
