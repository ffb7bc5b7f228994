"""Ink and watercolor: each of their parameters is documented, and changes the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache

import cv2
import numpy as np
import pytest

from portraitify.imaging.face_parts import FacePart
from portraitify.media.ink import InkSurface
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.hatching import Hatching, Pen
from portraitify.media.surfaces.ink_tone import quantile
from portraitify.media.surfaces.paper import PaperTooth
from portraitify.media.surfaces.pen_lines import PenLines
from portraitify.media.surfaces.tone_hold import _offset_up_to
from portraitify.media.watercolor import WatercolorSurface

SIDE = 128
# Two sets of lines stand for three, and an outline is broad enough for a picture so small.
SURFACES = {
    "ink": InkSurface(hatching=Hatching(Hatching().hatches[:2]), pen_lines=PenLines(outline=0.01)),
    "watercolor": WatercolorSurface(),
}


def numbers(value: object, name: str) -> Iterator[str]:
    """Dotted names of all numbers in a record, and in the records and tuples within it."""
    if is_dataclass(value):
        for entry in fields(value):
            yield from numbers(getattr(value, entry.name), f"{name}.{entry.name}")
    elif isinstance(value, tuple):
        for place, part in enumerate(value):
            yield from numbers(part, f"{name}.{place}")
    else:
        yield name


def changed(value, names: list[str], factor: float):
    """The same with one of its numbers so many times as large, or three larger where it counts something."""
    if not names:
        return value + 3 if isinstance(value, int) else factor * value
    first, *rest = names
    if isinstance(value, tuple):
        return (*value[: int(first)], changed(value[int(first)], rest, factor), *value[int(first) + 1 :])
    return replace(value, **{first: changed(getattr(value, first), rest, factor)})


def records(value: object) -> Iterator[type]:
    """The kinds of all records within a record."""
    if is_dataclass(value):
        yield type(value)
        for entry in fields(value):
            yield from records(getattr(value, entry.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from records(part)


def mesh_with_large_eyes() -> np.ndarray:
    """Points of a face whose eyes and open mouth are large enough for 128 pixels: ``(1, 468, 3)``."""
    mesh = np.tile(np.array([60.0, 52.0, 0.0]), (468, 1))
    parts = {
        FacePart.FACE: (60, 50, 28, 40),
        FacePart.LIPS: (60, 76, 16, 9),
        FacePart.MOUTH: (60, 76, 12, 6),
        FacePart.LEFT_EYE: (46, 46, 11, 6),
        FacePart.RIGHT_EYE: (74, 46, 11, 6),
        FacePart.LEFT_BROW: (46, 34, 11, 3),
        FacePart.RIGHT_BROW: (74, 34, 11, 3),
    }
    for part, (x, y, half_width, half_height) in parts.items():
        # Eyes and mouth begin at a corner, the face begins at its top.
        turn = np.arange(len(part.value)) * (2 * np.pi / len(part.value))
        turn = turn - np.pi / 2 if part is FacePart.FACE else np.pi - turn
        outline = np.stack([x + half_width * np.cos(turn), y + half_height * np.sin(turn)], 1)
        mesh[list(part.value), :2] = outline
        mesh[list(part.value), 2] = 30 if part is FacePart.FACE else -10
    for number, place in {9: (60, 34), 50: (42, 62), 280: (78, 62), 49: (53, 56), 48: (51, 59), 64: (52, 62)}.items():
        mesh[number, :2] = place
    return mesh[None]


MESHES = mesh_with_large_eyes()


@pytest.fixture(scope="module")
def scene(astronaut) -> Scene:
    """The astronaut, painted without black, and darker in the photo."""
    left, top, side = 90, 10, 280
    part = astronaut[top : top + side, left : left + side]
    painting = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    landmarks = np.array([[[209, 106], [247, 104], [232, 126], [213, 147], [248, 145.0]]])
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (64, 50), (31, 45), 0, 0, 360, 1.0, -1)
    cv2.ellipse(mask, (64, 128), (60, 40), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 1)
    landmarks = (landmarks - (left, top)) * (SIDE / side)
    faded = (30 + 0.85 * painting).astype(np.uint8)
    return Scene(faded.astype(np.float32), mask, landmarks, faded, 0, photo=painting // 2, meshes=MESHES)


@pytest.fixture(scope="module")
def scenes(scene) -> dict[str, Scene]:
    """For watercolor a pale face, on a sheet on which the wash behind the sitter ends inside the picture."""
    pale = replace(scene, seed=10, photo=scene.photo // 2 * 3, meshes=np.zeros((0, 468, 3)))
    return {"ink": scene, "watercolor": pale}


def test_darkness_follows_single_levels_smoothly():
    random = np.random.default_rng(0)
    luma = random.integers(60, 90, (SIDE, SIDE)).astype(np.float32) / 255
    quantiles, weight = [], np.ones_like(luma)
    for count in range(40):
        luma.flat[: 10 * count] = 70 / 255
        quantiles.append(quantile(luma, weight, 0.3))
    assert quantiles[0] == pytest.approx(np.quantile(luma, 0.3), abs=1 / 255)
    # From the values themselves one of these steps is a whole level, and the others are nothing.
    assert np.abs(np.diff(quantiles)).max() < 0.05 / 255
    even = np.full((4, 4), 0.4, np.float32)
    assert quantile(even, np.ones_like(even), 0.8) == pytest.approx(0.4, abs=0.5 / 255)
    # What counts for nothing does not count.
    even[0] = 1
    assert quantile(even, (even < 1).astype(np.float32), 0.99) == pytest.approx(0.4, abs=0.5 / 255)


def test_the_tone_that_is_held_moves_smoothly_with_the_photo():
    offsets = [_offset_up_to(goal, lambda offset: 50 + 0.3 * offset) for goal in np.linspace(44, 46, 21)]
    np.testing.assert_allclose(offsets, (np.linspace(44, 46, 21) - 50) / 0.3, atol=1e-6)
    # Out of reach, as far as it goes.
    assert abs(_offset_up_to(90, lambda offset: 50 + 0.3 * offset) - 60) < 0.5
    assert abs(_offset_up_to(10, lambda offset: 50 + 0.3 * offset) + 60) < 0.5


def painted(surface: InkSurface | WatercolorSurface, scene: Scene) -> np.ndarray:
    picture = surface.plan(scene)(0, scene.size_px)
    if isinstance(surface, WatercolorSurface):
        return picture
    # A picture this small hides how strong lines are in eyes and mouth.
    return np.dstack([picture, surface.contours.draw(scene, scene.luma, 1 - scene.luma, np.zeros_like(scene.luma))])


@pytest.fixture(scope="module", autouse=True)
def _tiles_are_made_once(scene) -> Iterator[None]:
    """The pressure of a pen takes half of the time, and few parameters change it."""
    with pytest.MonkeyPatch.context() as patch:
        make = Pen.tile
        made = cache(lambda pen, stream: make(pen, scene, stream))
        patch.setattr(Pen, "tile", lambda pen, _, stream: made(pen, stream))
        yield


@pytest.fixture(scope="module")
def usual(scenes) -> dict[str, np.ndarray]:
    return {style: painted(surface, scenes[style]) for style, surface in SURFACES.items()}


@pytest.mark.parametrize(
    "kind", dict.fromkeys([*records(tuple(SURFACES.values())), Palette]), ids=lambda kind: kind.__name__
)
def test_every_parameter_is_documented(kind):
    _, _, attributes = kind.__doc__.partition("Attributes:\n")
    assert re.findall(r"^        (\w+): \w", attributes, re.M) == [entry.name for entry in fields(kind)]


# The grain of paper is finer than this picture, little of it reaches an edge, nothing stands alone on it or hangs on by
# a thread, its light is weak, its skin is dark, its features are not where the mesh has them, and its tone hides how
# broad the shade of a turning form is; see the tests below and those of ink.
ELSEWHERE = re.compile(
    r"[.](tooth|islands|specks|lips|face_lines|mouth)[.]|[.]figure[.]thread_px|[.]tone_hold[.](more_|share[.]1)"
    r"|[.]turning[.]sigma"
)
NAMES = [name for style, surface in SURFACES.items() for name in numbers(surface, style) if not ELSEWHERE.search(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_changes_the_picture(scenes, usual, name):
    style, *names = name.split(".")
    # What bounds something must go further before it does so here.
    pictures = (painted(changed(SURFACES[style], names, factor), scenes[style]) for factor in (0.75, 0.05, 20))
    assert any(not np.array_equal(picture, usual[style]) for picture in pictures)


@pytest.mark.parametrize("name", list(numbers(PaperTooth(cells=60), "tooth")))
def test_every_parameter_of_paper_changes_its_relief(scene, name):
    # Fine relief begins beyond 1024 pixels.
    large = replace(scene, plain=np.zeros((1100, 1100, 3), np.uint8))
    tooth = PaperTooth(cells=60)
    other = changed(tooth, name.split(".")[1:], 0.75)
    heights = [paper.over(large, "paper")(500, 510) for paper in (tooth, other)]
    assert np.abs(heights[0] - heights[1]).mean() > 0.01
    assert [height.std() for height in heights] == pytest.approx([1, 1], abs=0.1)
