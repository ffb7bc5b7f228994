"""Which paintings may lend their style codes."""

import numpy as np
import pytest

from portraitify.data.batches import PreparedData
from portraitify.training.bank import _candidates


@pytest.mark.parametrize(("style", "wanted", "others"), [("renaissance", 15, 120), ("ink", 240, 120)])
def test_backgrounds_suit_the_style(prepared_folder, style, wanted, others):
    images = np.load(prepared_folder / "images.npy")
    rows = PreparedData(prepared_folder).rows(style, "train")
    images[rows] = others
    np.save(prepared_folder / "images.npy", images)
    # None suits: then any will do.
    assert set(_candidates(PreparedData(prepared_folder), style)) == set(rows)
    images[rows[1]] = wanted
    np.save(prepared_folder / "images.npy", images)
    assert _candidates(PreparedData(prepared_folder), style) == [rows[1]]


def test_oil_may_have_any_background(prepared_folder):
    data = PreparedData(prepared_folder)
    assert set(_candidates(data, "oil")) == set(data.rows("oil", "train"))
