"""Options that make no sense are refused with what would make sense."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from portraitify.config import FORMAT_NAMES, BatchConfig, PaintConfig, check_style
from portraitify.errors import ConfigError
from portraitify.io.encoding import FORMATS


@pytest.mark.parametrize("name", ["bmp", "", "PNG", "jpg"])
def test_an_unknown_format_is_refused_with_the_known_ones(name):
    with pytest.raises(ConfigError, match=r"unknown format\. Choose one of png, jpeg, webp, tiff"):
        BatchConfig(format=name)


def test_all_formats_that_can_be_written_are_accepted():
    assert tuple(FORMATS) == FORMAT_NAMES
    assert [BatchConfig(format=name).format for name in (None, *FORMATS)] == [None, *FORMATS]


def test_a_style_of_ones_own_is_known_where_it_is_loaded():
    check_style("monet", ["monet"])
    check_style("auto")
    check_style("oil:0.5,monet:0.5", ["monet"])
    with pytest.raises(ConfigError, match=r"monet: unknown style.*ink\.$"):
        check_style("monet")


def test_options_are_light_to_import():
    code = "import sys, portraitify.config; sys.exit(bool({'numpy', 'PIL', 'click', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("size_px", "large", "a whole number"),
        ("size_px", 512.0, "a whole number"),
        ("size_px", True, "a whole number"),
        ("size_px", math.inf, "a whole number"),
        ("size_px", None, "a whole number"),
        ("paint_px", 1 << 30, "must be a multiple of 16, from 64 to 4096"),
        ("style", 3, "a name"),
        ("style", None, "a name"),
        ("crop", ["face"], "a name"),
        ("seed", 1.5, "a whole number"),
        ("seed", "1", "a whole number"),
        ("strength", "x", "a number"),
        ("strength", math.nan, "must lie between 0 and 1"),
        ("level", math.nan, "must lie between 0 and 1"),
        ("finish", np.zeros(3), "a number"),
        ("finish", 1j, "a number"),
        ("finish", False, "a number"),
        ("keep_color", "yes", "True or False"),
        ("explain", 1, "True or False"),
        ("device", None, "a name"),
        ("engine", 2, "a name"),
    ],
)
def test_options_of_another_kind_are_refused_in_a_sentence(name, value, what):
    with pytest.raises(ConfigError, match=f"^{name} .*{what}.*\\.$"):
        PaintConfig(**{name: value})


def test_numbers_of_other_libraries_become_those_of_python():
    config = PaintConfig(
        seed=np.int64(3), size_px=np.uint16(512), strength=np.float32(0.5), level=Fraction(1, 4), finish=1
    )
    values = (config.seed, config.size_px, config.strength, config.level, config.finish)
    assert values == (3, 512, 0.5, 0.25, 1.0)
    assert [type(value) for value in values] == [int, int, float, float, float]
    assert "0.25" in config.to_json()


def test_records_name_options_in_the_same_order_in_each_process():
    code = (
        "from portraitify.config import PaintConfig;"
        "print(PaintConfig(crop='face', frame='gilt', skin_tone='paint', background='keep').extras)"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1
