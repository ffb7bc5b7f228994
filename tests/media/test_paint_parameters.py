"""The parameters of oil and renaissance: each is documented, and each has an effect."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import cv2
import numpy as np
import pytest

from portraitify.media.base import PaintingStatistics
from portraitify.media.oil import OilSurface, Suitability
from portraitify.media.renaissance import RenaissanceSurface
from portraitify.media.scene import Scene
from portraitify.media.surfaces.bristles import Bristles, TornEnds
from portraitify.media.surfaces.coverage import Coverage, Regions
from portraitify.media.surfaces.cracks import CrackNet
from portraitify.media.surfaces.harmony import Harmony
from portraitify.media.surfaces.panel import Grain
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.relief import Relief
from portraitify.media.surfaces.sfumato import Outline, Planes
from portraitify.media.surfaces.strands import Strands
from portraitify.media.surfaces.strokes import Brushwork, Layer, View

SIDE = 128
# Each region is covered in its own way.
COVERAGE = Coverage(Ramp(5.0, 60.0), 0.4, 0.5, 0.7, 0.9, 0.01, 0.02, 0.3, 0.5, head=0.6, least_head=0.1)
BROAD = Layer(
    width=0.05,
    length=0.2,
    spacing=0.05,
    colour_bound=0.2,
    jitter=0.05,
    coverage=Coverage(Ramp(0.0, 4.0)),
    stray=0.3,
    directed=0.5,
    follows_face=0.5,
)
# The least blurs count only for fine brushes.
FINE = replace(BROAD, width=0.01)
BRUSHWORK = Brushwork((BROAD, FINE))
# Only the widest brushes see a coarser picture.
WIDER = replace(BRUSHWORK, layers=(replace(BROAD, width=0.1), BROAD, FINE))
# As the media's own, but with features that so small a picture can show; brushwork has a test of its own.
SURFACES = {
    "oil": replace(
        OilSurface(),
        brushwork=BRUSHWORK,
        bristles=Bristles(brushes=2, fewest=2.0),
        torn_ends=TornEnds(cells=20, length=0.02),
        relief=Relief(min_light=-0.006, max_light=0.006),
    ),
    "renaissance": replace(
        RenaissanceSurface(),
        planes=Planes(speck=0.1, features_speck=0.08, radius=0.3),
        outline=Outline(rim=0.02),
        strands=Strands(line_sigma=0.01, gradient_sigma=0.01),
        harmony=Harmony(least_warmth=4.0),
        grain=Grain(fibre_sigma=0.01, fibre_length_sigma=0.1, thread_sigma=0.01),
        cracks=CrackNet(across=13, along=10, side_in_widths=50.0, lights_sigma=0.05),
    ),
}

Path = tuple[str | int, ...]


def parameters(record: object, path: Path = ()) -> Iterator[Path]:
    """Where the numbers of a record of records lie: names of fields, and places in tuples."""
    if isinstance(record, tuple):
        for place, part in enumerate(record):
            yield from parameters(part, (*path, place))
    elif is_dataclass(record):
        for each in fields(record):
            yield from parameters(getattr(record, each.name), (*path, each.name))
    elif record is not None:
        # A region without a number of its own has none that could be changed.
        assert isinstance(record, int | float)
        yield path


def changed(record, path: Path):
    """The same record with one number changed."""
    if not path:
        return record + 1 if isinstance(record, int) else 1.4 * record or 0.5
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*record[:first], changed(record[first], rest), *record[first + 1 :])
    return replace(record, **{first: changed(getattr(record, first), rest)})


def records(record: object) -> Iterator[type]:
    """All kinds of records in a record."""
    if isinstance(record, tuple):
        for part in record:
            yield from records(part)
    elif is_dataclass(record):
        yield type(record)
        for each in fields(record):
            yield from records(getattr(record, each.name))


@pytest.fixture(scope="module")
def scene(astronaut) -> Scene:
    """The astronaut's head and shoulders, with a rough mask of her."""
    left, top, side = 90, 10, 280
    painting = cv2.resize(astronaut[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    landmarks = np.array([[209, 106], [247, 104], [232, 126], [213, 147], [248, 145.0]])
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (64, 50), (31, 45), 0, 0, 360, 1.0, -1)
    cv2.ellipse(mask, (64, 128), (60, 40), 0, 0, 360, 1.0, -1)
    landmarks = ((landmarks - (left, top)) * (SIDE / side))[None]
    # A photo less red and less blue than its painting, whose hues it then holds.
    photo = np.clip(painting * np.array([0.85, 1.0, 0.8]), 0, 255).astype(np.uint8)
    outline = cv2.GaussianBlur(mask, (0, 0), 1)
    return Scene(painting.astype(np.float32), outline, landmarks, painting, seed=0, photo=photo)


def picture_of(surface, scene: Scene) -> np.ndarray:
    return surface.plan(scene)(0, SIDE)


def strokes_of(brushwork: Brushwork, scene: Scene) -> np.ndarray:
    view = View.of(scene.crisp, scene, 0.5 * brushwork.directions.certainty(scene))
    strokes = brushwork.lay(scene, brushwork.directions.angles(scene), "oil", view)
    return np.vstack([np.zeros((1, 3)), strokes.colour])[brushwork.draw(strokes, 4 * SIDE).astype(int)]


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    assert np.isfinite(one).all()
    return np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("style", SURFACES)
def test_each_parameter_changes_the_picture(scene, style):
    surface = SURFACES[style]
    usual = picture_of(surface, scene)
    paths = [path for path in parameters(surface) if path[0] != "brushwork"]
    assert [path for path in paths if not differs(picture_of(changed(surface, path), scene), usual)] == []


def test_each_parameter_changes_the_strokes(scene):
    usual = strokes_of(WIDER, scene)
    paths = [path for path in parameters(WIDER) if path[0] != "layers" or path[2] != "coverage"]
    assert [path for path in paths if not differs(strokes_of(changed(WIDER, path), scene), usual)] == []


def test_each_parameter_changes_where_strokes_lie(scene):
    missed = BRUSHWORK.missed.over(scene.even, BROAD.width)
    regions = Regions.of(scene, scene.even)
    usual = COVERAGE.chance(regions, missed)
    paths = list(parameters(COVERAGE))
    assert [path for path in paths if not differs(changed(COVERAGE, path).chance(regions, missed), usual)] == []


def test_each_parameter_changes_the_odds_of_a_painting():
    statistics = PaintingStatistics(chroma=20.0, background_lightness=0.3, texture=0.2)
    usual = Suitability()
    assert [path for path in parameters(usual) if changed(usual, path)(statistics) == usual(statistics)] == []


@pytest.mark.parametrize(
    "record",
    sorted({kind for each in (*SURFACES.values(), Suitability()) for kind in records(each)}, key=lambda k: k.__name__),
)
def test_each_parameter_is_documented(record):
    section = record.__doc__.partition("Attributes:\n")[2]
    assert re.findall(r"^ {8}(\w+): \S", section, re.MULTILINE) == [each.name for each in fields(record)]
