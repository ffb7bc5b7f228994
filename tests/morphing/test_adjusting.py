"""Sitters who are changed: what is asked for happens, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from portraitify.cli import adjust as adjust_command
from portraitify.errors import ConfigError
from portraitify.face_space.space import FaceSpace
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.io.reading import read_image
from portraitify.morphing.adjusting import ADJUSTMENTS, Adjuster, check_amounts, told_of
from portraitify.morphing.carrying import tone_of
from portraitify.morphing.hair import HAIR_COLOURS, hair_mask
from portraitify.morphing.sitter import VIEW_PX, Sitter, find_sitter
from portraitify.weights import WeightsFolder, default_folder


@pytest.fixture(scope="module")
def sitter(engine, astronaut_path) -> Sitter:
    return find_sitter(read_image(astronaut_path), engine)


@pytest.fixture(scope="module")
def adjuster() -> Adjuster:
    return Adjuster(FaceSpace.load(WeightsFolder(default_folder())))


def seen_again(picture: np.ndarray, engine) -> Sitter:
    return find_sitter(read_image(picture, "adjusted"), engine)


def test_nothing_asked_changes_next_to_nothing(adjuster, sitter):
    away = np.abs(adjuster.adjust(sitter, {}).astype(int) - sitter.photo)
    assert np.quantile(away, 0.99) <= 20
    assert away.mean() < 1.0


def test_a_smile_lifts_the_corners_of_the_mouth(adjuster, sitter, engine):
    graver = seen_again(adjuster.adjust(sitter, {"smile": -0.4}), engine)
    broader = seen_again(adjuster.adjust(sitter, {"smile": 0.6}), engine)

    def width(who: Sitter) -> float:
        lips = who.mesh[[61, 291], :2] / np.ptp(who.mesh[:, 1])
        return float(np.linalg.norm(lips[1] - lips[0]))

    assert width(broader) > 1.03 * width(graver)


def test_a_head_turns_to_the_side_that_is_named(adjuster, sitter, engine):
    def nose(who: Sitter) -> float:
        left, right = who.mesh[[234, 454], 0]
        return float((who.mesh[1, 0] - left) / (right - left))

    noses = [nose(seen_again(adjuster.adjust(sitter, {"turn": degrees}), engine)) for degrees in (-10.0, 0.0, 10.0)]
    assert noses == sorted(noses)
    assert noses[2] - noses[0] > 0.1


def test_only_hair_takes_another_colour(adjuster, sitter):
    lab = to_lab(sitter.view)
    hair = hair_mask(lab, sitter.mask, sitter.mesh, tone_of(sitter))
    face = part_mask(sitter.mesh[None], (FacePart.FACE,), hair.shape, 0)
    assert 0.02 < hair.mean() < 0.2
    assert (hair * face).sum() < 0.1 * hair.sum()
    changed = adjuster.adjust(sitter, {}, "red")
    red = to_lab(changed)[..., 1] - to_lab(sitter.photo)[..., 1]
    x, y = (int(axis) for axis in sitter.photo.shape[1::-1])
    assert red.max() > 10
    assert np.abs(red[-y // 8 :, : x // 8]).mean() < 2


def test_a_bare_head_stays_as_it_is(adjuster, sitter):
    nobody = replace(sitter, mask=np.zeros((VIEW_PX, VIEW_PX), np.float32))
    assert (adjuster.adjust(nobody, {}, "grey") == adjuster.adjust(nobody, {})).all()


def test_what_goes_too_far_is_refused():
    with pytest.raises(ConfigError, match="age 60: must lie between -12 and 25"):
        check_amounts({"age": 60}, "")
    with pytest.raises(ConfigError, match="wisdom: cannot be asked of a face"):
        check_amounts({"wisdom": 1}, "")
    with pytest.raises(ConfigError, match="hair green: must be one of black"):
        check_amounts({}, "green")


def test_the_command_has_an_option_for_each():
    assert list(adjust_command._NAMES) == [each.name for each in ADJUSTMENTS]
    assert tuple(HAIR_COLOURS) == adjust_command._COLOURS
    assert told_of({"age": 20.0, "smile": 0.5}, "grey", "abc") == {"adjust": "age 20, smile 0.5, hair grey; abc"}
