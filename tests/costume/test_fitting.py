"""Which master's picture suits whom: the turn decides, then age, hair and light; nothing fits a profile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portraitify.costume.fitting import OWN_HEAD, UNDER_HAIR, Sitter, deal
from portraitify.costume.library import MasterEntry
from portraitify.costume.master import CHILD, COVERED, LONG, OLD, SHORT, Credits, Traits
from portraitify.faces.face_mesh import Pose

LEFT_LIGHT, RIGHT_LIGHT = np.array([-0.8, -0.6]), np.array([0.8, -0.6])
FRONTAL = Sitter(Pose(0, 0, 0), LEFT_LIGHT, 80.0)


def entry(name: str = "one", yaw: float = 0.0, light: np.ndarray = LEFT_LIGHT, **traits) -> MasterEntry:
    known = Traits("a black coat", **({"anyone": True, "mirrors": False} | traits))
    credits = Credits("A Painter", "A Title", "1600")
    return MasterEntry(name, "oil", credits, known, light, Pose(yaw, 0, 0), (80, 100), (0, 0, 80, 100), {}, Path())


def turned(yaw: float) -> Sitter:
    return replace(FRONTAL, pose=Pose(yaw, 0, 0))


def test_the_nearest_turn_comes_first():
    entries = [entry("away", 40), entry("near", 8), entry("middle", 28)]
    ranked = OWN_HEAD.rank(turned(-8), entries)
    assert [fit.entry.name for fit in ranked] == ["near", "middle", "away"]
    assert [fit.pose_difference for fit in ranked] == [16, 36, 48]


def test_photos_differ_in_what_comes_first_of_what_fits_as_well():
    entries = [entry(name) for name in "abcd"]
    first = {OWN_HEAD.rank(FRONTAL, entries, f"photo {number}")[0].entry.name for number in range(20)}
    assert first == {*"abcd"}
    assert OWN_HEAD.rank(FRONTAL, entries, "photo 1") == OWN_HEAD.rank(FRONTAL, entries, "photo 1")


def test_what_fits_less_well_comes_after_all_that_fit_about_as_well():
    entries = [entry("near"), entry("lit from elsewhere", light=np.array([0.6, -0.8])), entry("away", 36)]
    ranked = [OWN_HEAD.rank(FRONTAL, entries, f"photo {number}") for number in range(20)]
    assert {fits[-1].entry.name for fits in ranked} == {"away"}
    assert len({fits[0].entry.name for fits in ranked}) == 2
    assert min(fits[0].score for fits in ranked) > ranked[0][-1].score


def test_a_picture_with_flaws_has_to_be_asked_for():
    flawed = replace(entry("flawed"), warnings=("remains would show",))
    assert [fit.entry.name for fit in OWN_HEAD.rank(FRONTAL, [flawed, entry("whole")])] == ["whole"]


def test_a_mirror_is_used_where_it_helps_and_may_be():
    other_way = turned(-20)
    assert OWN_HEAD.fit(other_way, entry(yaw=20, light=RIGHT_LIGHT, mirrors=True)).mirrored
    assert not OWN_HEAD.fit(other_way, entry(yaw=20, light=RIGHT_LIGHT)).mirrored
    # The right way round where both are as good.
    assert not OWN_HEAD.fit(FRONTAL, entry(mirrors=True)).mirrored


@pytest.mark.parametrize(
    ("sitter", "better", "worse"),
    [
        (FRONTAL, entry(light=LEFT_LIGHT), entry(light=RIGHT_LIGHT)),
        (FRONTAL, entry(), entry(age=OLD)),
        (replace(FRONTAL, hair=LONG), entry(hair=LONG), entry(hair=SHORT)),
    ],
)
def test_light_age_and_hair_count_but_do_not_forbid(sitter, better, worse):
    good, less = OWN_HEAD.fit(sitter, better), OWN_HEAD.fit(sitter, worse)
    assert good.score > less.score
    assert OWN_HEAD.fits(less)


@pytest.mark.parametrize(("age", "dress"), [(CHILD, "adult"), ("adult", CHILD), ("", CHILD), (CHILD, OLD)])
def test_children_and_grown_ups_do_not_change_clothes_unless_asked_to(age, dress):
    sitter, picture = replace(FRONTAL, age=age), entry(age=dress)
    assert not OWN_HEAD.fits(OWN_HEAD.fit(sitter, picture))
    assert OWN_HEAD.fits(OWN_HEAD.fit(sitter, picture, asked=True), asked=True)


def test_only_what_suits_anyone_is_chosen_without_being_asked_for():
    assert OWN_HEAD.rank(FRONTAL, [entry(anyone=False)]) == []


@pytest.mark.parametrize(
    ("sitter", "words"),
    [
        (turned(-60), "turned 60 degrees"),
        (replace(FRONTAL, eyes_px=9), "too small"),
        (replace(FRONTAL, complete=0.4), "edge of the photo"),
        (replace(FRONTAL, severed=0.3), "cannot be told from the dress"),
        (replace(FRONTAL, astray=0.9), "far side"),
    ],
)
def test_an_obstacle_is_put_into_words(sitter, words):
    assert words in OWN_HEAD.obstacle(sitter)
    assert OWN_HEAD.obstacle(FRONTAL) == ""


def test_cut_hair_is_no_obstacle_under_the_masters():
    assert UNDER_HAIR.obstacle(replace(FRONTAL, complete=0.4, severed=0.5)) == ""
    assert "--hair master" in OWN_HEAD.obstacle(replace(FRONTAL, complete=0.4))


def test_a_face_cut_through_the_mouth_is_one_and_is_sent_nowhere():
    cut = replace(FRONTAL, complete=0.0, features_shown=False)
    assert UNDER_HAIR.obstacle(cut) == "the edge of the photo cuts the face"
    assert "--hair master" not in OWN_HEAD.obstacle(cut)
    assert "--hair master" not in OWN_HEAD.obstacle(replace(FRONTAL, severed=0.5, features_shown=False))
    assert "--hair master" in OWN_HEAD.obstacle(replace(FRONTAL, severed=0.5))


def test_a_face_under_the_masters_hair_has_to_be_turned_as_his_is():
    assert OWN_HEAD.fits(OWN_HEAD.fit(FRONTAL, entry(yaw=25)))
    assert not UNDER_HAIR.fits(UNDER_HAIR.fit(FRONTAL, entry(yaw=25, hair=COVERED)))


def test_a_hat_is_borrowed_rather_than_short_hair_or_a_beard():
    hat, long, short, beard = (
        UNDER_HAIR.fit(FRONTAL, entry(hair=hair, bearded=bearded))
        for hair, bearded in ((COVERED, False), (LONG, False), (SHORT, False), (LONG, True))
    )
    assert hat.score > long.score > short.score > beard.score == 0
    assert not UNDER_HAIR.fits(short)
    assert UNDER_HAIR.fits(UNDER_HAIR.fit(FRONTAL, entry(hair=SHORT), asked=True), asked=True)


def test_a_picture_needs_room_for_the_hair():
    rooms = {"wide": 0.1, "narrow": 0.0, "none": -0.1}
    sitter = replace(FRONTAL, air=lambda picture, mirrored: rooms[picture.name])
    scores = [OWN_HEAD.fit(sitter, entry(name)).score for name in rooms]
    assert scores[0] == 1 > scores[1] > scores[2] == 0
    assert OWN_HEAD.fit(sitter, entry("none")).hindrance == "the picture has no room for the hair"


def test_what_speaks_most_against_a_picture_is_named():
    assert OWN_HEAD.fit(turned(-20), entry(yaw=30)).hindrance == "the head is turned 50 degrees away from the master's"


def ranking(*names: str):
    return [OWN_HEAD.fit(FRONTAL, entry(name)) for name in names]


def dealt(rankings, seed: int) -> list[str | None]:
    return [fit.entry.name if fit else None for fit in deal(rankings, seed)]


def test_seeds_walk_on_and_begin_anew_when_all_were_had():
    assert [dealt([ranking("a", "b", "c")], seed)[0] for seed in range(4)] == ["a", "b", "c", "a"]


def test_nobody_wears_the_same_in_one_photo_while_enough_fit():
    both = [ranking("a", "b", "c"), ranking("a", "c", "b"), ranking("a", "b")]
    assert dealt(both, 0) == ["a", "c", "b"]
    for seed in range(3):
        first, second, _ = dealt(both, seed)
        assert first != second
    assert dealt([ranking("a"), ranking("a"), []], 0) == ["a", "a", None]


def test_a_fit_tells_of_itself():
    fit = OWN_HEAD.fit(FRONTAL, entry("coat"))
    assert fit.words == "in a black coat, after A Painter, “A Title”, 1600"
    record = fit.record()
    assert (record["name"], record["pose_difference"], record["hair"], record["score"]) == ("coat", 0.0, "own", 1.0)
