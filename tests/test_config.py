"""Options that make no sense are refused with what would make sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

from portraitify.config import FORMAT_NAMES, BatchConfig, check_style
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
    check_style("monet", "monet")
    check_style("auto")
    with pytest.raises(ConfigError, match=r"monet: unknown style.*ink\.$"):
        check_style("monet")


def test_options_are_light_to_import():
    code = "import sys, portraitify.config; sys.exit(bool({'numpy', 'PIL', 'click', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
