"""What is usual in photos."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from portraitify.data.batches import PreparedData
from portraitify.media.registry import STYLES
from portraitify.training.export import measure_bank
from portraitify.training.photo_statistics import photo_statistics
from portraitify.weights import PHOTO_MEDIANS, PHOTO_SPREADS, WeightsFolder


@pytest.fixture
def greys(prepared_folder):
    """Photos of one grey each; of the training split they are dark, middle and light."""
    images = np.load(prepared_folder / "images.npy")
    rows = PreparedData(prepared_folder).rows("photos", "train")
    for row, grey in zip(rows, (50, 119, 200), strict=True):
        images[row] = grey
    np.save(prepared_folder / "images.npy", images)
    return prepared_folder


def test_medians_and_spreads_by_hand(greys):
    measured = photo_statistics(PreparedData(greys))
    assert measured["photos"] == 3
    assert set(measured["medians"]) == set(PHOTO_MEDIANS)
    assert set(measured["spreads"]) == set(PHOTO_SPREADS)
    # L* of these greys is 20.8, 50.0 and 80.6; what lies a sixth of the way in between the outer two is spread.
    assert measured["medians"]["key"] == pytest.approx(50.0, abs=0.3)
    low, high = 20.8 + 0.32 * 29.2, 80.6 - 0.32 * 30.6
    assert measured["spreads"]["key"] == pytest.approx((high - low) / 2, abs=0.3)
    assert measured["medians"]["chroma"] == pytest.approx(0, abs=0.1)
    # All heads are turned alike; nothing may be divided by nothing.
    assert measured["spreads"]["turn"] == 0.001


def test_measuring_the_bank_measures_the_photos(greys, random_weights, tmp_path):
    folder = shutil.copytree(random_weights, tmp_path / "weights")
    before = WeightsFolder(folder).photo_statistics
    assert measure_bank(folder, PreparedData(greys)) == 2 * len(STYLES)
    assert WeightsFolder(folder).photo_statistics != before
    assert WeightsFolder(folder).photo_statistics.medians["key"] == pytest.approx(50.0, abs=0.3)


def test_without_photos_what_was_known_stays(prepared_folder, random_weights, tmp_path):
    records = prepared_folder / "records.jsonl"
    records.write_text(records.read_text().replace('"set": "photos"', '"set": "oil"'))
    folder = shutil.copytree(random_weights, tmp_path / "weights")
    before = WeightsFolder(folder).photo_statistics
    assert photo_statistics(PreparedData(prepared_folder)) == {}
    measure_bank(folder, PreparedData(prepared_folder))
    assert WeightsFolder(folder).photo_statistics == before
