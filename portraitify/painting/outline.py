"""Which part of a crop is painted as the sitter: the network's mask made whole, without remains, with a firm edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.face_regions import HEAD, HEAD_WITH_HAIR, face_mask
from portraitify.imaging.filters import blur, smoothstep, weighted_mean
from portraitify.imaging.guided_filter import guided_filter
from portraitify.imaging.head_areas import below_neck, beyond_far_cheek, crown_areas, ear_areas, face_areas
from portraitify.imaging.local_colors import LocalColors, contrast_guide, subject_likeness
from portraitify.imaging.morphology import disc

# Side at which colours are compared and shapes are told, pixels.
_COARSE_PX = 128
# How much larger a head may be than usual where no mesh tells how it is turned.
_FREE_HEAD = 1.2


@dataclass(frozen=True)
class Areas:
    """Where the sitter is, or may be, by the geometry of the faces; each ``(h, w)`` float32 in 0 to 1.

    Attributes:
        face: surely.
        expected: head and body.
        ears: ears.
        hat: above the forehead, where caps and scarves are.
        beyond: where surely nothing is but hair.
        lower: below neck and shoulders, where bodies have no holes.
        unit_px: distance from the eyes to the mouth, pixels of this grid.
        turned: whether the geometry of all faces is known.
    """

    face: np.ndarray
    expected: np.ndarray
    ears: np.ndarray
    hat: np.ndarray
    beyond: np.ndarray
    lower: np.ndarray
    unit_px: float
    turned: bool


@dataclass(frozen=True)
class Outline:
    """How the outline is drawn.

    Attributes:
        sure_background: value of the network's mask below which a place tells what lies behind.
        sure_subject: values between which it begins to tell what the sitter looks like.
        colour_sigma: standard deviation of the Gaussian within which colours are compared, in parts of the side.
        doubt: values of the mask, from the middle, between which colour ceases to decide.
        decision: values of the mask between which a place becomes the sitter's.
        free_decision: likewise where no mesh tells the pose; foreshortened hair is seen as little sure.
        crown: how far above the face a head may go, in heights of the face.
        crown_width: half the width of a head there, in widths of the face.
        hat: how far above the face a cap may go, in heights of the face.
        hat_width: half the width of a cap, in widths of the face.
        hat_broad: how broad a cap is at the least, in distances from the eyes to the mouth.
        hat_least: values of the network's mask between which what lies there is kept, whatever its colour.
        neck: how far below the chin a body has no holes any more, in heights of the face.
        shoulder_rise: how much higher than that one begins, for each pixel beside the face.
        shoulder_fall: how much lower than the chin a body is expected, for each pixel beside the face.
        face: size, in parts of the mesh's, of what is a face; the mesh errs a little at the far cheek.
        face_core: the same of what is surely a face, whatever the network says.
        cheek: values of the network's mask between which what lies between them is the face's.
        certain: values of the network's mask between which neither light nor geometry speaks against it any more.
        core: values of the network's mask between which a place is surely the sitter's.
        core_reach: how far from there what is light may be the sitter's beside the head, where walls look like skin; in
            distances from the eyes to the mouth, as the next two.
        bar: width of what is too thin to be a part of the sitter.
        reach: how far what is thin may leave the sitter: strands, ears, brims.
        hair_luma: brightness in parts of the face's, above and below which a place is light or dark.
        coarse_radius, coarse_edge: of the guided filter that finds the photo's edge; see `guided_filter`.
        fine_radius, fine_edge: of the one that follows it.
        edge: values of the filtered mask between which the sitter ends.
    """

    sure_background: float = 0.24
    sure_subject: tuple[float, float] = (0.8, 1.0)
    colour_sigma: float = 0.07
    doubt: tuple[float, float] = (0.1, 0.2)
    decision: tuple[float, float] = (0.4, 0.6)
    free_decision: tuple[float, float] = (0.3, 0.6)
    crown: float = 0.4
    crown_width: float = 0.52
    hat: float = 0.75
    hat_width: float = 0.6
    hat_broad: float = 1.2
    hat_least: tuple[float, float] = (0.2, 0.4)
    neck: float = 0.12
    shoulder_rise: float = 0.6
    shoulder_fall: float = 0.25
    face: float = 0.94
    face_core: float = 0.7
    cheek: tuple[float, float] = (0.2, 0.45)
    certain: tuple[float, float] = (0.55, 0.8)
    core: tuple[float, float] = (0.91, 0.97)
    core_reach: float = 0.15
    bar: float = 0.34
    reach: float = 0.16
    hair_luma: tuple[float, float] = (0.65, 0.45)
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
        size, scale = (_COARSE_PX, _COARSE_PX), _COARSE_PX / len(image)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
        coarse = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        areas = self._areas(landmarks * scale, meshes * scale, coarse)
        sigma_px = self.colour_sigma * _COARSE_PX
        subject = LocalColors.near(small, np.maximum(smoothstep(coarse, *self.sure_subject), areas.face), sigma_px)
        surely_behind = smoothstep(coarse, self.sure_background, 0) * (1 - areas.expected)
        background = LocalColors.near(small, surely_behind, sigma_px)
        whole = self._whole(self._decided(coarse, small, subject, background, areas), areas)
        wide = cv2.resize(whole, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        guide = contrast_guide(image, subject, background)
        found = smoothstep(guided_filter(guide, wide, self.coarse_radius, self.coarse_edge), *self.edge)
        firm = smoothstep(guided_filter(guide, found, self.fine_radius, self.fine_edge), *self.edge)
        face = cv2.resize(areas.face, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.maximum(firm, face))

    def _areas(self, landmarks: np.ndarray, meshes: np.ndarray, coarse: np.ndarray) -> Areas:
        side, turned = _COARSE_PX, 0 < len(landmarks) <= len(meshes)
        unit_px = float(np.linalg.norm(landmarks[:, 3:].mean(1) - landmarks[:, :2].mean(1), axis=-1).max())
        nowhere = np.zeros((side, side), np.float32)
        # Beside a cheek that is turned away the mesh reaches over the ground.
        seen = smoothstep(coarse, *self.cheek)
        if not turned:
            core = face_mask(landmarks, (side, side), HEAD.scaled(self.face_core))
            face = np.maximum(core, face_mask(landmarks, (side, side), HEAD) * seen)
            head = face_mask(landmarks, (side, side), HEAD_WITH_HAIR.scaled(_FREE_HEAD))
            return Areas(face, head, nowhere, nowhere, nowhere, nowhere, unit_px, turned)
        crown = crown_areas(meshes, side, self.crown, self.crown_width)
        body = below_neck(meshes, side, 0.0, self.shoulder_fall)
        return Areas(
            np.maximum(face_areas(meshes, side, self.face_core), face_areas(meshes, side, self.face) * seen),
            np.maximum(crown, body),
            ear_areas(meshes, side),
            crown_areas(meshes, side, self.hat, self.hat_width),
            beyond_far_cheek(meshes, side),
            # A second sitter may stand in front.
            below_neck(meshes, side, self.neck, -self.shoulder_rise) if len(meshes) == 1 else nowhere,
            unit_px,
            turned,
        )

    def _decided(
        self, coarse: np.ndarray, small: np.ndarray, subject: LocalColors, background: LocalColors, areas: Areas
    ) -> np.ndarray:
        """The mask, with colour deciding where the network was in doubt, without light remains beside the head."""
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        dark = smoothstep(luma, *(share * weighted_mean(luma, areas.face) for share in self.hair_luma))
        expected = areas.expected
        if areas.turned:
            # A light place above a head is sky, unless it looks like the sitter.
            expected = expected * np.maximum(dark, smoothstep(subject.distance(small), 4.0, 1.5))
        likeness, trust = subject_likeness(subject, background, small, expected)
        doubt = smoothstep(np.abs(coarse - 0.5), *self.doubt[::-1]) * trust
        # Elsewhere what looks like the sitter is a shelf of the same wood as a face.
        likeness = np.minimum(likeness, np.maximum(coarse, expected))
        decided = coarse + (likeness - coarse) * doubt
        if not areas.turned:
            return np.asarray(np.maximum(smoothstep(decided, *self.free_decision), areas.face))
        near = blur(cv2.dilate(smoothstep(coarse, *self.core), disc(self.core_reach * areas.unit_px)), 1.0)
        light = (1 - dark) * (1 - np.maximum.reduce([near, areas.ears, expected]))
        # What the network is sure of stays: it errs less than light and geometry do there.
        kept = 1 - np.maximum(light, (1 - dark) * areas.beyond) * (1 - smoothstep(coarse, *self.certain))
        head = np.maximum(smoothstep(decided, *self.decision) * kept, areas.face)
        return np.asarray(np.maximum(head, self._hat(coarse, head, areas)))

    def _hat(self, coarse: np.ndarray, head: np.ndarray, areas: Areas) -> np.ndarray:
        """Caps: a white one is as light as the sky, and half as surely the sitter's as hair, but broad."""
        hat = areas.hat * smoothstep(coarse, *self.hat_least)
        broad = cv2.morphologyEx(np.maximum(hat, head), cv2.MORPH_OPEN, disc(self.hat_broad * areas.unit_px / 2))
        return np.asarray(np.minimum(hat, broad))

    def _whole(self, mask: np.ndarray, areas: Areas) -> np.ndarray:
        """The part of a mask that belongs to a face, without thin remains beside it and without holes in the body."""
        thick = disc(self.bar * areas.unit_px / 2)
        # Beyond the border the sitter goes on.
        margin = len(thick)
        padded = cv2.copyMakeBorder(mask, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, thick)[margin:-margin, margin:-margin]
        _, labels = cv2.connectedComponents((opened > 0.5).astype(np.uint8), connectivity=4)
        # A shirt that is lost before a light wall parts the coat from the neck.
        of_body = np.zeros_like(labels, bool)
        of_body[-1] = areas.lower[-1] > 0.5
        own = np.unique(labels[((areas.face > 0.5) | of_body) & (opened > 0.5)])
        body = np.isin(labels, own[own > 0]).astype(np.float32)
        near = blur(cv2.dilate(body, disc(self.reach * areas.unit_px)), 1.0)
        rid = mask * near if body.any() else mask
        low = rid * areas.lower
        across = np.minimum(np.maximum.accumulate(low, 1), np.maximum.accumulate(low[:, ::-1], 1)[:, ::-1])
        low = np.maximum(low, across * areas.lower)
        return _without_holes(np.maximum(rid, np.maximum.accumulate(low, 0)))


def _without_holes(mask: np.ndarray) -> np.ndarray:
    _, labels = cv2.connectedComponents((mask < 0.5).astype(np.uint8), connectivity=4)
    outer = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    holes = ~np.isin(labels, np.append(outer, 0))
    return np.maximum(mask, blur(holes.astype(np.float32), 1.0)) if holes.any() else mask
