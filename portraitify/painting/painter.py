"""From aligned crops to what the generator paints of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import cv2
import numpy as np

from portraitify.config import FULL, PaintConfig
from portraitify.engines.base import Engine
from portraitify.faces.aligned_face import AlignedFace
from portraitify.faces.alignment import FACE_TEMPLATE, estimate_similarity, warp
from portraitify.faces.cropping import fade_at_edges
from portraitify.imaging.affine import between_pixel_centres, inverse, transform_points
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.face_regions import face_mask
from portraitify.imaging.filters import normalized_blur
from portraitify.media.registry import medium_of
from portraitify.media.streams import random_stream
from portraitify.painting.background import composite_background
from portraitify.painting.grounds import Sitting, paint_ground
from portraitify.painting.lost_edges import LostEdges
from portraitify.painting.outline import Outline
from portraitify.painting.posts import Posts
from portraitify.painting.preprocessing import preprocess
from portraitify.painting.relight import Relighting
from portraitify.painting.sitting import luma_of, sit
from portraitify.painting.tiles import paint_tiled, prepare_tiled
from portraitify.weights import BankEntry

MARGIN_PX = 16
# Faces with less between the eyes are painted once more on a canvas of their own, by so much enlarged there.
SMALL_FACE_PX, INSET_PX, INSET_IOD = 56, 384, 0.2
# Of the usual canvas: what is coarser comes from it, what is finer from the larger one.
_TONE_SIGMA = 0.008

Job = tuple[AlignedFace, np.ndarray, BankEntry, bool]


class Painter:
    """Paints aligned faces with an engine.

    Args:
        engine: runs the generator.
        config: options.
        beside: does what does not have to wait for the generator.
    """

    def __init__(self, engine: Engine, config: PaintConfig, beside: Executor):
        self._engine, self._config, self._beside = engine, config, beside

    def outline(self, face: AlignedFace, subject_mask: np.ndarray) -> np.ndarray:
        """What of a crop is to be painted as the sitter.

        Args:
            face: in its crop.
            subject_mask: ``(S, S)`` float32 in 0 to 1, as the mask's network finds it.

        Returns:
            ``(S, S)`` float32 in 0 to 1.
        """
        if self._config.keeps_background:
            return np.ones(face.pixels.shape[:2], np.float32)
        alone = Posts().without(face.pixels, subject_mask, face.meshes, face.all_landmarks, face.valid)
        drawn = Outline().draw(face.pixels, alone, face.all_landmarks, face.meshes)
        return fade_at_edges(drawn, face.shown_valid)

    def paint(
        self,
        faces: Sequence[AlignedFace],
        masks: Sequence[np.ndarray],
        references: Sequence[BankEntry],
        seed: int,
        bare: Sequence[bool] = (),
    ) -> list[np.ndarray]:
        """Paint several faces, so many at once as suits the device.

        Args:
            faces: in their crops.
            masks: ``(S, S)`` float32 of each, see :meth:`outline`.
            references: the old painting for each.
            seed: of everything random.
            bare: which of them get background and light elsewhere, and are small there; by default none.

        Returns:
            For each the picture ``(S, S, 3)`` uint8, which may be larger than the crop if it is not bare.
        """
        painted: list[np.ndarray] = []
        everything = zip(faces, masks, references, bare or [False] * len(faces), strict=True)
        for _, group in itertools.groupby(everything, lambda job: job[0].pixels.shape):
            jobs = list(group)
            for start in range(0, len(jobs), self._engine.batch_size):
                painted.extend(self._paint_part(jobs[start : start + self._engine.batch_size], seed))
        return painted

    def _paint_part(self, jobs: Sequence[Job], seed: int) -> Iterator[np.ndarray]:
        masks = [mask for _, mask, _, _ in jobs]
        face, _, reference, _ = jobs[0]
        for canvas in (face.pixels, face.renditions.detail):
            if canvas is not None:
                prepare_tiled(self._engine, reference.style_code, len(canvas) + 2 * MARGIN_PX)
        sittings = [sit(face, mask) for face, mask, _, _ in jobs]
        coming = self._beside.submit(self._background, jobs[0], sittings[0], seed)
        preprocessed = [
            preprocess(face.pixels, mask, len(mask), medium_of(reference.style).preprocessing, face.all_landmarks)
            for face, mask, reference, _ in jobs
        ]
        style_codes = [reference.style_code for _, _, reference, _ in jobs]
        pictures = self._run(preprocessed, masks, style_codes, seed)
        for number, (picture, (face, mask, reference, bare)) in enumerate(zip(pictures, jobs, strict=True), 1):
            background = coming.result()
            if number < len(jobs):
                # One ahead: of a batch for a large painting all of them would fill much memory.
                coming = self._beside.submit(self._background, jobs[number], sittings[number], seed)
            if self._config.crop == FULL:
                picture = self._with_small_faces(picture, face, reference, seed)
            if bare:
                yield picture
                continue
            picture = self._with_detail(picture, mask, face, reference, seed)
            sitting, amount = sittings[number - 1], medium_of(reference.style).relighting
            picture = Relighting().apply(picture, luma_of(face), face.meshes, sitting, amount)
            yield _on_background(picture, mask, background, sitting)

    def _run(
        self, crops: Sequence[np.ndarray], masks: Sequence[np.ndarray], style_codes: Sequence[np.ndarray], seed: int
    ) -> list[np.ndarray]:
        """Let the generator paint crops of one size."""
        # The generator pads with zeros, which shows at the border; what is painted there is cut off.
        wide = [(_with_margin(crop), _with_margin(mask)) for crop, mask in zip(crops, masks, strict=True)]
        side = wide[0][0].shape[0] // 2
        noise = np.random.default_rng(seed).standard_normal((side, side), np.float32)
        if len(wide) == 1:
            done = [paint_tiled(self._engine, *wide[0], style_codes[0], noise)]
        else:
            stacked, outlines = (np.stack(arrays) for arrays in zip(*wide, strict=True))
            done = list(self._engine.paint(stacked, outlines, np.stack(style_codes), noise))
        return [picture[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] for picture in done]

    def _with_detail(
        self, picture: np.ndarray, mask: np.ndarray, face: AlignedFace, reference: BankEntry, seed: int
    ) -> np.ndarray:
        """Paint once more on a larger canvas, for large paintings, and keep the tone of the usual one."""
        if face.renditions.detail is None:
            return picture
        side = face.renditions.detail.shape[0]
        large_mask = cv2.resize(mask, (side, side), interpolation=cv2.INTER_LINEAR)
        # Patches of the same number of pixels leave more in than on the usual canvas.
        settings, points = medium_of(reference.style).preprocessing, face.all_landmarks * (side / len(picture))
        preprocessed = preprocess(face.renditions.detail, large_mask, len(picture), settings, points)
        (fine,) = self._run([preprocessed], [large_mask], [reference.style_code], seed)
        small = cv2.resize(fine, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
        tone = cv2.GaussianBlur(picture.astype(np.float32) - small, (0, 0), _TONE_SIGMA * len(picture))
        shift = cv2.resize(tone, (side, side), interpolation=cv2.INTER_LINEAR)
        return to_uint8(fine + shift)

    def _with_small_faces(self, picture: np.ndarray, face: AlignedFace, reference: BankEntry, seed: int) -> np.ndarray:
        """Paint small faces again, each at the scale that the generator knows, and blend them in."""
        for landmarks in face.all_landmarks:
            if np.linalg.norm(landmarks[1] - landmarks[0]) < SMALL_FACE_PX:
                picture = self._with_inset(picture, face.pixels, landmarks, reference, seed)
        return picture

    def _with_inset(
        self, picture: np.ndarray, crop: np.ndarray, landmarks: np.ndarray, reference: BankEntry, seed: int
    ) -> np.ndarray:
        matrix = estimate_similarity(landmarks, (FACE_TEMPLATE * INSET_IOD + (0.5, 0.42)) * INSET_PX)
        near, points = warp(crop, matrix, INSET_PX), transform_points(matrix, landmarks)
        mask = np.ones((INSET_PX, INSET_PX), np.float32)
        preprocessed = preprocess(near, mask, INSET_PX, medium_of(reference.style).preprocessing, points)
        (painted,) = self._run([preprocessed], [mask], [reference.style_code], seed)
        inside = _moved_back(face_mask(points, (INSET_PX, INSET_PX)), matrix, len(picture))[..., None]
        back = _moved_back(painted.astype(np.float32), matrix, len(picture))
        # Their common tone stays that of the whole picture, so that no seam is seen.
        sigma = 0.35 * float(np.linalg.norm(landmarks[1] - landmarks[0]))
        gap, _ = normalized_blur((picture - back) * inside, inside[..., 0], sigma)
        matched = back + gap
        return to_uint8(picture * (1 - inside) + matched * inside)

    def _background(self, job: Job, sitting: Sitting, seed: int) -> np.ndarray | None:
        """The background for a picture, as large as that will be; None where it is not known or not wanted."""
        face, _, reference, bare = job
        if bare or self._config.keeps_background or reference.background is None:
            return None
        side = len(face.pixels if face.renditions.detail is None else face.renditions.detail)
        random = random_stream(seed, f"painter.ground.{reference.identifier}")
        texture = medium_of(reference.style).background
        if reference.brings_ground:
            texture = replace(texture, grounds=())
        return paint_ground(side, reference.background, texture, random, sitting)


def _on_background(
    picture: np.ndarray, mask: np.ndarray, background: np.ndarray | None, sitting: Sitting
) -> np.ndarray:
    if background is None:
        return picture
    side = len(picture)
    subject_mask = mask if len(mask) == side else cv2.resize(mask, (side, side), interpolation=cv2.INTER_LINEAR)
    return composite_background(picture, LostEdges().soften(picture, subject_mask, sitting), background)


def _moved_back(field: np.ndarray, matrix: np.ndarray, side: int) -> np.ndarray:
    """Carry a field of an inset back to its canvas; 0 outside."""
    return cv2.warpAffine(field, between_pixel_centres(inverse(matrix)), (side, side), flags=cv2.INTER_AREA)


def _with_margin(array: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(array, MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX, cv2.BORDER_REFLECT_101)
