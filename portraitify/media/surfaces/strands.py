"""Hair, fur and whatever else has fine texture: masses along the form, with some fine lines at the lights."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.coherence import flow_vectors, smooth_along
from portraitify.imaging.face_regions import HEAD, SKIN_OVAL, face_mask
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.skin import skin_mask, skin_weights
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.sfumato import drawn_features

# Side at which skin is told from hair, pixels; in a crowd each face is too small for strands.
_SKIN_PX, _MOST_FACES = 128, 4
# How surely what lies in the oval of the head is skin, 0 to 1, whatever its colour.
_IN_HEAD = 0.6
# Brightness, 0 to 1, in which no texture can be seen.
_TOE = 0.06
# Factor of the soft border of skin.
_WIDER = 1.7
# Height of the brows, in distances from the eyes down to the mouth.
_BROWS = -0.35


@dataclass(frozen=True)
class Strands:
    """How texture that was simplified away comes back in strands; lengths are in parts of the side.

    Attributes:
        gradient_sigma: blur before the form is read.
        form_sigma: blur of the form.
        trust: gradient, in brightness from 0 to 1 a pixel of the plan, at which the form is half sure.
        near_step: of the shorter steps by which strands are drawn out.
        far_step: of the longer ones.
        skin_reduction: 0 to 1, how much shorter these steps are on skin.
        texture_sigma: blur of what tells where strands are.
        texture: deviation of that texture, as a share of the brightness, between smooth planes and strands.
        share: 0 to 1, of the strands' own colours.
        line_sigma: half the width of fine lines.
        lines: deviation of their brightness, as a share of the colour's; eyes and mouth have none.
    """

    gradient_sigma: float = 0.002
    form_sigma: float = 0.012
    trust: float = 0.003
    near_step: float = 0.003
    far_step: float = 0.012
    skin_reduction: float = 0.5
    texture_sigma: float = 0.008
    texture: Ramp = field(default_factory=lambda: Ramp(0.035, 0.12))
    share: float = 0.9
    line_sigma: float = 0.0011
    lines: float = 0.3

    def over(self, scene: Scene, planes: np.ndarray, stream: str) -> np.ndarray:
        """Draw strands.

        Args:
            scene: the picture.
            planes: ``(S, S, 3)`` float32 in 0 to 255, the picture simplified.
            stream: of random numbers, see `Scene.random`.

        Returns:
            ``(S, S, 3)`` float32.
        """
        side = len(planes)
        vectors = flow_vectors(scene.luma, self.gradient_sigma * side, self.form_sigma * side, self.trust)
        sure = cv2.magnitude(*vectors)
        # Where the form is not sure the way is nearly as long: beads of light become locks.
        skin, loose = _skin(scene), 1 - drawn_features(scene)
        where = self._where(scene, planes, sure) * (1 - skin)
        longer = loose * (1 - self.skin_reduction * skin) / np.sqrt(sure + np.float32(1e-3))
        vectors = vectors[0] * longer, vectors[1] * longer
        strands = planes + (scene.even - planes) * gray_to_rgb(self.share * where)
        white = scene.random(stream).standard_normal((side, side), np.float32)
        lines = cv2.GaussianBlur(white, (0, 0), max(self.line_sigma * side, 0.3))
        near, far = self.near_step * side, self.far_step * side
        drawn = smooth_along(cv2.merge([strands, lines]), vectors, (near, far / 2, far))
        strands, lines = cv2.cvtColor(drawn, cv2.COLOR_RGBA2RGB), cv2.extractChannel(drawn, 3)
        lines *= np.float32(self.lines / max(float(lines.std()), 1e-6))
        strands *= gray_to_rgb(1 + lines * where * loose)
        return strands

    def _where(self, scene: Scene, planes: np.ndarray, sure: np.ndarray) -> np.ndarray:
        """Where there are strands, ``(S, S)`` float32 in 0 to 1; worked out at half the size."""
        side = len(planes)
        half = max(side // 2, 1)
        missing = scene.luma - cv2.cvtColor(planes * np.float32(1 / 255), cv2.COLOR_RGB2GRAY)
        missing /= scene.luma + np.float32(_TOE)
        fields = cv2.merge([missing * missing, sure, scene.subject_mask])
        fields = cv2.resize(fields, (half, half), interpolation=cv2.INTER_AREA)
        fields = cv2.GaussianBlur(fields, (0, 0), max(self.texture_sigma * half, 0.3))
        texture, sure, mask = cv2.split(fields)
        where = self.texture(np.sqrt(texture)) * np.sqrt(sure) * mask
        return np.asarray(cv2.resize(where, (side, side), interpolation=cv2.INTER_LINEAR))


def _skin(scene: Scene) -> np.ndarray:
    """The painted skin, ``(S, S)`` float32 in 0 to 1."""
    side = len(scene.even)
    small = min(side, _SKIN_PX)
    lab = to_lab(cv2.resize(scene.even, (small, small), interpolation=cv2.INTER_AREA))
    mask = cv2.resize(scene.subject_mask, (small, small), interpolation=cv2.INTER_AREA)
    faces = scene.landmarks[:_MOST_FACES] * (small / side)
    skins = [_without_hair(skin_mask(lab, mask, points, skin_weights(lab, mask, points)), points) for points in faces]
    # Its contour, which is sharper than planes, is no strand.
    skin = np.minimum(_WIDER * np.maximum.reduce(skins), 1)
    return np.asarray(cv2.resize(skin, (side, side), interpolation=cv2.INTER_LINEAR))


def _without_hair(skin: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Skin without what lies above the brows and outside the face: hair may have the same colour."""
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    rows = (np.arange(len(skin)) - eyes[1]) / max(float(np.linalg.norm(mouth - eyes)), 1.0)
    below = smoothstep(rows.astype(np.float32), _BROWS - 0.2, _BROWS + 0.2)[:, None]
    skin = skin.astype(np.float32) * np.maximum(below, face_mask(landmarks, skin.shape, SKIN_OVAL))
    return np.asarray(np.maximum(skin, np.float32(_IN_HEAD) * face_mask(landmarks, skin.shape, HEAD)))
