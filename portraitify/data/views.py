"""Many views of each prepared picture, with what a frozen network sees in them.

The views are drawn once and kept, so that an update of the classifier costs
no augmentation and no frozen network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.augmentation import photographed, retaken, scanned
from portraitify.data.batches import WHOLE, PreparedData, SquareWindow, stack_views
from portraitify.data.sources import PHOTOS
from portraitify.models.blocks import shrink_to
from portraitify.models.style_encoder import region_statistics

CLEAN, PASSED_ON, RETAKEN = 0, 1, 2
_AT_ONCE = 16
# Of the photos that train, a third is kept from the classifier and only measured on: the hundred that
# are held out of everything are too few to compare groups of sitters.
_RESERVED_SHARE = 1 / 3


@dataclass(frozen=True)
class ViewPool:
    """Views and what was seen in them.

    Attributes:
        images: ``(M, 3, S, S)`` uint8 RGB.
        rows: ``(M,)`` int64, of the prepared data.
        kinds: ``(M,)`` int64: ``CLEAN``, ``PASSED_ON`` (another scan or camera) or ``RETAKEN`` (another photo).
        maps: of the frozen network, each ``(M, C, h, w)`` in half precision.
        statistics: ``(M, D)`` float32, means and deviations of all maps on sitter, background and face.
    """

    images: Tensor
    rows: Tensor
    kinds: Tensor
    maps: tuple[Tensor, ...]
    statistics: Tensor


def is_reserved(record: dict[str, Any]) -> bool:
    """Whether the classifier must never see a photo, decided by its sitter.

    Args:
        record: of the prepared data.
    """
    if record["set"] != PHOTOS:
        return False
    if record["split"] != "train":
        return True
    sitter = re.search(r"inst/(?:neutral|smiling)_front/(\d+)_", record["source"])
    name = f"classifier {sitter.group(1) if sitter else record['file']}"
    return hashlib.sha256(name.encode()).digest()[0] < 256 * _RESERVED_SHARE


def draw_views(
    data: PreparedData,
    rows: np.ndarray,
    trunk: nn.Module,
    size_px: int,
    counts: tuple[int, int, int],
    seed: int,
    kept_maps: tuple[int, ...] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ViewPool:
    """Draw views of pictures and look at them.

    Args:
        data: prepared pictures.
        rows: which of them.
        trunk: frozen features.
        size_px: side of the views.
        counts: of clean, passed-on and retaken views of each; paintings are not retaken, but passed on instead.
        seed: of all choices.
        kept_maps: positions of the maps to keep.
        on_progress: called with views done and in all.
    """
    plan = [
        (int(row), kind, number)
        for row in rows
        for kind, count in zip((CLEAN, PASSED_ON, RETAKEN), counts, strict=True)
        for number in range(count)
    ]
    photos = [record["set"] == PHOTOS for record in data.records]
    images, maps, statistics = [], [], []
    for start in range(0, len(plan), _AT_ONCE):
        part = plan[start : start + _AT_ONCE]
        pictures = [_draw(data, view, photos[view[0]], size_px, seed) for view in part]
        views = stack_views(pictures)
        regions = (views.subject_mask * views.valid, (1 - views.subject_mask) * views.valid, views.face)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            seen = trunk(views.image)
        parts = [region_statistics(x, shrink_to(region, x)) for x in (views.image, *seen) for region in regions]
        images.append(torch.from_numpy(np.stack([image for image, _ in pictures])).permute(0, 3, 1, 2))
        maps.append([seen[index].half().contiguous() for index in kept_maps])
        statistics.append(torch.cat(parts, 1))
        on_progress(min(start + _AT_ONCE, len(plan)), len(plan))
    return ViewPool(
        torch.cat(images),
        torch.tensor([row for row, _, _ in plan]),
        torch.tensor([PASSED_ON if kind == RETAKEN and not photos[row] else kind for row, kind, _ in plan]),
        tuple(torch.cat(part) for part in zip(*maps, strict=True)),
        torch.cat(statistics),
    )


def _draw(
    data: PreparedData, view: tuple[int, int, int], photo: bool, size_px: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    row, kind, number = view
    if kind == CLEAN:
        return data.view(row, WHOLE, False, size_px)[:2]
    rng = np.random.default_rng([seed, row, kind, number])
    side = float(rng.uniform(0.92 if photo else 0.72, 1.0))
    left, top = rng.uniform(0, 1 - side, 2)
    window = SquareWindow(float(left), float(top), side)
    image, masks, points = data.view(row, window, bool(rng.integers(2)), size_px)
    if not photo:
        return scanned(image, rng), masks
    if kind == RETAKEN:
        image = retaken(image, masks[..., 0], points, rng)
    return photographed(image, rng), masks
