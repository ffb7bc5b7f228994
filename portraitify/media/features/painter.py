"""From a picture of the generator to one whose eyes and mouths are painted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.eye_cover import eye_cover
from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.flow import structure_orientation
from portraitify.media.features.eye_paint import EyePaint
from portraitify.media.features.eyes import Eye, EyeReader
from portraitify.media.features.mouth import Mouth, MouthPaint, MouthReader, TeethPaint

_CALMED = (
    (FacePart.LEFT_EYE, FacePart.LEFT_BROW),
    (FacePart.RIGHT_EYE, FacePart.RIGHT_BROW),
    (FacePart.LIPS,),
)


@dataclass(frozen=True)
class FaceFeatures:
    """What was read off a face.

    Attributes:
        eyes: the left one as the viewer sees it, and the right one.
        mouth: of it.
        share: 0 to 1, how far they are painted; less in small faces.
        eye_share: the same of the eyes alone; not behind dark glasses.
        eye_px: width of an eye, pixels of the plan.
        mouth_share: 0 to 1, how far the mouth is painted; not under a moustache.
    """

    eyes: tuple[Eye, Eye]
    mouth: Mouth
    share: float
    eye_share: float
    eye_px: float
    mouth_share: float


@dataclass(frozen=True)
class HairStrokes:
    """Hairs, lashes and wrinkles drawn out along the form; lengths are in widths of an eye.

    Attributes:
        sigma: standard deviation of the blur of the parts' outlines.
        end: value of the blurred outlines up to which nothing is done.
        gain: what the rest is multiplied with, so that the parts' surroundings belong to them.
        length: of the strokes to each side.
        steps: places on each side whose mean is taken.
        gradient: blur before the gradient that gives the direction.
        smoothing: blur of the structure tensor.
        trust: gradient, in brightness a pixel, below which strokes lie level.
        share: 0 to 1, how far it is done.
    """

    sigma: float = 0.22
    end: float = 0.04
    gain: float = 3.0
    length: float = 0.055
    steps: int = 3
    gradient: float = 0.03
    smoothing: float = 0.06
    trust: float = 0.002
    share: float = 0.8

    def apply(
        self, picture: np.ndarray, mesh: np.ndarray, parts: tuple[FacePart, ...], eye_px: float, share: float
    ) -> None:
        """Draw out what lies near some parts of a face.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255, changed.
            mesh: ``(468, 3)`` in its pixels.
            parts: which.
            eye_px: width of an eye, pixels.
            share: 0 to 1, how far.
        """
        outline = np.concatenate([outline_of(mesh, part) for part in parts])
        margin = 2 * self.sigma * eye_px
        first = np.clip(np.floor(outline.min(0) - margin), 0, len(picture)).astype(int)
        end = np.clip(np.ceil(outline.max(0) + margin), 0, len(picture)).astype(int)
        part = picture[first[1] : end[1], first[0] : end[0]]
        if not part.size:
            return
        moved = mesh - np.array([*first, 0])
        near = part_mask(moved[None], parts, part.shape, self.sigma * eye_px)
        near = np.clip(np.float32(self.gain) * (near - np.float32(self.end)), 0, 1)
        luma = cv2.cvtColor(part * np.float32(1 / 255), cv2.COLOR_RGB2GRAY)
        angle = structure_orientation(
            luma, self.gradient * eye_px, self.smoothing * eye_px, np.zeros_like(luma), self.trust
        )
        drawn = self._drawn_out(part, angle, self.length * eye_px / self.steps)
        part += (drawn - part) * gray_to_rgb(near * np.float32(self.share * share))

    def _drawn_out(self, part: np.ndarray, angle: np.ndarray, step_px: float) -> np.ndarray:
        """Means along straight strokes, which at this length lie beside bent ones by less than a pixel."""
        cosine, sine = np.float32(step_px) * np.cos(angle), np.float32(step_px) * np.sin(angle)
        y, x = np.indices(angle.shape, np.float32)
        x -= self.steps * cosine
        y -= self.steps * sine
        total = np.zeros_like(part)
        for _ in range(2 * self.steps + 1):
            total += cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            x += cosine
            y += sine
        total *= np.float32(1 / (2 * self.steps + 1))
        return total


@dataclass(frozen=True)
class FeaturePainter:
    """Repaints eyes and mouths, so that every surface starts from painted and not from photographed ones.

    Attributes:
        light: unit vector towards the light, right and down, as the viewer sees it.
        eye_px: width of an eye, pixels of the plan, from which on features are painted, and at which wholly.
        hair: strokes of lashes, brows and wrinkles.
        lips: strokes of lips and what grows around them.
        eye_reader: reads eyes.
        eye_paint: paints them.
        mouth_reader: reads mouths.
        mouth_paint: paints them.
        gaze_agreement: difference between the places of two irises, widths of the eye, by which they start to
            contradict each other, and surely do.
        twin_share: how sure an iris is at the least beside a sure other one that agrees.
    """

    light: tuple[float, float] = (-0.6, -0.8)
    eye_px: tuple[float, float] = (9.0, 18.0)
    hair: HairStrokes = field(default_factory=HairStrokes)
    lips: HairStrokes = field(default_factory=lambda: HairStrokes(share=0.5, length=0.05))
    eye_reader: EyeReader = field(default_factory=EyeReader)
    eye_paint: EyePaint = field(default_factory=EyePaint)
    mouth_reader: MouthReader = field(default_factory=MouthReader)
    mouth_paint: MouthPaint = field(default_factory=MouthPaint)
    gaze_agreement: tuple[float, float] = (0.06, 0.16)
    twin_share: float = 0.7

    def read(self, picture: np.ndarray, meshes: np.ndarray, coloured: np.ndarray) -> list[FaceFeatures]:
        """Read all faces whose mesh is known.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            meshes: ``(M, 468, 3)`` in its pixels.
            coloured: ``(N, N, 3)`` uint8 or float32 in 0 to 255, the same crop in colour, which tells glasses from
                skin, and the hues of eyes.
        """
        side = len(picture)
        if len(coloured) != side:
            coloured = cv2.resize(coloured, (side, side), interpolation=cv2.INTER_AREA)
        return [self._read_face(picture, mesh, coloured) for mesh in meshes]

    def _read_face(self, picture: np.ndarray, mesh: np.ndarray, coloured: np.ndarray) -> FaceFeatures:
        eyes_shown = 1 - eye_cover(coloured, mesh)
        left, right = self.eye_reader.read(picture, mesh, coloured)
        agreed = self.twin_share * float(
            smoothstep(np.array(abs(left.centre[0] - right.centre[0])), *self.gaze_agreement[::-1])
        )
        eyes = (
            replace(left, seen=max(left.seen, agreed * right.seen)),
            replace(right, seen=max(right.seen, agreed * left.seen)),
        )
        eye_px = max(eye.frame.width_px for eye in eyes)
        share = float(smoothstep(np.array(eye_px), *self.eye_px))
        mouth_share = share * self.mouth_reader.seen(picture, mesh)
        return FaceFeatures(eyes, self.mouth_reader.read(picture, mesh), share, eyes_shown * share, eye_px, mouth_share)

    def calm(self, picture: np.ndarray, meshes: np.ndarray, features: list[FaceFeatures]) -> np.ndarray:
        """Draw hairs, lashes and wrinkles of eyes and mouths out into strokes, and make lips and teeth even.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            meshes: ``(M, 468, 3)`` in its pixels.
            features: what was read off it.

        Returns:
            ``(S, S, 3)`` float32.
        """
        painted: np.ndarray = picture.copy()
        for mesh, face in zip(meshes, features, strict=True):
            shares = (face.eye_share, face.eye_share, face.share)
            for parts, strokes, share in zip(_CALMED, (self.hair, self.hair, self.lips), shares, strict=True):
                strokes.apply(painted, mesh, parts, face.eye_px, share)
            self.mouth_paint.simplify(painted, face.mouth, face.mouth_share)
        return painted

    def draw(self, picture: np.ndarray, features: list[FaceFeatures], scale: float) -> None:
        """Draw irises, lashes, lids and the line of the lips over a picture.

        Args:
            picture: ``(N, N, 3)`` uint8 or float32 in 0 to 255, calmed, changed.
            features: what was read off the plan.
            scale: size of the picture beside the plan's.
        """
        for face in features:
            for eye in face.eyes:
                self.eye_paint.paint(picture, eye, face.eye_share, self.light, scale)
            self.mouth_paint.draw(picture, face.mouth, face.mouth_share, scale)


# Lines say less than paint: what is to stay paper must be light, and a catchlight wider than a line.
DRAFTSMAN = FeaturePainter(
    hair=HairStrokes(share=0.4),
    lips=HairStrokes(share=0.3, length=0.05),
    eye_paint=EyePaint(
        white_share=0.3,
        corners=0.1,
        lid_shadow=0.12,
        lash=0.9,
        catchlight=0.24,
        catchlight_share=1.0,
        ring=0.4,
        glow=0.5,
        pupil_darkness=0.95,
    ),
    mouth_paint=MouthPaint(teeth=TeethPaint(share=0.4), lips_share=0.3, line=0.8),
)
