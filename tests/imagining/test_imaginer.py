"""Whom a seed makes up, and in whose picture."""

from __future__ import annotations

import json

import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist, paint_imagined
from portraitify.costume.master import CHILD, OLD
from portraitify.errors import ConfigError
from portraitify.imagining.imaginer import TRAITS, check_traits, hindrance


def test_a_seed_is_a_person_and_a_picture(imaginer):
    first, again, other = (imaginer.imagine(seed, {}) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.picture, again.picture)
    assert first.master == again.master
    assert first.picture.shape != other.picture.shape or (first.picture != other.picture).any()
    width, height = first.master.size
    assert first.picture.shape == (height, width, 3)


def test_whoever_is_asked_for_by_the_masters_name_is_the_same_person(imaginer):
    by_chance = imaginer.imagine(5, {})
    by_name = imaginer.imagine(5, {}, by_chance.master.name)
    np.testing.assert_array_equal(by_chance.picture, by_name.picture)
    assert by_chance.told == {"imagine": f"seed 5, master {by_chance.master.name}"}


def test_only_the_face_and_skin_differ_from_the_masters_picture(imaginer):
    imagined = imaginer.imagine(0, {}, "vigee-le-brun")
    master = imaginer._load("vigee-le-brun", False)
    # Hat, ground and dress stay, whichever way round.
    ways = (master.picture, master.picture[:, ::-1])
    away = min((np.abs(imagined.picture.astype(int) - picture).max(2) for picture in ways), key=np.mean)
    assert (away > 40).mean() < 0.15
    assert away[: len(away) // 8].mean() < 4
    face = master.mesh[:, :2].mean(0).astype(int)
    assert away[face[1] - 60 : face[1] + 60].max() > 40


def test_women_wear_what_women_wore_and_only_the_old_what_the_old_did(imaginer, monkeypatch):
    chosen = []
    monkeypatch.setattr("portraitify.imagining.imaginer.portrait_of", lambda person, master: master.picture)
    for seed in range(12):
        for masculine in (-1.0, 1.0):
            master = imaginer.imagine(seed, {"masculine": masculine, "age": 30.0}).master
            assert master.traits.woman == (masculine < 0)
            assert master.traits.age not in (CHILD, OLD)
            assert not master.traits.bearded
            chosen.append(master.name)
    assert len(set(chosen)) >= 8
    assert any(imaginer.imagine(seed, {"age": 58.0}).master.traits.age == OLD for seed in range(30))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("flower-girl", "only grown-ups are made up"),
        ("rimbotti", "the beard would be the master's own"),
        ("southwell", "the head is turned by 32 degrees"),
        ("nobody", "unknown master"),
    ],
)
def test_some_pictures_do_not_fit(imaginer, name, words):
    with pytest.raises(ConfigError, match=words):
        imaginer.imagine(0, {}, name)
    with pytest.raises(ConfigError, match=words):
        imaginer.check_master(name)


def test_there_are_pictures_for_all(imaginer):
    assert not any(map(hindrance, imaginer.masters))
    # The readme says so.
    assert sum(entry.traits.woman for entry in imaginer.masters) == 7
    assert sum(not entry.traits.woman for entry in imaginer.masters) == 6


@pytest.mark.parametrize(("asked", "words"), [({"age": 5.0}, "between 20 and 60"), ({"height": 1.0}, "Known are age")])
def test_wishes_have_limits(asked, words):
    with pytest.raises(ConfigError, match=words):
        check_traits(asked)
    check_traits({trait.name: trait.most for trait in TRAITS})


def test_they_are_painted(random_weights):
    with Portraitist(PaintConfig(size_px=128), random_weights) as portraitist, pytest.raises(ConfigError, match="keep"):
        paint_imagined(portraitist)
    with Portraitist(PaintConfig(size_px=128, background="keep"), random_weights) as portraitist:
        painting = paint_imagined(portraitist, 2, {"age": 60.0})
    assert painting.pixels.shape == (128, 128, 3)
    assert json.loads(painting.provenance.options)["imagine"].startswith("seed 2, age 60, master ")
    assert painting.provenance.command().startswith("portraitify imagine --seed 2 --age 60 --master ")
