"""Whether a painting after a given picture comes near to the picture's painter, beside one after any of the bank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portraitify.config import PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.engines.base import Engine
from portraitify.errors import ConfigError
from portraitify.evaluation.distances import KernelDistance
from portraitify.evaluation.features import medium_features
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.readings import paint_sitter
from portraitify.evaluation.sitters import Sitter, choose_rows, read_sitter
from portraitify.io.reading import SourceImage
from portraitify.media.registry import STYLES
from portraitify.media.shares import Shares
from portraitify.pipeline import Portraitist
from portraitify.style.given import GivenPicture, GivenReferences, Part
from portraitify.style.mixing import Rank
from portraitify.weights import BankEntry, WeightsFolder, default_folder

# Paintings by the same hand, besides the reference, without which nobody's manner is known.
LEAST_OTHERS = 6
# Of each style, by which features are brought to one scale.
_USUAL = 60
_SIZE_PX = 512

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ReferenceReading:
    """One held-out painting as a reference.

    Attributes:
        painter: of the painting.
        style: of the painting.
        others: of the painter's other paintings, with which is compared.
        after_it: kernel distance of the paintings after it to the painter's others.
        after_any: the same of paintings of the same sitters after a painting of the bank, drawn at random.
    """

    painter: str
    style: str
    others: int
    after_it: float
    after_any: float


class _AnyOfBank:
    """A painting of the bank, drawn at random; stands where a given picture would.

    One for all sitters: several would differ more among each other than paintings after one picture can, and the
    distance counts that.
    """

    note = mark = ""

    def __init__(self, entries: Sequence[BankEntry], random: np.random.Generator):
        self._entry = entries[int(random.integers(len(entries)))]

    def media(self, engine: Engine, probabilities: Mapping[str, float]) -> Shares:
        return ((self._entry.style, 1.0),)

    def order(self, engine: Engine, media: Shares, rank: Rank) -> list[BankEntry]:
        return [self._entry]


def measure_references(
    data: PreparedData,
    weights: Path | None,
    references: int,
    sitters: int,
    seed: int,
    on_progress: Progress = lambda done, total: None,
) -> list[ReferenceReading]:
    """Paint sitters after held-out paintings, and after any, and compare both with other works of the painter.

    Args:
        data: prepared pictures.
        weights: folder with a manifest; the shipped one by default.
        references: how many held-out paintings, drawn at random, of painters with enough others.
        sitters: how many held-out photos are painted after each.
        seed: of all choices.
        on_progress: called with paintings done and in all.

    Raises:
        ConfigError: the data holds no such paintings, or no photos.
        WeightsError: the weights are missing or wrong.
    """
    random = np.random.default_rng(seed)
    rows = _references(data, references, random)
    side = PaintConfig().paint_px
    people = [read_sitter(data, int(row), side) for row in choose_rows(data, sitters, seed)]
    opened = WeightsFolder(weights or default_folder())
    scale = {style: _scale(data, style, random) for style in {data.records[row]["set"] for row in rows}}
    engine, readings = None, []
    for done, row in enumerate(rows):
        record = data.records[row]
        style, mean, deviation = record["set"], *scale[record["set"]]
        pixels = np.ascontiguousarray(data.images[row])
        image = SourceImage(pixels, record["file"], f"{row:032x}")
        sources = GivenPicture(image, opened.sha256("trunk")), _AnyOfBank(opened.bank[style], random)
        others = (_features(data, _others(data, row)) - mean) / deviation
        distances = []
        for source in sources:
            given = GivenReferences([Part(source, 1.0)], {})
            config = PaintConfig(style=style, size_px=_SIZE_PX, device="cpu")
            painter = Portraitist(config, opened.folder, engine, given)
            engine = painter.engine
            painted = np.stack([_painted(painter, sitter) for sitter in people])
            distances.append(KernelDistance((painted - mean) / deviation, others)())
        readings.append(ReferenceReading(record["artist"], style, len(others), *distances))
        on_progress(done + 1, len(rows))
    return readings


def _painted(painter: Portraitist, sitter: Sitter) -> np.ndarray:
    """Features of a sitter's painting, ``(D,)``."""
    side = sitter.masks.shape[0]
    small = cv2.resize(paint_sitter(painter, sitter), (side, side), interpolation=cv2.INTER_AREA)
    return medium_features(small, sitter.masks, sitter.landmarks)


def _references(data: PreparedData, count: int, random: np.random.Generator) -> list[int]:
    held_out = [int(row) for style in STYLES for row in data.rows(style, "held-out")]
    known = [row for row in held_out if len(_others(data, row)) >= LEAST_OTHERS]
    if not known:
        raise ConfigError(f"The data holds no held-out painting of a painter with {LEAST_OTHERS} others.")
    return [known[place] for place in random.permutation(len(known))[:count].tolist()]


def _others(data: PreparedData, row: int) -> list[int]:
    """Further paintings of the same hand in the same medium; none where it is not known."""
    record = data.records[row]
    artist = record["artist"].casefold()
    if not artist or artist.startswith(("?", "various")):
        return []
    same = (
        other["artist"].casefold() == artist and other["set"] == record["set"] and number != row
        for number, other in enumerate(data.records)
    )
    return [number for number, fits in enumerate(same) if fits]


def _features(data: PreparedData, rows: Sequence[int]) -> np.ndarray:
    found = [medium_features(data.images[row], np.asarray(data.masks[row]), data.landmarks[row]) for row in rows]
    return np.stack(found)


def _scale(data: PreparedData, style: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of the features of a style's paintings."""
    rows = random.permutation(data.rows(style, "train"))[:_USUAL].tolist()
    features = _features(data, rows)
    return features.mean(0), features.std(0) + 1e-3


def to_markdown(readings: Sequence[ReferenceReading]) -> str:
    """A table, and what it comes to."""
    rows = [(r.painter, r.style, str(r.others), f"{r.after_it:.2f}", f"{r.after_any:.2f}") for r in readings]
    it, any_ = (float(np.mean([getattr(r, name) for r in readings])) for name in ("after_it", "after_any"))
    nearer = sum(r.after_it < r.after_any for r in readings)
    table = markdown_table(("painter", "medium", "others", "after it", "after any"), rows, align_right=True)
    way = "nearer" if it < any_ else "farther"
    return (
        "Kernel distance to the painter's other works (features of colour, strokes and grain; lower is nearer)\n\n"
        f"{table}\nmean {it:.3f} after it, {any_:.3f} after any: {abs(1 - it / any_):.0%} {way}; "
        f"nearer for {nearer} of {len(readings)}\n"
    )


def to_records(readings: Sequence[ReferenceReading]) -> list[dict[str, Any]]:
    """Plain values for JSON."""
    return [asdict(reading) for reading in readings]
