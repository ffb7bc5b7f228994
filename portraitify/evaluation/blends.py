"""Whether a blend of two sitters is as much the one as the other, and nobody's double."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.config import PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError, FaceError
from portraitify.evaluation.identity import SAME_PERSON, FaceReader, cosine
from portraitify.evaluation.markdown import markdown_table
from portraitify.faces.search import find_faces
from portraitify.io.reading import SourceImage
from portraitify.morphing.painted import paint_blend
from portraitify.pipeline import Portraitist

_SIZE_PX = 512
# How far apart the cosines to both sitters may be for half and half to be called that.
EVEN = 0.05

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BlendReading:
    """One blend of two sitters, half and half.

    Attributes:
        first: cosine of dlib's descriptors of the painting and of the first sitter.
        second: the same of the second sitter.
        strangers: the same of both sitters.
        verified: how many of both dlib takes the painting for.
        faces: found in the painting.
    """

    first: float
    second: float
    strangers: float
    verified: int
    faces: int


def measure_blends(
    data: PreparedData,
    weights: Path | None,
    pairs: int,
    seed: int,
    on_progress: Progress = lambda done, total: None,
) -> tuple[list[BlendReading], int]:
    """Paint blends of pairs of held-out sitters, drawn at random, and compare them with both.

    Args:
        data: prepared pictures.
        weights: folder with a manifest; the shipped one by default.
        pairs: how many blends.
        seed: of the draw.
        on_progress: called with blends done and in all.

    Returns:
        What was measured, and how many pairs were drawn besides that ``blend`` refuses or in which dlib finds no face.

    Raises:
        ConfigError: the data holds no two held-out photos that can be blended, or the extra ``evaluate`` is not
            installed.
        WeightsError: the weights are missing or wrong.
    """
    rows = data.rows(PHOTOS, "held-out")
    if len(rows) < 2:
        raise ConfigError("The data holds no two held-out photos to blend.")
    random, reader = np.random.default_rng(seed), FaceReader()
    readings: list[BlendReading] = []
    drawn = 0
    with Portraitist(PaintConfig(size_px=_SIZE_PX, device="cpu"), weights) as portraitist:
        # Refused pairs are drawn again, but not for ever.
        while len(readings) < pairs and drawn < 3 * pairs:
            drawn += 1
            reading = _measured(data, random.choice(rows, 2, replace=False).tolist(), portraitist, reader)
            if reading is not None:
                readings.append(reading)
                on_progress(len(readings), pairs)
    if not readings:
        raise ConfigError("The data holds no two held-out photos that can be blended.")
    return readings, drawn - len(readings)


def _measured(
    data: PreparedData, rows: Sequence[int], portraitist: Portraitist, reader: FaceReader
) -> BlendReading | None:
    images = [SourceImage(np.ascontiguousarray(data.images[row]), data.records[row]["file"], f"{row}") for row in rows]
    try:
        painting = paint_blend(portraitist, images)
    except FaceError:
        return None
    faces = find_faces(portraitist.engine.detector, portraitist.engine.face_mesh, painting.pixels)
    noses = [data.landmarks[row][2] * len(image.pixels) for row, image in zip(rows, images, strict=True)]
    noses.append(faces.landmarks[0][2])
    pictures = [*(image.pixels for image in images), painting.pixels]
    found = [reader.read(picture, nose) for picture, nose in zip(pictures, noses, strict=True)]
    if any(reading is None for reading in found):
        return None
    first, second, blend = (reading.descriptor for reading in found if reading is not None)
    near = [float(np.linalg.norm(blend - sitter)) < SAME_PERSON for sitter in (first, second)]
    return BlendReading(
        cosine(blend, first), cosine(blend, second), cosine(first, second), sum(near), len(faces.landmarks)
    )


def to_markdown(readings: Sequence[BlendReading], refused: int) -> str:
    """A table of what the blends come to."""
    apart = np.array([abs(reading.first - reading.second) for reading in readings])
    taken = [sum(reading.verified == number for reading in readings) for number in range(3)]
    strangers = float(np.mean([reading.strangers for reading in readings]))
    rows = [
        ("cosine to the sitters", f"{np.mean([[r.first, r.second] for r in readings]):.3f}"),
        ("cosine of the sitters to each other", f"{strangers:.3f}"),
        ("difference of both cosines, mean", f"{apart.mean():.3f}"),
        (f"pairs in which it is at most {EVEN}", f"{int((apart <= EVEN).sum())} of {len(readings)}"),
        ("taken for neither, one, both of them", ", ".join(map(str, taken))),
        ("one face found", f"{sum(reading.faces == 1 for reading in readings)} of {len(readings)}"),
        ("pairs left out", str(refused)),
    ]
    return f"Blends of two, half and half\n\n{markdown_table(('what', 'figure'), rows)}\n"


def to_records(readings: Sequence[BlendReading]) -> list[dict[str, Any]]:
    """Plain values for JSON."""
    return [asdict(reading) for reading in readings]
