"""Painting after pictures of one's own, after painters by name, and after mixtures."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify import PaintConfig, Portraitist
from portraitify.errors import ConfigError, ImageError, MissingWeightsError
from portraitify.media.registry import STYLES
from portraitify.style.mixing import mix_codes, mix_entries
from portraitify.style.painting_view import PACKED_PX, VIEW_PX, PaintingView, view_painting
from portraitify.weights import BankEntry, WeightsFolder

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def painted_with(random_weights, astronaut_path):
    def paint(**options):
        config = PaintConfig(size_px=128, paint_px=128, device="cpu", finish=0.0, **options)
        with Portraitist(config, random_weights) as portraitist:
            return portraitist.paint(astronaut_path)

    return paint


@pytest.fixture
def wall(tmp_path) -> Path:
    """A picture without anybody."""
    Image.fromarray(np.full((150, 200, 3), (40, 90, 160), np.uint8)).save(tmp_path / "wall.png")
    return tmp_path / "wall.png"


def entry(style: str, seed: int) -> BankEntry:
    code = np.random.default_rng(seed).standard_normal(8).astype(np.float32)
    return BankEntry(code, style, f"Painter {seed}", "", "", 0.5, f"{style}{seed}", background=np.full((4, 4, 3), 0.5))


def test_mixed_codes_keep_their_length():
    one, other = entry("oil", 1).style_code, entry("ink", 2).style_code
    mixed = mix_codes([one, other], [0.7, 0.3])
    assert np.square(mixed).mean() == pytest.approx(1, abs=1e-3)
    assert np.allclose(mix_codes([one, one], [0.5, 0.5]), one / np.sqrt(np.square(one).mean()), atol=1e-3)


def test_what_is_mixed_with_itself_stays_itself():
    one, other = entry("oil", 1), entry("ink", 2)
    assert mix_entries([(one, 0.5), (one, 0.5)]) is one
    mixed = mix_entries([(one, 0.3), (other, 0.4), (one, 0.3)])
    assert mixed.style == "oil:0.6,ink:0.4"
    assert mixed.label == "Painter 1 (60%) and Painter 2 (40%)"
    assert mixed.identifier == "oil1:0.6+ink2:0.4"
    assert [share for _, share in mixed.parts] == pytest.approx([0.6, 0.4])


def test_pictures_that_are_read_in_several_media_mix_with_others():
    one = entry("oil:0.6,ink:0.4", 1)
    assert mix_entries([(one, 0.5), (entry("oil", 2), 0.5)]).style == "oil:0.8,ink:0.2"


def test_a_face_is_found_and_without_one_the_middle_counts(random_weights, astronaut, wall):
    with Portraitist(PaintConfig(device="cpu"), random_weights) as portraitist:
        engine = portraitist.engine
        networks = engine.detector, engine.face_mesh, engine.subject_mask
        seen = view_painting(astronaut, *networks)
        blank = view_painting(np.asarray(Image.open(wall)), *networks)
    assert seen.pixels.shape == (PACKED_PX, PACKED_PX, 3)
    assert seen.landmarks is not None
    assert set(seen.traits()) >= {"key", "turn"}
    assert blank.landmarks is None
    assert blank.traits() == {}
    assert np.allclose(blank.ground(), np.array([40, 90, 160]) / 255, atol=0.01)
    assert blank.small()[1].shape == (VIEW_PX, VIEW_PX, 2)


def test_a_veil_is_no_ground():
    pixels = np.full((PACKED_PX, PACKED_PX, 3), (20, 30, 40), np.uint8)
    # White beside the face, which the mask takes for ground, as it does with linen.
    pixels[120:, 90:360] = 240
    masks = np.full((PACKED_PX, PACKED_PX, 2), (0, 255), np.uint8)
    masks[120:, 170:280, 0] = 255
    landmarks = np.array([[190, 190], [260, 190], [225, 230], [200, 270], [250, 270.0]])
    assert PaintingView(pixels, masks, landmarks).ground().max() < 0.2


def test_a_picture_is_painted_after_and_recorded_by_its_digest(painted_with, wall):
    painting = painted_with(reference=wall)
    record = painting.provenance
    assert painting.choice.style in STYLES
    assert painting.choice.reason == "as the picture is"
    assert painting.reference.label == "the picture wall.png"
    assert "wall" not in json.dumps(record.__dict__)
    (digest,) = json.loads(record.options)["reference"]
    assert record.style_code == f"picture-{digest[:12]}"
    assert f"--reference PICTURE-{digest[:12]}" in record.command()
    assert any("no face was found in this picture" in warning for warning in painting.warnings)


def test_shares_and_styles_decide_together(painted_with, wall, astronaut_path):
    both = painted_with(reference=(f"{wall}:0.3", f"{astronaut_path}:0.7"), style="ink")
    assert both.reference.style == "ink"
    assert [round(share, 2) for _, share in both.reference.parts] == [0.7, 0.3]
    mixed = painted_with(reference=wall, style="oil:0.6,ink:0.4")
    assert mixed.reference.style == "oil:0.6,ink:0.4"
    apart = [painted_with(reference=wall, style=style).reference.style_code for style in ("oil", "ink")]
    assert np.allclose(mixed.reference.style_code, mix_codes(apart, [0.6, 0.4]), atol=1e-4)


def test_styles_are_mixed_without_a_picture(painted_with):
    painting = painted_with(style="oil:0.6,watercolor:0.4")
    assert painting.choice.style == painting.reference.style == "oil:0.6,watercolor:0.4"
    assert {part.style for part, _ in painting.reference.parts} == {"oil", "watercolor"}
    assert painting.provenance.style == "oil:0.6,watercolor:0.4"


def test_a_painter_is_painted_after(painted_with):
    painting = painted_with(after="a painter", style="oil")
    assert painting.reference.identifier == "oil1"
    assert json.loads(painting.provenance.options) == {"after": ["A Painter"]} | {"finish": 0.0}
    assert painted_with(after=["A PAINTER"]).choice.reason == "as the painter painted"


def test_what_makes_no_sense_is_refused(painted_with, wall, tmp_path, random_weights):
    with pytest.raises(ConfigError, match="Leave out --reference"):
        PaintConfig(costume="auto", reference=wall)
    with pytest.raises(ConfigError, match="names"):
        PaintConfig(reference=3)
    with pytest.raises(ConfigError, match="no such painter"):
        painted_with(after="nobody")
    with pytest.raises(ImageError, match="no such file"):
        painted_with(reference=tmp_path / "none.jpg")
    bare = Path(shutil.copytree(random_weights, tmp_path / "bare"))
    manifest = json.loads((bare / "manifest.json").read_text())
    del manifest["files"]["trunk.safetensors"]
    (bare / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(MissingWeightsError, match="train graphs"):
        Portraitist(PaintConfig(reference=wall), bare)


def test_the_digest_knows_pictures_by_what_they_show(random_weights, wall, tmp_path):
    copy = shutil.copy(wall, tmp_path / "other name.png")
    other = tmp_path / "other.png"
    Image.fromarray(np.zeros((150, 200, 3), np.uint8)).save(other)

    def digest(**options):
        with Portraitist(PaintConfig(device="cpu", **options), random_weights) as portraitist:
            return portraitist._digest

    assert digest(reference=wall) == digest(reference=copy) != digest(reference=other)
    assert digest(reference=(f"{wall}:0.6", f"{other}:0.4")) != digest(reference=(f"{wall}:0.7", f"{other}:0.3"))
    assert digest() == WeightsFolder(random_weights).digest


def test_a_portraitist_with_a_picture_can_be_sent(random_weights, wall, astronaut_path):
    config = PaintConfig(size_px=128, paint_px=128, device="cpu", finish=0.0, reference=wall)
    with Portraitist(config, random_weights) as portraitist:
        sent = pickle.loads(pickle.dumps(portraitist))
        assert np.array_equal(sent.paint(astronaut_path).pixels, portraitist.paint(astronaut_path).pixels)
        sent.close()
