"""What is usual in photos, by which reasons are found and old paintings chosen: measured for the manifest."""

from __future__ import annotations

from typing import Any

import numpy as np

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.style.attributes import Attributes, measure, percentile
from portraitify.weights import PHOTO_MEDIANS, PHOTO_SPREADS

# A third of all photos lie outside of it, as of a normal distribution outside of its standard deviation.
_LOW, _HIGH = 16, 84
# What hardly differs from photo to photo must not divide by nothing.
_LEAST_SPREAD = 1e-3


def measure_row(data: PreparedData, row: int) -> Attributes:
    """Measure one prepared picture."""
    subject_mask = data.masks[row, :, :, 0].astype(np.float32) / 255
    return measure(data.images[row], subject_mask, data.landmarks[row] * data.images.shape[1])


def photo_statistics(data: PreparedData) -> dict[str, Any]:
    """Measure the photos of the training split.

    Returns:
        The manifest's ``photo_statistics``, see :class:`portraitify.weights.PhotoStatistics`; empty where the data
        holds no such photos.
    """
    found = [measure_row(data, int(row)) for row in data.rows(PHOTOS, "train")]
    if not found:
        return {}
    values = {name: np.array([getattr(item, name) for item in found]) for name in PHOTO_MEDIANS}
    return {
        "what": "medians of photos of the training split, and half the ranges from the sixteenth to the eighty-fourth "
        "percentile, in the units of portraitify/style/attributes.py",
        "photos": len(found),
        "source": "measured by portraitify train",
        "medians": {name: round(percentile(values[name], 50), 3) for name in PHOTO_MEDIANS},
        "spreads": {name: _spread(values[name]) for name in PHOTO_SPREADS},
    }


def _spread(values: np.ndarray) -> float:
    return round(max((percentile(values, _HIGH) - percentile(values, _LOW)) / 2, _LEAST_SPREAD), 3)
