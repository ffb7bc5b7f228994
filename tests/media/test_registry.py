"""A medium is a plug-in: one record and one call."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from portraitify.errors import ConfigError
from portraitify.imaging.channels import gray_to_rgb
from portraitify.media import registry
from portraitify.media.base import Medium
from portraitify.media.baselines import pencil
from portraitify.media.registry import STYLES, medium_names, medium_of, register_medium
from portraitify.media.scene import Scene


def charcoal(scene: Scene):
    """Nothing but light and dark, on rough paper."""
    grain = scene.random("charcoal.paper").standard_normal(scene.luma.shape).astype(np.float32)
    drawn = 255 * np.clip(1.2 * scene.luma + 0.05 * grain, 0, 1)

    def paint(top: int, bottom: int) -> np.ndarray:
        return gray_to_rgb(scene.rows(drawn, top, bottom))

    return paint


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    register_medium("charcoal", Medium(charcoal, pencil, hue_tolerance=None, monochrome=True, codes_of="ink"))


def test_a_medium_of_ones_own_paints_from_the_command_line(toy, paint, photo, tmp_path, capsys):
    assert paint(photo, "--style", "charcoal", "-o", tmp_path / "out.png") == 0
    assert "charcoal" in capsys.readouterr().out
    with Image.open(tmp_path / "out.png") as image:
        pixels = np.asarray(image)
    assert np.ptp(pixels, axis=-1).max() == 0
    assert pixels.std() > 5


def test_an_unknown_style_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match="'cubism' is no style; choose one of renaissance, oil, watercolor, ink"):
        medium_of("cubism")


def test_a_name_is_given_once(toy):
    assert medium_names() == (*STYLES, "charcoal")
    with pytest.raises(ConfigError, match="charcoal"):
        register_medium("charcoal", "anywhere")


def test_names_are_known_without_importing_a_medium():
    code = "import sys, portraitify.config, portraitify.media.registry\nassert 'numpy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize("style", STYLES)
def test_the_shipped_media_paint_with_codes_of_their_own(style):
    medium = medium_of(style)
    assert medium.codes_of == ""
    assert medium.baseline(np.full((16, 16, 3), 90, np.uint8)).shape == (16, 16, 3)
