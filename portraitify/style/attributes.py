"""What a photo of a sitter looks like to a painter, measured in NumPy and OpenCV.

Light, contrast, palette, background, pose, sharpness, mouth and tonality; all
from a portrait crop, its landmarks and the subject mask. Nothing here tells
who somebody is, or how old, or of what sex or descent.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from portraitify.faces.aligned_face import sharpness
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_regions import HEAD, face_mask
from portraitify.imaging.filters import normalized_blur, weighted_mean
from portraitify.style import counterfactuals

MEASURED_PX = 160
# Where one word ends and the next begins, by eye and by the spread over 589 training photos: a sixth of
# them has a background darker than _DARK, a sixth softer light than _SOFT, a sixth harder than _HARD.
_DARK, _LIGHT, _BUSY = 32.0, 68.0, 7.5
_SOFT, _HARD = 6.7, 12.4
_SIDE, _ABOVE, _BELOW = 6.0, 6.0, -6.0
_PROFILE, _THREE_QUARTER = 0.62, 0.25
_GREY, _FADED_BLACK, _FADED_RANGE = 3.0, 14.0, 58.0
# Of photos whose sitters were asked to smile or not, the tenth percentile of smiles is 0.83 and the
# ninetieth of calm mouths 0.85.
_SMILE = 0.85


@dataclass(frozen=True)
class Attributes:
    """Measurements of one sitter in the portrait crop.

    Attributes:
        key: mean L*, 0 to 100.
        contrast: standard deviation of L*.
        light_side: how much lighter the left half of the face is than the right, in L*; as the viewer sees it.
        light_above: how much lighter brow and eyes are than mouth and chin, in L*.
        modelling: standard deviation of broad light and shade on the face, in L*.
        hardness: steepest change of that light, in L* for a tenth of the distance between the eyes.
        warmth: mean b*; more is warmer, 0 is neither warm nor cool.
        chroma: mean distance from grey, in a* and b*.
        background_lightness: mean L* behind the sitter.
        background_detail: standard deviation of fine and middle detail of L* behind the sitter.
        turn: of the head, -1 to 1: 0 faces the camera, positive looks to the right as the viewer sees it.
        sharpness: of the eyes, see :func:`portraitify.faces.aligned_face.sharpness`.
        mouth_breadth: distance of its corners as a fraction of that between the eyes; a smile draws them apart.
        black: second percentile of L*.
        white: ninety-eighth percentile of L*.
    """

    key: float
    contrast: float
    light_side: float
    light_above: float
    modelling: float
    hardness: float
    warmth: float
    chroma: float
    background_lightness: float
    background_detail: float
    turn: float
    sharpness: float
    mouth_breadth: float
    black: float
    white: float

    @property
    def pose(self) -> str:
        """``frontal``, ``three-quarter`` or ``profile``."""
        if abs(self.turn) < _THREE_QUARTER:
            return "frontal"
        return "three-quarter" if abs(self.turn) < _PROFILE else "profile"

    @property
    def tonality(self) -> str:
        """``grey`` where there is no colour, ``faded`` where there is neither black nor white, else ``full``."""
        if self.chroma < _GREY:
            return "grey"
        return "faded" if self.black > _FADED_BLACK and self.white - self.black < _FADED_RANGE else "full"

    @property
    def background(self) -> str:
        """``dark``, ``light`` or ``middle``, and ``plain`` or ``busy``."""
        tone = (
            "dark" if self.background_lightness < _DARK else "light" if self.background_lightness > _LIGHT else "middle"
        )
        return f"{tone}, {'busy' if self.background_detail > _BUSY else 'plain'}"

    @property
    def light(self) -> str:
        """Where it comes from (``left``, ``right``, ``above``, ``below``, ``front``), and whether it is ``hard``,
        ``soft`` or ``ordinary``."""
        side, above = self.light_side, self.light_above
        if abs(side) > max(_SIDE, abs(above)):
            where = "left" if side > 0 else "right"
        else:
            where = "above" if above > _ABOVE else "below" if above < _BELOW else "front"
        return f"{where}, {'hard' if self.hardness > _HARD else 'soft' if self.hardness < _SOFT else 'ordinary'}"

    @property
    def mouth(self) -> str:
        """``smile`` or ``calm``."""
        return "smile" if self.mouth_breadth > _SMILE else "calm"

    def record(self) -> dict[str, float | str]:
        """All measurements and words, as plain values."""
        numbers = {name: round(value, 3) for name, value in asdict(self).items()}
        words = {name: getattr(self, name) for name in ("light", "background", "pose", "mouth", "tonality")}
        return {**numbers, **words}


@dataclass(frozen=True)
class SubjectAnalysis:
    """What is seen of a sitter before anything is painted.

    Attributes:
        subject_mask: ``(S, S)`` float32 in 0 to 1, where the sitter is.
        attributes: what was measured.
    """

    subject_mask: np.ndarray
    attributes: Attributes


def measure(crop: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> Attributes:
    """Measure a sitter.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in crop pixels, eyes level.
    """
    small, mask, points = shrunk(crop, subject_mask, landmarks)
    lab = to_lab(small)
    return _measure_lab(lab, mask, points, sharpness(crop, landmarks))


def shrunk(
    crop: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Crop, mask and landmarks at ``MEASURED_PX``, where everything but sharpness is measured."""
    side = (MEASURED_PX, MEASURED_PX)
    return (
        cv2.resize(crop, side, interpolation=cv2.INTER_AREA),
        cv2.resize(subject_mask, side, interpolation=cv2.INTER_AREA),
        landmarks * (MEASURED_PX / crop.shape[0]),
    )


def _measure_lab(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, eyes_sharpness: float) -> Attributes:
    light = lab[..., 0]
    background = np.ascontiguousarray(1 - subject_mask, np.float32)
    side, above, steepest = _face_light(lab, landmarks)
    black, white = percentile(light, 2), percentile(light, 98)
    return Attributes(
        key=float(light.mean()),
        contrast=float(light.std()),
        light_side=side,
        light_above=above,
        modelling=counterfactuals.modelling(lab, landmarks),
        hardness=steepest,
        warmth=float(lab[..., 2].mean()),
        chroma=float(np.hypot(lab[..., 1], lab[..., 2]).mean()),
        # A sitter who fills the crop leaves no background to speak of.
        background_lightness=weighted_mean(light, background) if background.mean() > 0.02 else float(light.mean()),
        background_detail=_detail(light, background),
        turn=head_turn(landmarks),
        sharpness=eyes_sharpness,
        mouth_breadth=_mouth_breadth(landmarks),
        black=black,
        white=white,
    )


def percentile(values: np.ndarray, percent: float) -> float:
    """The value below which so many of a hundred lie, between neighbours in proportion; 50 gives the median.

    NumPy's own functions for it import its masked arrays, for longer than all else that is measured takes.

    Args:
        values: at least one, of any shape.
        percent: 0 to 100.
    """
    place = percent / 100 * (values.size - 1)
    below = int(place)
    parted = np.partition(values, (below, min(below + 1, values.size - 1)), axis=None)
    low, high = float(parted[below]), float(parted[min(below + 1, values.size - 1)])
    return low + (high - low) * (place - below)


def head_turn(landmarks: np.ndarray) -> float:
    """How far a head is turned, from the place of the nose between eyes and mouth corners.

    Args:
        landmarks: ``(5, 2)``, eyes level.

    Returns:
        -1 to 1; 0 faces the camera, positive looks to the right as the viewer sees it.
    """
    left, right, nose = landmarks[:3]
    middle = (landmarks[[0, 1]].mean(0) + landmarks[[3, 4]].mean(0)) / 2
    # In profile the eyes draw together, so the height of the face is the better measure.
    unit = max(float(np.linalg.norm(right - left)), 0.8 * float(landmarks[3:, 1].mean() - landmarks[:2, 1].mean()), 1.0)
    return float(np.clip(2.2 * (nose[0] - middle[0]) / unit, -1, 1))


def _face_light(lab: np.ndarray, landmarks: np.ndarray) -> tuple[float, float, float]:
    """Left minus right, upper minus lower, and the steepest change of light on the face."""
    size = lab.shape[0]
    unit = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), 2.0)
    low = cv2.GaussianBlur(np.ascontiguousarray(lab[..., 0]), (0, 0), 0.12 * unit)
    face = face_mask(landmarks, (size, size), HEAD.scaled(0.85))
    centre = (landmarks[:2].mean(0) + landmarks[3:].mean(0)) / 2
    y, x = np.mgrid[:size, :size].astype(np.float32) + 0.5
    left, upper = face * (x < centre[0]), face * (y < centre[1])
    side = weighted_mean(low, left) - weighted_mean(low, face - left)
    above = weighted_mean(low, upper) - weighted_mean(low, face - upper)
    slope = np.hypot(cv2.Sobel(low, cv2.CV_32F, 1, 0), cv2.Sobel(low, cv2.CV_32F, 0, 1)) / 8
    inside = slope[face > 0.9]
    steepest = percentile(inside, 90) * unit / 10 if inside.size else 0.0
    return side, above, steepest


def _detail(light: np.ndarray, background: np.ndarray) -> float:
    """Deviation of L* from its own wide blur, behind the sitter only."""
    wide, _ = normalized_blur(light * background, background, 8)
    return float(np.sqrt(weighted_mean((light - wide) ** 2, background**2)))


def _mouth_breadth(landmarks: np.ndarray) -> float:
    between = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), 1.0)
    return float(np.linalg.norm(landmarks[4] - landmarks[3])) / between
