import shutil

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from portraitify.cli.exit_codes import USAGE
from portraitify.cli.main import main
from portraitify.evaluation.masters import paintings_by_style, works_of
from portraitify.evaluation.paintings import sitter_of
from portraitify.evaluation.patches import PatchConfig, even_luma, sheet_patches, treat
from portraitify.evaluation.two_sample import (
    MASTERS,
    OURS,
    SHEET,
    Sample,
    TwoSampleConfig,
    balanced_accuracy,
    compare,
    compare_halves,
    table,
)

CONFIG = TwoSampleConfig(folds=3, splits=2, draws=100)


def pictures(count: int, shift: float, seed: int, name: str = "p") -> tuple[list[str], list[np.ndarray]]:
    """Pictures of six patches each, with a character of their own beside what the sides differ in."""
    rng = np.random.default_rng(seed)
    values = [rng.standard_normal((6, 8)) * 0.1 + rng.standard_normal(8) + shift for _ in range(count)]
    return [f"{name}{number}" for number in range(count)], values


def test_what_differs_is_told_apart_and_what_does_not_is_not():
    apart = balanced_accuracy(*pictures(12, 3.0, 0), *pictures(15, -3.0, 1), CONFIG)
    alike = balanced_accuracy(*pictures(40, 0.0, 2), *pictures(40, 0.0, 3), CONFIG)
    assert apart
    assert apart.value > 0.95
    # Each picture's own character would tell it if patches of one were learned from and tested with.
    assert alike
    assert alike.low < 0.5 < alike.high
    assert alike.count == 80


def test_pictures_of_one_sitter_are_never_learned_from_and_tested_with():
    # Each sitter is there six times over, and its side is chance: who saw the sitter would be right every time.
    groups, values = pictures(8, 0.0, 4)
    others, other_values = pictures(8, 0.0, 5, "q")
    found = balanced_accuracy(groups * 6, values * 6, others * 6, other_values * 6, CONFIG)
    assert found
    assert found.value < 0.75


def test_few_pictures_give_no_figure():
    assert balanced_accuracy(*pictures(4, 3.0, 0), *pictures(9, -3.0, 1), CONFIG) is None
    (groups, values), (others, other_values) = pictures(5, 3.0, 0), pictures(13, -3.0, 1)
    ours, masters = Sample(tuple(groups), {SHEET: values}), Sample(tuple(others), {SHEET: other_values})
    rows = [compare("oil", OURS, ours, masters, CONFIG), compare_halves("oil", masters, CONFIG)]
    assert rows[0].counts[SHEET] == (5, 13)
    assert rows[0].accuracy["face"] is None
    assert rows[1].against == MASTERS
    first, second = table(rows).splitlines()[2:]
    assert first.startswith("| oil | paintings against masters | too few (0, 0) |")
    assert first.endswith("(5, 13) |")
    assert second.endswith("(6, 7) |")


@pytest.mark.parametrize(("low", "high"), [(10, 60), (100, 250), (128, 129)])
def test_brightness_is_even_and_what_is_flat_stays_flat(low, high):
    patch = np.random.default_rng(0).integers(low, high, (32, 32, 1), np.uint8).repeat(3, 2)
    luma = cv2.cvtColor(even_luma(patch, PatchConfig()), cv2.COLOR_RGB2GRAY)
    assert luma.mean() == pytest.approx(128, abs=1)
    assert luma.std() == pytest.approx(30 if high - low > 40 else 0, abs=1)


def test_what_only_some_pictures_can_show_is_taken_from_all():
    checks = (np.indices((130, 130)).sum(0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)
    treated = treat(checks, PatchConfig())
    assert treated.shape == checks.shape
    assert treated.std() < 0.4 * checks.std()


def test_patches_of_a_sheet(astronaut):
    config = PatchConfig(patch_px=64, most=5)
    patches = sheet_patches(astronaut, 0, "a.jpg", config)
    assert patches.shape == (5, 64, 64, 3)
    assert np.array_equal(patches, sheet_patches(astronaut, 0, "a.jpg", config))
    assert not np.array_equal(patches, sheet_patches(astronaut, 0, "b.jpg", config))
    assert sheet_patches(astronaut[:60], 0, "a.jpg", config).shape == (0, 64, 64, 3)


@pytest.mark.parametrize(
    "name", ["anna.portrait.png", "anna-oil.png", "anna_ink.jpg", "anna.1.portrait.png", "anna.2.3.portrait.jpg"]
)
def test_a_sitter_is_known_by_the_photos_name(name):
    assert sitter_of(name) == "anna"


def test_printed_works_are_left_out_where_there_are_enough_others(tmp_path):
    lines = ["file,kind"]
    for style, photographed in (("oil", 8), ("ink", 7)):
        (tmp_path / style).mkdir()
        for number in range(photographed + 2):
            name = f"{style}/{number}.png"
            Image.new("RGB", (8, 8)).save(tmp_path / name)
            lines.append(f"{name},{'printed plate' if number >= photographed else 'continuous tone'}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    for style, works, printed in (("oil", 8, 0), ("ink", 9, 2)):
        portraits, sheets, prints = works_of(tmp_path, style)
        assert (len(portraits), sheets, prints) == (works, [], (printed, 0))


def test_the_record_in_a_painting_tells_its_style(tmp_path):
    from portraitify.errors import ConfigError
    from portraitify.io.encoding import encode
    from portraitify.io.provenance import Provenance

    picture = np.zeros((8, 8, 3), np.uint8)
    (tmp_path / "a.portrait.png").write_bytes(encode(picture))
    with pytest.raises(ConfigError, match="tell of a style"):
        paintings_by_style(tmp_path)
    record = Provenance(
        "portraitify 1", "0" * 64, "ink", "auto", "code", "after nobody", 0, 1024, "{}", "1/1", "0" * 32
    )
    (tmp_path / "b.portrait.png").write_bytes(encode(picture, marks=record.marks()))
    assert {style: [item.group for item in found] for style, found in paintings_by_style(tmp_path).items()} == {
        "ink": ["b"]
    }


class Trunk(torch.nn.Module):
    """Stands for the frozen network, which only the extra `train` brings: brightness and edges at half the size."""

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        gray = torch.nn.functional.avg_pool2d(image.mean(1, keepdim=True), 2)
        return [torch.cat([gray, (gray - gray.roll(1, 3)).abs()], 1)]


@pytest.mark.weights
def test_patches_of_photos_are_compared(tmp_path, astronaut_path, astronaut, capsys, monkeypatch):
    monkeypatch.setattr("portraitify.evaluation.masters.TrunkFeatures", Trunk)
    paintings, masters = tmp_path / "paintings", tmp_path / "masters"
    for folder in (paintings, masters / "oil"):
        folder.mkdir(parents=True)
    Image.fromarray(astronaut).resize((1024, 1024)).save(masters / "oil" / "work.png")
    shutil.copy(astronaut_path, masters / "oil" / "small.jpg")
    for number in range(4):
        shutil.copy(astronaut_path.with_name("grace_hopper.jpg"), paintings / f"{number}-oil.jpg")
    assert main(["evaluate", "two-sample", str(paintings), "--masters", str(masters), "--eyes", "80"]) == 0
    out, err = capsys.readouterr()
    assert "| oil | paintings against masters | too few (4, 1) |" in out
    assert err.startswith("small.jpg: would have to be enlarged")
    assert main(["evaluate", "two-sample", str(paintings), "--masters", str(paintings)]) == USAGE
    assert "holds no works of oil" in capsys.readouterr().err
