"""What the options name to paint after: pictures of the user's own, and painters of the bank."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from portraitify.config import AUTO, PaintConfig
from portraitify.engines.base import Engine
from portraitify.errors import ConfigError, MissingWeightsError
from portraitify.io.reading import SourceImage, read_image, short_digest
from portraitify.media.registry import STYLES, medium_names, medium_of
from portraitify.media.shares import Shares, format_mix, normalised, parse_mix, share_text, split_share
from portraitify.style.mixing import DIGEST_SHOWN, GivenEntry, Rank, mix_codes, mixed_orders
from portraitify.style.painters import BankPainter, find_painter, list_painters
from portraitify.style.painting_view import PaintingView, view_painting
from portraitify.weights import BankEntry, WeightsFolder

# Files that a given picture's code depends on, besides those that all paintings do.
_ENCODED_WITH = "trunk"


class Source(Protocol):
    """A picture or a painter.

    Attributes:
        mark: what its part of a painting depends on.
        note: what people should know of it, or empty.
    """

    mark: str
    note: str

    def media(self, engine: Engine, probabilities: Mapping[str, float]) -> Shares:
        """The media in which it is painted, as far as it is up to it.

        Args:
            engine: looks at pictures.
            probabilities: how likely each style is for the photo.
        """
        ...

    def order(self, engine: Engine, media: Shares, rank: Rank) -> list[BankEntry]:
        """What to paint after in some media, the most fitting first.

        Args:
            engine: looks at pictures.
            media: with shares, which sum to 1.
            rank: puts entries of the bank in the order in which they suit the sitter.
        """
        ...


class GivenPicture:
    """A picture of the user's own; looked at when it is first needed. See :class:`Source`.

    Args:
        image: the picture.
        encoded_with: digest of what encodes it.
    """

    def __init__(self, image: SourceImage, encoded_with: str):
        self._image = image
        self._view: PaintingView | None = None
        self.mark = f"{image.digest} {encoded_with}"
        self.note = ""
        self._entries: dict[Shares, BankEntry] = {}

    def media(self, engine: Engine, probabilities: Mapping[str, float]) -> Shares:
        """The one that the classifier names."""
        said = engine.classify_painting(self._seen(engine).pixels)
        return ((STYLES[int(np.argmax(said))], 1.0),)

    def order(self, engine: Engine, media: Shares, rank: Rank) -> list[BankEntry]:
        """The picture alone, read as a painting in these media."""
        if media not in self._entries:
            self._entries[media] = self._encoded(engine, media)
        return [self._entries[media]]

    def _encoded(self, engine: Engine, media: Shares) -> BankEntry:
        view = self._seen(engine)
        # A medium that the networks were not trained for borrows the codes of one that they know.
        read_as = [STYLES.index(medium_of(name).codes_of or name) for name, _ in media]
        codes = engine.encode_style(*view.small(), read_as)
        return GivenEntry(
            style_code=mix_codes(list(codes), [share for _, share in media]),
            style=format_mix(media),
            painter="",
            title=Path(self._image.name).name,
            date="",
            face_light=view.light(),
            identifier=f"picture-{self._image.digest[:DIGEST_SHOWN]}",
            traits=view.traits(),
            background=view.ground(),
            manner=view.manner(),
        )

    def _seen(self, engine: Engine) -> PaintingView:
        if self._view is None:
            self._view = view_painting(self._image.pixels, engine.detector, engine.face_mesh, engine.subject_mask)
            if self._view.landmarks is None:
                self.note = f"{self._image.name}: no face was found in this picture, so all of its middle counts"
        return self._view


class GivenPainter:
    """A painter of the bank; see :class:`Source`."""

    def __init__(self, painter: BankPainter):
        self._painter = painter
        self.mark, self.note = painter.name, ""

    def media(self, engine: Engine, probabilities: Mapping[str, float]) -> Shares:
        """Of those that the bank has of the painter, the one that suits the photo best."""
        return ((max(self._painter.styles, key=lambda style: probabilities.get(style, 0.0)), 1.0),)

    def order(self, engine: Engine, media: Shares, rank: Rank) -> list[BankEntry]:
        """The painter's paintings in these media; the others have none of the bank's."""
        self.check([style for style, _ in media])
        known = [(style, share) for style, share in media if self._painter.of(style)]
        return mixed_orders([(rank(self._painter.of(style)), share) for style, share in known])

    def check(self, styles: Sequence[str]) -> None:
        """Make sure that there is a painting in one of some styles.

        Raises:
            ConfigError: there is none.
        """
        if not any(self._painter.of(style) for style in styles):
            raise ConfigError(
                f"after {self._painter.name}: the bank has this painter in {', '.join(self._painter.styles)} only. "
                f"Leave out --style {','.join(styles)}."
            )


@dataclass(frozen=True)
class Part:
    """A source and its share, of 1 in all."""

    source: Source
    share: float


class GivenReferences:
    """What the options name to paint after.

    Several threads may use it at the same time.

    Args:
        parts: pictures and painters with their shares.
        options: by which they were asked for, as records hold them.
    """

    def __init__(self, parts: Sequence[Part], options: dict[str, Any]):
        self._parts, self._lock = tuple(parts), threading.Lock()
        self.options = options

    @property
    def mark(self) -> str:
        """What is added to the digest of the weights."""
        marks = "\n".join(f"{part.source.mark} {share_text(part.share)}" for part in self._parts)
        return f"+{short_digest(marks.encode())}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of what was looked at so far."""
        return tuple(part.source.note for part in self._parts if part.source.note)

    @property
    def reason(self) -> str:
        """Why a painting is in their medium, for people."""
        pictures = {isinstance(part.source, GivenPicture) for part in self._parts}
        if len(pictures) > 1:
            return "as its models are"
        one, several = ("picture is", "pictures are") if True in pictures else ("painter painted", "painters painted")
        return f"as the {one if len(self._parts) == 1 else several}"

    def style(self, engine: Engine, probabilities: Mapping[str, float]) -> str:
        """The medium that they are painted in, or the mixture of their media.

        Args:
            engine: looks at pictures.
            probabilities: how likely each style is for the photo, for painters who have several.
        """
        shares: dict[str, float] = {}
        with self._lock:
            for part in self._parts:
                for name, share in part.source.media(engine, probabilities):
                    shares[name] = shares.get(name, 0.0) + share * part.share
        return format_mix(tuple(sorted(shares.items(), key=lambda item: -item[1])))

    def order(
        self, style: str, asked: bool, engine: Engine, probabilities: Mapping[str, float], rank: Rank
    ) -> list[BankEntry]:
        """What to paint after, the most fitting first.

        Args:
            style: a medium, or a mixture.
            asked: whether the style was asked for; otherwise each part keeps its own.
            engine: looks at pictures.
            probabilities: see :meth:`style`.
            rank: puts entries of the bank in the order in which they suit the sitter.
        """
        with self._lock:
            media = [parse_mix(style) if asked else part.source.media(engine, probabilities) for part in self._parts]
            orders = [
                (part.source.order(engine, own, rank), part.share) for part, own in zip(self._parts, media, strict=True)
            ]
        return mixed_orders(orders)


def open_given(weights: WeightsFolder, config: PaintConfig) -> GivenReferences:
    """What the options name to paint after; they must name something.

    Raises:
        ConfigError: there is no such painter, or not in the style, or shares make no sense.
        ImageError: a picture cannot be read.
        WeightsError: the weights lack what encodes pictures.
    """
    if config.style != AUTO and not set(_names(config.style)) <= set(medium_names()):
        raise ConfigError(f"style {config.style}: has codes of its own. Leave out --reference and --after, or --style.")
    if config.reference and not weights.holds(_ENCODED_WITH):
        raise MissingWeightsError(f"{weights.folder}: cannot encode pictures. Run `portraitify train graphs`.")
    named = [(*split_picture(text), True) for text in config.reference]
    named += [(*split_share(text), False) for text in config.after]
    shares = dict(normalised([(f"{name}", share) for name, share, _ in named], "reference"))
    painters = list_painters(weights) if config.after else []
    parts, pictures, hands = [], [], []
    for name, _, is_picture in named:
        share = shares[name]
        tail = f":{share_text(share)}" if len(named) > 1 else ""
        if is_picture:
            image = read_image(name)
            parts.append(Part(GivenPicture(image, weights.sha256(_ENCODED_WITH)), share))
            pictures.append(f"{image.digest}{tail}")
        else:
            found = find_painter(painters, name)
            painter = GivenPainter(found)
            if config.style != AUTO:
                painter.check(_names(config.style))
            parts.append(Part(painter, share))
            hands.append(f"{found.name}{tail}")
    options = {"reference": pictures, "after": hands}
    return GivenReferences(parts, {name: values for name, values in options.items() if values})


def split_picture(text: str) -> tuple[str, float | None]:
    """A picture's path and its share; a file may be called as if it had one."""
    return (text, None) if os.path.exists(text) else split_share(text)


def _names(style: str) -> list[str]:
    return [name for name, _ in parse_mix(style)]
