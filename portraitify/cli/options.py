"""Options of the commands that paint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from portraitify.cli.values import PATH, FaceCount, FormatName, NamedPath, OutputName, PixelCount, StyleName
from portraitify.config import (
    ASPECTS,
    AUTO,
    BACKGROUNDS,
    CROPS,
    DEFAULT_QUALITY,
    DEFAULT_SIZE_PX,
    ENGINES,
    FRAMES,
    KEEP,
    LARGEST,
    MAX_SIZE_PX,
    MAX_VARIANTS,
    MIN_SIZE_PX,
    NO_FRAME,
    PORTRAIT,
    SKIN_TONES,
)
from portraitify.devices import DEVICES
from portraitify.media.registry import medium_names

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _together(*decorators: Decorator) -> Decorator:
    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


looking_options = _together(
    click.option(
        "-s",
        "--style",
        type=StyleName(),
        default=AUTO,
        show_default=True,
        metavar="NAME",
        help=f"How to paint: {', '.join((AUTO, *medium_names()))}, a style of your own (`portraitify train style`), or "
        "a mixture such as oil:0.6,watercolor:0.4, of which the first lays the strokes.",
    ),
    click.option(
        "--size",
        type=click.IntRange(MIN_SIZE_PX, MAX_SIZE_PX),
        default=DEFAULT_SIZE_PX,
        show_default=True,
        help="Longer side of the painting in pixels.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="0 paints after the most fitting old painting, 1 after the next one, and so on.",
    ),
    click.option(
        "--finish",
        type=click.FloatRange(0, 1),
        default=1.0,
        show_default=True,
        help="How much of the medium shows at full size: strokes, cracks, paper, hatching. 0 is the network's picture.",
    ),
)

painting_options = _together(
    looking_options,
    click.option(
        "--faces",
        type=FaceCount(),
        default=LARGEST,
        show_default=True,
        metavar="largest|all|N",
        help="Which faces of a photo to paint. With all or N each becomes a file of its own, NAME.1.portrait.png "
        "the leftmost.",
    ),
    click.option("--group", is_flag=True, help="Put all faces of a photo on one sheet."),
    click.option(
        "--sheet",
        is_flag=True,
        help="Put the photo and its paintings in all styles on one sheet, NAME.sheet.png; each painting has the size "
        "of --size.",
    ),
)

# Named like the fields of PaintConfig that they set.
color_options = _together(
    click.option(
        "--strength",
        type=click.FloatRange(0, 1),
        default=1.0,
        show_default=True,
        help="How far the photo is painted: 0 is the photo itself in the portrait's frame, 1 the whole painting.",
    ),
    click.option("--keep-color", is_flag=True, help="Paint with the colours of the photo; ink is tinted with them."),
    click.option(
        "--skin-tone",
        type=click.Choice(SKIN_TONES, case_sensitive=False),
        default=KEEP,
        show_default=True,
        help="Keep the photo's tone of skin, or paint it as the painter of the style would.",
    ),
    click.option(
        "--frame",
        type=click.Choice(FRAMES, case_sensitive=False),
        default=NO_FRAME,
        show_default=True,
        help="Put a frame around the painting; the painting keeps its size, and the file becomes larger.",
    ),
)

framing_options = _together(
    click.option(
        "--crop",
        type=click.Choice(CROPS, case_sensitive=False),
        default=PORTRAIT,
        show_default=True,
        help="What to paint: head and shoulders, the head, or the full photo with all its faces.",
    ),
    click.option(
        "--aspect",
        type=click.Choice(ASPECTS, case_sensitive=False),
        default=ASPECTS[0],
        show_default=True,
        help="Width by height of the painting: auto is square, or upright for close-ups; a full photo keeps its own.",
    ),
    click.option(
        "--level",
        type=click.FloatRange(0, 1),
        default=0.7,
        show_default=True,
        help="How much of the head's tilt to take away: 0 none, 1 all of it.",
    ),
    click.option(
        "--background",
        type=click.Choice(BACKGROUNDS, case_sensitive=False),
        default=AUTO,
        show_default=True,
        help="Keep what stands behind the sitter, or paint one like the old painting's; auto keeps it in full photos.",
    ),
)

choosing_options = _together(
    click.option(
        "--variants",
        type=click.IntRange(1, MAX_VARIANTS),
        default=1,
        show_default=True,
        metavar="N",
        help="Paint N versions, after the most fitting old painting and the next ones, as NAME.1.portrait.png and on.",
    ),
    click.option(
        "--explain",
        is_flag=True,
        help="Print the odds of the styles as bars, and what about the photo spoke for the chosen one.",
    ),
)

writing_options = _together(
    click.option(
        "-f",
        "--format",
        "kind",
        type=FormatName(),
        help="Format to write. By default what the output's name ends in, or png.",
    ),
    click.option(
        "--quality",
        type=click.IntRange(1, 100),
        default=DEFAULT_QUALITY,
        show_default=True,
        help="Of JPEG and WebP; 100 is lossless in WebP.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist already."),
    click.option(
        "--skip-existing",
        is_flag=True,
        help="Pass over photos whose painting is there, whole and made with the same options.",
    ),
    click.option("--keep-date", is_flag=True, help="Write the date of the photo into the painting."),
    click.option("--no-metadata", is_flag=True, help="Do not write into the painting what made it."),
)

plain_output_options = _together(
    click.option(
        "-o",
        "--output",
        type=OutputName(),
        metavar="PATH",
        help="File or folder to write, a folder to be made ending in /; `-` for stdout. By default NAME.portrait.png "
        "beside each photo.",
    ),
    writing_options,
)

output_options = _together(
    plain_output_options,
    click.option(
        "--gallery",
        is_flag=True,
        help="Make index.html beside the paintings, a page to look at them and to choose among them.",
    ),
    click.option(
        "--gallery-photos",
        is_flag=True,
        help="A gallery that shows photo and painting in one, with small copies of the photos without metadata.",
    ),
)

max_pixels_option = click.option(
    "--max-pixels",
    type=PixelCount(),
    default="250M",
    show_default=True,
    help="Refuse photos that are larger, such as 40M for 40 megapixels.",
)

input_options = _together(
    click.option("-r", "--recursive", is_flag=True, help="Look into folders inside folders; -o mirrors them."),
    click.option(
        "--from-file",
        type=PATH,
        metavar="FILE",
        help="Read names of photos from FILE, or `-` for stdin, one a line or separated by NUL bytes.",
    ),
    max_pixels_option,
)

computing_options = _together(
    click.option(
        "--device",
        type=click.Choice(DEVICES, case_sensitive=False),
        default=AUTO,
        show_default=True,
        help="Where to compute.",
    ),
    click.option(
        "--engine",
        type=click.Choice(ENGINES, case_sensitive=False),
        default=AUTO,
        show_default=True,
        help="What computes: torch for a GPU, onnx for a CPU, which begins much sooner.",
    ),
)

running_options = _together(
    computing_options,
    click.option(
        "--weights",
        type=NamedPath(file_okay=False),
        help="Folder of weights, such as `portraitify train export` writes. By default the shipped ones.",
    ),
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Paint several photos in N processes of 0.5 GB each; by default one a core for 8 photos and more each, as far "
    "as there is memory, and none on a GPU.",
)

# For commands that show tracebacks only where they end, in portraitify.cli.main.
debug_option = click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")

telling_options = _together(
    click.option("--json", "as_json", is_flag=True, help="Print such JSON on stdout instead of lines for people."),
    click.option("-v", "--verbose", is_flag=True, help="Print probabilities, face and timings too."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
)

reporting_options = _together(
    click.option(
        "--report",
        type=NamedPath(dir_okay=False, allow_dash=True),
        help="Write what became of each photo to this file, one JSON object a line; `-` is the same as --json.",
    ),
    telling_options,
)
