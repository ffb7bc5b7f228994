"""Painters of the bank by name."""

import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.style.painters import BankPainter, find_painter, list_painters
from portraitify.weights import BankEntry, WeightsFolder

NAMES = (
    "Albrecht Dürer (1471-1528)",
    "Titian",
    "Titian (and workshop)",
    "Johannes Vermeer",
    "Jan van Eyck",
    "Vincent van Gogh",
)


@pytest.fixture
def painters():
    entry = BankEntry(np.ones(8, np.float32), "oil", "", "", "", 0.5, "x")
    return [BankPainter(name, (entry,)) for name in NAMES]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("vermeer", "Johannes Vermeer"),
        ("DURER", "Albrecht Dürer (1471-1528)"),
        ("dürer", "Albrecht Dürer (1471-1528)"),
        ("titian", "Titian"),
        ("  van   eyck ", "Jan van Eyck"),
    ],
)
def test_a_part_of_a_name_is_enough(painters, asked, name):
    assert find_painter(painters, asked).name == name


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("van", "may be Jan van Eyck, Vincent van Gogh"),
        ("vermer", "Did you mean Johannes Vermeer"),
        ("rembrant", "no such painter"),
        ("", "no such painter"),
    ],
)
def test_who_is_not_known_is_told_with_the_nearest(painters, asked, told):
    with pytest.raises(ConfigError, match=told):
        find_painter(painters, asked)


def test_painters_are_listed_with_their_paintings(random_weights):
    (painter,) = list_painters(WeightsFolder(random_weights))
    assert painter.name == "A Painter"
    assert painter.styles == ("renaissance", "oil", "watercolor", "ink")
    assert [entry.identifier for entry in painter.of("oil")] == ["oil1"]
