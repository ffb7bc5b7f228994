"""What is measured of a sitter, on drawn faces whose answer is known."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.style import counterfactuals
from portraitify.style.attributes import head_turn, measure, percentile

SIZE = 160
LANDMARKS = np.array([[66.0, 68.0], [94.0, 68.0], [80.0, 84.0], [69.0, 100.0], [91.0, 100.0]])


def drawn(face: int = 160, background: int = 90, tint: tuple[int, int, int] = (20, 0, -20)) -> np.ndarray:
    """A face of one tone on a ground of another."""
    image = np.full((SIZE, SIZE, 3), background, np.uint8)
    cv2.ellipse(image, (80, 84), (34, 46), 0, 0, 360, [int(np.clip(face + t, 0, 255)) for t in tint], -1)
    cv2.rectangle(image, (40, 130), (120, 160), (60, 60, 80), -1)
    return image


def mask() -> np.ndarray:
    subject_mask = np.zeros((SIZE, SIZE), np.float32)
    cv2.ellipse(subject_mask, (80, 84), (34, 46), 0, 0, 360, 1, -1)
    subject_mask[130:, 40:120] = 1
    return subject_mask


def lit(image: np.ndarray, left: float, right: float) -> np.ndarray:
    smoothstep = np.linspace(left, right, SIZE)[None, :, None]
    return np.clip(image * smoothstep, 0, 255).astype(np.uint8)


def test_light_comes_from_where_it_comes_from():
    for left, right, said in ((1.5, 0.3, "left"), (0.3, 1.5, "right"), (1.0, 1.0, "front")):
        assert measure(lit(drawn(), left, right), mask(), LANDMARKS).light.startswith(said)
    above = np.ascontiguousarray(np.rot90(lit(np.rot90(drawn(), -1), 0.3, 1.5)))
    assert measure(above, mask(), LANDMARKS).light.startswith("above")


def test_key_contrast_and_palette_follow_the_picture():
    plain = measure(drawn(), mask(), LANDMARKS)
    assert measure(drawn(220, 200), mask(), LANDMARKS).key > plain.key + 20
    assert measure(drawn(230, 10), mask(), LANDMARKS).contrast > plain.contrast
    assert measure(drawn(tint=(-20, 0, 30)), mask(), LANDMARKS).warmth < plain.warmth
    assert measure(drawn(tint=(60, 0, -60)), mask(), LANDMARKS).chroma > plain.chroma


def test_backgrounds_are_told_apart():
    assert measure(drawn(background=15), mask(), LANDMARKS).background == "dark, plain"
    assert measure(drawn(background=240), mask(), LANDMARKS).background == "light, plain"
    busy = drawn(background=120)
    chequer = (np.indices((SIZE, SIZE)).sum(0) // 6 % 2 * 120).astype(np.uint8)
    busy[mask() == 0] = 60 + chequer[mask() == 0][:, None]
    assert measure(busy, mask(), LANDMARKS).background.endswith("busy")


@pytest.mark.parametrize(
    ("shift", "pose"), [(0, "frontal"), (6, "three-quarter"), (-6, "three-quarter"), (14, "profile")]
)
def test_a_turned_nose_is_a_turned_head(shift, pose):
    points = LANDMARKS + np.array([[0, 0], [0, 0], [shift, 0], [0, 0], [0, 0]])
    assert measure(drawn(), mask(), points).pose == pose
    assert np.sign(head_turn(points)) == np.sign(shift)


def test_a_broad_mouth_smiles():
    broad = LANDMARKS + np.array([[0, 0], [0, 0], [0, 0], [-3, 0], [3, 0]])
    assert measure(drawn(), mask(), LANDMARKS).mouth == "calm"
    assert measure(drawn(), mask(), broad).mouth == "smile"


def test_grey_and_faded_photos_are_known():
    grey = np.repeat(drawn().mean(2, keepdims=True), 3, 2).astype(np.uint8)
    assert measure(grey, mask(), LANDMARKS).tonality == "grey"
    faded = (drawn(tint=(40, 10, -20)) * 0.35 + (115, 110, 95)).astype(np.uint8)
    assert measure(faded, mask(), LANDMARKS).tonality == "faded"
    noise = np.random.default_rng(0).integers(-40, 40, (SIZE, SIZE, 3))
    full = np.clip(drawn(tint=(40, 10, -20)) * 1.4 - (50, 60, 75) + noise, 0, 255).astype(np.uint8)
    assert measure(full, mask(), LANDMARKS).tonality == "full"


def test_blur_is_less_sharp():
    noise = np.random.default_rng(0).integers(-30, 30, (SIZE, SIZE, 1))
    sharp = np.clip(drawn().astype(int) + noise, 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(sharp, (0, 0), 2)
    assert measure(soft, mask(), LANDMARKS).sharpness < measure(sharp, mask(), LANDMARKS).sharpness


def test_the_record_is_plain_and_silent_about_who_it_is():
    record = measure(drawn(), mask(), LANDMARKS).record()
    words = json.dumps(record)
    assert all(isinstance(value, (float, str)) for value in record.values())
    assert not any(word in words for word in ("age", "sex", "race", "skin", "beaut", "mood"))


def test_edits_change_what_they_name_and_little_else():
    lab, subject_mask = to_lab(lit(drawn(), 1.2, 0.7)), mask()
    before = measure(to_uint8(to_rgb(lab)), subject_mask, LANDMARKS)

    def after(changed: np.ndarray):
        return measure(to_uint8(to_rgb(changed)), subject_mask, LANDMARKS)

    assert after(counterfactuals.with_key(lab, 70)).key == pytest.approx(70, abs=3)
    assert after(counterfactuals.with_contrast(lab, 8)).contrast == pytest.approx(8, abs=1)
    assert after(counterfactuals.with_chroma(lab, 3)).chroma == pytest.approx(3, abs=1)
    assert after(counterfactuals.with_warmth(lab, 20)).warmth == pytest.approx(20, abs=5)
    darker = after(counterfactuals.with_background_lightness(lab, subject_mask, 10))
    assert darker.background_lightness == pytest.approx(10, abs=3)
    assert darker.modelling == pytest.approx(before.modelling, abs=1.5)
    assert abs(after(counterfactuals.without_side_light(lab, LANDMARKS)).light_side) < 0.4 * abs(before.light_side)
    assert after(counterfactuals.with_modelling(lab, LANDMARKS, 2)).modelling < before.modelling


def test_grey_photos_get_a_tint_instead_of_colours_that_are_not_there():
    grey = to_lab(np.repeat(drawn().mean(2, keepdims=True), 3, 2).astype(np.uint8))
    assert np.hypot(*counterfactuals.with_chroma(grey, 15)[..., 1:].mean((0, 1))) > 5


def test_a_calmed_ground_keeps_the_sitter():
    rng = np.random.default_rng(0)
    lab, subject_mask = to_lab(rng.integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8)), mask()
    calm = counterfactuals.with_blurred_background(lab, subject_mask)
    assert np.allclose(calm[subject_mask == 1], lab[subject_mask == 1])
    assert calm[subject_mask == 0][:, 0].std() < 0.5 * lab[subject_mask == 0][:, 0].std()


@pytest.mark.parametrize("size", [1, 2, 7, 400])
@pytest.mark.parametrize("percent", [0, 2, 50, 90, 98, 100])
def test_percentiles_are_those_of_numpy(size, percent):
    values = np.random.default_rng(size).normal(50, 20, size).astype(np.float32)
    assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)), abs=1e-4)
