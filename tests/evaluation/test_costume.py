"""What becomes of sitters in masters' pictures: figures of made-up readings, and a run with small random networks."""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest

from portraitify.cli.main import main
from portraitify.config import PaintConfig
from portraitify.costume.master import Traits
from portraitify.costume.storage import write_library
from portraitify.costume.wardrobe import find_library, open_wardrobe
from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.evaluation import costume as module
from portraitify.evaluation.costume import CostumeConfig, CostumeEvaluation, evaluate_costume
from portraitify.evaluation.costume_readings import CostumeExaminer, CostumeReading
from portraitify.evaluation.costume_report import CostumeFigures, to_json, to_markdown
from portraitify.evaluation.sitters import read_sitter
from portraitify.evaluation.skin_samples import lit_as
from portraitify.evaluation.whole_process import ProcessCost, measure_process
from portraitify.imaging.cielab import to_lab
from portraitify.io.reading import read_image
from portraitify.pipeline import Portraitist
from tests.cli.test_costume import bring_subject_mask
from tests.costume.made_up import made_up_master

GOOD = CostumeReading(
    "good",
    yaw=10.0,
    complete=1.0,
    skin_angle=30.0,
    master="wedigh",
    score=0.9,
    photo_face=True,
    result_face=True,
    distance=0.3,
    master_distance=0.9,
    photo_master_distance=0.9,
    lightness=1.0,
    neck=3.0,
    photo_smiles=True,
    smiles=True,
    outline_error=0.01,
    faces=1,
    one_face=True,
)
PLAIN = CostumeReading("plain", yaw=50.0, complete=1.0, skin_angle=0.0, why="the head is turned 50 degrees to the side")


def figures_of(*readings, hair="own", process=None):
    evaluation = CostumeEvaluation("1", CostumeConfig(hair, draws=5), 9, "abc", readings, process, ("A note.",))
    return {figure.key: figure for figure in CostumeFigures(evaluation).all()}, evaluation


def test_only_those_whose_hair_is_shown_count_for_whom_a_master_is_found():
    cut, unseen = replace(PLAIN, yaw=0.0, complete=0.9), replace(PLAIN, yaw=float("nan"))
    shown = replace(PLAIN, yaw=-45.0, complete=0.95)
    figures, _ = figures_of(GOOD, PLAIN, cut, unseen)
    assert (figures["fit.shown"].estimate.value, figures["fit.shown"].estimate.count) == (1.0, 1)
    assert figures["fit.all"].estimate.value == 0.25
    figures, _ = figures_of(GOOD, shown)
    assert figures["fit.shown"].estimate.value == 0.5
    assert figures["fit.shown"].met is False


def test_a_face_that_is_not_found_is_not_verified_and_has_lost_its_smile():
    lost = replace(GOOD, result_face=False, distance=float("nan"), smiles=None, master_distance=float("nan"))
    unknown = replace(GOOD, photo_face=False, distance=float("nan"), photo_smiles=None)
    figures, _ = figures_of(GOOD, lost, unknown)
    assert (figures["identity.verified"].estimate.value, figures["identity.verified"].estimate.count) == (0.5, 2)
    assert (figures["smile.kept"].estimate.value, figures["smile.kept"].estimate.count) == (0.5, 2)
    assert figures["identity.master"].estimate.value == 0


def test_what_is_asked_for_depends_on_the_way():
    assert figures_of(GOOD)[0]["identity.verified"].target == 0.95
    assert figures_of(GOOD, hair="master")[0]["identity.verified"].target == 0.85


def test_thirds_go_by_the_photos_skin():
    readings = [replace(GOOD, skin_angle=angle, lightness=-angle / 10) for angle in (10.0, 50.0, 30.0, -20.0)]
    figures, _ = figures_of(*readings)
    shifts = [figures[f"skin.{name}"].estimate.value for name in ("lightest", "middle", "darkest")]
    assert shifts == pytest.approx([-5, -2, 2])
    assert [figures[f"skin.{name}"].met for name in ("lightest", "middle", "darkest")] == [False, True, True]
    assert figures["skin.thirds"].estimate.value == pytest.approx(7)
    assert figures["skin.near"].estimate.value == 0.75


def test_the_report_names_reasons_without_their_numbers():
    again = replace(PLAIN, why="the head is turned 47 degrees to the side")
    _, evaluation = figures_of(GOOD, PLAIN, again, process=ProcessCost(1.5, 480.0, 3))
    text, values = to_markdown(evaluation), json.loads(to_json(evaluation))
    assert "| the head is turned … degrees to the side | 2 |" in text
    assert "A note." in text
    assert values["masters"] == {"wedigh": 1}
    assert values["readings"][1]["distance"] is None
    assert {figure["key"]: figure["met"] for figure in values["figures"]}["process.seconds"] is True


def test_nobody_in_a_picture_is_no_error():
    figures, evaluation = figures_of(PLAIN)
    assert figures["skin.thirds"].estimate is None
    assert "| - |" in to_markdown(evaluation)


def test_more_light_on_the_same_skin_is_no_difference():
    skin, shade = (np.rint(np.array([[[220, 170, 140]]]) ** 1.0 * part).astype(np.uint8) for part in (1, 0.6))
    light, dark = (to_lab(colour)[0, 0].astype(float) for colour in (skin, shade))
    assert np.abs(lit_as(dark, light) - light).max() < 2.5
    assert lit_as(light, light) == pytest.approx(light)


@pytest.fixture(scope="module")
def weights(random_weights, tmp_path_factory):
    """Small random networks, the one that finds the sitter excepted, and one master."""
    folder = tmp_path_factory.mktemp("costume") / "weights"
    shutil.copytree(random_weights, folder)
    bring_subject_mask(folder)
    write_library(folder / "masters", [replace(made_up_master(), name="grey", traits=Traits("a coat", anyone=True))])
    return folder


@pytest.fixture
def data(prepared_folder, weights, astronaut):
    """Prepared data whose only held-out photo is of the astronaut."""
    with Portraitist(PaintConfig(style="oil"), weights) as portraitist:
        (face,) = portraitist.find(read_image(astronaut))
    side = len(face.pixels)
    lines = (prepared_folder / "records.jsonl").read_text().splitlines()
    images, masks = np.zeros((len(lines), side, side, 3), np.uint8), np.zeros((len(lines), side, side, 2), np.uint8)
    images[3], masks[3, ..., 1] = face.pixels, face.valid
    np.save(prepared_folder / "images.npy", images)
    np.save(prepared_folder / "masks.npy", masks)
    lines[3] = json.dumps(json.loads(lines[3]) | {"landmarks": (face.landmarks / side).tolist()})
    (prepared_folder / "records.jsonl").write_text("\n".join(lines) + "\n")
    return PreparedData(prepared_folder)


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """The extra is not installed, and nobody has added masters."""
    monkeypatch.setattr(module, "open_face_reader", lambda: None)
    monkeypatch.setenv("PORTRAITIFY_MASTERS", str(tmp_path / "none"))


def test_a_sitter_is_finished_as_the_product_does_and_measured(data, weights):
    config = PaintConfig(costume="grey", size_px=320)
    with Portraitist(config, weights) as portraitist:
        wardrobe, library = open_wardrobe(portraitist.weights, config), find_library(weights)
        examiner = CostumeExaminer(portraitist, wardrobe, library)
        sitter = read_sitter(data, 3, config.paint_px)
        face = portraitist.with_meshes(sitter.face)
        (sketch,) = portraitist.sketch([face])
        result = examiner.dressed(sketch, face)
        np.testing.assert_array_equal(result.pixels, portraitist.finish(sketch).pixels)
        reading = examiner.examine(sitter, "photos/one.png")
    assert (reading.file, reading.master, reading.why) == ("photos/one.png", "grey", "")
    assert abs(reading.yaw) < 30
    assert np.isfinite([reading.lightness, reading.skin_angle, reading.score]).all()
    # Carried to where they were put, and nowhere else.
    assert result.eyes_px == pytest.approx(np.linalg.norm(np.diff(result.put(face.landmarks[:2]), axis=0)))
    assert (result.landmarks > 0).all()
    assert (result.landmarks < result.pixels.shape[1::-1]).all()


def test_a_run_is_logged_and_gone_on_with(data, weights, tmp_path, monkeypatch):
    config, seen = CostumeConfig(limit=1, runs=0, draws=3, size_px=160), []
    first = evaluate_costume(data, weights, config, tmp_path, on_progress=lambda *step: seen.append(step))
    assert seen == [("sitters", 1, 1)]
    assert len((tmp_path / "costume-own.jsonl").read_text().splitlines()) == 2
    with (tmp_path / "costume-own.jsonl").open("a") as log:
        log.write('{"file": "half a li')
    monkeypatch.setattr(CostumeExaminer, "examine", lambda *_: pytest.fail("nobody is left to be painted"))
    again = evaluate_costume(data, weights, config, tmp_path, resume=True)
    assert to_json(again) == to_json(first)
    with pytest.raises(ConfigError, match="--resume"):
        evaluate_costume(data, weights, replace(config, size_px=192), tmp_path, resume=True)


def test_the_command_prints_the_table_and_writes_the_files(data, weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module, "measure_process", lambda command, runs: ProcessCost(1.0, 300.0, runs))
    monkeypatch.setattr(CostumeExaminer, "examine", lambda self, sitter, name: replace(GOOD, file=name))
    options = ["--data", tmp_path / "data", "--weights", weights, "--limit", 1, "-o", tmp_path / "out"]
    assert main(["evaluate", "costume", *map(str, options)]) == 0
    out, err = capsys.readouterr()
    assert "| at most 1.6 | 1 |" in out
    assert "sitters: 1 of 1" in err
    assert (tmp_path / "out" / "costume-own.md").read_text() == out
    assert main(["evaluate", "costume", *map(str, options), "--json", "--hair", "master"]) == 0
    assert json.loads(capsys.readouterr().out)["config"]["hair"] == "master"


def test_time_and_memory_are_those_of_the_process_alone():
    cost = measure_process([sys.executable, "-c", "held = b'x' * 50_000_000"], runs=1)
    assert 0 < cost.seconds < 60
    assert 50 < cost.peak_mb < 120
    with pytest.raises(PortraitifyError, match="code 3"):
        measure_process([sys.executable, "-c", "raise SystemExit(3)"], runs=1)


def test_options_that_make_no_sense():
    for values in ({"hair": "nobody's"}, {"limit": -1}, {"draws": 0}):
        with pytest.raises(ConfigError):
            CostumeConfig(**values)
