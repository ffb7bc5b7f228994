"""Whether people who do not exist have one face each, are different people, and nobody of the training photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.config import KEEP, PaintConfig
from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError, NoFaceError
from portraitify.evaluation.identity import SAME_PERSON, FaceReader
from portraitify.evaluation.markdown import markdown_table
from portraitify.faces.search import find_faces
from portraitify.imagining.painted import paint_imagined
from portraitify.pipeline import Portraitist

_SIZE_PX = 512

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImaginedPeople:
    """What is measured of paintings of made-up people; distances are those of dlib's descriptors.

    Attributes:
        seeds: how many were painted.
        one_face: in how many one face is found.
        nearest_other: ``(read,)`` of each to the nearest of the others.
        same: pairs that dlib calls the same person, of ``pairs``.
        nearest_photo: ``(read,)`` of each to the nearest training photo.
        photos_nearest: ``(photos,)`` of each training photo to the nearest other one.
        photos_same: pairs of those photos that dlib calls the same person, of ``photos_pairs``.
    """

    seeds: int
    one_face: int
    nearest_other: np.ndarray
    same: int
    nearest_photo: np.ndarray
    photos_nearest: np.ndarray
    photos_same: int

    @property
    def read(self) -> int:
        """In how many paintings dlib finds a face."""
        return len(self.nearest_other)

    @property
    def pairs(self) -> int:
        """Of all that were read."""
        return self.read * (self.read - 1) // 2

    @property
    def as_photo(self) -> int:
        """How many dlib calls the same person as some training photo."""
        return int((self.nearest_photo < SAME_PERSON).sum())

    @property
    def photos(self) -> int:
        """In how many training photos dlib finds a face."""
        return len(self.photos_nearest)

    @property
    def photos_pairs(self) -> int:
        """Of those photos."""
        return self.photos * (self.photos - 1) // 2


def measure_imagined(
    data: PreparedData,
    weights: Path | None,
    seeds: int,
    style: str,
    on_progress: Progress = lambda what, done, total: None,
) -> ImaginedPeople:
    """Paint people of the first seeds and compare them with each other and with the training photos.

    Args:
        data: prepared pictures.
        weights: folder with a manifest; the shipped one by default.
        seeds: how many people, 2 or more.
        style: to paint in, perhaps ``auto``.
        on_progress: called with what is done, how many of it, and of how many.

    Raises:
        ConfigError: dlib finds hardly a face, the data holds no photos, or the extra ``evaluate`` is not installed.
        WeightsError: the weights are missing or wrong.
    """
    reader = FaceReader()
    people, one_face = _people(reader, weights, seeds, style, on_progress)
    photos = _photos(reader, data, on_progress)
    if len(people) < 2 or len(photos) < 2:
        raise ConfigError("dlib finds less than two faces among the paintings, or among the training photos.")
    between, across, among = _distances(people, people), _distances(people, photos), _distances(photos, photos)
    return ImaginedPeople(
        seeds, one_face, _nearest_other(between), _same(between), across.min(1), _nearest_other(among), _same(among)
    )


def _people(
    reader: FaceReader, weights: Path | None, seeds: int, style: str, on_progress: Progress
) -> tuple[np.ndarray, int]:
    """Descriptors of paintings ``(N, 128)``, and in how many of all there is one face."""
    found, one_face = [], 0
    with Portraitist(PaintConfig(style=style, size_px=_SIZE_PX, background=KEEP, device="cpu"), weights) as painter:
        for seed in range(seeds):
            painting = paint_imagined(painter, seed).pixels
            on_progress("people", seed + 1, seeds)
            try:
                faces = find_faces(painter.engine.detector, painter.engine.face_mesh, painting)
            except NoFaceError:
                continue
            one_face += len(faces.landmarks) == 1
            reading = reader.read(painting, faces.landmarks[0][2])
            if reading is not None:
                found.append(reading.descriptor)
    return np.array(found), one_face


def _photos(reader: FaceReader, data: PreparedData, on_progress: Progress) -> np.ndarray:
    """Descriptors of the training photos in which dlib finds the face, ``(N, 128)``."""
    found, rows = [], data.rows(PHOTOS, "train")
    for number, row in enumerate(rows):
        picture = np.ascontiguousarray(data.images[row])
        reading = reader.read(picture, data.landmarks[row][2] * len(picture))
        if reading is not None:
            found.append(reading.descriptor)
        on_progress("photos", number + 1, len(rows))
    return np.array(found)


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.stack([np.linalg.norm(second - one, axis=1) for one in first])


def _nearest_other(distances: np.ndarray) -> np.ndarray:
    return np.asarray((distances + np.diag(np.full(len(distances), np.inf))).min(1))


def _same(distances: np.ndarray) -> int:
    return int((distances[np.triu_indices(len(distances), 1)] < SAME_PERSON).sum())


def to_markdown(people: ImaginedPeople) -> str:
    """A table of what was measured, beside what photos of real people give."""
    same = _share(people.same, people.pairs), _share(people.photos_same, people.photos_pairs)
    rows = [
        ("one face found", f"{people.one_face} of {people.seeds}", ""),
        ("read by dlib", f"{people.read} of {people.seeds}", str(people.photos)),
        ("pairs called the same person", *same),
        ("distance to the nearest other", _spread(people.nearest_other), _spread(people.photos_nearest)),
        ("distance to the nearest training photo", _spread(people.nearest_photo), _spread(people.photos_nearest)),
        (
            "called the same person as some training photo",
            _share(people.as_photo, people.read),
            _share(int((people.photos_nearest < SAME_PERSON).sum()), people.photos),
        ),
    ]
    return f"People who do not exist\n\n{markdown_table(('what', 'made up', 'training photos'), rows)}\n"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.2%})"


def _spread(values: np.ndarray) -> str:
    return f"median {np.median(values):.2f}, least {values.min():.2f}"


def to_record(people: ImaginedPeople) -> dict[str, Any]:
    """Plain values for JSON."""
    derived = {name: getattr(people, name) for name in ("read", "pairs", "as_photo", "photos", "photos_pairs")}
    return {
        name: np.round(value, 4).tolist() if isinstance(value, np.ndarray) else value
        for name, value in (asdict(people) | derived).items()
    }
