"""How many faces are found, upright, and how many pictures without one are painted: in photos spoilt on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from portraitify.batch.inputs import PHOTO_SUFFIXES
from portraitify.errors import NoFaceError, PortraitifyError
from portraitify.evaluation.markdown import markdown_table
from portraitify.faces.detection import FaceDetector, Faces
from portraitify.faces.face_mesh import FaceMesh
from portraitify.faces.search import find_faces
from portraitify.io.reading import read_image

# How far a face may be from where it is known to be, by its width, to count as found.
_OFF = 0.4
# A face of 90 pixels in pictures of these sizes, width by height.
TINY_FACE_PX, LONG_SIZES = 90, ((16000, 1500), (1000, 12000))
# What counts as white, and the end of the kind of photos whose faces mostly are: no face can be drawn from them.
WHITE, MOSTLY_WHITE = 250, "most of the face white"

# A photo and where its face is, as box ``(4,)`` xyxy in its pixels.
Spoilt = tuple[np.ndarray, np.ndarray]


@dataclass
class Tally:
    """Counts of one kind of picture.

    Attributes:
        tried: pictures.
        right: of them as they should be.
        wrong: what was not, for people.
    """

    tried: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, is_right: bool, name: str) -> None:
        """Count one picture."""
        self.tried += 1
        self.right += is_right
        if not is_right:
            self.wrong.append(name)


def measure_finding(
    detector: FaceDetector,
    mesh: FaceMesh,
    photos: Sequence[Path],
    faceless: Sequence[Path],
    on_progress: Callable[[str, int, int], None],
    long_every: int = 20,
) -> dict[str, Tally]:
    """Look for faces in photos as they are, turned, and spoilt in the ways in which photos are.

    Args:
        detector: finds upright faces.
        mesh: judges them.
        photos: one person each, upright; where no face is found in one as it is, that counts, and nothing is made
            of it.
        faceless: pictures without people.
        on_progress: takes a phase, what is done and the total.
        long_every: one photo in so many is also hidden in very long pictures.
    """
    tallies: dict[str, Tally] = {}
    for number, path in enumerate(photos):
        image = _readable(path)
        if image is not None:
            found = _search(detector, mesh, image)
            as_it_is = found is not None and found.quarter_turns == 0
            tallies.setdefault("photos as they are", Tally()).count(as_it_is, path.name)
            if found is not None and as_it_is:
                _try_spoilt(detector, mesh, image, found.boxes[0], path.name, number % long_every == 0, tallies)
        on_progress("photos", number + 1, len(photos))
    for number, path in enumerate(faceless):
        image = _readable(path)
        if image is not None:
            found = _search(detector, mesh, image)
            tallies.setdefault("without a face, not painted", Tally()).count(found is None, path.name)
        on_progress("faceless", number + 1, len(faceless))
    return tallies


def choose(folder: Path, limit: int | None, seed: int) -> list[Path]:
    """The pictures of a folder and of those in it, or so many of them at random."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    return random.Random(seed).sample(found, min(limit or len(found), len(found)))


def report(tallies: dict[str, Tally]) -> str:
    """The counts as a table in Markdown."""
    rows = [
        (kind, f"{tally.right} of {tally.tried}", f"{100 * tally.right / tally.tried:.1f} %")
        for kind, tally in tallies.items()
    ]
    return markdown_table(("pictures", "right", "share"), rows, align_right=True)


def _try_spoilt(
    detector: FaceDetector,
    mesh: FaceMesh,
    image: np.ndarray,
    box: np.ndarray,
    name: str,
    with_long: bool,
    tallies: dict[str, Tally],
) -> None:
    for turns in (1, 2, 3):
        found = _search(detector, mesh, np.ascontiguousarray(np.rot90(image, turns)))
        upright = found is not None and (found.quarter_turns + turns) % 4 == 0
        tallies.setdefault("turned by 90, 180, 270 degrees", Tally()).count(upright, f"{name} {turns}")
    long = [(f"{w} x {h}", hidden_in(image, box, w, h)) for w, h in LONG_SIZES] if with_long else []
    for kind, (spoilt, place) in (*spoilt_photos(image, box), *long):
        found = _search(detector, mesh, spoilt)
        right = found is not None and found.quarter_turns == 0 and _at(found, place)
        tallies.setdefault(kind, Tally()).count(right, name)


def spoilt_photos(image: np.ndarray, box: np.ndarray) -> Iterator[tuple[str, Spoilt]]:
    """A photo cut close, darkened, hazy, burnt out and tinted, each with its kind.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        box: ``(4,)`` xyxy of its face in pixels.
    """
    for inside in (0.0, 0.1, 0.2):
        for longest_px in (320, 1000):
            yield f"cut {inside:.0%} inside the face", _cut(image, box, inside, longest_px)
    values = image.astype(np.float32)
    for kind, changed in (
        ("brightness x 0.05", values * 0.05),
        ("brightness x 0.03", values * 0.03),
        ("contrast x 0.08", 128 + (values - 128) * 0.08),
        (f"burnt out, x 3 + 60, {_left_of(values * 3 + 60, box)}", values * 3 + 60),
        ("red light", values * np.array([1.0, 0.12, 0.1], np.float32)),
        ("blue light", values * np.array([0.1, 0.2, 1.0], np.float32)),
    ):
        yield kind, (np.clip(changed + 0.5, 0, 255).astype(np.uint8), box)


def _left_of(burnt: np.ndarray, box: np.ndarray) -> str:
    """How much of a burnt-out face is not white, in words."""
    left, top, right, bottom = np.clip(box, 0, None).astype(int)
    shows = burnt[top:bottom, left:right].min(2) < WHITE
    return "most of the face left" if shows.mean() > 0.5 else MOSTLY_WHITE


def hidden_in(image: np.ndarray, box: np.ndarray, width: int, height: int) -> Spoilt:
    """A photo shrunk until its face is ``TINY_FACE_PX`` wide, in a corner of a huge grey picture."""
    scale = TINY_FACE_PX / float(box[2] - box[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:height, :width]
    canvas = np.full((height, width, 3), 150, np.uint8)
    top, left = min(200, height - small.shape[0]), max(0, width - small.shape[1] - 200)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas, box * scale + np.array([left, top, left, top])


def _cut(image: np.ndarray, box: np.ndarray, inside: float, longest_px: int) -> Spoilt:
    """A photo that ends so far inside its face's box, on all sides."""
    height, width = image.shape[:2]
    margin = inside * (box[2:] - box[:2])
    left, top = np.clip(np.round(box[:2] + margin), 0, [width - 2, height - 2]).astype(int)
    right, bottom = np.clip(np.round(box[2:] - margin), [left + 2, top + 2], [width, height]).astype(int)
    part = image[top:bottom, left:right]
    scale = longest_px / max(part.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(part, None, fx=scale, fy=scale, interpolation=method)
    return resized, (box - np.array([left, top, left, top])) * scale


def _at(found: Faces, box: np.ndarray) -> bool:
    centre, wanted = (found.boxes[0][:2] + found.boxes[0][2:]) / 2, (box[:2] + box[2:]) / 2
    return bool(np.linalg.norm(centre - wanted) < _OFF * (box[2] - box[0]))


def _search(detector: FaceDetector, mesh: FaceMesh, image: np.ndarray) -> Faces | None:
    try:
        return find_faces(detector, mesh, image)
    except NoFaceError:
        return None


def _readable(path: Path) -> np.ndarray | None:
    try:
        return read_image(path).pixels
    except PortraitifyError:
        return None
