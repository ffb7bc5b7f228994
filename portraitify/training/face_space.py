"""Fits the face space to photos of the training split; see :mod:`portraitify.face_space.space`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError
from portraitify.face_space.space import (
    CHROMA_PX,
    DETAIL_PX,
    DIRECTIONS,
    FACE_CHROMA_PX,
    FACE_PX,
    FINE_PX,
    FRAME_PX,
    NAME,
    FaceSpace,
    packed,
)
from portraitify.faces.face_mesh import FaceMesh, meshes_of
from portraitify.faces.mesh_mirror import MIRRORED
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import MOVING, FacePart, part_mask
from portraitify.imaging.filters import blur
from portraitify.imaging.rotation import nearest_turn
from portraitify.imaging.thin_plate import warp_map
from portraitify.morphing.glasses import wears_glasses
from portraitify.training.export import update_manifest
from portraitify.training.face_labels import FaceLabeller
from portraitify.training.state import save_tensors

# Components of shape and of appearance that are kept.
SHAPE_COMPONENTS, APPEARANCE_COMPONENTS = 40, 56
# Turns of a head beyond which a photo does not count, radians to the side and up or down.
_MOST_YAW, _MOST_PITCH = np.radians(22), np.radians(20)
# Height of the mean face in the frame, and side of the view that is labelled, by that height.
_TALL, _VIEW_PX, _VIEW = 0.9, 224, 1.25
# Standard deviation of the Gaussian that spreads the strength of detail, frame pixels.
_SPREAD_PX = 5.0
# What is added to squares of detail, L*^2: less is noise.
_NOISE = 0.25
# Points across the cheekbones, across the jaw, and from brow to chin.
_CHEEKS, _JAW, _TALL_POINTS = (234, 454), (172, 397), (9, 152)
_LIPS_APART = (13, 14)
# Share by which the variance of labels is raised, so that nothing hangs on a few faces.
_RIDGE = 0.02
# Likewise of components, each of which varies by 1.
_READING_RIDGE = 0.05
_LABELLED_AT_ONCE = 32


@dataclass
class Sample:
    """Faces that are fitted.

    Attributes:
        points: ``(N, 468, 3)``, upright, in heights of the mean face.
        looks: ``(N, FRAME_PX, FRAME_PX, 3)`` float32 CIELAB in the frame.
        labels: ``(N, D)`` in the units of the directions.
        others: ``(N, C)`` what else faces differ by: turn, and the colour of the skin.
    """

    points: np.ndarray
    looks: np.ndarray
    labels: np.ndarray
    others: np.ndarray

    def with_mirrored(self) -> Sample:
        """The same faces and their mirror images."""
        light, yaw = DIRECTIONS.index("light"), 0
        labels, others = self.labels.copy(), self.others.copy()
        labels[:, light], others[:, yaw] = -labels[:, light], -others[:, yaw]
        points = self.points[:, MIRRORED] * [-1, 1, 1]
        return Sample(
            np.concatenate([self.points, points]),
            np.concatenate([self.looks, self.looks[:, :, ::-1]]),
            np.concatenate([self.labels, labels]),
            np.concatenate([self.others, others]),
        )


def collect(
    data: PreparedData, mesh: FaceMesh, labeller: FaceLabeller, on_progress: Callable[[], None] = lambda: None
) -> Sample:
    """Measure the photos of the training split that show a bare face from the front.

    Args:
        data: prepared pictures.
        mesh: finds the points.
        labeller: labels faces.
        on_progress: called after each photo.

    Raises:
        ConfigError: hardly any photo does.
    """
    found = []
    for row in data.rows(PHOTOS, "train"):
        picture = np.ascontiguousarray(data.images[row])
        meshes = meshes_of(mesh, picture, (data.landmarks[row] * len(picture))[None])
        if len(meshes) and _is_bare(picture, meshes[0], np.asarray(data.masks[row])[..., 1]):
            found.append((int(row), meshes[0]))
        on_progress()
    if len(found) < SHAPE_COMPONENTS:
        raise ConfigError("The data holds too few photos of faces from the front.")
    meshes = np.stack([points for _, points in found])
    points, turns = _aligned(meshes)
    frontal = (np.abs(turns[:, 0]) < _MOST_YAW) & (np.abs(turns[:, 1]) < _MOST_PITCH)
    rows = [row for (row, _), kept in zip(found, frontal, strict=True) if kept]
    points, meshes, turns = points[frontal], meshes[frontal], turns[frontal]
    mean = _mean_of(points)
    looks = np.stack(
        [_look(np.ascontiguousarray(data.images[row]), seen, mean) for row, seen in zip(rows, meshes, strict=True)]
    )
    views = [_view(np.ascontiguousarray(data.images[row]), seen) for row, seen in zip(rows, meshes, strict=True)]
    return Sample(points, looks, *_labelled(points, looks, turns, mean, views, labeller))


def _is_bare(picture: np.ndarray, points: np.ndarray, valid: np.ndarray) -> bool:
    """Whether a face lies inside its photo and wears no glasses."""
    places = np.rint(points[list(FacePart.FACE.value), :2]).astype(int)
    if places.min() < 0 or places.max() >= len(valid):
        return False
    return bool((valid[places[:, 1], places[:, 0]] > 127).all()) and not wears_glasses(picture, points)


def _aligned(meshes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Faces ``(N, 468, 3)`` turned to the front and to one size, and their turns ``(N, 2)`` aside and up or down."""
    still = np.setdiff1d(np.arange(meshes.shape[1]), MOVING)
    goal = meshes[0] - meshes[0][still].mean(0)
    for _ in range(4):
        aligned, turns = [], []
        for points in meshes:
            middle = points[still].mean(0)
            turn, scale = nearest_turn(points[still] - middle, goal[still])
            aligned.append((points - middle) @ turn.T * scale)
            turns.append([np.arctan2(turn[0, 2], turn[2, 2]), np.arctan2(turn[1, 2], turn[2, 2])])
        goal = _mean_of(np.stack(aligned))
        goal = goal - goal[still].mean(0)
        goal *= 1 / np.ptp(goal[:, 1])
    return np.stack(aligned), np.array(turns) - np.median(turns, 0)


def _mean_of(points: np.ndarray) -> np.ndarray:
    """The mean face, the same on both sides: ``(468, 3)``."""
    mean = points.mean(0)
    return np.asarray((mean + mean[MIRRORED] * [-1, 1, 1]) / 2)


def in_frame(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Points ``(..., 468, 3)`` in heights of the mean face, in the frame whose side is 1."""
    middle = np.array([0.0, (mean[:, 1].min() + mean[:, 1].max()) / 2, 0.0])
    return np.asarray((points - middle) * _TALL / np.ptp(mean[:, 1]) + [0.5, 0.5, 0])


def _look(picture: np.ndarray, seen: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """A face in the frame, ``(FRAME_PX, FRAME_PX, 3)`` CIELAB."""
    places = warp_map(seen[:, :2], in_frame(mean, mean)[:, :2] * FRAME_PX, FRAME_PX)
    # The frame is smaller than most faces are in their photos.
    shrunk = np.ptp(seen[:, 1]) / (_TALL * FRAME_PX)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.45 * shrunk) if shrunk > 1.2 else picture
    view = cv2.remap(soft, places[..., 0], places[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return to_lab(view)


def _view(picture: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """A face as it is labelled, ``(_VIEW_PX, _VIEW_PX, 3)`` uint8."""
    middle = (seen[:, :2].min(0) + seen[:, :2].max(0)) / 2
    scale = _VIEW_PX / (_VIEW * np.ptp(seen[:, 1]))
    matrix = np.column_stack([np.eye(2) * scale, _VIEW_PX / 2 - scale * middle])
    size = (_VIEW_PX, _VIEW_PX)
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE))


def _labelled(
    points: np.ndarray,
    looks: np.ndarray,
    turns: np.ndarray,
    mean: np.ndarray,
    views: list[np.ndarray],
    labeller: FaceLabeller,
) -> tuple[np.ndarray, np.ndarray]:
    """Labels in the units of the directions, and what else faces differ by."""
    told = [
        labeller.label(np.stack(views[start : start + _LABELLED_AT_ONCE]))
        for start in range(0, len(views), _LABELLED_AT_ONCE)
    ]
    ages, masculine, happy = (
        np.concatenate([getattr(part, name) for part in told]) for name in ("ages", "masculine", "happy")
    )
    skin = _skin_of(mean)
    colour = np.tensordot(looks, skin, ([1, 2], [0, 1])) / skin.sum()
    across = np.linspace(-0.5, 0.5, FRAME_PX)[None] * skin
    light = np.tensordot(looks[..., 0], across, ([1, 2], [0, 1])) / (across**2).sum()
    labels = {
        "age": ages,
        "smile": happy,
        "open": np.linalg.norm(points[:, _LIPS_APART[0]] - points[:, _LIPS_APART[1]], axis=1),
        "masculine": np.tanh(masculine / 2),
        "weight": _broad(points),
        "light": light,
    }
    return np.column_stack([labels[name] for name in DIRECTIONS]), np.column_stack([turns, colour])


def _broad(points: np.ndarray) -> np.ndarray:
    """How broad cheeks and jaw are by the height of the face: ``(N,)``."""

    def apart(pair: tuple[int, int]) -> np.ndarray:
        return np.asarray(np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1))

    return np.asarray((apart(_CHEEKS) + apart(_JAW)) / apart(_TALL_POINTS))


def _skin_of(mean: np.ndarray) -> np.ndarray:
    """Where skin is in the frame: ``(FRAME_PX, FRAME_PX)`` in 0 to 1."""
    seen, shape = in_frame(mean, mean)[None] * FRAME_PX, (FRAME_PX, FRAME_PX)
    bare = [part for part in FacePart if part is not FacePart.FACE]
    return np.asarray(part_mask(seen, (FacePart.FACE,), shape, 0) * (1 - part_mask(seen, tuple(bare), shape, 2.0)))


def fit(sample: Sample) -> FaceSpace:
    """Fit the model.

    Args:
        sample: of faces; their mirror images are added.
    """
    mean = _mean_of(sample.points)
    sample = sample.with_mirrored()
    shapes = in_frame(sample.points, mean)
    points = in_frame(mean, mean)
    light = _resized(sample.looks[..., 0], FACE_PX)
    chroma = _resized(sample.looks[..., 1:], FACE_CHROMA_PX)
    shape_parts, shape_share = _components((shapes - points).reshape(len(shapes), -1), SHAPE_COMPONENTS)
    flat = np.concatenate([light.reshape(len(light), -1), chroma.reshape(len(chroma), -1)], 1)
    look_mean = flat.mean(0)
    look_parts, look_share = _components(flat - look_mean, APPEARANCE_COMPONENTS)
    shares = np.concatenate([shape_share, look_share], 1)
    effects = _effects(sample)
    cut = FACE_PX * FACE_PX
    return FaceSpace(
        points=points,
        light=look_mean[:cut].reshape(FACE_PX, FACE_PX),
        chroma=look_mean[cut:].reshape(FACE_CHROMA_PX, FACE_CHROMA_PX, 2),
        shape_components=shape_parts.reshape(-1, *points.shape),
        light_components=look_parts[:, :cut].reshape(-1, FACE_PX, FACE_PX),
        chroma_components=look_parts[:, cut:].reshape(-1, FACE_CHROMA_PX, FACE_CHROMA_PX, 2),
        covariance=np.cov(shares.T),
        shape_moves=effects(shapes.reshape(len(shapes), -1)).reshape(-1, *points.shape),
        light_moves=effects(sample.looks[..., 0].reshape(len(shapes), -1)).reshape(-1, FRAME_PX, FRAME_PX),
        chroma_moves=effects(_resized(sample.looks[..., 1:], CHROMA_PX).reshape(len(shapes), -1)).reshape(
            -1, CHROMA_PX, CHROMA_PX, 2
        ),
        detail_moves=effects(_detail(sample.looks[..., 0]).reshape(len(shapes), -1)).reshape(-1, DETAIL_PX, DETAIL_PX),
        component_moves=effects(shares),
        readings=_readings(sample.labels, shares),
        usual=np.column_stack([sample.labels.mean(0), sample.labels.std(0)]),
    )


def _resized(fields: np.ndarray, side: int) -> np.ndarray:
    return np.stack([cv2.resize(field, (side, side), interpolation=cv2.INTER_AREA) for field in fields])


def _detail(light: np.ndarray) -> np.ndarray:
    """Logarithm of the strength of fine detail of ``(N, FRAME_PX, FRAME_PX)``: ``(N, DETAIL_PX, DETAIL_PX)``."""
    fine = [field - blur(field, FINE_PX) for field in light]
    return _resized(np.stack([0.5 * np.log(blur(band * band, _SPREAD_PX) + _NOISE) for band in fine]), DETAIL_PX)


def _components(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Principal components ``(count, F)``, each for one deviation, and what each of ``(N, F)`` has: ``(N, count)``."""
    products = values @ values.T
    weights, vectors = np.linalg.eigh(products.astype(np.float64))
    vectors, weights = vectors[:, ::-1][:, :count], weights[::-1][:count]
    shares = vectors * np.sqrt(len(values))
    return np.asarray(shares.T @ values / len(values)), np.asarray(shares)


def _effects(sample: Sample) -> Callable[[np.ndarray], np.ndarray]:
    """What a unit of each direction adds to values ``(N, F)``, everything else alike: gives ``(D, F)``.

    Faces that smile have open mouths, and old ones are more often photographed in some light: regressed on one label
    at a time, each direction would bring a little of the others.
    """
    everything = np.concatenate([sample.labels, sample.others], 1)
    centred = everything - everything.mean(0)
    spread = centred.std(0) + 1e-9
    standard = centred / spread
    system = standard.T @ standard / len(standard) + _RIDGE * np.eye(standard.shape[1])
    solve = np.linalg.solve(system, standard.T / len(standard)) / spread[:, None]

    def effects(values: np.ndarray) -> np.ndarray:
        return np.asarray(solve[: len(DIRECTIONS)] @ (values - values.mean(0)))

    return effects


def _readings(labels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """What labels ``(N, D)`` components ``(N, C)`` tell of, by a ridge regression: ``(D, C)``."""
    centred = shares - shares.mean(0)
    system = centred.T @ centred / len(centred) + _READING_RIDGE * np.eye(centred.shape[1])
    return np.asarray(np.linalg.solve(system, centred.T @ (labels - labels.mean(0)) / len(centred)).T)


def export_face_space(space: FaceSpace, faces: int, folder: Path) -> Path:
    """Write the model among weights.

    Args:
        space: what was fitted.
        faces: of how many photos.
        folder: of weights.

    Returns:
        The file.
    """
    tensors: dict[str, np.ndarray] = {}
    for name, values in vars(space).items():
        kept_small = name.endswith(("_components", "_moves")) and name != "component_moves"
        tensors |= packed(name, values) if kept_small else {name: values.astype(np.float16)}
    path = folder / f"{NAME}.safetensors"
    save_tensors({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in tensors.items()}, path)
    update_manifest(folder, {}, face_space={"photos": faces, "directions": list(DIRECTIONS)})
    return path
