"""Which master's picture suits a sitter, how well, and in which words that is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portraitify.config import MASTER_HAIR, OWN_HAIR
from portraitify.costume.library import MasterEntry
from portraitify.costume.master import ADULT, CHILD, LONG, OLD, SHORT
from portraitify.faces.face_mesh import Pose
from portraitify.imaging.filters import smoothstep

# What to do where the sitter's own hair does not serve, for people.
_UNDER_HAT = "--hair master paints the face under a master's hat or veil"


@dataclass(frozen=True)
class Sitter:
    """What of a sitter decides which picture fits.

    Attributes:
        pose: how the head is turned.
        light: ``(2,)`` unit vector to the right and downwards, towards the light of the photo.
        eyes_px: distance between the eyes in the photo, pixels.
        complete: 0 to 1, how much of head and hair the photo shows.
        features_shown: whether the photo shows eyes, brows and mouth, and a little skin around them.
        astray: 0 to 1, how much of one side of the face its mesh has taken from the ground.
        severed: how wide what ends straight beside the face is, see :class:`portraitify.costume.head.Head`.
        hair: one of ``portraitify.costume.master.HAIR``, or empty where that is not known.
        age: one of ``portraitify.costume.master.AGES``, or empty where that is not known.
        air: what a picture, mirrored or not, leaves around this sitter's head, in parts of its height; less than 0
            where it cuts the head.
    """

    pose: Pose
    light: np.ndarray
    eyes_px: float
    complete: float = 1.0
    features_shown: bool = True
    astray: float = 0.0
    severed: float = 0.0
    hair: str = ""
    age: str = ""
    air: Callable[[MasterEntry, bool], float] = lambda entry, mirrored: 1.0


@dataclass(frozen=True)
class Fit:
    """A sitter and a master's picture.

    Attributes:
        entry: the picture.
        mirrored: whether it is shown as a mirror shows it.
        pose_difference: angle between the turns of both heads, degrees.
        score: 0 to 1, how well both go together.
        hindrance: what speaks most against it, for people.
        hair: whose hair is worn, one of ``portraitify.config.HAIRS``.
    """

    entry: MasterEntry
    mirrored: bool
    pose_difference: float
    score: float
    hindrance: str = ""
    hair: str = OWN_HAIR

    @property
    def label(self) -> str:
        """Painter, title and date, as far as they are known."""
        known = self.entry.credits
        parts = [known.artist or "an unknown painter", known.title and f"“{known.title}”", known.date]
        return ", ".join(part for part in parts if part)

    @property
    def words(self) -> str:
        """What the sitter wears, and whose picture it is."""
        return f"in {self.entry.traits.dress}, after {self.label}"

    def record(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        known = self.entry.credits
        return {
            "name": self.entry.name,
            "artist": known.artist,
            "title": known.title,
            "date": known.date,
            "museum": known.museum,
            "object": known.object,
            "dress": self.entry.traits.dress,
            "hair": self.hair,
            "mirrored": self.mirrored,
            "pose_difference": round(self.pose_difference, 1),
            "score": round(self.score, 3),
        }


@dataclass(frozen=True)
class Fitting:
    """Judges whom a picture suits; a score is a product of shares from 0 to 1, so that nothing makes up for a misfit.

    Attributes:
        turn: difference of heads' turns to the side that does no harm, and from which on nothing fits, degrees.
        nod: likewise up and down.
        air: around the head, below which a picture has no room for it, and from which on it has; parts of its height.
        most_turned: turn to the side from which on half of a face is hidden, degrees.
        least_eyes_px: distance between the eyes in the photo below which a bust would have no face to show.
        most_astray: share of a side of the face that may look like the ground.
        least_complete: share of head and hair that the photo has to show.
        most_severed: width of what may end straight beside the face, in widths of the face.
        light_share: what light from the other side costs.
        too_old: what the dress of somebody old keeps for whoever is not; hands show it.
        other_hair: what long hair over a dress that was painted with short hair keeps, and the reverse.
        borrowed_short, borrowed_long: what a face under the master's hair keeps where that is short, or long, and
            there is no hat or veil; a master's beard is nobody else's.
        as_mirrored: what a mirrored picture keeps: masters are better the right way round.
        band: pictures whose scores are within this of the best fit about as well; which of them comes first is chance,
            so that not all wear the same.
        least_score: below which a picture is not chosen.
        least_asked: below which even one that was asked for does not fit.
        hair: whose hair is worn, one of ``portraitify.config.HAIRS``.
    """

    turn: tuple[float, float] = (22.0, 56.0)
    nod: tuple[float, float] = (12.0, 40.0)
    air: tuple[float, float] = (-0.06, 0.05)
    most_turned: float = 42.0
    least_eyes_px: float = 22.0
    most_astray: float = 0.6
    least_complete: float = 0.8
    most_severed: float = 0.15
    light_share: float = 0.3
    too_old: float = 0.8
    other_hair: float = 0.9
    borrowed_short: float = 0.3
    borrowed_long: float = 0.75
    as_mirrored: float = 0.95
    band: float = 0.15
    least_score: float = 0.4
    least_asked: float = 0.12
    hair: str = OWN_HAIR

    def obstacle(self, sitter: Sitter) -> str:
        """Why a sitter fits into no picture at all, for people; empty where that is not so."""
        if abs(sitter.pose.yaw) > self.most_turned:
            return f"the head is turned {abs(sitter.pose.yaw):.0f} degrees to the side"
        if sitter.eyes_px < self.least_eyes_px:
            return "the face is too small in the photo"
        if sitter.astray > self.most_astray:
            return "the far side of the face is not seen clearly enough"
        # Below the mouth and beside the eyes a master's skin can go on for the sitter's, and nowhere else.
        if self.hair == MASTER_HAIR and not sitter.features_shown:
            return "the edge of the photo cuts the face"
        tip = f"; {_UNDER_HAT}" if sitter.features_shown else ""
        if sitter.complete < self.least_complete:
            return f"the edge of the photo cuts head or hair{tip}"
        if sitter.severed > self.most_severed:
            return f"hair or scarf cannot be told from the dress{tip}"
        return ""

    def rank(self, sitter: Sitter, entries: Sequence[MasterEntry], photo: str = "") -> list[Fit]:
        """The pictures that suit anyone, those first that fit best.

        Args:
            sitter: whoever is to sit.
            entries: all pictures.
            photo: its digest; of pictures that fit about as well each photo has another one first.

        Returns:
            Those within ``band`` of the best in an order by chance, then the others, the best first.
        """
        found = [self.fit(sitter, entry) for entry in entries if entry.traits.anyone and not entry.warnings]
        least = max((fit.score for fit in found), default=0.0) - self.band
        alike = [fit for fit in found if fit.score >= least]
        alike.sort(key=lambda fit: _chance(f"{photo} {fit.entry.name}"))
        return alike + sorted((fit for fit in found if fit.score < least), key=lambda fit: -fit.score)

    def fit(self, sitter: Sitter, entry: MasterEntry, asked: bool = False) -> Fit:
        """How well a sitter and a picture go together, mirrored if that is better and allowed.

        Args:
            sitter: whoever is to sit.
            entry: the picture.
            asked: it was asked for by name, so that age is not ours to judge.
        """
        ways = (False, True) if entry.traits.mirrors else (False,)
        return max((self._fit(sitter, entry, mirrored, asked) for mirrored in ways), key=lambda fit: fit.score)

    def fits(self, fit: Fit, asked: bool = False) -> bool:
        """Whether it is good enough."""
        return fit.score >= (self.least_asked if asked else self.least_score)

    def _fit(self, sitter: Sitter, entry: MasterEntry, mirrored: bool, asked: bool) -> Fit:
        sign = -1 if mirrored else 1
        room = float(smoothstep(np.float32(sitter.air(entry, mirrored)), *self.air))
        aside, down = sitter.pose.yaw - sign * entry.pose.yaw, sitter.pose.pitch - entry.pose.pitch
        shares = dict(self._shares(sitter, entry, sign, asked)) | {"the picture has no room for the hair": room}
        worst = min(shares, key=lambda words: shares[words])
        score = float(np.prod(list(shares.values()))) * (self.as_mirrored if mirrored else 1.0)
        return Fit(entry, mirrored, float(np.hypot(aside, down)), score, worst, self.hair)

    def _shares(self, sitter: Sitter, entry: MasterEntry, sign: int, asked: bool) -> Iterator[tuple[str, float]]:
        """What may speak against a picture, and how much is left of the score."""
        aside, down = abs(sitter.pose.yaw - sign * entry.pose.yaw), abs(sitter.pose.pitch - entry.pose.pitch)
        yield f"the head is turned {aside:.0f} degrees away from the master's", _falling(aside, self.turn)
        yield f"the head is held {down:.0f} degrees higher or lower than the master's", _falling(down, self.nod)
        lit = float(sitter.light @ (entry.light * [sign, 1]))
        yield "the light comes from another side", 1 - self.light_share * (1 - lit) / 2
        whose = {CHILD: "a child's", ADULT: "a grown-up's", OLD: "an old sitter's"}
        yield f"the dress is {whose.get(entry.traits.age, 'another')}", 1.0 if asked else self._age(sitter, entry)
        yield "the hair is of another kind", 1.0 if asked else self._hair(sitter, entry)

    def _age(self, sitter: Sitter, entry: MasterEntry) -> float:
        ages = (sitter.age or ADULT, entry.traits.age)
        if ages == (ADULT, OLD):
            return self.too_old
        return 0.0 if CHILD in ages and ages != (CHILD, CHILD) else 1.0

    def _hair(self, sitter: Sitter, entry: MasterEntry) -> float:
        if self.hair == MASTER_HAIR:
            if entry.traits.bearded:
                return 0.0
            return {SHORT: self.borrowed_short, LONG: self.borrowed_long}.get(entry.traits.hair, 1.0)
        return self.other_hair if {sitter.hair, entry.traits.hair} == {SHORT, LONG} else 1.0


def _chance(words: str) -> float:
    """0 to 1, always the same for the same words."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") / 2**32


def _falling(value: float, bounds: tuple[float, float]) -> float:
    """1 up to the first bound, 0 from the second on."""
    return float(1 - smoothstep(np.float32(value), *bounds))


# The sitter's own head needs a bust that agrees; a face under the master's hair has to be turned as the master's is.
OWN_HEAD = Fitting()
UNDER_HAIR = Fitting(turn=(10.0, 26.0), nod=(8.0, 28.0), least_complete=0.0, most_severed=np.inf, hair=MASTER_HAIR)


def deal(rankings: Sequence[Sequence[Fit]], seed: int) -> list[Fit | None]:
    """Give each of several sitters of one photo a picture.

    Each round everyone takes the best picture that this sitter had in no round before and that nobody else has in
    this one, as long as there are such.

    Args:
        rankings: of each sitter those that fit, the best first.
        seed: 0 for the first round.

    Returns:
        The pictures of that round; None for whom nothing fits.
    """
    had: list[set[str]] = [set() for _ in rankings]
    given: list[Fit | None] = []
    # After so many rounds everybody has had everything.
    longest = max((len(ranking) for ranking in rankings), default=0)
    for _ in range(seed % longest + 1 if longest else 1):
        taken: set[str] = set()
        given = []
        for ranking, own in zip(rankings, had, strict=True):
            if own >= {fit.entry.name for fit in ranking}:
                own.clear()
            new = [fit for fit in ranking if fit.entry.name not in own]
            chosen = next((fit for fit in new if fit.entry.name not in taken), new[0] if new else None)
            given.append(chosen)
            if chosen:
                own.add(chosen.entry.name)
                taken.add(chosen.entry.name)
    return given
