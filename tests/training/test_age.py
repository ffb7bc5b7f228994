import json
from dataclasses import replace

import numpy as np
import pytest

from portraitify.costume.age import SHAPE_VALUES, SURFACE_VALUES, AgeModel
from portraitify.costume.master import ADULT, CHILD, OLD
from portraitify.errors import ConfigError
from portraitify.training.age import UNCLEAR, Faces, cross_validate, examine, export_age, fit_age, read_labels
from portraitify.weights import WeightsFolder


def made_up_faces(seed: int = 0) -> Faces:
    """Faces of all ages: children have another shape, the old another surface."""
    rng = np.random.default_rng(seed)
    half = np.random.default_rng(1).normal(0, 1, (234, 3))
    face = np.concatenate([half, half * [-1, 1, 1]])
    ages = np.array([ADULT] * 400 + [OLD] * 80 + [ADULT] * 40 + [CHILD] * 20)
    photos = np.arange(len(ages)) < 480
    shapes = face * (1 + rng.normal(0, 0.03, (len(ages), 1, 3))) + rng.normal(0, 0.01, (len(ages), *face.shape))
    shapes[ages == CHILD] *= [1.0, 0.8, 1.0]
    surfaces = rng.normal(0, 1, (len(ages), SURFACE_VALUES))
    surfaces[ages == OLD, :20] += 1.5
    names = np.array([f"{number}" for number in range(len(ages))])
    return Faces(shapes.reshape(-1, SHAPE_VALUES), surfaces, ages, photos, ~photos, names, np.where(photos, "a", "b"))


@pytest.fixture(scope="module")
def model() -> AgeModel:
    return fit_age(made_up_faces())


def test_other_faces_than_those_fitted_on_are_told(model):
    report = examine(model, made_up_faces(seed=2))
    assert report.children[1] >= 0.9 * report.children[0]
    assert report.old[1] >= 0.9 * report.old[0]
    # The borders leave 8 and 20 in a thousand of those that were fitted on.
    assert report.grown_ups[1] <= 0.06 * report.grown_ups[0]
    assert report.others[1] <= 0.12 * report.others[0]


def test_labels_that_nothing_bears_out_are_refused():
    faces = made_up_faces()
    ages = np.where(faces.ages == CHILD, ADULT, faces.ages)
    ages[480:500] = CHILD
    with pytest.raises(ConfigError, match="labels"):
        fit_age(replace(faces, ages=ages))


def test_each_face_is_judged_once_across_the_folds():
    report = cross_validate(made_up_faces(), folds=2)
    assert [counts[0] for counts in vars(report).values()] == [20, 480, 80, 400]


def test_what_is_written_is_read(model, random_weights, tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "manifest.json").write_bytes((random_weights / "manifest.json").read_bytes())
    faces = made_up_faces()
    report = examine(model, faces)
    export_age(model, report, report, folder)
    read = AgeModel.load(WeightsFolder(folder))
    assert np.allclose(
        read.log_odds(faces.shapes, faces.surfaces), model.log_odds(faces.shapes, faces.surfaces), atol=1e-3
    )


def test_labels_are_read(tmp_path):
    path = tmp_path / "ages.json"
    path.write_text(json.dumps({"child": ["a"], "old": ["b"], "unclear": ["c"]}))
    assert read_labels(path) == {"a": CHILD, "b": OLD, "c": UNCLEAR}
    path.write_text('{"child": []}')
    with pytest.raises(ConfigError, match=r"ages\.json"):
        read_labels(path)
