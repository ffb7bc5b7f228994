"""The cascade of MTCNN in NumPy, around three networks that anything may run.

Gives what facenet-pytorch 2.5.3 gives for one picture, but for where a face
lies that an edge of the picture cuts. There the networks are shown only what
the picture has of a box, and facenet-pytorch takes their answers for ones about
the whole box: in close-ups eyes were found on cheeks. Source of the method:
Zhang et al., Joint Face Detection and Alignment Using Multitask Cascaded
Convolutional Networks, IEEE Signal Processing Letters 23(10), 2016.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portraitify.faces.detection import MIN_FACE_PX, MIN_SCORE, THRESHOLDS, Faces, no_faces

# Takes (N, 3, H, W) float32 and gives several arrays of length N.
Network = Callable[[np.ndarray], "list[np.ndarray]"]
# The first network looks at windows of this side, two pixels apart.
WINDOW_PX, STRIDE_PX = 12, 2
PYRAMID_FACTOR = 0.709
# As many crops at once as facenet-pytorch takes; more would only take more memory.
CROPS_AT_ONCE = 512
# Boxes that are compared with all others together.
_COMPARED_AT_ONCE = 128


class CascadeDetector:
    """Finds upright faces; see :class:`portraitify.faces.detection.FaceDetector`.

    Args:
        propose: ``(1, 3, H, W)`` to regressions ``(1, 4, h, w)`` and probabilities ``(1, 2, h, w)``.
        refine: ``(N, 3, 24, 24)`` to regressions ``(N, 4)`` and probabilities ``(N, 2)``.
        conclude: ``(N, 3, 48, 48)`` to regressions ``(N, 4)``, points ``(N, 10)`` and probabilities ``(N, 2)``.
        thresholds: certainty that each of the three stages asks for.
        min_score: faces of a lower final score are dropped.
    """

    def __init__(
        self,
        propose: Network,
        refine: Network,
        conclude: Network,
        thresholds: tuple[float, float, float] = THRESHOLDS,
        min_score: float = MIN_SCORE,
    ) -> None:
        self._propose, self._refine, self._conclude = propose, refine, conclude
        self._thresholds, self._min_score = thresholds, min_score

    def detect(self, image: np.ndarray) -> Faces:
        """Find upright faces in ``(H, W, 3)`` uint8 RGB, the largest first; none gives an empty result."""
        if min(image.shape[:2]) < MIN_FACE_PX:
            return no_faces()
        area = _AreaSampler(image)
        boxes = self._proposals(area)
        boxes = self._refined(area, boxes)
        boxes, scores, points = self._concluded(area, boxes)
        order = np.argsort(_sides(boxes).prod(1))[::-1]
        order = order[scores[order] >= self._min_score]
        return Faces(boxes[order].astype(np.float64), points[order].astype(np.float64), scores[order].astype(float))

    def _proposals(self, area: _AreaSampler) -> np.ndarray:
        """First stage: square boxes ``(N, 4)`` float32 wherever some size of the picture shows a face."""
        found = [self._proposals_at(area, scale) for scale in pyramid(area.height, area.width)]
        candidates = np.concatenate([np.zeros((0, 9), np.float32), *found])
        candidates = candidates[suppress(candidates[:, :4], candidates[:, 4], 0.7)]
        boxes, regression = candidates[:, :4], candidates[:, 5:]
        return _squared(boxes + regression * np.tile(_sides(boxes), 2))

    def _proposals_at(self, area: _AreaSampler, scale: float) -> np.ndarray:
        """Boxes, scores and regressions ``(N, 9)`` of one size of the picture."""
        size = (int(area.height * scale + 1), int(area.width * scale + 1))
        regression, probability = self._propose(area.sample_whole(size))
        rows, columns = np.nonzero(probability[0, 1] >= self._thresholds[0])
        # Rounded in single precision, because a box that is a pixel off is another box to later stages.
        corner = (np.stack([columns, rows], 1) * STRIDE_PX).astype(np.float32)
        boxes = np.floor(np.concatenate([corner + 1, corner + WINDOW_PX], 1) / np.float32(scale))
        scores = probability[0, 1, rows, columns]
        found = np.concatenate([boxes, scores[:, None], regression[0][:, rows, columns].T], 1)
        return np.asarray(found[suppress(boxes, scores, 0.5)])

    def _refined(self, area: _AreaSampler, boxes: np.ndarray) -> np.ndarray:
        """Second stage: the boxes that hold at a closer look, moved."""
        boxes, (regression, probability) = self._looked_at(area, boxes, 24, self._refine, (4, 2))
        passed = np.flatnonzero(probability[:, 1] > self._thresholds[1])
        passed = passed[suppress(boxes[passed], probability[passed, 1], 0.7)]
        return _squared(_regressed(boxes[passed], regression[passed]))

    def _concluded(self, area: _AreaSampler, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Third stage: boxes ``(N, 4)``, scores ``(N,)`` and landmarks ``(N, 5, 2)``."""
        # The second stage's answers are left as they are: what is found, and how surely, stays the same by that.
        boxes = area.within(boxes)
        boxes, (regression, points, probability) = self._looked_at(area, boxes, 48, self._conclude, (4, 10, 2))
        passed = np.flatnonzero(probability[:, 1] > self._thresholds[2])
        boxes, scores = boxes[passed], probability[passed, 1]
        inside = points[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        landmarks = inside * (_sides(boxes) + 1)[:, None] + boxes[:, None, :2] - 1
        boxes = _regressed(boxes, regression[passed])
        kept = suppress(boxes, scores, 0.7, of_smaller=True)
        return boxes[kept], scores[kept], landmarks[kept]

    def _looked_at(
        self, area: _AreaSampler, boxes: np.ndarray, side_px: int, network: Network, widths: tuple[int, ...]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """The boxes that reach into the picture, and what a network of outputs ``(N, width)`` says of them."""
        windows = area.clipped(boxes)
        reaches = (windows[:, 2:] > windows[:, :2]).all(1)
        boxes, windows = boxes[reaches], windows[reaches]
        parts = [[np.zeros((0, width), np.float32) for width in widths]]
        for start in range(0, len(windows), CROPS_AT_ONCE):
            parts.append(network(area.sample(windows[start : start + CROPS_AT_ONCE], (side_px, side_px))))
        return boxes, [np.concatenate(part) for part in zip(*parts, strict=True)]


class _AreaSampler:
    """Shrinks windows of a picture by means over areas, as adaptive average pooling does.

    Sums over any rectangle come from one table of cumulative sums (Crow,
    SIGGRAPH 1984), so that overlapping windows cost nothing twice.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
    """

    def __init__(self, image: np.ndarray) -> None:
        self.height, self.width = image.shape[:2]
        # Whole numbers either way; the smaller ones are read twice as fast and hold eight megapixels of white.
        depth = cv2.CV_32S if 255 * image.shape[0] * image.shape[1] < 2**31 else cv2.CV_64F
        self._sums = cv2.integral(image, sdepth=depth).reshape(-1, 3)

    def within(self, boxes: np.ndarray) -> np.ndarray:
        """What the picture has of boxes ``(N, 4)`` xyxy whose corners count from one."""
        high = np.array([self.width, self.height], boxes.dtype)
        return np.concatenate([np.maximum(boxes[:, :2], 1), np.minimum(boxes[:, 2:], high)], 1)

    def clipped(self, boxes: np.ndarray) -> np.ndarray:
        """Half-open pixel windows ``(N, 4)`` int64 xyxy of boxes whose corners count from one."""
        whole = np.trunc(self.within(boxes)).astype(np.int64)
        return np.concatenate([whole[:, :2] - 1, whole[:, 2:]], 1)

    def sample(self, windows: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Windows ``(N, 4)`` xyxy as ``(N, 3, *size)`` float32 in -1 to 1."""
        top, bottom = _cells(windows[:, 1], windows[:, 3], size[0])
        left, right = _cells(windows[:, 0], windows[:, 2], size[1])
        row = self.width + 1
        top, bottom, left, right = top[..., None] * row, bottom[..., None] * row, left[:, None], right[:, None]
        total = (
            self._sums[bottom + right] - self._sums[top + right] - self._sums[bottom + left] + self._sums[top + left]
        )
        pixels = (bottom - top) // row * (right - left)
        return _centred(total / pixels[..., None])

    def sample_whole(self, size: tuple[int, int]) -> np.ndarray:
        """The whole picture as :meth:`sample` gives it, ``(1, 3, *size)``; quicker, as all rows have the same cells."""
        top, bottom = (cells[0] for cells in _cells(np.zeros(1, int), np.array([self.height]), size[0]))
        left, right = (cells[0] for cells in _cells(np.zeros(1, int), np.array([self.width]), size[1]))
        sums = self._sums.reshape(self.height + 1, self.width + 1, 3)
        rows = sums[bottom] - sums[top]
        total = rows[:, right] - rows[:, left]
        pixels = (bottom - top)[:, None] * (right - left)
        return _centred(total[None] / pixels[..., None])


def _centred(mean: np.ndarray) -> np.ndarray:
    """``(N, H, W, 3)`` in 0 to 255 as ``(N, 3, H, W)`` float32 in -1 to 1."""
    planes = mean.astype(np.float32).transpose(0, 3, 1, 2)
    return np.ascontiguousarray((planes - np.float32(127.5)) * np.float32(1 / 128))


def _cells(first: np.ndarray, end: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where ``count`` cells of each range begin and end, ``(N, count)``; where they cannot part evenly they overlap."""
    length, number = (end - first)[:, None], np.arange(count)
    return first[:, None] + number * length // count, first[:, None] - (-(number + 1) * length // count)


def pyramid(height: int, width: int) -> list[float]:
    """Scales at which faces of ``MIN_FACE_PX`` and larger fill the first network's window."""
    scales, scale = [], WINDOW_PX / MIN_FACE_PX
    side = min(height, width) * scale
    while side >= WINDOW_PX:
        scales.append(scale)
        scale, side = scale * PYRAMID_FACTOR, side * PYRAMID_FACTOR
    return scales


def suppress(boxes: np.ndarray, scores: np.ndarray, threshold: float, of_smaller: bool = False) -> np.ndarray:
    """Greedy non-maximum suppression.

    Args:
        boxes: ``(N, 4)`` xyxy.
        scores: ``(N,)``.
        threshold: a box goes if it overlaps a better one by more than this.
        of_smaller: overlap as a fraction of the smaller box, with corners that belong to it, and not
            of the union: the last stage of the published cascade counts so.

    Returns:
        Indices of the boxes that stay, best first.
    """
    extra = 1 if of_smaller else 0
    # Several boxes of one face often score exactly 1; then the one stays that facenet-pytorch's sorting prefers.
    order = np.argsort(scores)[::-1] if of_smaller else np.argsort(-scores, kind="stable")
    low, high = boxes[order, :2], boxes[order, 2:] + extra
    area = (high - low).prod(1)
    alive = np.ones(len(order), bool)
    for start in range(0, len(order), _COMPARED_AT_ONCE):
        rows = start + np.flatnonzero(alive[start : start + _COMPARED_AT_ONCE])
        rest = slice(start, None)
        # All that are left at once, since the many steps of one by one take longer.
        width, height = (
            np.minimum(high[rows, None, axis], high[None, rest, axis])
            - np.maximum(low[rows, None, axis], low[None, rest, axis])
            for axis in (0, 1)
        )
        common = np.clip(width, 0, None) * np.clip(height, 0, None)
        if of_smaller:
            whole = np.minimum(area[rows, None], area[None, rest])
        else:
            whole = area[rows, None] + area[None, rest] - common
        overlaps = common > threshold * whole
        for index, others in zip(rows.tolist(), overlaps, strict=True):
            if alive[index]:
                alive[index + 1 :] &= ~others[index + 1 - start :]
    return order[alive]


def _sides(boxes: np.ndarray) -> np.ndarray:
    return np.asarray(boxes[:, 2:] - boxes[:, :2])


def _regressed(boxes: np.ndarray, regression: np.ndarray) -> np.ndarray:
    """Boxes moved by fractions of their sides, which count both corners."""
    return np.asarray(boxes + regression * np.tile(_sides(boxes) + 1, 2))


def _squared(boxes: np.ndarray) -> np.ndarray:
    """Squares around the same centres, as wide as the longer side."""
    sides = _sides(boxes)
    longer = sides.max(1, keepdims=True)
    low = boxes[:, :2] + sides * np.float32(0.5) - longer * np.float32(0.5)
    return np.concatenate([low, low + longer], 1)
