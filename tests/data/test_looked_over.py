from pathlib import Path

import numpy as np
import pytest

from portraitify.data.looked_over import LookedOver
from portraitify.data.object_segmentation import ObjectSegmenter
from portraitify.data.segmentation import agreement, firm
from portraitify.errors import ConfigError


def test_what_was_seen_is_read(tmp_path):
    path = tmp_path / "seen.csv"
    path.write_text("file,mask,hat\nphotos/a.jpg,objects,\nphotos/b.jpg,,train\nphotos/c.jpg,neither,held-out\n")
    seen = LookedOver.load(path)
    assert seen.teachers == {"photos/a.jpg": "objects", "photos/c.jpg": "neither"}
    assert (seen.hats, seen.kept_hats) == ({"photos/b.jpg"}, {"photos/c.jpg"})


@pytest.mark.parametrize("text", ["name\na\n", "file,mask,hat\na,mine,\n", "file,mask,hat\na,,always\n"])
def test_what_cannot_be_meant_is_refused(tmp_path, text):
    path = tmp_path / "seen.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"seen\.csv"):
        LookedOver.load(path)


def test_the_projects_own_list_is_readable():
    seen = LookedOver.load(Path(__file__).parents[2] / "weights" / "looked_over.csv")
    assert len(seen.hats) > len(seen.kept_hats) > 10
    assert not seen.hats & seen.kept_hats


def test_a_folder_that_is_not_the_package_is_refused(tmp_path):
    pytest.importorskip("onnx")
    with pytest.raises(ConfigError, match="background-removal-node"):
        ObjectSegmenter(tmp_path)


def test_masks_agree_inside_the_photo():
    one, other, valid = (np.zeros((8, 8), np.uint8) for _ in range(3))
    one[:4], other[:2], valid[:, :4] = 255, 255, 255
    assert agreement(one, other, valid) == 0.5
    valid[2:] = 0
    assert agreement(one, other, valid) == 1


def test_what_is_half_seen_becomes_sure_and_faces_belong():
    mask = np.full((64, 64), 30, np.uint8)
    mask[40:] = 190
    landmarks = np.array([[24.0, 20.0], [40.0, 20.0], [32.0, 26.0], [26.0, 32.0], [38.0, 32.0]])
    sure = firm(mask, landmarks)
    assert (sure[50:] == 255).all()
    assert sure[0, 0] == 0
    assert sure[24, 32] == 255
