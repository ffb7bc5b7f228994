"""By whose hand a sitter in a master's picture is painted, and what is said where there is no picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portraitify.config import MASTER_HAIR
from portraitify.costume.fitting import Fit
from portraitify.costume.library import MasterEntry
from portraitify.costume.master import Credits, Traits
from portraitify.costume.wardrobe import PLAIN, Choice
from portraitify.faces.face_mesh import Pose
from portraitify.weights import BankEntry


def painting(painter: str, date: str) -> BankEntry:
    return BankEntry(np.zeros(8, np.float32), "oil", painter, "", date, 0.5, painter)


def picture_of(artist: str) -> Fit:
    credits, light = Credits(artist, "A Title"), np.array([0.0, -1.0])
    entry = MasterEntry(
        "one", "oil", credits, Traits("a coat"), light, Pose(0, 0, 0), (8, 10), (0, 0, 8, 10), {}, Path()
    )
    return Fit(entry, False, 0.0, 1.0)


@pytest.mark.parametrize(
    ("artist", "expected"), [("Goya (Francisco de Goya)", "Goya"), ("George Romney", "Kiprensky"), ("", "Kiprensky")]
)
def test_the_masters_own_hand_comes_first_and_no_modern_one(artist, expected):
    bank = [painting("Van Gogh", "1889"), painting("Gauguin", ""), painting("Kiprensky", "1809"), painting("Goya", "")]
    assert Choice(picture_of(artist)).reference(bank, 0).painter == expected


def test_without_a_picture_the_seed_counts_as_ever():
    bank = [painting("One", "1889"), painting("Two", "1809")]
    assert [PLAIN.reference(bank, seed).painter for seed in range(3)] == ["One", "Two", "One"]
    assert not PLAIN.extras
    assert not PLAIN.label


def test_the_record_names_the_picture_and_borrowed_hair():
    fit = picture_of("A Painter")
    assert Choice(fit).extras == {"costume": "one"}
    assert Choice(replace(fit, hair=MASTER_HAIR)).extras == {"costume": "one", "hair": "master"}
