"""From readings of single pictures to metrics with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from portraitify.evaluation.bootstrap import Estimate, bootstrap, mean_estimate, nanmean, share_estimate
from portraitify.evaluation.distances import KernelDistance
from portraitify.evaluation.judge import Gallery, Judge
from portraitify.evaluation.picture_metrics import (
    HIGHER,
    LOWER,
    NAN,
    SKIN_LIGHTNESS_SHIFT,
    IdentityMetrics,
    PictureMetric,
    skin_metrics,
    smile_metrics,
    style_metrics,
)
from portraitify.evaluation.readings import COLUMNS, COPY, FILTER, PAINTING, SitterReadings
from portraitify.imaging.color_difference import SKIN_GROUPS, skin_group, typology_angle

ALL_STYLES = "all styles"
AS_COPY = "as the copy"
LIGHTEST, DARKEST = "lightest third", "darkest third"


@dataclass(frozen=True)
class Metric:
    """One line of the report.

    Attributes:
        key: short and stable.
        title: for people.
        better: ``higher``, ``lower``, ``near 0`` or ``as the copy``.
        share: whether the values are shares of 1.
        target: what the design asks for, or empty.
        scope: ``all styles``, a style, or a group of sitters.
        columns: painting, copy and filter; None where it was not measured.
    """

    key: str
    title: str
    better: str
    share: bool
    target: str
    scope: str
    columns: dict[str, Estimate | None]


class MetricAggregator:
    """Computes all metrics of an evaluation.

    Args:
        readings: of the sitters.
        styles: that were painted.
        judge: names styles.
        gallery: real paintings.
        seed: of the bootstrap.
        draws: of the bootstrap.
    """

    def __init__(
        self,
        readings: Sequence[SitterReadings],
        styles: tuple[str, ...],
        judge: Judge,
        gallery: Gallery,
        seed: int,
        draws: int,
    ):
        self._readings, self._styles, self._judge, self._gallery = readings, styles, judge, gallery
        self._seed, self._draws = seed, draws
        self._angles = np.array([typology_angle(reading.photo.skin_lab) for reading in readings])

    def all(self) -> list[Metric]:
        """All metrics, in the order of the report."""
        skin = skin_metrics(self._readings)
        singles = [
            *IdentityMetrics(self._readings).all(),
            *style_metrics(self._judge, self._readings),
            *smile_metrics(self._readings),
            *skin,
        ]
        metrics = [metric for single in singles for metric in self._by_style(single)]
        for single in (singles[0], *skin):
            metrics += self._by_group(single, single in skin)
        return [*metrics, *self._skin_gap(), *self._kernel(), *self._content(), self._mask()]

    def _by_style(self, single: PictureMetric) -> Iterator[Metric]:
        everybody = np.arange(len(self._readings))
        yield self._aggregate(single, ALL_STYLES, self._styles, everybody)
        for style in self._styles:
            yield self._aggregate(single, style, (style,), everybody)

    def _by_group(self, single: PictureMetric, groups: bool) -> Iterator[Metric]:
        for name, rows in self._groups().items():
            if groups or name in (LIGHTEST, DARKEST):
                yield self._aggregate(single, name, self._styles, rows)
            # Over all styles a darkening in one hides a lightening in another.
            for style in self._styles if single.key == SKIN_LIGHTNESS_SHIFT else ():
                yield self._aggregate(single, group_scope(name, style), (style,), rows)

    def _groups(self) -> dict[str, np.ndarray]:
        """Positions of sitters by the skin of their photos; groups without anybody are left out."""
        names = np.array([skin_group(angle) for angle in self._angles])
        groups = {name: np.flatnonzero(names == name) for name, _ in SKIN_GROUPS}
        order, third = np.argsort(-self._angles, kind="stable"), len(self._angles) // 3
        groups |= {LIGHTEST: order[:third], DARKEST: order[len(order) - third :]}
        return {name: rows for name, rows in groups.items() if len(rows)}

    def _aggregate(self, single: PictureMetric, scope: str, styles: tuple[str, ...], rows: np.ndarray) -> Metric:
        estimate = share_estimate if single.share else mean_estimate
        columns = {
            column: estimate(self._values(single, column, styles, rows), self._seed, self._draws) for column in COLUMNS
        }
        return Metric(single.key, single.title, single.better, single.share, single.target, scope, columns)

    def _values(self, single: PictureMetric, column: str, styles: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
        """``(rows, styles)`` float64 of one single."""
        pictures = [(int(row), self._readings[row].pictures[column]) for row in rows]
        return np.array([[single.value(row, style, by[style]) for style in styles] for row, by in pictures])

    def _skin_gap(self) -> Iterator[Metric]:
        groups = self._groups()
        for scope in (ALL_STYLES, *self._styles):
            styles = self._styles if scope == ALL_STYLES else (scope,)
            columns: dict[str, Estimate | None] = dict.fromkeys(COLUMNS)
            for column in COLUMNS if LIGHTEST in groups else ():
                light, dark = (self._lightness(column, styles, groups[name]) for name in (LIGHTEST, DARKEST))
                sizes = [len(light), len(dark)]
                columns[column] = bootstrap(partial(_gap, light, dark), sizes, sum(sizes), self._seed, self._draws)
            title = "L* of the lightest third minus that of the darkest third (the copy shows the photos' own)"
            yield Metric("skin.lightness_gap", title, AS_COPY, False, "", scope, columns)

    def _lightness(self, column: str, styles: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
        """Mean L* of the skin of each sitter."""
        pictures = [self._readings[row].pictures[column] for row in rows]
        return np.array([np.mean([by[style].skin_lab[0] for style in styles]) for by in pictures])

    def _kernel(self) -> Iterator[Metric]:
        held_out = {style: self._gallery.held_out[style] for style in self._styles}
        real = {style: self._judge.scale(rows) for style, rows in held_out.items() if len(rows) > 1}
        ratios = {column: self._ratios(column, real) for column in COLUMNS} if len(self._readings) > 1 else {}
        for scope in (ALL_STYLES, *self._styles):
            within = [style for style in real if scope in (ALL_STYLES, style)]
            columns: dict[str, Estimate | None] = dict.fromkeys(COLUMNS)
            for column in COLUMNS if within and ratios else ():
                sizes = [len(real[style]) for style in within]
                columns[column] = self._mean_ratio([ratios[column][style] for style in within], sizes)
            title = "kernel distance to held-out paintings, in parts of the photos' own"
            yield Metric("style.kernel_distance", title, LOWER, False, "below 0.5", scope, columns)

    def _ratios(self, column: str, real: dict[str, np.ndarray]) -> dict[str, Callable[..., float]]:
        photos = self._judge.scale(np.stack([reading.photo.features for reading in self._readings]))
        ratios: dict[str, Callable[..., float]] = {}
        for style, paintings in real.items():
            features = np.stack([reading.pictures[column][style].features for reading in self._readings])
            distance = KernelDistance(self._judge.scale(features), paintings)
            ratios[style] = partial(_ratio, distance, KernelDistance(photos, paintings))
        return ratios

    def _mean_ratio(self, ratios: list[Callable[..., float]], sizes: list[int]) -> Estimate | None:
        def statistic(sitters: np.ndarray, *paintings: np.ndarray) -> float:
            return float(np.mean([ratio(sitters, picks) for ratio, picks in zip(ratios, paintings, strict=True)]))

        return bootstrap(statistic, [len(self._readings), *sizes], len(self._readings), self._seed, self._draws)

    def _content(self) -> Iterator[Metric]:
        other = np.array([reading.other_content_distance for reading in self._readings])
        for scope in (ALL_STYLES, *self._styles):
            styles = self._styles if scope == ALL_STYLES else (scope,)
            columns = {}
            for column in COLUMNS:
                pictures = [reading.pictures[column] for reading in self._readings]
                values = np.array([np.mean([by[style].content_distance for style in styles]) for by in pictures])

                def ratio(picks: np.ndarray, values: np.ndarray = values) -> float:
                    return float(nanmean(values[picks]) / nanmean(other[picks]))

                columns[column] = bootstrap(ratio, [len(values)], len(values), self._seed, self._draws)
            title = "content distance to the photo, in parts of that to another sitter's photo"
            yield Metric("content.distance", title, LOWER, False, "", scope, columns)

    def _mask(self) -> Metric:
        found, drawn = (
            mean_estimate(np.array(values), self._seed, self._draws)
            for values in zip(*((reading.mask_iou, reading.bust_iou) for reading in self._readings), strict=True)
        )
        columns = {PAINTING: found, COPY: None, FILTER: drawn}
        title = "subject mask, intersection over union (in place of a filter: a bust drawn around the landmarks)"
        return Metric("mask.iou", title, HIGHER, False, "", ALL_STYLES, columns)


def group_scope(group: str, style: str) -> str:
    """Scope of a metric of some sitters in one style."""
    return f"{group}, {style}"


def _gap(light: np.ndarray, dark: np.ndarray, light_picks: np.ndarray, dark_picks: np.ndarray) -> float:
    return float(light[light_picks].mean() - dark[dark_picks].mean())


def _ratio(distance: KernelDistance, base: KernelDistance, sitters: np.ndarray, paintings: np.ndarray) -> float:
    whole = base(sitters, paintings)
    # Photos that lie among the paintings give no scale to measure with.
    return distance(sitters, paintings) / whole if whole > 0 else NAN
