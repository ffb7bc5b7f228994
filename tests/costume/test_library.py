"""The masters on disk: written, listed, loaded, and refused where they are damaged."""

from dataclasses import replace

import numpy as np
import pytest

from portraitify.costume.curation import read_curation
from portraitify.costume.library import INDEX_NAME, MESHES_NAME, MasterLibrary
from portraitify.costume.master import Traits
from portraitify.costume.personal import (
    add_master,
    check_free,
    check_name,
    open_library,
    personal_folders,
    remove_master,
)
from portraitify.costume.storage import write_library
from portraitify.errors import ConfigError, MissingWeightsError, WeightsMismatchError
from portraitify.weights import WeightsFolder, default_folder
from tests.costume.made_up import made_up_master


@pytest.fixture
def master():
    made_up = made_up_master()
    picture = made_up.plate.copy()
    picture[made_up.masks.head > 0] = 200
    return replace(made_up, picture=picture)


@pytest.fixture
def folder(master, tmp_path):
    write_library(tmp_path / "masters", [master, replace(master, name="other", traits=Traits("a cloak", age="old"))])
    return tmp_path / "masters"


@pytest.fixture
def own(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTRAITIFY_MASTERS", str(tmp_path / "own"))
    return tmp_path / "own"


def test_what_is_written_is_loaded(folder, master):
    library = MasterLibrary(folder)
    assert library.names() == ["made-up", "other"]
    assert library.entry("other").traits.age == "old"
    loaded = library.load("made-up")
    assert np.abs(loaded.plate.astype(int) - master.plate).mean() < 1.5
    assert np.abs(loaded.picture.astype(int) - master.picture).mean() < 1.5
    # Nothing of the head in the plate.
    assert loaded.plate[master.masks.head > 0].max() < 110
    assert np.abs(loaded.masks.head.astype(int) - master.masks.head).mean() < 3
    assert np.allclose(loaded.mesh, master.mesh, atol=1e-3)
    assert library.entry("made-up").pose.yaw == pytest.approx(master.pose.yaw, abs=0.01)


def test_an_unknown_name_is_told(folder):
    with pytest.raises(ConfigError, match="nobody: unknown master"):
        MasterLibrary(folder).load("nobody")


def test_damage_is_told(folder):
    (folder / "other.jpg").write_bytes(b"no picture")
    assert MasterLibrary(folder).load("made-up").name == "made-up"
    with pytest.raises(WeightsMismatchError, match=r"other\.jpg"):
        MasterLibrary(folder).load("other")
    (folder / "other.jpg").unlink()
    with pytest.raises(MissingWeightsError):
        MasterLibrary(folder).load("other")
    with pytest.raises(WeightsMismatchError, match="another version"):
        MasterLibrary(folder, sha256="0" * 64).names()
    (folder / INDEX_NAME).write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsMismatchError):
        MasterLibrary(folder).names()


def test_pictures_of_ones_own_come_after_and_go_again(folder, master, own):
    add_master(replace(master, name="mine"))
    assert open_library(folder).names() == ["made-up", "other", "mine"]
    assert open_library(folder).load("mine").name == "mine"
    (own / "broken").mkdir()
    (own / "broken" / INDEX_NAME).write_text("[]", encoding="utf-8")
    assert open_library(folder).names() == ["made-up", "other", "mine"]
    # What is damaged would stop everybody in choosing.
    add_master(replace(master, name="torn"))
    (own / "torn" / MESHES_NAME).write_bytes(b"")
    assert open_library(folder).names() == ["made-up", "other", "mine"]
    remove_master("torn")
    remove_master("mine")
    assert [path.name for path in personal_folders()] == ["broken"]
    with pytest.raises(ConfigError, match="no master of that name"):
        remove_master("mine")


def test_a_name_is_free_once_and_a_link_is_not_followed(master, own, tmp_path):
    check_free("mine")
    add_master(replace(master, name="mine"))
    with pytest.raises(ConfigError, match="--overwrite"):
        check_free("mine")
    (own / "mine").rename(tmp_path / "elsewhere")
    (own / "mine").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(ConfigError, match="no master of that name"):
        remove_master("mine")
    assert (tmp_path / "elsewhere" / INDEX_NAME).is_file()


def test_the_digest_knows_traits_as_well_as_pictures(folder, master, tmp_path):
    write_library(tmp_path / "again", [master, replace(master, name="other", traits=Traits("a cloak", age="old"))])
    assert MasterLibrary(tmp_path / "again").digest == MasterLibrary(folder).digest
    write_library(tmp_path / "others", [master, replace(master, name="other", traits=Traits("a cloak", anyone=True))])
    assert MasterLibrary(tmp_path / "others").digest != MasterLibrary(folder).digest


@pytest.mark.parametrize("name", ["auto", "made-up", "Mine", "../mine", ""])
def test_names_that_cannot_be_had(folder, name):
    with pytest.raises(ConfigError):
        check_name(name, MasterLibrary(folder).names())


@pytest.mark.parametrize("text", ["{", "[]", '{"crop": [0, 0, 4, 5]}'])
def test_outlines_that_cannot_be_read(tmp_path, text):
    (tmp_path / "one.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"one\.json"):
        read_curation(tmp_path / "one.json")


@pytest.mark.weights
def test_what_ships_is_whole_and_small(own):
    weights = WeightsFolder(default_folder())
    library = open_library(weights.folder / "masters")
    entries = library.entries()
    assert len(entries) >= 24
    assert sum(entry.traits.anyone for entry in entries) >= 10
    assert {entry.traits.age for entry in entries} == {"child", "adult", "old"}
    assert {entry.style for entry in entries} == {"renaissance", "oil"}
    # Of heads that look to both sides.
    assert min(entry.pose.yaw for entry in entries) < -10 < 10 < max(entry.pose.yaw for entry in entries)
    assert all(entry.credits.artist and entry.credits.title and entry.credits.licence for entry in entries)
    assert sum(path.stat().st_size for path in library.folder.rglob("*") if path.is_file()) < 9_000_000
    for entry in entries[:: len(entries) // 4]:
        master = library.load(entry.name)
        assert master.plate.shape[0] == pytest.approx(1.25 * master.plate.shape[1], abs=1)
        assert master.masks.head.max() == 255
