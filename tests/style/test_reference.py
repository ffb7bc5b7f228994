"""Which old painting suits a sitter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from portraitify.style import reference
from portraitify.style.attributes import measure
from portraitify.style.reference import TRAITS, traits_of
from portraitify.weights import PHOTO_SPREADS, BankEntry, WeightsFolder, default_folder
from tests.style.test_attributes import LANDMARKS, drawn, mask

FOUND = measure(drawn(), mask(), LANDMARKS)
PHOTOS = WeightsFolder(default_folder()).photo_statistics
USUAL = replace(FOUND, **PHOTOS.medians)


def entry(number: int, painter: str = "", face_light: float = 0.5, style_code=None, **traits: float) -> BankEntry:
    style_code = np.eye(16, dtype=np.float32)[number % 16] if style_code is None else style_code
    return BankEntry(style_code, "oil", painter, "", "", face_light, f"{number:02d}", traits)


def ranked(entries, found, face_light) -> list[BankEntry]:
    return reference.ranked(entries, found, face_light, PHOTOS)


def names(entries) -> list[str]:
    return [item.identifier for item in entries]


def test_without_traits_the_light_of_the_face_decides():
    bank = [entry(0, face_light=0.9), entry(1, face_light=0.35), entry(2, face_light=0.6)]
    assert names(ranked(bank, FOUND, 0.55)) == ["02", "01", "00"]


def test_a_dark_ground_finds_a_dark_ground_and_a_turned_head_a_turned_head():
    backgrounds = [entry(n, background_lightness=value) for n, value in enumerate((10.0, 40.0, 80.0))]
    assert ranked(backgrounds, replace(USUAL, background_lightness=5.0), 0.5)[0].identifier == "00"
    assert ranked(backgrounds, replace(USUAL, background_lightness=95.0), 0.5)[0].identifier == "02"
    heads = [entry(n, turn=value) for n, value in enumerate((-0.6, 0.0, 0.6))]
    assert ranked(heads, replace(USUAL, turn=0.7), 0.5)[0].identifier == "02"
    assert ranked(heads, replace(USUAL, turn=-0.7), 0.5)[0].identifier == "00"


def test_the_order_does_not_depend_on_that_of_the_bank():
    rng = np.random.default_rng(0)
    bank = [entry(n, warmth=float(rng.normal()), key=float(rng.normal()), face_light=0.5) for n in range(12)]
    order = ranked(bank, FOUND, 0.4)
    assert names(order) == names(ranked(bank[::-1], FOUND, 0.4))
    assert sorted(names(order)) == names(bank)


def test_one_painter_does_not_follow_another_time_if_others_fit_nearly_as_well():
    bank = [entry(n, "Rubens", 0.5 + 0.002 * n) for n in range(3)]
    bank += [entry(n, f"Other {n}", 0.52 + 0.002 * n) for n in range(3, 6)]
    order = ranked(bank, FOUND, 0.5)
    assert order[0].painter == "Rubens"
    assert [item.painter for item in order[1:4]].count("Rubens") == 0
    # Where the others do not fit, the same painter comes again.
    far = [entry(n, f"Other {n}", 0.95) for n in range(3, 6)]
    assert [item.painter for item in ranked([*bank[:3], *far], FOUND, 0.5)][:3] == ["Rubens"] * 3


def test_near_copies_are_kept_apart():
    style_code = np.eye(16, dtype=np.float32)[0]
    bank = [
        entry(0, face_light=0.5, style_code=style_code),
        entry(1, face_light=0.505, style_code=style_code),
        entry(2, face_light=0.52),
    ]
    assert names(ranked(bank, FOUND, 0.5)) == ["00", "02", "01"]


def test_what_is_not_known_of_a_painting_does_no_harm():
    bank = [entry(0, warmth=5.0), entry(1), entry(2, warmth=15.0)]
    assert len(ranked(bank, FOUND, 0.5)) == 3
    assert set(traits_of(FOUND)) == set(TRAITS) == set(PHOTO_SPREADS)
