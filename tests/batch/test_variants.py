"""``--variants N``: several versions of each face, as numbered files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from portraitify.batch.inputs import Input
from portraitify.batch.jobs import plan_jobs
from portraitify.cli.main import main
from portraitify.config import BatchConfig
from portraitify.errors import ConfigError
from portraitify.io.provenance import read_provenance


@pytest.fixture
def paint(random_weights):
    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(random_weights), "--device", "cpu", "--size", "128"])

    return call


@pytest.fixture
def photo(tmp_path, small_photo) -> Path:
    path = tmp_path / "me.jpg"
    path.write_bytes(small_photo)
    return path


def test_versions_are_numbered_files_with_seeds_of_their_own(paint, photo, capsys):
    assert paint(photo, "--variants", 3, "--seed", 5, "--style", "oil") == 0
    out = capsys.readouterr().out.splitlines()
    files = [photo.with_name(f"me.{number}.portrait.png") for number in (1, 2, 3)]
    assert [line.split(" -> ")[1].split(": ")[0] for line in out] == [str(file) for file in files]
    records = [read_provenance(file) for file in files]
    assert [record.seed for record in records] == [5, 6, 7]
    # The bank of these weights holds two oils, so the third version is after the first painting again.
    assert records[0].style_code == records[2].style_code != records[1].style_code
    assert len({file.read_bytes() for file in files}) == 3
    assert not photo.with_name("me.portrait.png").exists()


def test_a_version_is_what_its_seed_paints(paint, photo):
    assert paint(photo, "--variants", 2, "-o", photo.with_name("v.png")) == 0
    assert paint(photo, "--seed", 1, "-o", photo.with_name("one.png")) == 0
    with Image.open(photo.with_name("v.2.png")) as version, Image.open(photo.with_name("one.png")) as single:
        assert version.tobytes() == single.tobytes()


def test_versions_in_a_folder_are_skipped_when_done(paint, photo, capsys):
    folder = photo.parent / "out"
    assert paint(photo.parent, "-o", folder, "--variants", 2) == 0
    capsys.readouterr()
    assert paint(photo.parent, "-o", folder, "--variants", 2) == 3
    assert "me.1.portrait.png: exists already" in capsys.readouterr().err
    assert paint(photo.parent, "-o", folder, "--variants", 2, "--skip-existing") == 0
    assert "skipped" in capsys.readouterr().out
    # One more version, and one that is gone, are both painted.
    assert paint(photo.parent, "-o", folder, "--variants", 3, "--skip-existing") == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"me.{n}.portrait.png" for n in (1, 2, 3)]
    (folder / "me.2.portrait.png").unlink()
    assert paint(photo.parent, "-o", folder, "--variants", 3, "--skip-existing") == 0
    assert (folder / "me.2.portrait.png").exists()
    # Other seeds are other paintings, which are not to be lost.
    assert paint(photo.parent, "-o", folder, "--variants", 3, "--seed", 9, "--skip-existing") == 3


def test_versions_of_several_faces_carry_both_numbers(paint, tmp_path, small_photo, capsys):
    with Image.open(io.BytesIO(small_photo)) as image:
        both = Image.new("RGB", (256, 128))
        both.paste(image, (0, 0))
        both.paste(image, (128, 0))
    both.save(tmp_path / "two.png")
    common = (tmp_path / "two.png", "--faces", "all", "--variants", 2, "-o", tmp_path / "x.png")
    assert paint(*common, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert [Path(file).name for file in record["files"]] == ["x.1.1.png", "x.1.2.png", "x.2.1.png", "x.2.2.png"]
    assert [(p["face"]["number"], p["seed"]) for p in record["paintings"]] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert (
        paint(tmp_path / "two.png", "--faces", "all", "--variants", 2, "--skip-existing", "-o", tmp_path / "x.png") == 0
    )
    assert "skipped" in capsys.readouterr().out


@pytest.mark.parametrize(("output", "message"), [("-", "cannot go to one stream"), (None, "cannot go to one stream")])
def test_a_pipe_takes_one_version_only(output, message):
    source = Input(Path("-" if output is None else "a.jpg"), Path("a.jpg"))
    with pytest.raises(ConfigError, match=message):
        plan_jobs([source], Path(output) if output else None, BatchConfig(variants=2), folder_named=False)


def test_senseless_numbers_are_refused(paint, photo, capsys):
    assert paint(photo, "--variants", 0) == 2
    assert paint(photo, "--variants", 2, "--group") == 2
    assert "--group" in capsys.readouterr().err
    with pytest.raises(ConfigError):
        BatchConfig(variants=0)
