"""The old masters' pictures in which a sitter can sit: who painted them, and what of them lies where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.faces.face_mesh import FaceGeometry, Pose

# Ages of sitters, and how hair is seen.
CHILD, ADULT, OLD = AGES = ("child", "adult", "old")
SHORT, LONG, COVERED = HAIR = ("short", "long", "covered")


@dataclass(frozen=True)
class Credits:
    """Whose picture it is.

    Attributes:
        artist: who painted it.
        title: of the picture.
        date: as the museum gives it; may be empty.
        museum: that owns it; empty where it is not known.
        object: number in the museum; likewise.
        licence: of the photograph of the picture.
        source: where the photograph came from.
    """

    artist: str
    title: str
    date: str = ""
    museum: str = ""
    object: str = ""
    licence: str = ""
    source: str = ""


@dataclass(frozen=True)
class Traits:
    """What decides whom a picture suits.

    Attributes:
        dress: what the sitter will wear, in words that follow "in": "a fur-lined black coat".
        age: of the master's own sitter, one of ``AGES``.
        hair: of the master's own sitter, one of ``HAIR``.
        bearded: whether the master's own sitter is.
        anyone: whether the dress suits anyone, so that it may be chosen without being asked for.
        mirrors: whether the picture may be shown mirrored: no lettering, no sword-hand.
        woman: whether the master's own sitter is a woman or a girl.
    """

    dress: str
    age: str = ADULT
    hair: str = SHORT
    bearded: bool = False
    anyone: bool = False
    mirrors: bool = True
    woman: bool = False


@dataclass(frozen=True)
class MasterMasks:
    """What lies where, ``(H, W)`` uint8 each, 255 where it is.

    Attributes:
        head: face, ears, hair and headdress, which the clean plate has not.
        hair: hair and headdress alone.
        skin: neck, chest and hands; not the face.
        before: what passes before neck, hair or face: collar, ruff, fur, a hand.
        body: all of the sitter but head and neck: dress, hands.
    """

    head: np.ndarray
    hair: np.ndarray
    skin: np.ndarray
    before: np.ndarray
    body: np.ndarray


@dataclass(frozen=True)
class Master:
    """An old master's picture, ready to be sat in.

    Attributes:
        name: by which it is asked for.
        style: the medium in which the sitter is painted, ``renaissance`` or ``oil``.
        credits: whose picture it is.
        traits: whom it suits.
        mesh: ``(468, 3)`` float64 in pixels of the plate, the face of the master's own sitter.
        light: ``(2,)`` unit vector to the right and downwards, towards the light.
        plate: ``(H, W, 3)`` uint8 RGB, the picture without its head and neck.
        picture: ``(H, W, 3)`` uint8 RGB, as it was painted.
        masks: what lies where.
        warnings: what is likely to show in each picture that is made with it, for people.
    """

    name: str
    style: str
    credits: Credits
    traits: Traits
    mesh: np.ndarray
    light: np.ndarray
    plate: np.ndarray
    picture: np.ndarray
    masks: MasterMasks
    warnings: tuple[str, ...] = ()

    @property
    def pose(self) -> Pose:
        """How the head of the master's own sitter is turned."""
        return FaceGeometry(self.mesh, 0.0).pose
