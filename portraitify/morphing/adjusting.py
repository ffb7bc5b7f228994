"""A sitter older or younger, smiling, turned, with other hair: differences laid on the photo, so that likeness stays.

Source: after Rowland and Perrett, Manipulating Facial Appearance through Shape
and Color, IEEE Computer Graphics and Applications 15(5), 1995, with the
directions of :mod:`portraitify.face_space.space`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.errors import ConfigError
from portraitify.face_space.limits import WEIGHT_UNIT, Limits, check_limits
from portraitify.face_space.space import DIRECTIONS, FINE_PX, FRAME_PX, FaceSpace
from portraitify.imaging.cielab import to_rgb
from portraitify.imaging.face_parts import MOVING, FacePart, part_mask
from portraitify.imaging.filters import blur
from portraitify.imaging.rotation import nearest_turn
from portraitify.imaging.thin_plate import warp_map
from portraitify.morphing.carrying import bare, carried, inside_face, tone_of
from portraitify.morphing.hair import HAIR_COLOURS, recolour_hair
from portraitify.morphing.sitter import VIEW_PX, Sitter


@dataclass(frozen=True)
class Adjustment(Limits):
    """Something that can be changed, and how far.

    Attributes:
        unit: what a step of 1 is in the units of the face space; 0 for what the space does not know.
    """

    unit: float


# Beyond these limits faces fell apart on sheets of photos of the training split.
ADJUSTMENTS = (
    Adjustment("age", -12.0, 25.0, "years older; less than 0 is younger", 3.0),
    Adjustment("smile", -0.4, 0.7, "from grave (-0.4) to a broad smile (0.7)", 3.0),
    Adjustment("masculine", -1.0, 1.0, "from feminine (-1) to masculine (1)", 1.0),
    Adjustment("weight", -1.0, 1.0, "from a thin face (-1) to a full one (1)", WEIGHT_UNIT),
    Adjustment("light", -1.0, 1.0, "light from the left (-1) or from the right (1)", 55.0),
    Adjustment("turn", -15.0, 15.0, "degrees by which the head turns to the viewer's left (less than 0) or right", 0.0),
)
HAIR = "hair"
# A smile is as broad as its lips are apart; how many units of the opening belong to a whole one.
_OPENED = 0.012
# What is drawn in lips belongs to nobody's own; only their shape changes.
_LIPS_KEPT = 0.85
# Bounds of the logarithm by which fine detail is strengthened: more makes specks of pores. Shadows and lights, L*, that
# are never exceeded, and how much of the change of colour is laid on: all of it is blotchy.
_DETAIL, _MOST_LIGHT, _CHROMA_SHARE = (-0.9, 0.45), 16.0, 0.5
# Standard deviation, in parts of the view's side, over which what covers a face is softened.
_CALM = 0.012


@dataclass(frozen=True)
class Adjuster:
    """Changes sitters.

    Attributes:
        space: knows how.
    """

    space: FaceSpace

    def adjust(self, sitter: Sitter, amounts: Mapping[str, float], hair: str = "") -> np.ndarray:
        """Change a sitter in their photo.

        Args:
            sitter: whom.
            amounts: by name of :data:`ADJUSTMENTS`.
            hair: one of ``HAIR_COLOURS``; empty leaves it as it is.

        Returns:
            ``(H, W, 3)`` uint8, of the shape of the photo.

        Raises:
            ConfigError: there is no such adjustment, or it goes too far.
        """
        check_amounts(amounts, hair)
        moves = self._moves(amounts)
        shape = self._shape(sitter.mesh, moves, amounts.get("turn", 0.0))
        view, mask = carried(sitter, shape, sitter.mask)
        if hair:
            view = recolour_hair(view, mask, shape, tone_of(sitter), hair)
        if moves.any():
            view = self._with_looks(view, shape, tone_of(sitter), moves)
        return sitter.with_view(to_rgb(view.astype(np.float32)))

    def _moves(self, amounts: Mapping[str, float]) -> np.ndarray:
        """How many units of each direction: ``(D,)``."""
        moves = np.zeros(len(DIRECTIONS))
        for known in ADJUSTMENTS:
            if known.unit:
                moves[DIRECTIONS.index(known.name)] = known.unit * amounts.get(known.name, 0.0)
        moves[DIRECTIONS.index("open")] = _OPENED * max(amounts.get("smile", 0.0), 0.0)
        return moves

    def _shape(self, mesh: np.ndarray, moves: np.ndarray, degrees: float) -> np.ndarray:
        """The sitter's points ``(468, 3)`` after the moves and a turn."""
        still = np.setdiff1d(np.arange(len(mesh)), MOVING)
        points, goal = self.space.points[still], mesh[still]
        turn, scale = nearest_turn(points - points.mean(0), goal - goal.mean(0))
        moved = mesh + np.tensordot(moves, self.space.shape_moves, 1) @ turn.T * scale
        if not degrees:
            return np.asarray(moved)
        middle = moved[still].mean(0)
        aside = cv2.Rodrigues(np.array([0.0, -np.radians(degrees), 0.0]))[0]
        return np.asarray((moved - middle) @ aside.T + middle)

    def _with_looks(self, view: np.ndarray, shape: np.ndarray, tone: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """The view ``(VIEW_PX, VIEW_PX, 3)`` CIELAB with the moves' light, colour and strength of detail."""
        places = warp_map(self.space.points[:, :2] * FRAME_PX, shape[:, :2], VIEW_PX)
        light, chroma, detail = (
            _laid(np.tensordot(moves, maps, 1), places)
            for maps in (self.space.light_moves, self.space.chroma_moves, self.space.detail_moves)
        )
        where = inside_face(shape)
        where = where * blur(np.minimum(bare(view, shape, tone), where), _CALM * VIEW_PX)
        lips = part_mask(shape[None], (FacePart.LIPS,), where.shape, 0.5 * _CALM * VIEW_PX)
        where = where * (1 - _LIPS_KEPT * lips)
        result = view.copy()
        fine_px = FINE_PX / FRAME_PX * np.ptp(shape[:, 1]) / np.ptp(self.space.points[:, 1])
        fine = view[..., 0] - blur(np.ascontiguousarray(view[..., 0]), fine_px)
        # Dark skin reflects less of every light.
        share = np.sqrt(max(tone[0], 1.0) / float(self.space.light.max()))
        detail = np.clip(detail, *_DETAIL)
        result[..., 0] += where * (share * _bounded(light) + (np.exp(detail) - 1) * fine)
        result[..., 1:] += where[..., None] * share * _CHROMA_SHARE * chroma
        return np.asarray(result)


def _bounded(light: np.ndarray) -> np.ndarray:
    return np.asarray(_MOST_LIGHT * np.tanh(light / _MOST_LIGHT))


def check_amounts(amounts: Mapping[str, float], hair: str) -> None:
    """Make sure that adjustments exist and stay within what was looked at.

    Raises:
        ConfigError: one does not.
    """
    check_limits(amounts, ADJUSTMENTS, [HAIR])
    if hair and hair not in HAIR_COLOURS:
        raise ConfigError(f"hair {hair}: must be one of {', '.join(HAIR_COLOURS)}.")


def _laid(maps: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A map of the frame ``(s, s)`` or ``(s, s, C)`` laid on the view by where its pixels come from in the frame."""
    side = (FRAME_PX, FRAME_PX)
    full = cv2.resize(maps.astype(np.float32), side, interpolation=cv2.INTER_CUBIC)
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    return np.asarray(cv2.remap(full, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def told_of(amounts: Mapping[str, float], hair: str, digest: str) -> dict[str, str]:
    """What a painting's record says of its adjustments: amounts by name, and the photo by its digest."""
    parts = [f"{name} {amount:g}" for name, amount in amounts.items()]
    if hair:
        parts.append(f"{HAIR} {hair}")
    return {"adjust": f"{', '.join(parts)}; {digest}"}
