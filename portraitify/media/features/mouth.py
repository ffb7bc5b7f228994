"""Mouths: lips of two planes, a whole line between them, and teeth as one light mass."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, max_channel, tint
from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import normalized_blur, smoothstep
from portraitify.media.features.frame import Curve, FeatureFrame

# Pixels a unit of the patch in which the line between the lips is looked for.
_CELLS = 64
# Points of the mesh on the cheeks, and what of a mask counts as inside.
_CHEEKS, _INSIDE = [50, 117, 205, 280, 346, 425], 0.5


@dataclass(frozen=True)
class Mouth:
    """Where the lines of a mouth run; lengths are in widths of the mouth.

    Attributes:
        frame: where it lies.
        lips: upper edge of the upper lip, and lower edge of the lower one.
        inner: lower edge of the upper lip, and upper edge of the lower one.
        line: where the lips meet, or the middle between them.
        openness: height of the opening.
        dark: ``(3,)`` the darkest colour between the lips, 0 to 255.
    """

    frame: FeatureFrame
    lips: tuple[Curve, Curve]
    inner: tuple[Curve, Curve]
    line: Curve
    openness: float
    dark: np.ndarray


@dataclass(frozen=True)
class MouthReader:
    """Reads mouths off a picture.

    Attributes:
        half_u: how far a mouth's surroundings reach to each side, widths of the mouth.
        half_v: how far they reach up and down, beyond the lips.
        line_reach: how far from the mesh's the line between the lips is looked for.
        line_sigma: size of the surroundings than which it is darker.
        hair_redness: red above green, in parts of all three, up to which lips may be covered by hair, and surely are.
        skin_redness: the same of cheeks, from which on that tells hair from a photo without colour, and surely does.
    """

    half_u: float = 0.62
    half_v: float = 0.12
    line_reach: float = 0.04
    line_sigma: float = 0.06
    hair_redness: tuple[float, float] = (0.055, 0.03)
    skin_redness: tuple[float, float] = (0.04, 0.07)

    def seen(self, picture: np.ndarray, mesh: np.ndarray) -> float:
        """How surely lips are seen, 0 to 1: grey ones in a red face are a moustache, whose hairs would become teeth.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            mesh: ``(468, 3)`` in its pixels.
        """
        shape = picture.shape
        lips = part_mask(mesh[None], (FacePart.LIPS,), shape, 0) * (
            1 - part_mask(mesh[None], (FacePart.MOUTH,), shape, 0)
        )
        x, y = np.clip(np.rint(mesh[_CHEEKS, :2]).astype(int), 0, np.array(shape[1::-1]) - 1).T
        hair = smoothstep(np.array(_redness(picture[lips > _INSIDE])), *self.hair_redness)
        skin = smoothstep(np.array(_redness(picture[y, x])), *self.skin_redness)
        return float(1 - hair * skin)

    def read(self, picture: np.ndarray, mesh: np.ndarray) -> Mouth:
        """Read the mouth of a face.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            mesh: ``(468, 3)`` in its pixels.
        """
        outer, inner = outline_of(mesh, FacePart.LIPS), outline_of(mesh, FacePart.MOUTH)
        frame = FeatureFrame.between(outer[0], outer[10], self.half_u, 0.0)
        lips, opening = frame.to_frame(outer), frame.to_frame(inner)
        half_v = float(np.abs(lips[:, 1]).max()) + self.half_v
        frame = FeatureFrame.between(outer[0], outer[10], self.half_u, half_v)
        upper, lower = Curve.through(opening[[0, *range(10, 20)]]), Curve.through(opening[:11])
        patch = frame.patch(picture, _CELLS)
        luma = cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), (0, 0), 1)
        u, v = frame.patch_grid(_CELLS)
        darker = np.maximum(cv2.GaussianBlur(luma, (0, 0), self.line_sigma * _CELLS) - luma, 0)
        ends = np.linspace(-0.45, 0.45, 11)
        middle = Curve(np.stack([ends, (upper.at(ends) + lower.at(ends)) / 2], -1))
        line = middle.drawn_to(darker, u, v, self.line_reach)
        across = np.linspace(-0.25, 0.25, 9)
        between = np.exp(-(((v - line.at(u)) / self.line_reach) ** 2)) * (np.abs(u) < 0.4) * np.exp(-luma / 15)
        dark = np.einsum("ijk,ij->k", patch, between) / max(float(between.sum()), 1e-6)
        return Mouth(
            frame,
            (Curve.through(lips[[0, *range(10, 20)]]), Curve.through(lips[:11])),
            (upper, lower),
            line,
            float(np.mean(lower.at(across) - upper.at(across))),
            dark,
        )


@dataclass(frozen=True)
class TeethPaint:
    """Teeth as one mass. Lengths are in widths of the mouth.

    Attributes:
        share: 0 to 1; what is left of the gaps between teeth is the rest.
        lighter: how much lighter than the lips, and less red, teeth start to be, and surely are, 0 to 255.
        redness: weight of red above green beside brightness.
        mass: standard deviations of the blur that makes one mass of them, across and down.
        gap: width of the gaps that are painted over.
        ends: distance from the middle at which there are none, and from which on there are.
        openness: height of the opening at which none are looked for, and up to which they are.
        corners: how much darker they are in the corners of the mouth.
        corner: from where to where, from the middle.
        shadow: how much darker they are under the upper lip.
        ivory: factors of red, green and blue.
        lightest: brightness, 0 to 255, above which little is kept.
        excess: of what is above that, the share that is kept.
    """

    share: float = 0.68
    lighter: tuple[float, float] = (12.0, 45.0)
    redness: float = 1.0
    mass: tuple[float, float] = (0.08, 0.025)
    gap: float = 0.05
    ends: tuple[float, float] = (0.46, 0.36)
    openness: tuple[float, float] = (0.45, 0.3)
    corners: float = 0.35
    corner: tuple[float, float] = (0.15, 0.45)
    shadow: float = 0.12
    ivory: tuple[float, float, float] = (1.0, 0.985, 0.93)
    lightest: float = 185.0
    excess: float = 0.5


@dataclass(frozen=True)
class MouthPaint:
    """How mouths are simplified and drawn. Lengths are in widths of the mouth.

    Attributes:
        strength: 0 to 1, of the whole.
        teeth: of teeth.
        lips_share: 0 to 1, how even lips become.
        lips_mass: standard deviations of the blur that does it, across and down.
        upper_lip: factor of the upper lip's brightness.
        lower_lip: factor of the lower lip's brightness.
        darker: brightness beside that of lips, 0 to 255, up to which an open mouth is dark, and surely is.
        dark_share: 0 to 1, how even the dark of an open mouth becomes.
        dark_mass: standard deviation of the blur that does it.
        darkness: factor of its brightness.
        opening: height from which on a mouth is open, and at which it is surely.
        texture: contrast, 0 to 255, of what is no texture but form that is kept, and of what surely is one.
        line: 0 to 1, opacity of the line where lips meet.
        line_width: standard deviation of that line, in a closed mouth.
    """

    strength: float = 1.0
    teeth: TeethPaint = TeethPaint()
    lips_share: float = 0.5
    lips_mass: tuple[float, float] = (0.06, 0.02)
    upper_lip: float = 0.94
    lower_lip: float = 1.03
    darker: tuple[float, float] = (5.0, -20.0)
    dark_share: float = 0.6
    dark_mass: float = 0.04
    darkness: float = 0.88
    opening: tuple[float, float] = (0.03, 0.07)
    texture: tuple[float, float] = (45.0, 15.0)
    line: float = 0.65
    line_width: float = 0.012

    def simplify(self, picture: np.ndarray, mouth: Mouth, share: float) -> None:
        """Make lips, teeth and the dark behind them even, at the size of the plan.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255, changed.
            mouth: what was read off it.
            share: 0 to 1, how much of it.
        """
        box = mouth.frame.box(len(picture), 1.0)
        part = picture[box]
        if not part.size:
            return
        share *= self.strength
        u, v = mouth.frame.grid(box, 1.0)
        soft = max(0.015, 0.7 / mouth.frame.width_px)
        inside = [
            smoothstep(lower.at(u) - v, -soft, soft) * smoothstep(v - upper.at(u), -soft, soft)
            for upper, lower in (mouth.lips, mouth.inner)
        ]
        ends = smoothstep(np.abs(u), 0.52, 0.46)
        whole, opening = inside[0] * ends, inside[1] * ends
        opening *= np.float32(smoothstep(np.array(mouth.openness), *self.opening))
        lips = whole * (1 - opening)
        teeth, dark = self._inside(part, lips, opening, mouth.frame.width_px)
        teeth *= smoothstep(np.abs(u), *self.teeth.ends)
        # In a cry the mesh's lips lie beside those that are seen, and cheeks would be taken for teeth.
        teeth *= np.float32(smoothstep(np.array(mouth.openness), *self.teeth.openness))
        self._even_lips(part, lips * (1 - teeth), v - mouth.line.at(u), mouth.frame.width_px, share)
        self._even_dark(part, dark, mouth.frame.width_px, share)
        self._mass_of_teeth(part, teeth, opening, (u, v - mouth.inner[0].at(u)), mouth.frame.width_px, share)

    def _inside(
        self, part: np.ndarray, lips: np.ndarray, opening: np.ndarray, width_px: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where teeth are, lighter and less red than lips, and where it is darker than lips: ``(h, w)`` in 0 to 1."""
        paint = self.teeth
        luma = cv2.GaussianBlur(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), (0, 0), 0.7)
        score = luma - paint.redness * cv2.GaussianBlur(part[..., 0] - part[..., 1], (0, 0), 0.012 * width_px)
        total = max(float(lips.sum()), 1e-6)
        usual, usual_luma = np.float32((score * lips).sum() / total), np.float32((luma * lips).sum() / total)
        teeth = opening * smoothstep(score - usual, *paint.lighter)
        return teeth, opening * (1 - teeth) * smoothstep(luma - usual_luma, *self.darker)

    def _even_lips(self, part: np.ndarray, lips: np.ndarray, below: np.ndarray, width_px: float, share: float) -> None:
        mean = _anisotropic_mean(part, lips, (self.lips_mass[0] * width_px, self.lips_mass[1] * width_px))
        plane = self.upper_lip + (self.lower_lip - self.upper_lip) * smoothstep(below, -0.03, 0.03)
        mean *= gray_to_rgb(plane.astype(np.float32))
        _mix_texture(part, mean, lips * np.float32(self.lips_share * share), self.texture)

    def _even_dark(self, part: np.ndarray, dark: np.ndarray, width_px: float, share: float) -> None:
        mean, _ = normalized_blur(part * gray_to_rgb(dark), dark, self.dark_mass * width_px)
        # What is darker already stays.
        mean = np.minimum(mean * np.float32(self.darkness), part)
        _mix_texture(part, mean, dark * np.float32(self.dark_share * share), self.texture)

    def _mass_of_teeth(
        self,
        part: np.ndarray,
        teeth: np.ndarray,
        opening: np.ndarray,
        place: tuple[np.ndarray, np.ndarray],
        width_px: float,
        share: float,
    ) -> None:
        paint = self.teeth
        mass = _anisotropic_mean(part, teeth, (paint.mass[0] * width_px, paint.mass[1] * width_px))
        mass *= tint(np.ones_like(teeth), paint.ivory)
        brightness = np.maximum(cv2.cvtColor(mass, cv2.COLOR_RGB2GRAY), 1)
        kept = np.minimum(brightness, paint.lightest + paint.excess * np.maximum(brightness - paint.lightest, 0))
        shade = 1 - paint.corners * smoothstep(np.abs(place[0]), *paint.corner)
        shade *= 1 - paint.shadow * np.exp(-np.maximum(place[1], 0) / 0.03)
        mass *= gray_to_rgb(shade * kept / brightness)
        size = 2 * int(paint.gap * width_px / 2) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, max(size // 2, 1)))
        over = cv2.morphologyEx(teeth, cv2.MORPH_CLOSE, kernel) * opening
        part += (mass - part) * gray_to_rgb(over * np.float32(paint.share * share))

    def draw(self, picture: np.ndarray, mouth: Mouth, share: float, scale: float) -> None:
        """Draw the line where lips meet: whole, dark in the middle and softer towards the corners.

        Args:
            picture: ``(N, N, 3)`` uint8 or float32 in 0 to 255, changed.
            mouth: what was read off the plan.
            share: 0 to 1, how much of it.
            scale: size of the picture beside the plan's.
        """
        share *= self.strength * (1 - float(smoothstep(np.array(mouth.openness), *self.opening)))
        box = mouth.frame.box(len(picture), scale)
        part = picture[box].astype(np.float32)
        if share <= 0 or not part.size:
            return
        u, v = mouth.frame.grid(box, scale)
        width = self.line_width * (1 + smoothstep(np.abs(u), 0.25, 0.5))
        stroke = np.exp(-(((v - mouth.line.at(u)) / width) ** 2) / 2) * smoothstep(np.abs(u), 0.52, 0.15)
        stroke *= np.float32(self.line * share)
        part += np.minimum(tint(np.ones_like(stroke), mouth.dark) - part, 0) * gray_to_rgb(stroke)
        picture[box] = np.clip(part + 0.5, 0, 255) if picture.dtype == np.uint8 else part


def _redness(colours: np.ndarray) -> float:
    """Red above green in parts of all three: of ``(N, 3)`` colours, 0 if there are none."""
    red, green, blue = colours.reshape(-1, 3).mean(0).tolist() if len(colours) else (0.0, 0.0, 0.0)
    return float((red - green) / max(red + green + blue, 1.0))


def _anisotropic_mean(part: np.ndarray, weight: np.ndarray, sigmas_px: tuple[float, float]) -> np.ndarray:
    """Means ``(h, w, 3)`` of what is known near by, more of it from left and right than from above and below."""
    sigma_x, sigma_y = (max(sigma, 0.3) for sigma in sigmas_px)
    known = cv2.GaussianBlur(weight, (0, 0), sigma_x, sigmaY=sigma_y)
    total = cv2.GaussianBlur(part * gray_to_rgb(weight), (0, 0), sigma_x, sigmaY=sigma_y)
    return np.asarray(total / gray_to_rgb(np.maximum(known, np.float32(1e-3))))


def _mix_texture(part: np.ndarray, mean: np.ndarray, share: np.ndarray, contrast: tuple[float, float]) -> None:
    """Bring a part nearer to its mean, but where they differ as only different things do."""
    change = mean - part
    change *= gray_to_rgb(share * smoothstep(max_channel(np.abs(change)), *contrast))
    part += change
