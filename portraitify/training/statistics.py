"""Pooled statistics of prepared pictures: what the style encoder and the classifier's teacher see."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.batches import WHOLE, PreparedData, stack_views
from portraitify.models.trunk import STATISTICS_SIZE, pooled
from portraitify.style.painting_view import VIEW_PX

_AT_ONCE = 32


def picture_statistics(data: PreparedData, trunk: nn.Module, device: str = "cpu") -> Tensor:
    """Colours and frozen features of subject and background, for all prepared pictures.

    Args:
        data: prepared pictures.
        trunk: frozen features.
        device: where the trunk is.

    Returns:
        ``(N, STATISTICS_SIZE)`` float32, on the device.
    """
    result = torch.zeros(len(data.records), STATISTICS_SIZE, device=device)

    def view(row: int) -> tuple[np.ndarray, np.ndarray]:
        return data.view(row, WHOLE, False, VIEW_PX)[:2]

    with torch.no_grad(), ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(result), _AT_ONCE):
            rows = range(start, min(start + _AT_ONCE, len(result)))
            views = stack_views(list(pool.map(view, rows)), device)
            regions = torch.cat([views.subject_mask, 1 - views.subject_mask], 1) * views.valid
            result[start : start + len(rows)] = pooled(views.image, regions, trunk)
    return result
