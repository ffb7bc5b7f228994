"""The whole evaluation with small random networks, and its command."""

import json
from pathlib import Path

import numpy as np
import pytest

from portraitify.cli.main import main
from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError
from portraitify.evaluation import evaluate as module
from portraitify.evaluation.evaluate import evaluate
from portraitify.evaluation.options import EvaluateConfig
from portraitify.evaluation.report import save_report, to_json, to_markdown
from portraitify.evaluation.sitters import choose_rows, prepare_folders, read_sitter
from portraitify.media.registry import STYLES


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """Neither of the extras is installed, and the judge learns little."""

    def missing():
        raise ConfigError("not installed")

    monkeypatch.setattr(module, "open_face_reader", lambda: None)
    monkeypatch.setattr(module, "ContentDistance", missing)
    monkeypatch.setattr("portraitify.evaluation.judge._STEPS", 3)


@pytest.fixture
def evaluation(prepared_folder, random_weights):
    config = EvaluateConfig(styles=("oil", "ink"), judge_pictures=3, draws=5)
    return evaluate(PreparedData(prepared_folder), random_weights, config)


def test_an_evaluation_is_repeatable_and_says_what_is_missing(evaluation, prepared_folder, random_weights):
    again = evaluate(PreparedData(prepared_folder), random_weights, evaluation.config)
    assert to_json(again) == to_json(evaluation)
    notes = " ".join(evaluation.notes)
    for words in ("install portraitify[evaluate]", "pip install --no-deps", "Only 1 sitters"):
        assert words in notes
    assert evaluation.sitters == evaluation.available == 1
    assert len(evaluation.weights["generator.safetensors"]) == 64


def test_the_report_holds_every_metric(evaluation, tmp_path):
    json_path, markdown_path = save_report(evaluation, tmp_path / "new" / "folder")
    values = json.loads(json_path.read_text())
    metrics = {(metric["key"], metric["scope"]): metric["columns"] for metric in values["metrics"]}
    assert metrics["identity.verified", "all styles"] == {"painting": None, "copy": None, "filter": None}
    assert metrics["skin.delta_e", "oil"]["copy"]["value"] == 0
    assert metrics["skin.delta_e", "oil"]["copy"]["low"] is None
    assert metrics["style.accuracy", "ink"]["painting"]["value"] in (0, 1)
    text = markdown_path.read_text()
    assert "training used too" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in tables} == {6, 3, 5}


def test_all_of_a_table_can_be_told_apart(evaluation):
    lines = [line for line in to_markdown(evaluation).splitlines() if line.startswith("| ") and "---" not in line]
    assert len(lines) == len(set(lines))


def test_progress_is_told(prepared_folder, random_weights):
    seen = []
    config = EvaluateConfig(styles=("oil",), judge_pictures=2, draws=2)
    evaluate(PreparedData(prepared_folder), random_weights, config, lambda *step: seen.append(step))
    assert ("judge", 14, 14) in seen
    assert seen[-1] == ("sitters", 1, 1)


def test_sitters_are_held_out_and_drawn_by_seed(prepared_folder):
    data = PreparedData(prepared_folder)
    assert choose_rows(data, 0, 0).tolist() == [3]
    for record in data.records:
        record["split"] = "held-out"
    assert choose_rows(data, 0, 0).tolist() == [0, 1, 2, 3]
    assert choose_rows(data, 2, 1).tolist() == choose_rows(data, 2, 1).tolist()
    assert len({tuple(choose_rows(data, 2, seed)) for seed in range(9)}) > 1
    for record in data.records:
        record["split"] = "train"
    with pytest.raises(ConfigError, match="no held-out photos"):
        choose_rows(data, 0, 0)


def test_a_sitter_is_enlarged_with_its_landmarks(prepared_folder):
    data = PreparedData(prepared_folder)
    sitter = read_sitter(data, 0, 192)
    assert sitter.face.pixels.shape == (192, 192, 3)
    assert sitter.face.landmarks == pytest.approx(data.landmarks[0] * 192)
    assert sitter.masks.shape == (96, 96, 2)


def test_raw_folders_are_prepared_and_split_again(monkeypatch, prepared_folder, tmp_path):
    photos, paintings, into = tmp_path / "faces", tmp_path / "art", tmp_path / "work"
    for folder in (photos, *(paintings / style for style in STYLES)):
        folder.mkdir(parents=True)
        (folder / "a.png").touch()

    def prepare(source: Path, packed: Path, on_progress):
        assert sorted(path.name for path in source.iterdir()) == sorted(("photos", *STYLES))
        assert (source / "ink" / "a.png").exists()
        prepared_folder.rename(packed)

    monkeypatch.setattr("portraitify.data.preparation.prepare", prepare)
    data = prepare_folders(photos, paintings, into, 0, lambda done, total: None)
    assert len(data.rows("photos", "held-out")) == 4
    held_out = sum(len(data.rows(style, "held-out")) for style in STYLES)
    assert 1 <= held_out <= 10
    assert all((record["split"] == "train") or (record["split"] == "held-out") for record in data.records)


def test_raw_folders_that_are_not_there(tmp_path):
    (tmp_path / "faces").mkdir()
    with pytest.raises(ConfigError, match="renaissance"):
        prepare_folders(tmp_path / "faces", tmp_path, tmp_path / "work", 0, lambda done, total: None)


@pytest.mark.parametrize("values", [{"styles": ("fresco",)}, {"styles": ()}, {"limit": -1}, {"draws": 0}])
def test_options_that_make_no_sense(values):
    with pytest.raises(ConfigError):
        EvaluateConfig(**values)


def test_the_command_writes_both_files(prepared_folder, random_weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(EvaluateConfig, "__init__", _quick(EvaluateConfig.__init__))
    output = tmp_path / "out"
    options = ["--data", prepared_folder, "--weights", random_weights, "--style", "ink", "--limit", 1, "-o", output]
    code = main(["evaluate", *map(str, options)])
    out, err = capsys.readouterr()
    assert code == 0, err
    assert out.splitlines() == [str(output / "evaluation.json"), str(output / "evaluation.md")]
    assert "sitters: 1 of 1" in err


def _quick(init):
    return lambda self, **values: init(self, judge_pictures=3, draws=3, **values)


def test_the_command_tells_of_wrong_options(prepared_folder, tmp_path, capsys):
    assert main(["evaluate", "--photos", str(tmp_path)]) == 2
    assert main(["evaluate", "--data", "x", "--photos", str(tmp_path), "--paintings", str(tmp_path)]) == 2
    assert main(["evaluate", "--data", str(tmp_path / "none")]) == 2
    assert "portraitify train prepare" in capsys.readouterr().err
    np.testing.assert_equal(main(["evaluate", "--style", "fresco"]), 2)
