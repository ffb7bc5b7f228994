"""The judge of smiles, and what is kept of the photos that teach it."""

import json

import numpy as np

from portraitify.data.batches import PreparedData
from portraitify.evaluation.labelled_smiles import learn_smiles


class Reader:
    """Sees mouths with corners up or down by a photo's brightness, and counts how often it looks."""

    def __init__(self):
        self.looked = 0

    def outlines(self, image, nose, copies=()):
        self.looked += 1
        points = np.random.default_rng(self.looked).normal(0, 0.1, (1 + len(copies), 68, 2))
        points[:, [36, 45]] += [[0, 0], [30, 0]]
        points[:, [48, 54], 1] += -4 if image.mean() > 100 else 4
        return points


def test_photos_are_read_once(prepared_folder, tmp_path):
    lines = (prepared_folder / "records.jsonl").read_text().splitlines()
    photo, count = json.loads(lines[0]), 24
    kinds = ["smiling" if number % 2 else "neutral" for number in range(count)]
    records = [
        photo | {"file": f"photos/{n}.jpg", "source": f"inst/{kind}_front/{n}_1.jpg"} for n, kind in enumerate(kinds)
    ]
    (prepared_folder / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    images = [np.full((96, 96, 3), 180 if kind == "smiling" else 40, np.uint8) for kind in kinds]
    np.save(prepared_folder / "images.npy", np.stack(images))
    np.save(prepared_folder / "masks.npy", np.full((count, 96, 96, 2), 255, np.uint8))
    data, reader, cache = PreparedData(prepared_folder), Reader(), tmp_path / "mouths.npz"
    first = learn_smiles(data, reader, 96, cache=cache)
    again = learn_smiles(data, reader, 96, cache=cache)
    assert reader.looked == count
    assert first.smiling == first.neutral == again.neutral == count // 2
    assert first.cross_validated_accuracy == again.cross_validated_accuracy == 1
    learn_smiles(data, reader, 112, cache=cache)
    assert reader.looked == 2 * count
