"""Who is made up: a person by a seed, and a master's picture that suits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from portraitify.costume.library import MasterEntry, MasterLibrary
from portraitify.costume.master import CHILD, OLD
from portraitify.costume.mirroring import load_master
from portraitify.errors import ConfigError
from portraitify.face_space.limits import WEIGHT_UNIT, Limits, check_limits
from portraitify.face_space.space import DIRECTIONS, FaceSpace
from portraitify.imagining.people import Imagination
from portraitify.imagining.portrait import portrait_of

# Photos of the training split, of which hardly any is of a child or of somebody older, are like this.
TRAITS = (
    Limits("age", 20.0, 60.0, "years"),
    Limits("smile", 0.0, 1.0, "from grave (0) to a broad smile (1)"),
    Limits("masculine", -1.0, 1.0, "from feminine (-1) to masculine (1)"),
    Limits("weight", -1.0, 1.0, "from a thin face (-1) to a full one (1)"),
)
# Bounds between which ages, smiles and how masculine men are is left to chance: masters' sitters hardly smile.
_AGES, _SMILES, _MASCULINE = (21.0, 58.0), (0.0, 0.5), (0.75, 1.0)
# How far lips are apart in the units of the face space, at rest, and by how much more each smile beyond the half.
_LIPS, _LAUGHING = 0.008, 0.1
# How much lighter one side of a face is in the light of a picture, in the units of the face space.
_LIGHT = 15.0
# Turn of a master's own sitter, degrees, beyond which faces seen from the front fall apart.
_MOST_TURNED = 25.0
# Pictures that show the border of another face: dark hair lies close around it, or a shaved forehead goes on above it.
_UNSUITED = frozenset({"condottiere", "ruthven", "margaret-van-eyck"})
# Age from which on the dress of somebody old is worn, and share of the pictures that is mirrored.
_OLD_AT, _MIRRORED = 48.0, 0.35
# Told apart from other uses of the same seed.
_STREAM = 0x1A61


@dataclass(frozen=True)
class Imagined:
    """Somebody who does not exist.

    Attributes:
        picture: ``(H, W, 3)`` uint8.
        seed: by which they came about.
        asked: by names of :data:`TRAITS`.
        master: whose picture gave hair, dress and ground.
    """

    picture: np.ndarray
    seed: int
    asked: Mapping[str, float]
    master: MasterEntry

    @property
    def told(self) -> dict[str, str]:
        """What a painting's record says of it."""
        asked = (f"{name} {amount:g}" for name, amount in self.asked.items())
        return {"imagine": ", ".join([f"seed {self.seed}", *asked, f"master {self.master.name}"])}


class Imaginer:
    """Makes people up.

    Args:
        space: of faces.
        library: of masters' pictures.
    """

    def __init__(self, space: FaceSpace, library: MasterLibrary):
        self._space, self._library = space, library
        self._load = lru_cache(2)(partial(load_master, library))

    def imagine(self, seed: int, asked: Mapping[str, float], master: str = "") -> Imagined:
        """Make somebody up; the same seed gives the same person.

        Args:
            seed: 0 or more.
            asked: by names of :data:`TRAITS`.
            master: whose hair, dress and ground; empty leaves it to chance.

        Raises:
            ConfigError: a trait goes too far, or there is no such picture, or it does not fit.
            WeightsError: the picture is missing or damaged.
        """
        check_traits(asked)
        rng = np.random.default_rng([_STREAM, seed])
        drawn = {name: float(rng.uniform(*bounds)) for name, bounds in (("age", _AGES), ("smile", _SMILES))}
        woman, masculine, mirror = rng.random() < 0.5, float(rng.uniform(*_MASCULINE)), rng.random() < _MIRRORED
        # Whoever is asked for by name is the same person as by chance.
        chance = rng.random()
        age = asked.get("age", drawn["age"])
        if master:
            entry = self._named(master)
        else:
            if asked.get("masculine"):
                woman = asked["masculine"] < 0
            fitting = [each for each in self.masters if _suits(each, woman, age)]
            entry = fitting[int(chance * len(fitting))]
        traits = {**drawn, "masculine": -masculine if entry.traits.woman else masculine, **asked, "age": age}
        if "weight" in asked:
            usual = float(self._space.usual[DIRECTIONS.index("weight"), 0])
            traits["weight"] = usual + WEIGHT_UNIT * asked["weight"]
        mirror = mirror and entry.traits.mirrors
        traits["open"] = _LIPS + _LAUGHING * max(traits["smile"] - 0.5, 0.0)
        traits["light"] = _LIGHT * float(entry.light[0]) * (-1 if mirror else 1)
        person = Imagination(self._space).person(rng, traits)
        return Imagined(portrait_of(person, self._load(entry.name, mirror)), seed, asked, entry)

    def check_master(self, name: str) -> None:
        """Make sure early that somebody can be made up in a picture.

        Raises:
            ConfigError: there is no such picture, or it does not fit.
        """
        self._named(name)

    @cached_property
    def masters(self) -> list[MasterEntry]:
        """The pictures in which people can be made up."""
        return [entry for entry in self._library.entries() if not hindrance(entry) and not entry.warnings]

    def _named(self, name: str) -> MasterEntry:
        known = name in self._library.names()
        why = hindrance(self._library.entry(name)) if known else "unknown master"
        if why:
            raise ConfigError(f"{name}: {why}. Choose one of {', '.join(each.name for each in self.masters)}.")
        return self._library.entry(name)


def hindrance(entry: MasterEntry) -> str:
    """Why nobody can be made up in a picture, for people; empty where that is not so."""
    if entry.traits.bearded:
        return "the beard would be the master's own sitter's"
    if entry.traits.age == CHILD:
        return "only grown-ups are made up"
    if entry.name in _UNSUITED:
        return "the border of another face would be seen"
    if abs(entry.pose.yaw) > _MOST_TURNED:
        return f"the head is turned by {abs(entry.pose.yaw):.0f} degrees"
    return ""


def check_traits(asked: Mapping[str, float]) -> None:
    """Make sure that traits exist and stay within what was looked at.

    Raises:
        ConfigError: one does not.
    """
    check_limits(asked, TRAITS)


def _suits(entry: MasterEntry, woman: bool, age: float) -> bool:
    return entry.traits.woman == woman and (entry.traits.age != OLD or age >= _OLD_AT)
