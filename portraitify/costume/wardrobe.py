"""Which master's picture each sitter of a photo gets, and how the sitter is set into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from portraitify.config import AUTO, MASTER_HAIR, OWN_HAIR, PaintConfig
from portraitify.costume.age import NAME as AGE
from portraitify.costume.age import AgeModel, age_of
from portraitify.costume.choice import Choice
from portraitify.costume.dressing import Dressed, dress
from portraitify.costume.fitting import OWN_HEAD, UNDER_HAIR, Fit, Fitting, Sitter, deal
from portraitify.costume.head import Head, head_of
from portraitify.costume.library import MasterEntry, MasterLibrary
from portraitify.costume.master import LONG, SHORT, Master
from portraitify.costume.mirroring import load_master
from portraitify.costume.neck import over_collar
from portraitify.costume.personal import open_library
from portraitify.costume.placement import place, place_on
from portraitify.errors import ConfigError, CostumeError
from portraitify.faces.aligned_face import AlignedFace
from portraitify.faces.face_mesh import FaceGeometry
from portraitify.faces.mesh_mirror import mirrored_mesh
from portraitify.imaging.affine import transform_points
from portraitify.imaging.face_light import light_of
from portraitify.imaging.face_parts import EXPRESSION, FacePart, outline_of
from portraitify.io.reading import short_digest
from portraitify.painting.sitting import luma_of
from portraitify.weights import MASTERS_FOLDER, WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.costume.bare_face import BareFace

# Pictures that are kept for the next sitter; each takes 15 megabytes.
_KEPT = 3
# Under another's hair a photo must show a face to so much farther out, from its middle, than eyes, brows and mouth.
_SKIN_AROUND = 1.1
# Hair that falls so far below the chin is long, heights of the face.
_LONG_HAIR = 0.25


class Wardrobe:
    """Chooses among the masters' pictures, and dresses sitters.

    Args:
        library: the pictures.
        ages: tells how old sitters are.
        config: its ``costume``, ``hair`` and ``style`` count.

    Raises:
        ConfigError: there is no such picture, or it is not painted in the style.
        CostumeError: it would give a beard to whoever sits in it.
        WeightsError: the pictures are missing or damaged.
    """

    def __init__(self, library: MasterLibrary, ages: AgeModel, config: PaintConfig):
        self._config, self._library, self._ages = config, library, ages
        self._fitting: Fitting = OWN_HEAD if config.hair == OWN_HAIR else UNDER_HAIR
        named = library.names() if config.costume == AUTO else [checked_name(library, config.costume)]
        self._entries = [entry for entry in map(library.entry, named) if config.style in (AUTO, entry.style)]
        if not self._entries and config.costume != AUTO:
            style = library.entry(config.costume).style
            raise ConfigError(f"costume {config.costume}: is painted as {style}. Leave out --style {config.style}.")
        if config.costume != AUTO and config.hair == MASTER_HAIR and not config.beard:
            _check_beardless(self._entries[0])
        self._load = lru_cache(_KEPT)(partial(load_master, library))
        load = self._load
        # One takes 50 megabytes, and is worth half a second to whoever wears the same hat next.
        self._emptied = lru_cache(1)(lambda name, mirrored: _without_features(load(name, mirrored)))
        self._emptying = Lock()
        self._mesh = cache(library.mesh)

    @property
    def mark(self) -> str:
        """What is added to the digest of the weights: all pictures from which one may be chosen."""
        if self._config.costume == AUTO:
            return f"+{self._library.digest}{self._ages.digest}"
        return f"+{short_digest(self._entries[0].mark.encode())}"

    def choose(
        self, faces: Sequence[AlignedFace], outlines: Sequence[np.ndarray], seeds: Sequence[int]
    ) -> list[list[Choice]]:
        """Give each sitter a picture, for each seed.

        Args:
            faces: of one photo after the other.
            outlines: ``(S, S)`` float32 of each, in which it will be painted.
            seeds: how far to go down the order of those that fit.

        Returns:
            For each face one choice a seed.

        Raises:
            CostumeError: the picture that was asked for does not fit.
        """
        heads = [head_of(face, mask) if len(face.meshes) else None for face, mask in zip(faces, outlines, strict=True)]
        judged = [self._judge(face, head) for face, head in zip(faces, heads, strict=True)]
        dealt = [list(self._dealt(faces, heads, judged, seed)) for seed in seeds]
        return [list(choices) for choices in zip(*dealt, strict=True)]

    def _dealt(
        self,
        faces: Sequence[AlignedFace],
        heads: Sequence[Head | None],
        judged: Sequence[tuple[list[Fit], str]],
        seed: int,
    ) -> Iterator[Choice]:
        for photo in _photos(faces):
            given = deal([judged[number][0] for number in photo], seed)
            for number, fit in zip(photo, given, strict=True):
                yield Choice(fit, heads[number] if fit else None, judged[number][1])

    def _judge(self, face: AlignedFace, head: Head | None) -> tuple[list[Fit], str]:
        """The pictures that fit a sitter, the best first, or none and why."""
        asked = self._config.costume != AUTO
        found: list[Fit] = []
        why = "the face is not seen clearly enough"
        if head is not None:
            sitter = replace(measure_sitter(face, head, self._ages), air=partial(self._air, face, head))
            why = self._fitting.obstacle(sitter)
            if not why:
                ranked = (
                    [self._fitting.fit(sitter, self._entries[0], asked)]
                    if asked
                    else self._fitting.rank(sitter, self._entries, face.source.photo)
                )
                found = [fit for fit in ranked if self._fitting.fits(fit, asked)]
                why = "" if found else ranked[0].hindrance if ranked else "there is none in this style"
        if asked and not found:
            whose = f"face {face.source.number} " if face.source.count > 1 else ""
            photo = f"{face.source.name}: " if face.source.name else ""
            raise CostumeError(
                f"{photo}{whose}does not fit into {self._config.costume}: {why}. "
                "Try --costume auto, another master, or another photo."
            )
        return found, why

    def _air(self, face: AlignedFace, head: Head, entry: MasterEntry, as_mirrored: bool) -> float:
        """What a picture leaves around a sitter's head above and beside it, in parts of its height."""
        if self._config.hair != OWN_HAIR:
            return 1.0
        mesh, (width, height) = self._mesh(entry.name), entry.size
        matrix = place_on(face.meshes[0], mirrored_mesh(mesh, width) if as_mirrored else mesh)
        corners = transform_points(matrix, _extent(head))
        (left, top), (right, _) = corners.tolist()
        return float(min(left, top, width - right)) / height

    def fetch(self, choices: Sequence[Choice]) -> None:
        """Load the pictures that were chosen, so that :meth:`dress` need not wait for them."""
        for choice in choices[:_KEPT]:
            if choice.fit:
                self._load(choice.fit.entry.name, choice.fit.mirrored)
        first = choices[0].fit if choices else None
        # Were there one already, whoever comes next might take this one's place before it is asked for.
        if first and first.hair == MASTER_HAIR and not self._emptied.cache_info().currsize:
            self._empty(first)

    def _empty(self, fit: Fit) -> BareFace:
        """The picture without its sitter's features; who asks while another thread works on it waits for that."""
        with self._emptying:
            return self._emptied(fit.entry.name, fit.mirrored)

    def dress(self, painted: np.ndarray, face: AlignedFace, choice: Choice, beside: Executor | None = None) -> Dressed:
        """Set a painted head into the picture that was chosen for it.

        Args:
            painted: ``(S, S, 3)`` uint8, from the generator, without a new background or light.
            face: in its crop.
            choice: with a picture.
            beside: does a part of the work meanwhile, if there is one; under a master's hair there is none to do.
        """
        assert choice.fit is not None
        assert choice.head is not None
        master = self._load(choice.fit.entry.name, choice.fit.mirrored)
        if choice.fit.hair == MASTER_HAIR:
            from portraitify.costume.borrowed_hair import dress_under_hair
            from portraitify.costume.face_turning import place_on_face

            placement = place_on_face(face.meshes[0], master)
            return dress_under_hair(painted, face, master, self._empty(choice.fit), placement)
        placement = over_collar(place(face.meshes[0], master), face.meshes[0], master)
        return dress(painted, choice.head, face, master, placement, beside)


def _without_features(master: Master) -> BareFace:
    # Here and above, what only a master's hair needs is imported only for it: 30 ms of a process.
    from portraitify.costume.bare_face import empty_face

    return empty_face(master)


def open_wardrobe(weights: WeightsFolder, config: PaintConfig) -> Wardrobe:
    """The wardrobe with the masters that lie beside the weights, or, where there are none, with those shipped.

    Args:
        weights: what paints.
        config: see :class:`Wardrobe`.

    Raises:
        ConfigError: there is no such picture, or it is not painted in the style.
        CostumeError: it would give a beard to whoever sits in it.
        WeightsError: the pictures are missing or damaged.
    """
    return Wardrobe(find_library(weights.folder), AgeModel.load(weights.or_shipped(AGE)), config)


def find_library(weights: Path | None = None) -> MasterLibrary:
    """The masters that lie beside the weights, or, where there are none, those shipped; and those that were added."""
    own = None if weights is None else weights / MASTERS_FOLDER
    return open_library(own if own and own.is_dir() else default_folder() / MASTERS_FOLDER)


def checked_name(library: MasterLibrary, name: str) -> str:
    """The same name.

    Raises:
        ConfigError: there is no such picture.
    """
    if name not in library.names():
        raise ConfigError(f"{name}: unknown master. Choose one of {', '.join((AUTO, *library.names()))}.")
    return name


def _check_beardless(entry: MasterEntry) -> None:
    """Give nobody a beard unasked.

    On 137 photos neither colours nor lightness of chins tell beards from red lips and from shadow, so that it is left
    to people.

    Raises:
        CostumeError: the master has one.
    """
    if entry.traits.bearded:
        raise CostumeError(
            f"{entry.name}: has a beard, which --hair master would give to the sitter. Add --beard if that is wanted, "
            "or leave out --hair master."
        )


def measure_sitter(face: AlignedFace, head: Head, ages: AgeModel) -> Sitter:
    """What of a sitter decides which picture fits."""
    mesh = face.meshes[0]
    eyes_px = float(np.linalg.norm(face.landmarks[1] - face.landmarks[0])) / face.crop.scale
    hair = LONG if head.hair_length > _LONG_HAIR else SHORT
    light = light_of(luma_of(face), face.meshes)
    age = age_of(mesh, face.pixels, ages).group
    return Sitter(
        FaceGeometry(mesh, 0.0).pose,
        light,
        eyes_px,
        head.complete,
        bool(face.shows(_around_features(mesh)).all()),
        head.astray,
        head.severed,
        hair,
        age,
    )


def _around_features(mesh: np.ndarray) -> np.ndarray:
    """Outlines of eyes, brows and lips with a little skin around them, ``(N, 2)``."""
    points = mesh[[number for part in EXPRESSION for number in part.value], :2]
    middle = outline_of(mesh, FacePart.FACE).mean(0)
    return np.asarray(middle + (points - middle) * _SKIN_AROUND)


def _extent(head: Head) -> np.ndarray:
    """Upper left and lower right corner of a head with what its crown lacks, ``(2, 2)`` float64 in crop pixels."""
    inside = head.alpha > 0.5
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    if not len(columns):
        return np.zeros((2, 2))
    top = min(float(rows[0]), head.crown.row - head.crown.rise) if head.crown.rise > 0 else float(rows[0])
    return np.array([[columns[0], top], [columns[-1] + 1, rows[-1] + 1]], np.float64)


def _photos(faces: Sequence[AlignedFace]) -> Iterator[range]:
    """The faces of each photo: they are numbered from 1 in each."""
    starts = [number for number, face in enumerate(faces) if number == 0 or face.source.number == 1]
    for start, end in zip(starts, [*starts[1:], len(faces)], strict=True):
        yield range(start, end)
