"""By whose hand a sitter in a master's picture is painted, and what is said where there is no picture."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portraitify.config import MASTER_HAIR, PaintConfig
from portraitify.costume import bare_face, borrowed_hair
from portraitify.costume.age import AgeModel
from portraitify.costume.bare_face import empty_face
from portraitify.costume.choice import PLAIN, Choice
from portraitify.costume.fitting import Fit
from portraitify.costume.head import head_of
from portraitify.costume.library import MasterEntry, MasterLibrary
from portraitify.costume.master import Credits, Traits
from portraitify.costume.storage import write_library
from portraitify.costume.wardrobe import Wardrobe
from portraitify.errors import CostumeError
from portraitify.faces.face_mesh import Pose
from portraitify.weights import BankEntry, WeightsFolder, default_folder
from tests.costume.made_up import made_up_master
from tests.costume.sitters import sitter


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
    bearded = replace(fit.entry, traits=Traits("a coat", bearded=True))
    record = {"costume": "one", "hair": "master", "beard": True}
    assert Choice(replace(fit, hair=MASTER_HAIR, entry=bearded)).extras == record


def test_nobody_gets_a_beard_unasked(tmp_path):
    master = replace(made_up_master(), name="le-barbu", traits=Traits("a coat", bearded=True))
    write_library(tmp_path, [master])
    ages = AgeModel.load(WeightsFolder(default_folder()))
    config = PaintConfig(costume="le-barbu", hair=MASTER_HAIR)
    with pytest.raises(CostumeError, match=r"le-barbu: has a beard.*Add --beard"):
        Wardrobe(MasterLibrary(tmp_path), ages, config)
    Wardrobe(MasterLibrary(tmp_path), ages, replace(config, beard=True))
    Wardrobe(MasterLibrary(tmp_path), ages, PaintConfig(costume="le-barbu"))


def test_what_is_wrong_with_an_added_picture_is_told_with_each_painting():
    fit = picture_of("A Painter")
    flawed = replace(fit, entry=replace(fit.entry, warnings=("remains would show",)))
    face = sitter()[0]
    assert [*Choice(flawed).warnings(face)] == ["one was added with --force: remains would show"]
    assert not [*Choice(fit).warnings(face)]


def test_a_masters_face_is_emptied_once_for_all_who_wear_his_hat(tmp_path, monkeypatch):
    emptied: list[str] = []
    monkeypatch.setattr(bare_face, "empty_face", lambda master: emptied.append(master.name) or empty_face(master))
    monkeypatch.setattr(borrowed_hair, "dress_under_hair", lambda painted, face, master, bare, matrix: bare)
    write_library(tmp_path, [replace(made_up_master(), name="one")])
    ages = AgeModel.load(WeightsFolder(default_folder()))
    worn = Wardrobe(MasterLibrary(tmp_path), ages, PaintConfig(costume="one", hair=MASTER_HAIR))
    face = sitter()[0]
    choice = Choice(replace(picture_of("A Painter"), hair=MASTER_HAIR), head=head_of(*sitter()))
    worn.fetch([choice, choice])
    assert emptied == ["one"]
    assert worn.dress(face.pixels, face, choice) is worn.dress(face.pixels, face, choice)
    assert emptied == ["one"]
    # What several versions are to wear is fetched before any of them is dressed: none is emptied twice.
    others = [replace(choice, fit=replace(choice.fit, mirrored=mirrored)) for mirrored in (True, False)]
    for other in others:
        worn.fetch([other])
    for other in reversed(others):
        worn.dress(face.pixels, face, other)
    assert emptied == ["one", "one"]


def test_nothing_is_imported_for_costumes_that_are_not_worn():
    code = (
        "import sys, portraitify.pipeline\n"
        "found = {name for name in sys.modules if 'portraitify.costume.' in name}\n"
        "assert found == {'portraitify.costume.choice'}, found\n"
        "import portraitify.costume.wardrobe\n"
        "assert 'portraitify.costume.borrowed_hair' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)
