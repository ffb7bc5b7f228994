"""From folders of pictures to aligned, masked, packed training data.

A prepared folder holds ``images.npy`` (N, S, S, 3) uint8 RGB, ``masks.npy``
(N, S, S, 2) uint8 (subject mask, and inside the picture) and ``records.jsonl`` with
one line a picture in the same order. The arrays are read memory-mapped.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from portraitify.data.looked_over import NEITHER, NOT_LOOKED_OVER, OBJECTS, LookedOver
from portraitify.data.object_segmentation import ObjectSegmenter
from portraitify.data.segmentation import SubjectSegmenter, agreement, firm
from portraitify.data.sources import PHOTOS, SourcePicture, list_masters, list_pictures
from portraitify.data.suitability import suitability
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.faces.alignment import fit_crop, warp, warp_with_validity
from portraitify.faces.torch_mtcnn import torch_detector
from portraitify.imaging.affine import transform_points
from portraitify.imaging.bust import bust_mask
from portraitify.io.reading import read_image
from portraitify.style.painting_view import LEAST_EYES_PX, MAX_SUBJECT, MIN_SUBJECT, PACKED_PX, TIGHTEST_IOD

MIN_COVERAGE = 0.8
DUPLICATE_CORRELATION = 0.985


# Intersection over union from which on both teachers see the same sitter, and ISNet's outline is taken.
_AGREED = 0.9


@dataclass(frozen=True)
class SecondTeacher:
    """ISNet beside the selfie network: it keeps hats and hair, and errs on few other photos.

    Attributes:
        package: see `ObjectSegmenter`.
        looked_over: which of the two is right where they do not agree.
    """

    package: Path
    looked_over: LookedOver = NOT_LOOKED_OVER


@dataclass
class PrepareReport:
    """Counts of one preparation: kept pictures a set, and dropped ones by set and reason."""

    kept: Counter[str] = field(default_factory=Counter)
    held_out: Counter[str] = field(default_factory=Counter)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class PreparedPicture:
    """One aligned picture, or the reason why there is none."""

    record: dict[str, Any]
    image: np.ndarray | None = None
    masks: np.ndarray | None = None
    reason: str = ""


class _Preparer:
    """Aligns and masks one picture after the other; one lives in each worker process."""

    def __init__(self, size_px: int, second: SecondTeacher | None) -> None:
        import torch

        torch.set_num_threads(1)
        self._size_px = size_px
        # Nobody looks a second time here, so that what is doubtful is left out.
        self._photo_detector = torch_detector(min_score=0.85)
        # Drawn faces convince MTCNN less than photographed ones.
        self._painting_detector = torch_detector(thresholds=(0.5, 0.6, 0.6), min_score=0.7)
        self._segmenter = SubjectSegmenter()
        self._objects = ObjectSegmenter(second.package) if second else None
        self._chosen = second.looked_over.teachers if second else {}

    def __call__(self, picture: SourcePicture) -> PreparedPicture:
        record = picture.record()
        try:
            image = read_image(picture.path).pixels
        except PortraitifyError:
            return PreparedPicture(record, reason="unreadable")
        detector = self._photo_detector if picture.set == PHOTOS else self._painting_detector
        faces = detector.detect(image)
        if len(faces) == 0:
            return PreparedPicture(record, reason="no face")
        largest = int(np.argmax((faces.boxes[:, 2] - faces.boxes[:, 0]) * faces.scores))
        landmarks = faces.landmarks[largest]
        if np.linalg.norm(landmarks[1] - landmarks[0]) < LEAST_EYES_PX:
            return PreparedPicture(record, reason="face too small")
        crop = fit_crop(landmarks, image.shape[1], image.shape[0], self._size_px, tightest=TIGHTEST_IOD)
        if crop.coverage < MIN_COVERAGE:
            return PreparedPicture(record, reason="cut too close")
        aligned, valid = warp_with_validity(image, crop.matrix, self._size_px)
        # Segmented in its surroundings: the filled border of the crop misleads the network.
        subject_mask = warp(self._segmenter.segment(image), crop.matrix, self._size_px)
        points = transform_points(crop.matrix, landmarks)
        if not MIN_SUBJECT < float((subject_mask > 127).mean()) < MAX_SUBJECT:
            if picture.set == PHOTOS:
                return PreparedPicture(record, reason="no clear sitter")
            # Line drawings hide their sitters from the network; a bust stands where the face says.
            subject_mask = bust_mask(points, self._size_px)
        if self._objects and picture.set == PHOTOS:
            objects = warp(self._objects.segment(image), crop.matrix, self._size_px)
            subject_mask = self._agreed(subject_mask, objects, valid, points, record)
        masks = np.stack([np.where(valid > 0, subject_mask, 0).astype(np.uint8), valid], -1)
        record |= {
            "suitability": round(suitability(aligned, masks, picture.set), 3),
            "iod": round(crop.iod, 4),
            "native_px": round(self._size_px / crop.scale),
            "coverage": round(crop.coverage, 4),
            "landmarks": np.round(points / self._size_px, 4).tolist(),
            "score": round(float(faces.scores[largest]), 4),
        }
        return PreparedPicture(record, aligned, masks)

    def _agreed(
        self, selfie: np.ndarray, objects: np.ndarray, valid: np.ndarray, points: np.ndarray, record: dict[str, Any]
    ) -> np.ndarray:
        """The mask to learn from; the record is told how well the teachers agree, and whether neither may be right."""
        agreed = agreement(selfie, objects, valid)
        usual = OBJECTS if agreed >= _AGREED else NEITHER
        chosen = self._chosen.get(record["file"], usual)
        record |= {"mask_agreement": round(agreed, 3), "doubtful_mask": chosen == NEITHER}
        return firm(objects, points) if chosen == OBJECTS else selfie


_preparer: _Preparer | None = None


def _start_worker(size_px: int, second: SecondTeacher | None) -> None:
    global _preparer
    _preparer = _Preparer(size_px, second)


def _prepare_one(picture: SourcePicture) -> PreparedPicture:
    assert _preparer is not None
    return _preparer(picture)


def prepare(
    data: Path,
    output: Path,
    size_px: int = PACKED_PX,
    workers: int = 2,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    second: SecondTeacher | None = None,
    masters: Path | None = None,
) -> PrepareReport:
    """Align, mask and pack a data folder.

    Args:
        data: see :func:`portraitify.data.sources.list_pictures`.
        output: folder to write; made if missing.
        size_px: side of the packed crops.
        workers: processes.
        on_progress: called with pictures done and in all.
        second: another network whose masks of photos are taken where both agree.
        masters: see :func:`portraitify.data.sources.list_masters`.

    Raises:
        ConfigError: nothing usable was found, or the extra ``train`` is missing.
    """
    # Of a painting that is there twice the first is kept, which may be held out or in the bank.
    pictures = [*list_pictures(data), *(list_masters(masters) if masters else ())]
    return prepare_pictures(pictures, output, size_px, workers, on_progress, second)


def prepare_pictures(
    pictures: list[SourcePicture],
    output: Path,
    size_px: int = PACKED_PX,
    workers: int = 2,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    second: SecondTeacher | None = None,
) -> PrepareReport:
    """Align, mask and pack pictures; see :func:`prepare`."""
    # What is missing is told of here, not by a worker.
    SubjectSegmenter()
    if second:
        ObjectSegmenter(second.package)
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(size_px, second)) as pool:
        results = pool.map(_prepare_one, pictures, chunksize=8)
        return _pack(_counted(results, len(pictures), on_progress), len(pictures), output)


def _counted(
    results: Iterable[PreparedPicture], total: int, on_progress: Callable[[int, int], None]
) -> Iterable[PreparedPicture]:
    for done, result in enumerate(results, 1):
        yield result
        on_progress(done, total)


def _pack(results: Iterable[PreparedPicture], total: int, output: Path) -> PrepareReport:
    output.mkdir(parents=True, exist_ok=True)
    report, records, duplicates = PrepareReport(), [], _DuplicateFinder()
    images, masks = [], []
    for result in results:
        name = result.record["set"]
        if result.image is None or result.masks is None:
            report.dropped[name, result.reason] += 1
            continue
        if duplicates.seen(name, result.image):
            report.dropped[name, "duplicate"] += 1
            continue
        images.append(result.image)
        masks.append(result.masks)
        records.append(result.record)
        report.kept[name] += 1
        report.held_out[name] += result.record["split"] == "held-out"
    if not records:
        raise ConfigError(f"None of {total} pictures shows a usable face.")
    np.save(output / "images.npy", np.stack(images))
    np.save(output / "masks.npy", np.stack(masks))
    (output / "records.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return report


class _DuplicateFinder:
    """Finds pictures that were seen before, by the correlation of small grey copies."""

    def __init__(self) -> None:
        self._seen: dict[str, list[np.ndarray]] = {}

    def seen(self, name: str, image: np.ndarray) -> bool:
        small = np.asarray(Image.fromarray(image).convert("L").resize((16, 16)), np.float32).ravel()
        small = (small - small.mean()) / (np.linalg.norm(small - small.mean()) + 1e-6)
        # Paintings are compared across styles: the same one may be filed under two.
        known = self._seen.setdefault("photos" if name == PHOTOS else "paintings", [])
        if known and float((np.stack(known) @ small).max()) > DUPLICATE_CORRELATION:
            return True
        known.append(small)
        return False
