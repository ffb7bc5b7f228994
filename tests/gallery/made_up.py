"""Small paintings that say of themselves what real ones do, and lines of reports about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from portraitify.io.encoding import encode
from portraitify.io.provenance import Provenance

# What may stand in the name of a file on Linux: each of them has broken some page.
ODD_NAMES = (
    "<script>alert(1)<script>.portrait.png",
    "<img src=x onerror=alert(1)>.portrait.png",
    "a \"quoted\" & 'single'.portrait.png",
    "grüße 🎨👩‍🎨.portrait.png",
    "line\nfeed.portrait.png",
    "100% #1?.portrait.png",
    "{{data}}.portrait.png",
    " leading.portrait.png",
    '"first.portrait.png',
    "#first.portrait.png",
    "back\\slash.portrait.png",
    "javascript:alert(1).portrait.png",
    "\u202ereversed.portrait.png",
    "not utf-8 \udcff.portrait.png",
)


def record_of(
    style: str = "oil", reference: str = "A Painter, 1650", seed: int = 0, options: str = "{}", size_px: int = 40
) -> Provenance:
    """What a painting says about itself."""
    return Provenance(
        software="portraitify 0.1.0",
        weights="0123456789abcdef",
        style=style,
        requested="auto",
        style_code="abc123",
        reference=reference,
        seed=seed,
        size_px=size_px,
        options=options,
        face="1/1",
        source="f00",
    )


def write_painting(
    path: Path, record: Provenance | None = None, color: int = 90, kind: str = "png", size=(32, 40)
) -> Path:
    """Write a painting of one colour, without a record if none is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((size[1], size[0], 3), color, np.uint8)
    path.write_bytes(encode(pixels, kind, marks=record.marks() if record else None))
    return path


def report_line(*files: Path, **own: Any) -> dict[str, Any]:
    """A line of a report on one photo, with one painting a file."""
    painting = {
        "style": "oil",
        "probabilities": {"oil": 0.6, "ink": 0.4},
        "reason": "60%: dark key",
        "reasons": [{"attribute": "key", "words": "dark key", "effect": 0.6931}],
        "reference": {"painter": "A Painter", "title": "", "date": "1650"},
        "costume": None,
        "seed": 0,
        "warnings": ["the face is small in the photo"],
    }
    return {
        "source": "/home/somebody/photos/selfie.jpg",
        "status": "painted",
        "files": [str(path) for path in files],
        "paintings": [painting | own for _ in files],
        "warnings": ["the face is small in the photo", "the file ends too early"],
        "seconds": 1.0,
    }
