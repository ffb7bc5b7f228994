import numpy as np
import pytest

from portraitify.evaluation.judge import Gallery
from portraitify.evaluation.logistic import Scale
from portraitify.evaluation.metrics import ALL_STYLES, DARKEST, LIGHTEST, MetricAggregator, group_scope
from portraitify.evaluation.picture_metrics import IdentityMetrics
from portraitify.evaluation.readings import Reading, SitterReadings, intersection_over_union

STYLES = ("oil", "ink")
# What the judge is shown: one value, which tells the kinds apart.
CENTRES = {"renaissance": -20.0, "oil": 20.0, "watercolor": 60.0, "ink": 100.0, "photos": -60.0}


class StubJudge:
    """Names the kind with the nearest centre."""

    kinds = tuple(CENTRES)
    knows_photos = True
    scale = Scale(np.zeros(2), np.full(2, 50.0))

    def name(self, features, photos=False):
        names = [name for name in CENTRES if photos or name != "photos"]
        return np.array(names)[np.abs(features[:, :1] - [CENTRES[name] for name in names]).argmin(1)]


def reading(medium, lightness=50.0, who=0.0, smiles=False, content=0.0, found=True):
    return Reading(
        features=np.array([medium, medium]),
        skin_lab=np.array([lightness, 10.0, 15.0]),
        descriptor=np.array([who, 5.0]) if found else None,
        smiles=smiles if found else None,
        content_distance=content,
    )


def sitter(number, lightness, smiles, oil, ink):
    photo = reading(CENTRES["photos"] + number, lightness, number, smiles)
    return SitterReadings(
        photo=photo,
        pictures={
            "painting": {"oil": oil, "ink": ink},
            "copy": dict.fromkeys(STYLES, photo),
            "filter": dict.fromkeys(STYLES, reading(20, lightness + 5, number + 0.7, smiles, 0.8)),
        },
        other_content_distance=2.0,
        mask_iou=0.9,
        bust_iou=0.5,
    )


@pytest.fixture(scope="module")
def gallery():
    rng = np.random.default_rng(0)

    def rows(name, count):
        return np.repeat(CENTRES[name] + rng.normal(0, 2, (count, 1)), 2, 1)

    return Gallery(
        {name: rows(name, 40) for name in CENTRES}, {name: rows(name, 9) for name in CENTRES if name != "photos"}
    )


@pytest.fixture(scope="module")
def metrics(gallery):
    readings = [
        # Named right twice, lighter by 2 and as light; keeps one smile of two.
        sitter(0, 80, True, reading(20, 82, 0.1, True, 0.5), reading(100, 80, 0.2, False, 1.5)),
        # Named right once; in ink no face is found.
        sitter(1, 60, False, reading(20, 60, 1.2, False, 0.5), reading(20, 58, found=False, content=1.5)),
        # In oil it looks like the sitter before.
        sitter(2, 30, False, reading(20, 36, 1.0, True, 0.5), reading(100, 36, 2.3, False, 1.5)),
    ]
    found = MetricAggregator(readings, STYLES, StubJudge(), gallery, seed=0, draws=20).all()
    return {(metric.key, metric.scope): metric for metric in found}


def values(metric):
    return {column: estimate and pytest.approx(estimate.value) for column, estimate in metric.columns.items()}


def test_a_face_that_is_not_found_is_not_verified(metrics):
    # Of six paintings four are verified; the filter moves every face by 0.7.
    assert values(metrics["identity.verified", ALL_STYLES]) == {"painting": 4 / 6, "copy": 1, "filter": 0}
    assert values(metrics["identity.verified", "ink"]) == {"painting": 2 / 3, "copy": 1, "filter": 0}
    assert values(metrics["identity.detected", ALL_STYLES])["painting"] == 5 / 6


def test_distances_are_those_of_found_faces(metrics):
    # Sitter by sitter: (0.1 + 0.2) / 2, then 0.2 alone, then (1 + 0.3) / 2.
    assert values(metrics["identity.distance", ALL_STYLES])["painting"] == (0.15 + 0.2 + 0.65) / 3


def test_the_own_photo_is_the_nearest(metrics):
    assert values(metrics["identity.rank_1", "oil"])["painting"] == 2 / 3
    # The third oil verifies the second sitter, one of its two others.
    assert values(metrics["identity.false_match", "oil"])["painting"] == 1 / 6


def test_the_style_that_was_asked_for_is_named(metrics):
    assert values(metrics["style.accuracy", ALL_STYLES])["painting"] == 5 / 6
    assert values(metrics["style.accuracy", "ink"]) == {"painting": 2 / 3, "copy": 0, "filter": 0}
    assert values(metrics["style.accuracy_with_photo", ALL_STYLES]) == {"painting": 5 / 6, "copy": 0, "filter": 0.5}


def test_the_kernel_distance_is_measured_in_that_of_the_photos(metrics):
    found = values(metrics["style.kernel_distance", "oil"])
    assert found["copy"] == 1
    assert abs(metrics["style.kernel_distance", "oil"].columns["painting"].value) < 0.1


def test_smiles_that_stay_and_that_appear(metrics):
    assert values(metrics["smile.kept", ALL_STYLES]) == {"painting": 0.5, "copy": 1, "filter": 1}
    # Of the two who do not smile one does in oil; the face that is lost in ink is not counted.
    assert values(metrics["smile.appeared", ALL_STYLES])["painting"] == (0 + 0.5) / 2


def test_skin_is_compared_with_the_photo_and_by_group(metrics):
    assert values(metrics["skin.lightness_shift", ALL_STYLES]) == {"painting": (1 - 1 + 6) / 3, "copy": 0, "filter": 5}
    assert values(metrics["skin.delta_e", ALL_STYLES])["copy"] == 0
    assert values(metrics["skin.lightness_shift", DARKEST])["painting"] == 6
    assert values(metrics["skin.lightness_shift", LIGHTEST])["painting"] == 1
    assert values(metrics["skin.lightness_shift", group_scope(LIGHTEST, "oil")])["painting"] == 2
    assert values(metrics["skin.lightness_error", ALL_STYLES])["painting"] == (1 + 1 + 6) / 3
    # Typology angles of 63, 34 and -53 degrees.
    assert {scope for key, scope in metrics if key == "skin.delta_e"} >= {"very light", "intermediate", "dark"}
    assert values(metrics["skin.lightness_gap", "oil"])["painting"] == 82 - 36
    assert values(metrics["skin.lightness_gap", ALL_STYLES]) == {"painting": 81 - 36, "copy": 50, "filter": 50}


def test_content_and_mask(metrics):
    assert values(metrics["content.distance", ALL_STYLES]) == {"painting": 0.5, "copy": 0, "filter": 0.4}
    assert values(metrics["mask.iou", ALL_STYLES]) == {"painting": 0.9, "copy": None, "filter": 0.5}


def test_what_cannot_be_measured_is_none(gallery):
    alone = sitter(0, 80, None, *(reading(20, found=False, content=np.nan) for _ in STYLES))
    alone = SitterReadings(reading(-60, found=False), alone.pictures, float("nan"), 0.9, 0.5)
    found = MetricAggregator([alone], STYLES, StubJudge(), gallery, seed=0, draws=5).all()
    missing = {metric.key for metric in found if metric.columns["painting"] is None}
    assert missing == {
        *("identity.verified", "identity.rank_1", "identity.false_match", "identity.detected", "identity.distance"),
        *(
            "identity.cosine",
            "smile.kept",
            "smile.appeared",
            "skin.lightness_gap",
            "style.kernel_distance",
            "content.distance",
        ),
    }


def test_strangers_give_the_scale_of_distances():
    photos = [sitter(who, 60, False, None, None) for who in (0, 3, 7)]
    distance, cosine, share = IdentityMetrics(photos).strangers()
    assert distance == pytest.approx((3 + 7 + 4) / 3)
    assert 0 < cosine < 1
    assert share == 0
    assert IdentityMetrics(photos[:1]).strangers() is None


def test_intersection_over_union_counts_what_lies_inside_the_photo():
    masks = np.zeros((4, 4, 2), np.uint8)
    masks[:2, :, 0] = 255
    masks[..., 1] = 255
    found = np.zeros((8, 8))
    found[:, :4] = 1
    # A quarter is in both, three quarters are in one of them.
    assert intersection_over_union(found, masks) == pytest.approx(1 / 3)
    masks[2:, :, 1] = 0
    assert intersection_over_union(found, masks) == pytest.approx(1 / 2)
    masks[..., 1] = 0
    assert intersection_over_union(found, masks) == 1
