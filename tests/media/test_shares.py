"""Shares as people write them."""

import pytest

from portraitify.config import PaintConfig
from portraitify.errors import ConfigError
from portraitify.media.shares import format_mix, parse_mix, split_share


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("oil", "oil"),
        ("oil:1", "oil"),
        ("oil:0.4,ink:0.6", "ink:0.6,oil:0.4"),
        ("oil:60, ink:40", "oil:0.6,ink:0.4"),
        ("ink,oil", "ink:0.5,oil:0.5"),
        ("oil,ink,renaissance", "oil:0.333,ink:0.333,renaissance:0.333"),
    ],
)
def test_a_mixture_is_written_in_one_way(text, canonical):
    assert format_mix(parse_mix(text)) == canonical
    assert format_mix(parse_mix(canonical)) == canonical
    if text != "oil":
        assert PaintConfig(style=text).style == canonical


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("oil:0.6,ink", "to each"),
        ("oil:0,ink:1", "above 0"),
        ("oil:0.5,oil:0.5", "twice"),
        ("oil,,ink", "write a mixture"),
        ("auto:0.5,oil:0.5", "cannot be mixed"),
    ],
)
def test_what_is_no_mixture_is_refused(text, why):
    with pytest.raises(ConfigError, match=why):
        PaintConfig(style=text)


def test_only_a_number_at_the_end_is_a_share():
    assert split_share("a:b.jpg:0.7") == ("a:b.jpg", 0.7)
    assert split_share(r"C:\a.jpg") == (r"C:\a.jpg", None)
    assert split_share("a.jpg:.5") == ("a.jpg", 0.5)
