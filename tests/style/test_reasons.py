"""Why a style was chosen: attribution by changing one thing at a time."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pytest

from portraitify import PaintConfig, Portraitist, read_image
from portraitify.cli.explanation import explanation
from portraitify.cli.main import main
from portraitify.evaluation.choices import COUNTERFACTUALS
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.media.registry import STYLES
from portraitify.results import StyleChoice
from portraitify.style import reasons as reasoning
from portraitify.style.attributes import Attributes, SubjectAnalysis, measure
from portraitify.style.reasons import EDITS, LEAST_EFFECT, log_odds
from portraitify.weights import WeightsFolder, default_folder
from tests.style.test_attributes import LANDMARKS, drawn, lit, mask

USUAL = WeightsFolder(default_folder()).photo_statistics.medians
FORBIDDEN = re.compile(r"skin|race|woman|man\b|old|young|beaut|ugly|happy|sad|pretty")


def classifier_of(attribute: str):
    """A classifier that looks at one thing only, so that it must be the reason."""

    def classify(frame: np.ndarray) -> np.ndarray:
        value = getattr(measure(frame, mask(), LANDMARKS), attribute)
        first = 1 / (1 + np.exp(-value / 10))
        return np.array([first, 1 - first])

    return classify


def find_reasons(*given):
    return reasoning.find_reasons(*given, USUAL)


def describe(attribute, found) -> str:
    return reasoning.describe(attribute, found, USUAL)


def applies(attribute, found) -> bool:
    return reasoning.applies(attribute, found, USUAL)


def look(frame: np.ndarray) -> SubjectAnalysis:
    return SubjectAnalysis(mask(), measure(frame, mask(), LANDMARKS))


@pytest.mark.parametrize(
    ("attribute", "frame", "words"),
    [
        ("background_lightness", drawn(background=250), "light background"),
        ("chroma", np.clip(drawn() + np.array([70, 0, -70]), 0, 255).astype(np.uint8), "strong colour"),
        ("light_side", lit(drawn(), 1.4, 0.5), "light from the left"),
        ("key", drawn(240, 240), "light key"),
    ],
)
def test_what_a_classifier_looks_at_is_the_reason(attribute, frame, words):
    reasons = find_reasons(classifier_of(attribute), frame, look(frame), LANDMARKS, 0)
    assert reasons
    assert reasons[0].effect >= LEAST_EFFECT
    assert words in [reason.words for reason in reasons[:2]]
    # What speaks for the one speaks against the other.
    assert words not in [r.words for r in find_reasons(classifier_of(attribute), frame, look(frame), LANDMARKS, 1)]


def test_a_classifier_that_looks_at_nothing_has_no_reasons():
    assert find_reasons(lambda frame: np.full(4, 0.25), drawn(), look(drawn()), LANDMARKS, 2) == ()


def test_words_are_about_the_photo_and_true():
    values = {field.name: 0.0 for field in fields(Attributes)}
    for scale in (-100.0, 0.0, 100.0):
        found = Attributes(**(values | dict.fromkeys(values, scale)))
        for attribute in EDITS:
            assert not FORBIDDEN.search(describe(attribute, found))
    dark = Attributes(**(values | {"background_lightness": 5.0, "key": 20.0, "chroma": 1.0}))
    assert describe("background_lightness", dark) == "dark background"
    assert describe("key", dark) == "dark key"
    assert describe("chroma", dark) == "no colour"
    assert applies("background_lightness", dark)
    assert not applies("light_side", dark)


def test_log_odds_by_hand():
    assert log_odds(np.array([0.5, 0.5]), 0) == pytest.approx(0)
    assert log_odds(np.array([0.75, 0.25]), 0) == pytest.approx(np.log(3))


def test_the_explanation_has_bars_and_reasons():
    probabilities = dict(zip(STYLES, (0.5, 0.25, 0.25, 0.0), strict=True))
    frame = lit(drawn(background=250), 1.4, 0.5)
    reasons = find_reasons(classifier_of("background_lightness"), frame, look(frame), LANDMARKS, 0)
    text = explanation(StyleChoice("renaissance", probabilities, "", reasons, look(frame).attributes))
    lines = text.splitlines()
    assert lines[0].count("█") == 15
    assert "█" not in lines[3]
    assert lines[0].endswith("50.0% *")
    assert "for it: light background (odds x" in lines[4]
    assert "light from the left" in lines[-1]
    assert "nothing single" in explanation(StyleChoice("oil", probabilities, ""))
    assert "style of your own" in explanation(StyleChoice("monet", probabilities, ""))


def test_explain_prints_it_and_stays_the_same_painting(random_weights, small_photo, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(small_photo)
    common = ["--weights", str(random_weights), "--device", "cpu", "--size", "128", "--style", "ink"]
    assert main([str(tmp_path / "a.jpg"), *common, "--explain"]) == 0
    out = capsys.readouterr().out
    assert all(style in out for style in STYLES)
    assert "for it:" in out
    # The option changes nothing about the picture.
    assert main([str(tmp_path / "a.jpg"), *common, "--skip-existing"]) == 0
    assert "skipped" in capsys.readouterr().out


def test_reasons_are_looked_for_where_somebody_reads_them(random_weights, small_photo, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.jpg").write_bytes(small_photo)
    asked = []
    monkeypatch.setattr("portraitify.pipeline.find_reasons", lambda *given: asked.append(given) or ())
    common = [str(tmp_path / "a.jpg"), "--weights", str(random_weights), "--device", "cpu", "--size", "128"]
    wanted = {
        ("-q",): 0,
        (): 1,
        ("-q", "--json"): 1,
        ("-q", "--report", str(tmp_path / "r")): 1,
        ("-q", "--explain"): 1,
    }
    for options, count in wanted.items():
        asked.clear()
        assert main([*common, "--overwrite", *options]) == 0
        assert len(asked) == count, options
    # Whether they are looked for changes nothing about the painting.
    assert main([*common, "--skip-existing"]) == 0
    assert "skipped" in capsys.readouterr().out


@pytest.fixture(scope="module")
def sitters(astronaut_path):
    portraitist = Portraitist(PaintConfig(device="cpu"))
    found = []
    for path in (astronaut_path, astronaut_path.with_name("grace_hopper.jpg")):
        (face,) = portraitist.find(read_image(path))
        found.append((face, portraitist.analyze(face)))
    return portraitist, found


@pytest.mark.weights
@pytest.mark.parametrize("move", COUNTERFACTUALS)
def test_the_shipped_classifier_goes_along(sitters, move):
    portraitist, found = sitters
    style, change = COUNTERFACTUALS[move]
    index = STYLES.index(style)
    rises = []
    for face, seen in found:
        lab = to_lab(face.pixels)
        before = log_odds(portraitist.engine.classify(face.pixels), index)
        rises.append(
            log_odds(portraitist.engine.classify(to_uint8(to_rgb(change(lab, seen.subject_mask)))), index) - before
        )
    assert np.mean(rises) > 0, rises


@pytest.mark.weights
def test_shipped_reasons_are_what_they_say(sitters):
    portraitist, found = sitters
    for face, seen in found:
        choice = portraitist.choose_style(face, analysis=seen)
        for reason in choice.reasons:
            assert reason.words == describe(reason.attribute, seen.attributes)
            assert reason.effect >= LEAST_EFFECT
        assert choice == portraitist.choose_style(face, analysis=seen)
