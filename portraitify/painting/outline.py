"""Which part of a crop is painted as the sitter: the network's mask made whole, without remains, with a firm edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.face_regions import HEAD, HEAD_WITH_HAIR, face_mask
from portraitify.imaging.filters import blur, smoothstep, weighted_mean
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.local_colors import LocalColors, contrast_guide, subject_likeness

# Side at which colours are compared and shapes are told, pixels.
_COARSE_PX = 128
# Fractional bits of drawn outlines.
_SHIFT = 4
# How much larger a head may be than usual where no mesh tells how it is turned.
_FREE_HEAD = 1.2


@dataclass(frozen=True)
class Outline:
    """How the outline is drawn; lengths in parts of the side.

    Attributes:
        sure_background: value of the network's mask below which a place tells what lies behind.
        sure_subject: value from which on it tells what the sitter looks like.
        colour_sigma: standard deviation of the Gaussian within which colours are compared.
        doubt: values of the mask, below and above the middle, between which colour decides.
        decision: values of the mask between which a place becomes the sitter's.
        free_decision: likewise where no mesh tells the pose; foreshortened hair is seen as little sure.
        crown: how far above the face a head may go, in heights of the face.
        crown_width: half the width of a head there, in widths of the face.
        expected_least: what the mask is raised to where head and body are expected, if colour does not speak against it.
        neck: how far below the chin a body has no holes any more, in heights of the face.
        shoulder_rise: how much higher than that one begins, for each pixel beside the face.
        shoulder_fall: how much lower, where a body is expected.
        face: size, in parts of the mesh's, of what is surely a face; the mesh errs a little at the far cheek.
        ears: of what may be one with its ears.
        core: values of the network's mask between which a place is surely the sitter's.
        core_reach: how far from there what is light may be the sitter's beside the head, where walls look like skin.
        hair_luma: brightness in parts of the face's, above and below which a place is light or dark.
        bar: width of what is too thin to be a part of the sitter.
        reach: how far what is thin may leave the sitter: strands, ears, brims.
        coarse_radius, coarse_edge: of the guided filter that finds the photo's edge.
        fine_radius, fine_edge: of the one that follows it.
        edge: values of the filtered mask between which the sitter ends.
    """

    sure_background: float = 0.12
    sure_subject: float = 0.9
    colour_sigma: float = 0.07
    doubt: float = 0.42
    decision: tuple[float, float] = (0.4, 0.75)
    free_decision: tuple[float, float] = (0.15, 0.5)
    crown: float = 0.4
    crown_width: float = 0.52
    expected_least: float = 0.5
    neck: float = 0.12
    shoulder_rise: float = 0.6
    shoulder_fall: float = 0.2
    face: float = 0.94
    ears: float = 1.18
    core: tuple[float, float] = (0.91, 0.97)
    core_reach: float = 0.03
    hair_luma: tuple[float, float] = (0.65, 0.45)
    bar: float = 0.07
    reach: float = 0.05
    coarse_radius: float = 0.022
    coarse_edge: float = 5e-4
    fine_radius: float = 0.008
    fine_edge: float = 2e-4
    edge: tuple[float, float] = (0.25, 0.8)

    def draw(self, image: np.ndarray, mask: np.ndarray, landmarks: np.ndarray, meshes: np.ndarray) -> np.ndarray:
        """Draw it.

        Args:
            image: ``(S, S, 3)`` uint8, the crop.
            mask: ``(S, S)`` float32 in 0 to 1, as the mask's network finds it.
            landmarks: ``(N, 5, 2)`` in pixels of the crop.
            meshes: ``(M, 468, 3)`` likewise, of the faces whose geometry is known.

        Returns:
            ``(S, S)`` float32 in 0 to 1.
        """
        side, scale = len(image), _COARSE_PX / len(image)
        size = (_COARSE_PX, _COARSE_PX)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
        coarse = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        faces, ears = (_face_areas(landmarks * scale, meshes * scale, size) for size in (self.face, self.ears))
        sigma = self.colour_sigma * _COARSE_PX
        expected = np.maximum(
            _heads(landmarks * scale, meshes * scale, self.crown, self.crown_width), self._bodies(meshes * scale)
        )
        subject = LocalColors.near(small, np.maximum(smoothstep(coarse, self.sure_subject - 0.1, 1), faces), sigma)
        surely_behind = smoothstep(coarse, 2 * self.sure_background, 0) * (1 - expected)
        background = LocalColors.near(small, surely_behind, sigma)
        likeness, trust = subject_likeness(subject, background, small, expected)
        raised = coarse + np.maximum(self.expected_least * expected - coarse, 0) * trust
        doubt = smoothstep(np.abs(raised - 0.5), self.doubt, self.doubt - 0.2) * trust
        # Elsewhere what looks like the sitter is a shelf of the same wood as a face.
        likeness = np.minimum(likeness, np.maximum(raised, expected))
        decided = smoothstep(raised + (likeness - raised) * doubt, *(self.decision if len(meshes) else self.free_decision))
        if len(meshes):
            decided = decided * np.maximum.reduce([self._kept(coarse, small, faces), ears, expected])
        whole = self._whole(np.maximum(decided, faces), faces, meshes * scale)
        wide = cv2.resize(whole, (side, side), interpolation=cv2.INTER_LINEAR)
        guide = contrast_guide(image, subject, background)
        found = smoothstep(guided_filter(guide, wide, self.coarse_radius, self.coarse_edge), *self.edge)
        firm = smoothstep(guided_filter(guide, found, self.fine_radius, self.fine_edge), *self.edge)
        inner = cv2.resize(faces, (side, side), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.maximum(firm, inner), np.float32)

    def _kept(self, coarse: np.ndarray, small: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """What is surely the sitter, what is close to that, and what is as dark as hair, ``(h, w)`` in 0 to 1."""
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        dark = smoothstep(luma, *(share * weighted_mean(luma, faces) for share in self.hair_luma))
        core = smoothstep(coarse, *self.core)
        near = cv2.dilate(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(2 * self.core_reach),) * 2))
        return np.maximum(blur(near, 1.0), dark)

    def _bodies(self, meshes: np.ndarray) -> np.ndarray:
        """Where a body is expected below each face, ``(h, w)`` float32 in 0 to 1."""
        expected = np.zeros((_COARSE_PX, _COARSE_PX), np.float32)
        for mesh in meshes:
            expected = np.maximum(expected, self._below(mesh, self.shoulder_fall))
        return expected

    def _below(self, mesh: np.ndarray, fall: float) -> np.ndarray:
        """What lies below a line from the neck that falls on both sides, ``(h, w)`` float32 in 0 to 1."""
        (left, top), (right, chin) = (part(outline_of(mesh, FacePart.FACE), 0) for part in (np.min, np.max))
        columns, rows = np.arange(_COARSE_PX) + 0.5, np.arange(_COARSE_PX)[:, None] + 0.5
        beside = np.maximum(np.abs(columns - (left + right) / 2) - (right - left) / 2, 0)
        first = chin + self.neck * (chin - top) + fall * beside
        return np.clip(rows - first, 0, 1).astype(np.float32)

    def _whole(self, mask: np.ndarray, faces: np.ndarray, meshes: np.ndarray) -> np.ndarray:
        """The part of a mask that belongs to a face, without thin remains beside it and without holes in the body."""
        thick = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(self.bar), _odd(self.bar)))
        # Beyond the border the sitter goes on.
        margin = len(thick)
        padded = cv2.copyMakeBorder(mask, *[margin] * 4, cv2.BORDER_REPLICATE)
        opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, thick)[margin:-margin, margin:-margin]
        _, labels = cv2.connectedComponents((opened > 0.5).astype(np.uint8), connectivity=4)
        own = np.unique(labels[(faces > 0.5) & (opened > 0.5)])
        body = np.isin(labels, own[own > 0]).astype(np.float32)
        if not body.any():
            return mask
        near = cv2.dilate(body, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(2 * self.reach),) * 2))
        return _without_holes(self._down_to_edge(mask * blur(near, 1.0), meshes))

    def _down_to_edge(self, mask: np.ndarray, meshes: np.ndarray) -> np.ndarray:
        """Below chin and shoulders a body goes on to the lower edge."""
        if len(meshes) != 1:
            return mask
        body = np.maximum.accumulate(mask * self._below(meshes[0], -self.shoulder_rise), 0)
        return np.maximum(mask, body)


def _without_holes(mask: np.ndarray) -> np.ndarray:
    _, labels = cv2.connectedComponents((mask < 0.5).astype(np.uint8), connectivity=4)
    outer = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    holes = ~np.isin(labels, np.append(outer, 0))
    return np.maximum(mask, blur(holes.astype(np.float32), 1.0)) if holes.any() else mask


def _heads(landmarks: np.ndarray, meshes: np.ndarray, crown: float, half_width: float) -> np.ndarray:
    """Where heads go on above faces, ``(h, w)`` float32 in 0 to 1; see :class:`Outline`."""
    shape = (_COARSE_PX, _COARSE_PX)
    if not len(meshes):
        return face_mask(landmarks, shape, HEAD_WITH_HAIR.scaled(_FREE_HEAD))
    drawn = np.zeros(shape, np.uint8)
    for mesh in meshes:
        top, chin, left, right = (mesh[number, :2] for number in (10, 152, 234, 454))
        height, width = np.linalg.norm(chin - top), np.linalg.norm(right - left)
        middle, up = (left + right) / 2, (top - chin) / max(float(height), 1e-6)
        axes = np.array([half_width * width, max(float((top - middle) @ up + crown * height), 1.0)])
        place, size = (tuple(int(value) for value in np.rint(pair * 2**_SHIFT)) for pair in (middle - 0.5, axes))
        turn = float(np.degrees(np.arctan2(up[0], -up[1])))
        cv2.ellipse(drawn, place, size, turn, 180, 360, 255, -1, cv2.LINE_AA, _SHIFT)
    return blur(drawn.astype(np.float32) * np.float32(1 / 255), 1.5)


def _odd(length: float) -> int:
    return 2 * round(length * _COARSE_PX / 2) + 1


def _face_areas(landmarks: np.ndarray, meshes: np.ndarray, factor: float) -> np.ndarray:
    """Where faces are, so many times as large, ``(h, w)`` float32 in 0 to 1."""
    shape = (_COARSE_PX, _COARSE_PX)
    if not len(meshes):
        return np.asarray(face_mask(landmarks, shape, HEAD))
    drawn = np.zeros(shape, np.uint8)
    for mesh in meshes:
        outline = outline_of(mesh, FacePart.FACE)
        outline = outline.mean(0) + (outline - outline.mean(0)) * factor
        cv2.fillPoly(drawn, [np.rint((outline - 0.5) * 2**_SHIFT).astype(np.int32)], 255, cv2.LINE_AA, _SHIFT)
    return drawn.astype(np.float32) * np.float32(1 / 255)
