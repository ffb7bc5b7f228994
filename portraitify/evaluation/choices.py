"""How the classifier chooses: what it names rightly, how evenly, how steadily, and whether skin decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.data.views import is_reserved
from portraitify.evaluation.bootstrap import Estimate, bootstrap, share_estimate
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.color_difference import mean_lab, typology_angle
from portraitify.imaging.skin import skin_region
from portraitify.media.registry import STYLES
from portraitify.style import counterfactuals
from portraitify.style.reasons import log_odds

HELD_OUT, UNSEEN = "held_out", "unseen"
GROUP_TITLES = {HELD_OUT: "held out of everything", UNSEEN: "not seen by the classifier"}
_SEED, _DRAWS = 0, 1000

Classify = Callable[[np.ndarray], np.ndarray]


def _through_jpeg(image: np.ndarray) -> np.ndarray:
    encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))[..., ::-1])


def _halved(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)), interpolation=cv2.INTER_AREA)


def _mirrored(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[:, ::-1])


def _cropped(image: np.ndarray) -> np.ndarray:
    down, across = (round(0.03 * side) for side in image.shape[:2])
    return np.ascontiguousarray(image[down : image.shape[0] - down, across : image.shape[1] - across])


# What a choice must not depend on; each takes and gives ``(H, W, 3)`` uint8.
PERTURBATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "JPEG at quality 60": _through_jpeg,
    "half the size": _halved,
    "mirror image": _mirrored,
    "3 % cut off each side": _cropped,
}
# By name: the style that each should make likelier, and the change, of ``(S, S, 3)`` CIELAB and a subject mask.
Counterfactual = Callable[[np.ndarray, np.ndarray], np.ndarray]
COUNTERFACTUALS: dict[str, tuple[str, Counterfactual]] = {
    "background darkened to L* 12": (
        "renaissance",
        lambda lab, subject_mask: counterfactuals.with_background_lightness(lab, subject_mask, 12.0),
    ),
    "background lightened to L* 90": (
        "watercolor",
        lambda lab, subject_mask: counterfactuals.with_background_lightness(lab, subject_mask, 90.0),
    ),
    "key raised by 15 L*, contrast cut by a third": (
        "watercolor",
        lambda lab, subject_mask: counterfactuals.with_contrast(
            counterfactuals.with_key(lab, float(lab[..., 0].mean()) + 15), 0.67 * float(lab[..., 0].std())
        ),
    ),
    "colour removed, contrast up by a third": (
        "ink",
        lambda lab, subject_mask: counterfactuals.with_contrast(
            counterfactuals.with_chroma(lab, 0.0), 1.33 * float(lab[..., 0].std())
        ),
    ),
}


@dataclass(frozen=True)
class PhotoGroup:
    """Photos that were measured together.

    Attributes:
        count: of them.
        shares: of each style among the choices, 0 to 1.
        consistency: under each of ``PERTURBATIONS``, the share of choices that stay.
        lightest: shares among the third with the lightest skin.
        darkest: shares among the third with the darkest skin.
        gap: lightest minus darkest, of each style.
    """

    count: int
    shares: dict[str, float]
    consistency: dict[str, Estimate]
    lightest: dict[str, float]
    darkest: dict[str, float]
    gap: dict[str, Estimate]


@dataclass(frozen=True)
class Effect:
    """What a counterfactual does to the log-odds of a style.

    Attributes:
        style: which it should raise.
        raised: share of photos in which it does.
        mean: change of the log-odds, over photos.
        by_style: the same of every style.
    """

    style: str
    raised: Estimate
    mean: float
    by_style: dict[str, float]


@dataclass(frozen=True)
class ChoiceReport:
    """How a classifier does.

    Attributes:
        confusion: ``(4, 4)`` counts on held-out paintings, rows true, columns said.
        groups: of photos, ``HELD_OUT`` and ``UNSEEN``.
        effects: of each of ``COUNTERFACTUALS``, on the photos of ``UNSEEN``.
        whole_pipeline: consistency in the whole pipeline, on original files; empty where they were not given.
    """

    confusion: np.ndarray
    groups: dict[str, PhotoGroup]
    effects: dict[str, Effect]
    whole_pipeline: dict[str, Estimate]

    @property
    def accuracy(self) -> float:
        """Share of held-out paintings that were named rightly."""
        return float(self.confusion.trace() / max(self.confusion.sum(), 1))

    @property
    def balanced_accuracy(self) -> float:
        """Mean over styles of the share that was named rightly."""
        return float((self.confusion.diagonal() / np.maximum(self.confusion.sum(1), 1)).mean())


def examine_choices(
    name_painting: Classify,
    choose: Classify,
    data: PreparedData,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ChoiceReport:
    """Measure a classifier on pictures that it never saw.

    Args:
        name_painting: logits ``(styles,)`` of a painting's crop ``(S, S, 3)`` uint8.
        choose: probabilities ``(styles,)`` of a photo's crop.
        data: prepared pictures.
        on_progress: called with photos done and in all.
    """
    confusion = np.zeros((len(STYLES), len(STYLES)), int)
    for true, style in enumerate(STYLES):
        for row in data.rows(style, "held-out"):
            confusion[true, int(np.argmax(name_painting(np.array(data.images[row]))))] += 1
    held_out = data.rows(PHOTOS, "held-out")
    reserved = [row for row in data.rows(PHOTOS, "train") if is_reserved(data.records[row])]
    unseen = np.concatenate([held_out, np.array(reserved, int)])
    readings = []
    for done, row in enumerate(unseen, 1):
        readings.append(_ChoiceReading.of(choose, data, int(row)))
        on_progress(done, len(unseen))
    groups = {HELD_OUT: _group(readings[: len(held_out)]), UNSEEN: _group(readings)}
    return ChoiceReport(confusion, groups, _effects(readings), {})


@dataclass(frozen=True)
class _ChoiceReading:
    """One photo: choice, skin, whether the choice stays, log-odds before and after each counterfactual."""

    choice: int
    tone: float
    stays: list[bool]
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, choose: Classify, data: PreparedData, row: int) -> _ChoiceReading:
        crop = np.array(data.images[row])
        side = crop.shape[0]
        points = data.landmarks[row] * side
        probabilities = choose(crop)
        choice = int(np.argmax(probabilities))
        lab, subject_mask = to_lab(crop), data.masks[row, :, :, 0].astype(np.float32) / 255
        changed = [choose(to_uint8(to_rgb(change(lab, subject_mask)))) for _, change in COUNTERFACTUALS.values()]
        return cls(
            choice,
            float(typology_angle(mean_lab(crop, skin_region(points, (side, side))))),
            [int(np.argmax(choose(change(crop)))) == choice for change in PERTURBATIONS.values()],
            _all_odds(probabilities),
            np.stack([_all_odds(values) for values in changed]),
        )


def _all_odds(probabilities: np.ndarray) -> np.ndarray:
    return np.array([log_odds(probabilities, index) for index in range(len(STYLES))])


def _group(readings: Sequence[_ChoiceReading]) -> PhotoGroup:
    choices = np.array([reading.choice for reading in readings])
    order = np.argsort([-reading.tone for reading in readings], kind="stable")
    third = len(order) // 3
    lightest, darkest = choices[order[:third]], choices[order[len(order) - third :]]
    stays = np.array([reading.stays for reading in readings], float)
    return PhotoGroup(
        len(readings),
        _shares(choices),
        {name: _share(stays[:, index]) for index, name in enumerate(PERTURBATIONS)},
        _shares(lightest),
        _shares(darkest),
        {style: _gap(lightest == index, darkest == index) for index, style in enumerate(STYLES)},
    )


def _shares(choices: np.ndarray) -> dict[str, float]:
    return {style: float((choices == index).mean()) if len(choices) else 0.0 for index, style in enumerate(STYLES)}


def _share(values: np.ndarray) -> Estimate:
    found = share_estimate(values, _SEED, _DRAWS) if len(values) else None
    return found or _nothing()


def _gap(light: np.ndarray, dark: np.ndarray) -> Estimate:
    if not len(light) or not len(dark):
        return _nothing()

    def difference(first: np.ndarray, second: np.ndarray) -> float:
        return float(light[first].mean() - dark[second].mean())

    return bootstrap(difference, [len(light), len(dark)], len(light) + len(dark), _SEED, _DRAWS) or _nothing()


def _nothing() -> Estimate:
    return Estimate(float("nan"), float("nan"), float("nan"), 0)


def _effects(readings: Sequence[_ChoiceReading]) -> dict[str, Effect]:
    effects = {}
    for index, (name, (style, _)) in enumerate(COUNTERFACTUALS.items()):
        change = np.array([reading.after[index] - reading.before for reading in readings]).reshape(-1, len(STYLES))
        own = change[:, STYLES.index(style)]
        by_style = {other: float(change[:, at].mean()) for at, other in enumerate(STYLES)}
        effects[name] = Effect(style, _share((own > 0).astype(float)), by_style[style], by_style)
    return effects


def whole_pipeline_consistency(
    choose_photo: Callable[[np.ndarray], str | None],
    photos: Sequence[np.ndarray],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Estimate]:
    """Whether choices stay when the changed photo goes through the whole pipeline.

    Args:
        choose_photo: the style for a photo ``(H, W, 3)`` uint8; nothing where no face is found.
        photos: as they were taken.
        on_progress: called with photos done and in all.

    Returns:
        For each of ``PERTURBATIONS`` the share of choices that stay; a face that is found no more counts as lost.
    """
    stays: list[list[bool]] = []
    for done, photo in enumerate(photos, 1):
        choice = choose_photo(photo)
        if choice is not None:
            stays.append([choose_photo(change(photo)) == choice for change in PERTURBATIONS.values()])
        on_progress(done, len(photos))
    values = np.array(stays, float).reshape(-1, len(PERTURBATIONS))
    return {name: _share(values[:, index]) for index, name in enumerate(PERTURBATIONS)}
