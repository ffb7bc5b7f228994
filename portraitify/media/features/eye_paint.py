"""Eyes: an iris of two tones with one catchlight, a grey white in the lids' shadow, one dark stroke of lashes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.filters import smoothstep
from portraitify.media.features.eyes import LUMA, Eye
from portraitify.media.features.iris import CELLS


@dataclass(frozen=True)
class EyePaint:
    """How eyes are painted. Lengths are in widths of the eye, or in radii of the iris where that is said.

    Attributes:
        half_u: how far it reaches to each side.
        half_v: how far it reaches up and down.
        strength: 0 to 1, of the whole.
        openness: height of the opening from which on an eye is painted, and at which wholly; less is a closed one.
        iris_share: 0 to 1, of the painted iris over the picture's.
        iris_chroma: factor of the distance of its colour from grey, since lids and reflections have greyed it.
        iris_red: red in parts of green that it has at the most.
        iris_edge: softness of the iris's border, radii.
        ring: how much darker the iris is at its border.
        shadow: how much darker it is in the lid's shadow, above.
        glow: how much lighter it is opposite the catchlight.
        pupil: radius of the pupil, radii.
        pupil_darkness: how much darker than the iris it is.
        reflection: how much brighter than the iris, 0 to 255, the picture's own reflections stay.
        catchlight: radius of the catchlight, radii.
        catchlight_place: its distance from the middle, radii.
        catchlight_share: 0 to 1, its opacity.
        catchlight_colour: red, green and blue, 0 to 255.
        white_share: 0 to 1, how even the white becomes.
        white_tint: factors of red, green and blue of a warm grey.
        white_gray: 0 to 1, how far the white loses its own hue.
        white_excess: brightness above that of the skin that the white keeps, as a share.
        corners: how much darker the white is in the corners.
        lid_shadow: how much darker the eye is under the upper lid.
        lid_shadow_reach: how far down that goes.
        lash: 0 to 1, opacity of the lashes' stroke.
        lash_width: of that stroke, standard deviation.
        lower_edge: how much lighter the lower lid's edge is.
        lower_edge_width: of that edge, standard deviation.
        far_loss: how much less of all this the farther eye of a turned face gets.
    """

    half_u: float = 0.56
    half_v: float = 0.3
    strength: float = 1.0
    openness: tuple[float, float] = (0.11, 0.18)
    iris_share: float = 0.8
    iris_chroma: float = 1.35
    iris_red: float = 1.6
    iris_edge: float = 0.16
    ring: float = 0.3
    shadow: float = 0.2
    glow: float = 0.28
    pupil: float = 0.42
    pupil_darkness: float = 0.6
    reflection: float = 25.0
    catchlight: float = 0.15
    catchlight_place: float = 0.5
    catchlight_share: float = 0.6
    catchlight_colour: tuple[float, float, float] = (240.0, 234.0, 220.0)
    white_share: float = 0.6
    white_tint: tuple[float, float, float] = (1.03, 1.0, 0.93)
    white_gray: float = 0.5
    white_excess: float = 0.5
    corners: float = 0.22
    lid_shadow: float = 0.26
    lid_shadow_reach: float = 0.06
    lash: float = 0.7
    lash_width: float = 0.022
    lower_edge: float = 0.06
    lower_edge_width: float = 0.025
    far_loss: float = 0.35

    def paint(self, picture: np.ndarray, eye: Eye, share: float, light: tuple[float, float], scale: float) -> None:
        """Paint one eye over a picture.

        Args:
            picture: ``(N, N, 3)`` uint8 or float32 in 0 to 255, changed.
            eye: what was read off the plan.
            share: 0 to 1, how far.
            light: unit vector towards the light, right and down.
            scale: size of the picture beside the plan's.
        """
        share *= self.strength * float(smoothstep(np.array(eye.openness), *self.openness))
        frame = replace(eye.frame, half_u=self.half_u, half_v=self.half_v)
        box = frame.box(len(picture), scale)
        part = picture[box].astype(np.float32)
        if share <= 0 or not part.size:
            return
        u, v = eye.frame.grid(box, scale)
        below, above = v - eye.upper.at(u), eye.lower.at(u) - v
        # A border no finer than a pixel.
        soft = max(0.015, 0.7 / (scale * eye.frame.width_px))
        opening = smoothstep(np.minimum(below, above), -soft, 2 * soft)
        opening *= smoothstep(np.abs(u), 0.5, 0.4)
        share *= 1 - self.far_loss * (1 - eye.nearness)
        painted = self._white(part, eye, u)
        iris = self._iris(part, eye, u, v, light)
        away = np.hypot(u - eye.centre[0], v - eye.centre[1]) / eye.radius
        disc = smoothstep(away, 1 + self.iris_edge, 1 - self.iris_edge) * eye.frame.lookup(eye.clear, u, v, CELLS)
        disc *= np.float32(self.iris_share * eye.seen)
        painted += (iris - painted) * gray_to_rgb(disc)
        shadow = 1 - self.lid_shadow * np.exp(-np.maximum(below, 0) / self.lid_shadow_reach)
        painted *= gray_to_rgb(shadow)
        self._catchlight(painted, eye, u, v, light)
        part += (painted - part) * gray_to_rgb(opening * np.float32(share))
        self._lids(part, eye, u, below, above, share)
        picture[box] = np.clip(part + 0.5, 0, 255) if picture.dtype == np.uint8 else part

    def _white(self, part: np.ndarray, eye: Eye, u: np.ndarray) -> np.ndarray:
        """The picture with its white evened, greyed and shaded in the corners."""
        gray = eye.white @ LUMA
        white = eye.white + self.white_gray * (gray * np.array(self.white_tint) - eye.white)
        brightness = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
        iris = float(eye.iris @ LUMA)
        # What is as bright as the white is made even; lids and lashes in front of it are left.
        like = smoothstep(brightness, iris + 0.3 * (gray - iris), iris + 0.8 * (gray - iris) + 1)
        corners = 1 - self.corners * smoothstep(np.abs(u), 0.2, 0.5)
        return np.asarray(part + (tint(corners, white) - part) * gray_to_rgb(like * np.float32(self.white_share)))

    def _iris(self, part: np.ndarray, eye: Eye, u: np.ndarray, v: np.ndarray, light: tuple[float, float]) -> np.ndarray:
        """An iris of two tones with its pupil."""
        x, y = (u - eye.centre[0]) / eye.radius, (v - eye.centre[1]) / eye.radius
        away = np.hypot(x, y)
        opposite = -(x * light[0] + y * light[1])
        tone = 1 - self.ring * smoothstep(away, 0.6, 1.0)
        tone -= self.shadow * smoothstep(y, 0.15, -0.7)
        tone += self.glow * smoothstep(opposite, 0.0, 0.7) * smoothstep(away, 1.0, 0.6)
        tone *= 1 - self.pupil_darkness * smoothstep(away, self.pupil + 0.12, self.pupil - 0.12)
        gray = float(eye.iris @ LUMA)
        colour = np.clip(gray + self.iris_chroma * (eye.iris - gray), 0, 255)
        # Brown at most: what is redder is a lid's or a lamp's.
        colour[0] = min(colour[0], self.iris_red * colour[1])
        return tint(tone.astype(np.float32), colour)

    def _catchlight(
        self, painted: np.ndarray, eye: Eye, u: np.ndarray, v: np.ndarray, light: tuple[float, float]
    ) -> None:
        """Set one light, on the light's side and below the lid."""
        centre = np.array(eye.centre) + self.catchlight_place * eye.radius * np.array(light)
        size = self.catchlight * eye.radius
        lid = float(eye.upper.at(np.array([centre[0]]))[0])
        centre[1] = max(centre[1], lid + 1.6 * size)
        away = np.hypot(u - centre[0], v - centre[1]) / size
        spot = smoothstep(away, 1.7, 0.3) * np.float32(self.catchlight_share * eye.seen * eye.nearness)
        painted += (tint(np.ones_like(spot), self.catchlight_colour) - painted) * gray_to_rgb(spot)

    def _lids(
        self, part: np.ndarray, eye: Eye, u: np.ndarray, below: np.ndarray, above: np.ndarray, share: float
    ) -> None:
        """One dark stroke along the upper lid, thinner towards the corners, and a light edge on the lower one."""
        taper = smoothstep(np.abs(u), 0.52, 0.25)
        stroke = np.exp(-(((below - self.lash_width) / self.lash_width) ** 2) / 2) * taper * (self.lash * share)
        part += np.minimum(tint(np.ones_like(stroke), eye.lash) - part, 0) * gray_to_rgb(stroke)
        edge = np.exp(-(((above + self.lower_edge_width) / self.lower_edge_width) ** 2) / 2) * taper
        part *= gray_to_rgb(1 + edge * np.float32(self.lower_edge * share))
