"""Sitting for a master on the command line: what is painted, said, recorded and refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.cli.main import main
from portraitify.costume.master import Credits, Traits
from portraitify.costume.storage import write_library
from portraitify.faces.mesh_mirror import mirrored_mesh
from portraitify.weights import default_folder
from tests.costume.made_up import made_up_master


def bring_subject_mask(folder: Path) -> None:
    shipped = default_folder()
    mine, real = (json.loads((where / "manifest.json").read_text()) for where in (folder, shipped))
    for name in ("subject_mask.safetensors", "graphs/subject_mask.onnx"):
        shutil.copy(shipped / name, folder / name)
    mine["files"]["subject_mask.safetensors"] = real["files"]["subject_mask.safetensors"]
    mine["graphs"]["subject_mask"] = real["graphs"]["subject_mask"]
    (folder / "manifest.json").write_text(json.dumps(mine))


@pytest.fixture(scope="module")
def masters(random_weights, tmp_path_factory):
    """Small random networks with three masters of their own: two that suit anyone, and a child.

    Only the network that finds the sitter is the real one: by it heads are seen to be whole.
    """
    folder = tmp_path_factory.mktemp("dressed") / "weights"
    shutil.copytree(random_weights, folder)
    bring_subject_mask(folder)
    made_up = made_up_master()
    # A face that looks straight ahead is its own mirror image.
    made_up = replace(made_up, mesh=(made_up.mesh + mirrored_mesh(made_up.mesh, made_up.plate.shape[1])) / 2)
    traits = Traits("a plain coat", anyone=True)
    pictures = [
        replace(made_up, name="grey", traits=traits, credits=Credits("A Painter", "A Coat", "1600", "A Museum", "1.2")),
        replace(made_up, name="dark", traits=traits, plate=made_up.plate // 2, picture=made_up.picture // 2),
        replace(made_up, name="child", traits=Traits("a small coat", age="child")),
    ]
    write_library(folder / "masters", pictures)
    return folder


@pytest.fixture
def sit(masters, tmp_path, monkeypatch):
    monkeypatch.setenv("PORTRAITIFY_MASTERS", str(tmp_path / "none"))

    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(masters), "--device", "cpu", "--size", "160"])

    return call


def test_the_sitter_is_set_into_the_picture_that_fits(sit, photo, capsys):
    assert sit(photo, "--costume", "grey") == 0
    out, err = capsys.readouterr()
    assert "oil, in a plain coat, after A Painter, “A Coat”, 1600" in out
    assert "no master" not in err
    with Image.open(photo.with_name("selfie.portrait.png")) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (160, 128, 3)
    # The picture's own ground in a corner, and no longer in the middle.
    assert np.abs(pixels[2, 2].astype(int) - 90).max() <= 3
    assert pixels[50:80, 54:74].std() > 3


def test_report_and_record_name_the_picture(sit, photo, capsys):
    assert sit(photo, "--costume", "auto", "--json", "--seed", 1) == 0
    (painting,) = json.loads(capsys.readouterr().out)["paintings"]
    assert painting["costume"]["name"] in ("grey", "dark")
    assert painting["costume"]["hair"] == "own"
    assert 0 <= painting["costume"]["score"] <= 1
    assert main(["inspect", "--json", str(photo.with_name("selfie.portrait.png"))]) == 0
    assert f"--costume {painting['costume']['name']}" in json.loads(capsys.readouterr().out)["command"]


def test_the_command_of_the_record_paints_the_same(sit, photo, tmp_path, capsys):
    assert sit(photo, "--costume", "auto", "-o", tmp_path / "one.png") == 0
    capsys.readouterr()
    assert main(["inspect", "--json", str(tmp_path / "one.png")]) == 0
    words = json.loads(capsys.readouterr().out)["command"].split()[2:]
    assert sit(photo, *words, "-o", tmp_path / "two.png") == 0
    one, two = (np.asarray(Image.open(tmp_path / name)) for name in ("one.png", "two.png"))
    assert (one == two).all()


def test_versions_sit_for_one_master_after_the_other(sit, photo, tmp_path, capsys):
    assert sit(photo, "--costume", "auto", "--variants", 2, "--json", "-o", f"{tmp_path}/out/") == 0
    paintings = json.loads(capsys.readouterr().out)["paintings"]
    assert {painting["costume"]["name"] for painting in paintings} == {"grey", "dark"}


def test_on_one_sheet_everybody_sits_for_another_master(sit, astronaut, tmp_path, capsys):
    Image.fromarray(np.hstack([astronaut[:300, 80:380]] * 2)).save(tmp_path / "two.png")
    assert sit(tmp_path / "two.png", "--costume", "auto", "--group", "--json") == 0
    paintings = json.loads(capsys.readouterr().out)["paintings"]
    assert {painting["costume"]["name"] for painting in paintings} == {"grey", "dark"}
    assert main(["inspect", "--json", str(tmp_path / "two.portrait.png")]) == 0
    command = json.loads(capsys.readouterr().out)["command"]
    assert "--style auto" in command
    assert "--costume auto" in command
    assert sit(tmp_path / "two.png", "--costume", "auto", "--group", "--overwrite") == 0
    assert capsys.readouterr().out.count("in a plain coat, after") == 2
    assert sit(tmp_path / "two.png", "--costume", "auto", "--group", "--overwrite", "--explain") == 0
    told = capsys.readouterr().out
    assert told.count("in a plain coat, after") == 4
    assert told.index("  1. ") < told.index("for it: ") < told.index("  2. ") < told.rindex("for it: ")


def test_of_several_faces_each_record_leaves_the_picture_open(sit, astronaut, tmp_path, capsys):
    Image.fromarray(np.hstack([astronaut[:300, 80:380]] * 2)).save(tmp_path / "two.png")
    assert sit(tmp_path / "two.png", "--costume", "auto", "--faces", "all") == 0
    capsys.readouterr()
    assert main(["inspect", "--json", str(tmp_path / "two.1.portrait.png")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "--costume auto" in record["command"]
    # One picture's name would put it on both faces.
    assert record["style"] != "auto"


def test_an_interrupted_batch_goes_on_with_the_same_picture_only(sit, photo, masters, tmp_path, capsys):
    assert sit(photo, "--costume", "grey") == 0
    assert sit(photo, "--costume", "grey", "--skip-existing") == 0
    assert "skipped" in capsys.readouterr().out
    assert sit(photo, "--costume", "dark", "--skip-existing") == 3
    assert sit(photo, "--skip-existing") == 3


def test_where_no_picture_fits_auto_paints_a_plain_portrait_and_says_why(sit, photo, capsys):
    pixels = np.asarray(Image.open(photo))
    # The hair is cut on both sides.
    Image.fromarray(np.ascontiguousarray(pixels[60:200, 165:280])).save(photo, "PNG")
    assert sit(photo, "--costume", "auto", "--json") == 0
    out, err = capsys.readouterr()
    (painting,) = json.loads(out)["paintings"]
    assert painting["costume"] is None
    assert "no master's picture fits, so this is a plain portrait: the edge of the photo cuts head or hair" in err
    assert sit(photo, "--costume", "grey", "--overwrite") == 4
    assert "selfie.jpg: does not fit into grey: the edge of the photo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--costume", "nobody"), "nobody: unknown master. Choose one of auto, grey, dark, child."),
        (("--costume", "grey", "--style", "renaissance"), "grey: is painted as oil"),
        (("--costume", "auto", "--style", "ink"), "Leave out --style ink"),
        (("--costume", "auto", "--crop", "full"), "Leave out --crop full"),
        (("--costume", "auto", "--aspect", "1:1"), "Leave out --aspect 1:1"),
        (("--costume", "auto", "--background", "keep"), "Leave out --background keep"),
        (("--costume", "auto", "--strength", "0.5"), "Leave out --strength 0.5"),
        (("--costume", "auto", "--keep-color"), "Leave out --keep-color."),
        (("--costume", "auto", "--sheet"), "Leave out one of them"),
        (("--costume", ""), "is no name of a master"),
        (("--hair", "master"), "Add --costume auto"),
        (("--costume", "auto", "--hair", "master", "--beard"), "Add --costume NAME --hair master."),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_is_painted(sit, photo, capsys, words, message):
    assert sit(photo, *words) == 2
    assert message in capsys.readouterr().err
    assert not photo.with_name("selfie.portrait.png").exists()


def test_names_of_masters_are_completed(sit, masters):
    import click

    from portraitify.cli.costume_options import MasterName
    from portraitify.cli.paint import paint

    context = click.Context(paint)
    context.params["weights"] = masters
    found = MasterName().shell_complete(context, paint.params[0], "")
    assert [item.value for item in found] == ["auto", "grey", "dark", "child"]


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from portraitify.cli.main import main; main(['--help']); "
        "sys.exit(bool({'numpy', 'cv2', 'torch', 'onnxruntime', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0
