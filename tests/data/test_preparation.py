import json

import numpy as np
import pytest

from portraitify.data.preparation import PreparedPicture, _pack
from portraitify.errors import ConfigError
from portraitify.imaging.bust import bust_mask


def _picture(seed, name="photos", split="train"):
    image = np.random.default_rng(seed).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    return PreparedPicture({"set": name, "split": split}, image, np.zeros((32, 32, 2), np.uint8))


def test_packing_counts_what_is_kept_and_dropped(tmp_path):
    results = [
        _picture(0),
        _picture(0),
        _picture(1, split="held-out"),
        _picture(2, "ink"),
        _picture(2, "oil"),
        PreparedPicture({"set": "ink", "split": "train"}, reason="no face"),
    ]
    report = _pack(results, len(results), tmp_path / "out")
    assert dict(report.kept) == {"photos": 2, "ink": 1}
    assert report.held_out["photos"] == 1
    assert dict(report.dropped) == {("photos", "duplicate"): 1, ("oil", "duplicate"): 1, ("ink", "no face"): 1}
    assert np.load(tmp_path / "out" / "images.npy").shape == (3, 32, 32, 3)
    lines = (tmp_path / "out" / "records.jsonl").read_text().splitlines()
    assert [json.loads(line)["set"] for line in lines] == ["photos", "photos", "ink"]


def test_nothing_usable_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="None of 1 pictures"):
        _pack([PreparedPicture({"set": "ink"}, reason="no face")], 1, tmp_path)


def test_a_bust_holds_head_and_shoulders():
    mask = bust_mask(np.array([[80, 90], [120, 90], [100, 112], [84, 136], [116, 136.0]]), 200)
    assert mask[110, 100] == 255
    assert mask[195, 60] == 255
    assert mask[10, 10] == 0
    assert mask[90, 190] == 0
