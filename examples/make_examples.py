"""Paint the pictures of this folder again: ``make examples``, or run this file.

Each photo becomes NAME.STYLE.jpg, and both together one overview, half as large in weights/samples.png. In costume.jpg
both sit for masters, in reference.jpg they are painted after pictures of two, in mixture.jpg in mixtures of media, in
blend.jpg the one becomes the other, in adjust.jpg the one becomes older, graver and so on, and imagine.jpg shows people
who do not exist.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from portraitify import PaintConfig, Portraitist, paint_adjusted, paint_blend, paint_imagined, read_image
from portraitify.cli.main import main as run_command
from portraitify.media.registry import STYLES

FOLDER = Path(__file__).resolve().parent
PHOTOS = ("astronaut", "grace_hopper")
TILE_PX = 384
# Whose pictures each sits in, on the sheet of costumes.
MASTERS = {"astronaut": ("talleyrand", "andrade"), "grace_hopper": ("merchant", "cattaneo")}
COSTUME_PX = 640
# After whose picture each is painted, and in which mixtures.
REFERENCES = {"astronaut": "wedigh", "grace_hopper": "vigee-le-brun"}
MIXTURES = (
    ("astronaut", "oil:0.6,watercolor:0.4"),
    ("grace_hopper", "watercolor:0.6,ink:0.4"),
    ("astronaut", "ink:0.6,watercolor:0.4"),
)
SMALL_PX = 480
# Shares of the first of both on the way to the other, and after whom all steps are painted.
STEPS, BLENDED_AFTER = (100, 70, 50, 30, 0), "Kiprensky"

# Changes of the one sitter, and the colours of her hair.
ADJUSTED: tuple[tuple[dict[str, float], str], ...] = (
    ({}, ""),
    ({"age": 25}, "white"),
    ({"smile": -0.4}, "black"),
    ({"weight": 1, "smile": 0.4}, "red"),
    ({"turn": 12}, "blond"),
)

# Seeds of people who do not exist, what is asked of them, and how they are painted.
IMAGINED: tuple[tuple[int, dict[str, float], str], ...] = (
    (217, {}, "renaissance"),
    (204, {}, "oil"),
    (201, {}, "oil"),
    (203, {"age": 55}, "watercolor"),
    (220, {}, "renaissance"),
)


def main() -> None:
    """Paint both photos in all styles, in pictures of old masters and after them, in mixtures, and as one."""
    paint_styles()
    paint_costumes()
    paint_references()
    paint_mixtures()
    paint_blends()
    paint_adjusted_sitters()
    paint_people()
    paint_dream()


def paint_people() -> None:
    """Paint people who do not exist."""
    tiles = []
    for seed, asked, style in IMAGINED:
        with Portraitist(PaintConfig(style=style, background="keep", size_px=1024, device="cpu")) as portraitist:
            tiles.append(_small(paint_imagined(portraitist, seed, asked).pixels))
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "imagine.jpg", quality=85)


def paint_dream() -> None:
    """Dream into a photo, and paint that; by the command, since torch is needed."""
    photo, tiles = FOLDER / "astronaut.jpg", []
    with tempfile.TemporaryDirectory() as place:
        for number, options in enumerate((["--no-paint"], ["--style", "oil", "--size", "1024"])):
            target = Path(place) / f"{number}.png"
            run_command(["dream", str(photo), "-o", str(target), *options])
            tiles.append(_small(read_image(target).pixels))
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "dream.jpg", quality=85)


def paint_blends() -> None:
    """Paint the way from one sitter to the other."""
    photos, tiles = [FOLDER / f"{name}.jpg" for name in PHOTOS], []
    with Portraitist(PaintConfig(style="oil", after=BLENDED_AFTER, size_px=1024, device="cpu")) as portraitist:
        for share in STEPS:
            tiles.append(_small(paint_blend(portraitist, photos, [share, 100 - share]).pixels))
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "blend.jpg", quality=85)


def paint_adjusted_sitters() -> None:
    """Paint one sitter as she is, and changed."""
    tiles = []
    with Portraitist(PaintConfig(style="oil", after=BLENDED_AFTER, size_px=1024, device="cpu")) as portraitist:
        for amounts, hair in ADJUSTED:
            tiles.append(_small(paint_adjusted(portraitist, FOLDER / "astronaut.jpg", amounts, hair).pixels))
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "adjust.jpg", quality=85)


def paint_references() -> None:
    """Paint each photo after a master's picture, which stands beside it."""
    tiles = []
    for name, master in REFERENCES.items():
        picture = FOLDER.parent / "weights" / "masters" / f"{master}.jpg"
        with Portraitist(PaintConfig(reference=str(picture), size_px=1024, device="cpu")) as portraitist:
            painting = portraitist.paint(FOLDER / f"{name}.jpg")
        shown = read_image(picture).pixels
        tiles += [_small(shown[: shown.shape[1]]), _small(painting.pixels)]
        print(f"{name}: {painting.choice.style}, after {painting.reference.label}")
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "reference.jpg", quality=85)


def paint_mixtures() -> None:
    """Paint the photos in mixtures of media, side by side."""
    tiles = []
    for name, style in MIXTURES:
        with Portraitist(PaintConfig(style=style, size_px=1024, device="cpu")) as portraitist:
            tiles.append(_small(portraitist.paint(FOLDER / f"{name}.jpg").pixels))
        print(f"{name}: {style}")
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "mixture.jpg", quality=85)


def _small(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((SMALL_PX, SMALL_PX), Image.Resampling.LANCZOS))


def paint_costumes() -> None:
    """Paint both photos as sitters of masters, side by side."""
    tiles = []
    for name, masters in MASTERS.items():
        photo = read_image(FOLDER / f"{name}.jpg")
        for master in masters:
            with Portraitist(PaintConfig(costume=master, size_px=COSTUME_PX, device="cpu")) as portraitist:
                painting = portraitist.paint(photo)
            tiles.append(painting.pixels)
            print(f"{name}: {painting.costume.words if painting.costume else 'plain'}")
    Image.fromarray(np.concatenate(tiles, 1)).save(FOLDER / "costume.jpg", quality=85)


def paint_styles() -> None:
    """Paint both photos in all styles."""
    portraitist = Portraitist(PaintConfig(size_px=1024, device="cpu"))
    rows = []
    for name in PHOTOS:
        photo = read_image(FOLDER / f"{name}.jpg")
        tiles = []
        for style in STYLES:
            portraitist.config = replace(portraitist.config, style=style)
            painting = portraitist.paint(photo)
            tiles = tiles or [painting.face.pixels]
            tiles.append(painting.pixels)
            (FOLDER / f"{name}.{style}.jpg").write_bytes(painting.encode("jpeg", quality=80))
            print(f"{name}: {style}, after {painting.reference.label}")
        resized = [Image.fromarray(tile).resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS) for tile in tiles]
        rows.append(np.concatenate([np.asarray(tile) for tile in resized], 1))
    overview = Image.fromarray(np.concatenate(rows))
    overview.save(FOLDER / "overview.jpg", quality=85)
    small = overview.reduce(2).quantize(256)
    small.save(FOLDER.parent / "weights" / "samples.png", optimize=True)


if __name__ == "__main__":
    main()
